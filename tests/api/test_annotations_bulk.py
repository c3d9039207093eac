"""Many annotations in one request: all or none, and nothing twice."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.annotations.bulk_actions import MOST_AT_ONCE
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.codebook.actions import change_code
from cstoannot.history.models import Event
from cstoannot.projects.actions import change_project
from tests.api.hostile import assert_problem
from tests.builders import add_source, assign_to, recorded


@pytest.fixture
def path(world):
    return f"{world.api}annotations/"


def _items(world, *starts, **said):
    """One item for each start, three code points long, in the source that Bob shares."""
    return [
        {
            "id": str(uuid.UUID(int=0x0198_0000_0000_7000_8000_0000_0000_0000 + start)),
            "source": world.shared.pk,
            "code": "plea",
            "start": start,
            "end": start + 3,
            **said,
        }
        for start in starts
    ]


def test_list_is_saved_and_shown_in_its_order(world, api, path):
    bob = api(world.bob)
    items = _items(world, 9, 0, 4)
    items[1] |= {"quote": "The", "stance": "mixed", "voice": "A clerk", "note": "Sure"}
    answer = bob.post(path, items)
    assert answer.status_code == 201
    rows = answer.json()
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert rows == [bob.get(f"{path}{item['id']}/").json() for item in items]
    assert {name: rows[1][name] for name in ("stance", "voice", "note", "quote", "version")} == {
        "stance": "mixed",
        "voice": "A clerk",
        "note": "Sure",
        "quote": "The",
        "version": 1,
    }


def test_ids_are_made_where_none_are_sent(world, api, path):
    items = [{k: v for k, v in item.items() if k != "id"} for item in _items(world, 0, 4)]
    rows = api(world.bob).post(path, items).json()
    assert [uuid.UUID(row["id"]).version for row in rows] == [7, 7]
    assert rows[0]["id"] != rows[1]["id"]


def test_list_sent_again_is_the_same(world, api, path):
    bob = api(world.bob)
    first = bob.post(path, _items(world, 0, 4, voice="A clerk"))
    with recorded() as events:
        again = bob.post(path, _items(world, 0, 4, voice="A clerk"))
    assert (first.status_code, again.status_code, events) == (201, 200, [])
    assert again.json() == first.json()
    with recorded() as events:
        more = bob.post(path, _items(world, 0, 4, 9, voice="A clerk"))
    assert (more.status_code, len(events)) == (201, 1)
    assert more.json()[:2] == first.json()
    assert Speaker.objects.filter(name="A clerk").count() == 1


def test_empty_list_is_not_understood(world, api, path):
    assert_problem(api(world.bob).post(path, []), 400)


def test_every_fault_stands_by_its_index_and_nothing_is_saved(world, api, path):
    bob = api(world.bob)
    change_code(world.lead, "failure", retired=True)
    taken = str(world.said["beth plea"]["id"])
    own = str(world.said["bob plea"]["id"])
    items = _items(world, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    items[1]["end"] = 10**6
    items[2]["code"] = "nothing"
    items[3]["source"] = world.foreign_source.pk
    items[4]["quote"] = "Xyz"
    items[5]["stance"] = "perhaps"
    items[6]["id"] = items[0]["id"]
    before = Annotation.objects.count(), Event.objects.count(), Speaker.objects.count()
    answer = bob.post(path, items)
    assert_problem(answer, 422)
    errors = answer.json()["errors"]
    assert list(errors) == ["1", "2", "3", "4", "5", "6"]
    assert errors["1"][0].startswith("end: ")
    assert errors["2"] == ["code: The codebook has no code “nothing”."]
    assert errors["4"][0].startswith("quote: From 4 to 7 the text reads")
    assert errors["6"] == ["id: This id occurs earlier in the list."]
    items = _items(world, 0, 1, 2, 3)
    items[0]["code"] = "failure"
    items[1]["id"], items[2]["id"] = taken, own
    errors = bob.post(path, items).json()["errors"]
    assert {index: texts[0].split(":")[0] for index, texts in errors.items()} == {
        "0": "code",
        "1": "id",
        "2": "id",
    }
    assert (Annotation.objects.count(), Event.objects.count(), Speaker.objects.count()) == before


def test_retired_code_is_refused_as_by_a_single_save(world, api, path):
    bob = api(world.bob)
    change_code(world.lead, "failure", retired=True)
    [item] = _items(world, 0)
    item["code"] = "failure"
    key = item["id"]
    alone = bob.put(f"{path}{key}/", {name: item[name] for name in item if name != "id"})
    assert_problem(alone, 409)
    many = bob.post(path, [item])
    assert_problem(many, 409)
    assert alone.json()["type"] == many.json()["type"]
    assert many.json()["errors"] == {"0": ["code: This code is retired: choose another one."]}


def test_wrong_shapes_stand_by_their_index(world, api, path):
    items = [*_items(world, 0, 4), 7, {"source": "1"}]
    items[1]["surprise"] = 1
    answer = api(world.bob).post(path, items)
    assert_problem(answer, 400)
    errors = answer.json()["errors"]
    assert list(errors) == ["1", "2", "3"]
    assert errors["1"][0].startswith("surprise: There is no such field.")
    assert errors["2"] == ["Send a JSON object."]
    assert "source: Send a whole number." in errors["3"]


def test_rights_are_those_of_one(world, api, path):
    assert_problem(api(world.vera).post(path, _items(world, 0)), 403)
    assert_problem(api(world.dan).post(path, _items(world, 0)), 404)
    assert_problem(api(None).post(path, _items(world, 0)), 401)
    lead = api(world.alice).post(path, _items(world, 0, 4))
    assert_problem(lead, 403)
    assert list(lead.json()["errors"]) == ["0", "1"]
    items = _items(world, 0, 4)
    items[1]["source"] = world.beths.pk
    assert_problem(api(world.bob).post(path, items), 422)
    change_project(world.lead, open_sources=True)
    assert_problem(api(world.bob).post(path, items[1:]), 403)


def test_too_many_at_once_are_refused(world, api, path):
    answer = api(world.bob).post(path, _items(world, *range(MOST_AT_ONCE + 1)))
    assert_problem(answer, 413)


def test_events_are_those_of_one(world, api, path):
    items = [dict(item, source=world.bobs.pk) for item in _items(world, 0, 4)]
    with recorded() as events:
        api(world.bob).post(path, items)
    assert [(e.action, e.kind, e.about_id, e.source_id) for e in events] == [
        ("create", "annotation", world.bob.pk, world.bobs.pk),
        ("create", "annotation", world.bob.pk, world.bobs.pk),
        ("change", "assignment", world.bob.pk, world.bobs.pk),
    ]
    assert [events[0].after["start"], events[0].object] == [0, items[0]["id"]]
    state = api(world.bob).get(f"{world.api}assignments/?source={world.bobs.pk}").json()
    assert [row["state"] for row in state["results"]] == ["started"]


def test_queries_do_not_grow_with_what_is_sent(world, api, path):
    sources = [add_source(world.lead, f"Number {n}") for n in range(4)]
    for source in sources:
        assign_to(world.lead, source, world.bob)
    numbers = []
    for some in (sources[:1], sources[1:]):
        items = [dict(i, source=s.pk, voice=f"V{s.pk}") for s in some for i in _items(world, 0, 4)]
        for item in items:
            item["id"] = str(uuid.uuid4())
        bob = api(world.bob)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert bob.post(path, items).status_code == 201
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] < 35
