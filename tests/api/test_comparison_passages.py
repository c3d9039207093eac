"""The passages behind the comparison, as programs get them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.agreement.project_cache import clear_agreement_cache as forget_agreement
from cstoannot.comparison.project_cache import clear_comparison_cache
from tests.builders import add_source, annotate, assign_to, finish


@pytest.fixture
def done(world):
    for user, source in (("bob", "shared"), ("beth", "shared"), ("beth", "beths")):
        finish(world.scope(getattr(world, user)), getattr(world, source))
    return world


@pytest.fixture
def path(done):
    return f"{done.api}comparison/passages/"


def test_passage_is_whole(api, done, path):
    answer = (
        api(done.alice).get(f"{path}?code=failure&source={done.shared.pk}&annotator=bob").json()
    )
    assert answer == {
        "next": None,
        "previous": None,
        "total": 1,
        "results": [
            {
                "annotation": str(done.said["bob failure"]["id"]),
                "actor": str(done.shared.pk),
                "code": "failure",
                "source": done.shared.pk,
                "start": 0,
                "end": 31,
                "quote": "The alliance failed its member.",
                "paragraph": 1,
                "stance": "supports",
                "voice": "",
                "layer": "individual",
                "annotator": "bob",
                "read_by": 1,
                "marked_by": 1,
                "tied": [],
                "verdict_without": "unaddressed",
            }
        ],
    }


@pytest.mark.parametrize(
    "query", ["", "voice=everyone", "by=speaker&voice=everyone", "annotator=beth"]
)
def test_each_cell_counts_what_is_listed(api, done, path, query):
    alice = api(done.alice)
    cells = [
        (claim["code"], str(cell.get("source", cell.get("actor"))), cell)
        for claim in alice.get(f"{done.api}comparison/?{query}").json()["claims"]
        for cell in claim["cells"]
    ]
    listed = alice.get(f"{path}?{query}").json()["results"]
    assert listed
    for code, actor, cell in cells:
        own = [one for one in listed if (one["code"], one["actor"]) == (code, actor)]
        for stance in ("supports", "opposes", "mixed"):
            assert cell[stance] == sum(one["stance"] == stance for one in own)
        assert cell["mentioned"] == sum(one["stance"] == "" for one in own)


def test_pages_lead_through_all_and_keep_the_question(api, done, path):
    bob = done.scope(done.bob)
    publishers = ("One, and co.", "Other")
    for number in range(4):
        source = add_source(done.lead, f"More {number}", publisher=publishers[number % 2])
        assign_to(done.lead, source, done.bob)
        annotate(bob, source, "Nobody came.", stance="supports")
        finish(bob, source)
    query = "publisher=One%2C+and+co.&publisher=Other&page_size=3"
    first = api(done.alice).get(f"{path}?{query}").json()
    second = api(done.alice).get(first["next"].removeprefix("http://testserver")).json()
    assert [len(first["results"]), len(second["results"]), first["total"]] == [3, 1, 4]
    back = api(done.alice).get(second["previous"].removeprefix("http://testserver")).json()
    assert (second["next"], back) == (None, first)


REFUSED = {
    "colour=red": (400, "colour"),
    "code=nothing": (422, "code"),
    "source=999999": (422, "source"),
    "by=planet": (400, "by"),
    "since=yesterday": (422, "since"),
    "page_size=0": (400, "page_size"),
    "layer=consensus&annotator=bob": (422, "annotator"),
}


@pytest.mark.parametrize("query", REFUSED)
def test_what_cannot_be_asked_is_refused(api, done, path, query):
    answer = api(done.alice).get(f"{path}?{query}")
    status, field = REFUSED[query]
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.json()["errors"]


def test_forged_cursor_is_refused(api, done, path):
    assert api(done.alice).get(f"{path}?cursor=bm90aGluZw==").status_code == 400


def test_only_what_may_be_seen_is_listed(api, done, path):
    assert {one["annotator"] for one in api(done.bob).get(path).json()["results"]} == {"bob"}
    assert api(done.bob).get(f"{path}?annotator=beth").status_code == 403
    assert api(done.vera).get(path).json()["results"] == []
    assert api(done.vera).get(f"{path}?layer=individual").status_code == 403
    assert api(done.charlie).get(path).status_code == 404


def test_queries_do_not_grow_with_the_rows(api, done, path):
    bob = done.scope(done.bob)

    def queries(warm):
        if not warm:
            forget_agreement()
            clear_comparison_cache()
        with CaptureQueriesContext(connection) as captured:
            answer = api(done.alice).get(path)
        return len(captured), answer.json()["total"]

    found = []
    for number in range(3):
        source = add_source(done.lead, f"More {number}")
        assign_to(done.lead, source, done.bob)
        annotate(bob, source, "Nobody came.", stance="supports", voice=f"Voice {number}")
        annotate(bob, source, "We asked", stance="supports")
        finish(bob, source)
        cold, total = queries(warm=False)
        found.append((cold, queries(warm=True)[0], total))
    assert len({(cold, warm) for cold, warm, _ in found}) == 1
    assert found[0][2] < found[2][2]
