"""Many codes in one request: all or none, as one revision."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.codebook.bulk_plan import MOST_CODES
from cstoannot.codebook.queries import list_revisions
from tests.api.hostile import assert_problem, contents


@pytest.fixture
def path(world):
    return f"{world.api}codes/"


def test_list_is_added_and_shown_in_its_order(world, api, path):
    lead = api(world.alice)
    items = [
        {"name": "Below", "parent": "top", "colour": "#ABCDEF", "shortcut": "B", "note": "Why"},
        {"name": "Top", "slug": "top", "parent": None, "claim": "C", "note": "Why"},
        {"name": "Under plea", "parent": "plea", "example": "X", "note": "Because"},
    ]
    answer = lead.post(path, items)
    assert answer.status_code == 201
    rows = answer.json()
    assert [row["slug"] for row in rows] == ["below", "top", "under-plea"]
    assert [row["parent"] for row in rows] == ["top", None, "plea"]
    assert (rows[0]["colour"], rows[0]["shortcut"]) == ("#abcdef", "b")
    assert rows == [lead.get(f"{path}{row['slug']}/").json() for row in rows]
    newest = lead.get(f"{world.api}codebook/revisions/?page_size=1").json()["results"][0]
    assert (newest["number"], newest["note"]) == (3, "Why; Because")


def test_every_fault_stands_by_its_index_and_nothing_is_added(world, api, path):
    lead = api(world.alice)
    before = contents()
    answer = lead.post(
        path,
        [
            {"name": "Fine"},
            {"name": "Failure"},
            {"name": "A", "parent": "nothing"},
            {"name": "B", "shortcut": "ab", "colour": "red"},
        ],
    )
    assert_problem(answer, 422)
    errors = answer.json()["errors"]
    assert list(errors) == ["1", "2", "3"]
    assert errors["1"][0].startswith("name: “Failure” already exists at this level")
    assert errors["2"] == ["parent: Neither the codebook nor the list has a code “nothing”."]
    assert [text.split(":")[0] for text in errors["3"]] == ["shortcut", "colour"]
    shapes = lead.post(path, [{"name": "A"}, 7, {"name": 1}, {"name": "B", "surprise": 1}, {}])
    assert_problem(shapes, 400)
    assert list(shapes.json()["errors"]) == ["1", "2", "3", "4"]
    assert_problem(lead.post(path, []), 400)
    assert_problem(lead.post(path, [{"name": f"{n}"} for n in range(MOST_CODES + 1)]), 413)
    assert contents() == before


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_list_needs_the_right_to_edit_the_codebook(world, api, path, name):
    assert_problem(api(getattr(world, name)).post(path, [{"name": "New"}]), 403)


def test_1500_codes_are_added_in_one_request(world, api, path):
    """15 groups of 9 topics of 10 codes, in as many statements as their rows need."""
    lead = api(world.alice)
    items = []
    for n in range(15):
        items.append({"name": f"Group {n}", "slug": f"g{n}", "definition": "D" * 200})
        for m in range(9):
            slug = f"g{n}-{m}"
            items.append({"name": f"Topic {n}.{m}", "slug": slug, "parent": f"g{n}"})
            items += [
                {"name": f"Code {n}.{m}.{k}", "parent": slug, "definition": "D" * 200}
                for k in range(10)
            ]
    assert len(items) == 1_500
    with CaptureQueriesContext(connection) as captured:
        answer = lead.post(path, items)
    assert (answer.status_code, len(answer.json())) == (201, 1_500)
    newest = list_revisions(world.lead)[0]
    assert (newest.number, newest.note) == (3, "Added 1,500 codes")
    assert len(json.dumps(newest.changes)) < 1_000_000
    assert len(captured) < 60
