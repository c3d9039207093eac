from hashlib import sha256

from tests.api.hostile import assert_problem, contents
from tests.builders import TEXT, add_source

BODY = {
    "title": "T",
    "publisher": "P",
    "author": "A",
    "published": "2020-11",
    "url": "https://example.org/a",
    "language": "en",
    "group": "G",
    "note": "N",
}


def _titles(answer):
    return [source["title"] for source in answer.json()["results"]]


def test_add_and_read(world, api):
    lead = api(world.alice)
    answer = lead.post(f"{world.api}sources/", {**BODY, "text": "Two words"})
    made = answer.json()
    assert answer.status_code == 201
    assert made.pop("same_text_as") is None
    created_at = made.pop("created_at")
    assert made == {
        **BODY,
        "id": made["id"],
        "length": 9,
        "words": 2,
        "sha256": sha256(b"Two words").hexdigest(),
        "position": 4,
        "deleted": False,
        "version": 1,
    }
    read = lead.get(f"{world.api}sources/{made['id']}/")
    assert read.json() == {**made, "created_at": created_at}


def test_same_text_is_said(world, api):
    answer = api(world.alice).post(f"{world.api}sources/", {"title": "Again", "text": TEXT})
    assert answer.json()["same_text_as"] == world.shared.pk


def test_list_is_what_one_may_read(world, api):
    path = f"{world.api}sources/"
    assert _titles(api(world.alice).get(path)) == ["Shared", "Bobs", "Beths"]
    assert _titles(api(world.bob).get(path)) == ["Shared", "Bobs"]
    assert _titles(api(world.vera).get(path)) == ["Shared", "Bobs", "Beths"]
    for part in ("", "text/", "segments/?unit=token"):
        assert_problem(api(world.bob).get(f"{path}{world.beths.pk}/{part}"), 404)


def test_filters(world, api):
    lead = api(world.alice)
    add_source(world.lead, "First", "1", publisher="Times, The", group="A", language="en")
    add_source(world.lead, "Second", "2", publisher="Mirror", group="B", author="Times")
    path = f"{world.api}sources/"
    for query, titles in {
        "publisher=Times,%20The": ["First"],
        "publisher=Times": [],
        "group=A&group=B": ["First", "Second"],
        "language=en": ["First"],
        "q=times": ["First", "Second"],
        "q=times+first": ["First"],
        "deleted=true": [],
        "group=A&publisher=Mirror": [],
    }.items():
        assert _titles(lead.get(f"{path}?{query}")) == titles


def test_orders(world, api):
    lead = api(world.alice)
    path = f"{world.api}sources/?ordering="
    assert _titles(lead.get(f"{path}title")) == ["Beths", "Bobs", "Shared"]
    assert _titles(lead.get(f"{path}-title")) == ["Shared", "Bobs", "Beths"]
    assert _titles(lead.get(f"{path}-position")) == ["Beths", "Bobs", "Shared"]
    assert len(_titles(lead.get(f"{path}-published"))) == 3


def test_change(world, api):
    lead = api(world.alice)
    path = f"{world.api}sources/{world.shared.pk}/"
    answer = lead.patch(path, BODY, if_match='"1"')
    assert {name: answer.json()[name] for name in BODY} == BODY
    assert (answer.json()["version"], answer["ETag"]) == (2, '"2"')
    assert lead.get(path).json() == answer.json()
    assert lead.patch(path, {}).json()["version"] == 2
    assert lead.get(f"{path}text/").content.decode() == TEXT


def test_text_never_changes(world, api):
    path = f"{world.api}sources/{world.shared.pk}/"
    before = contents()
    for body in ({"text": "x"}, {"text": TEXT}, {"text": None, "title": "X"}):
        answer = assert_problem(api(world.alice).patch(path, body), 422)
        assert "never changes" in answer["detail"]
    for name in ("sha256", "length", "words", "id", "version", "position"):
        assert_problem(api(world.alice).patch(path, {name: 1}), 400)
    assert contents() == before


def test_remove_asks_twice_and_can_be_restored(world, api):
    lead, bob = api(world.alice), api(world.bob)
    path = f"{world.api}sources/{world.shared.pk}/"
    before = lead.get(path).json()
    answer = assert_problem(lead.delete(path), 409)
    assert "4 annotations" in answer["detail"]
    assert lead.delete(f"{path}?confirm=true").status_code == 204
    for user in (lead, bob):
        assert_problem(user.get(path), 404)
        assert_problem(user.get(f"{path}text/"), 404)
    assert _titles(lead.get(f"{world.api}sources/?deleted=true")) == ["Shared"]
    assert _titles(bob.get(f"{world.api}sources/?deleted=true")) == []
    assert lead.get(f"{world.api}annotations/?source={world.shared.pk}").json()["results"] == []
    assert lead.patch(path, {"deleted": False}).json() == before
    assert lead.get(path).json() == before
    assert len(lead.get(f"{world.api}annotations/").json()["results"]) == 5


def test_remove_without_annotations_asks_once(world, api):
    path = f"{world.api}sources/{world.bobs.pk}/"
    assert api(world.alice).delete(path).status_code == 204


def test_restoring_is_all_that_deleted_does(world, api):
    lead = api(world.alice)
    path = f"{world.api}sources/{world.shared.pk}/"
    before = contents()
    assert_problem(lead.patch(path, {"deleted": True}), 422)
    assert_problem(lead.patch(path, {"deleted": False, "title": "X"}), 422)
    assert lead.patch(path, {"deleted": False}).status_code == 200
    assert contents() == before


def test_segments(world, api):
    path = f"{world.api}sources/{world.shared.pk}/segments/"
    spans = {
        unit: api(world.bob).get(f"{path}?unit={unit}").json()["spans"]
        for unit in ("paragraph", "sentence", "token")
    }
    assert spans["paragraph"] == [[0, 31], [33, 85], [87, 117]]
    assert spans["sentence"] == [[0, 31], [33, 72], [73, 85], [87, 117]]
    assert [TEXT[start:end] for start, end in spans["token"][:3]] == ["The", "alliance", "failed"]
    for query, expected in {
        "start=31": [[33, 85], [87, 117]],
        "start=30&end=34": [[0, 31], [33, 85]],
        "end=33": [[0, 31]],
        "start=33&end=33": [],
        "start=117": [],
        "start=50&end=10": [],
    }.items():
        answer = api(world.bob).get(f"{path}?unit=paragraph&{query}")
        assert answer.json() == {"unit": "paragraph", "spans": expected}, query


def test_sources_are_edited_by_those_who_lead(world, api):
    before = contents()
    path = f"{world.api}sources/"
    for user in (api(world.bob), api(world.vera)):
        assert_problem(user.post(path, {"title": "T", "text": "x"}), 403)
        assert_problem(user.patch(f"{path}{world.shared.pk}/", {"title": "X"}), 403)
        assert_problem(user.delete(f"{path}{world.shared.pk}/?confirm=true"), 403)
    assert contents() == before
