"""The majority's passages of all codes, as the API lists them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.agreement.project_cache import clear_agreement_cache
from cstoannot.comparison.project_cache import clear_comparison_cache
from cstoannot.projects.actions import change_project
from tests.agreement.demo import CODERS, Codings, demo
from tests.api.hostile import assert_problem
from tests.builders import add_source, annotate, assign_to, finish
from tests.stats.slow_majority import compute_slow_majority

FIELDS = ("source", "code", "start", "end", "quote", "stance", "voice")
COUNTED = ("read_by", "marked_by", "tied")


@pytest.fixture
def done(world):
    """Both finished the shared source; what they marked overlaps in a failure and in a plea."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


@pytest.fixture
def path(world):
    return f"{world.api}annotations/?layer=majority"


def _slow_rows(codings, coders):
    """The majority of all codes from the files, by source, start, end and code."""
    found = []
    for n, pk in enumerate(codings.pks):
        said = {coder: codings.said[coder][n] for coder in coders}
        names = ["", *sorted({row["voice"] for rows in said.values() for row in rows} - {""})]
        for place, code in enumerate(codings.codes):
            marks = sorted(
                (
                    (one, row["start"], row["end"], row["stance"], names.index(row["voice"]))
                    for one, rows in said.items()
                    for row in rows
                    if row["code"] == code
                ),
                key=lambda mark: mark[1:3],
            )
            for row in compute_slow_majority(codings.texts[n], marks, len(coders), names):
                start, end, stance, voice, marked_by, *tied = row
                quote = codings.texts[n][start:end]
                told = (pk, code, start, end, quote, stance, names[voice], len(coders), marked_by)
                ties = [name for name, tie in zip(("stance", "voice"), tied, strict=True) if tie]
                found.append(((pk, start, end, place), (*told, ties)))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _read_pages(client, path):
    found = []
    while path:
        answer = client.get(path).json()
        found += answer["results"]
        path = (answer["next"] or "").removeprefix("http://testserver")
    return found


@pytest.mark.parametrize(
    ("asked", "coders"),
    [("", CODERS), ("&annotator=coder-b,coder-c", CODERS[1:]), ("&annotator=coder-a", CODERS[:1])],
)
def test_demonstration_is_what_the_files_say(db, api, asked, coders):
    scope, codings = demo(), Codings()
    client = api(scope.user)
    path = f"/api/v1/projects/{scope.project.slug}/annotations/?layer=majority&page_size=70{asked}"
    rows = _read_pages(client, path)
    assert [tuple(row[name] for name in (*FIELDS, *COUNTED)) for row in rows] == _slow_rows(
        codings, coders
    )
    assert {row["layer"] for row in rows} == {"majority"}
    assert rows[0].keys() == {*FIELDS, *COUNTED, "layer"}


def test_passages_of_the_comparison_are_among_them(db, api):
    scope = demo()
    client, base = api(scope.user), f"/api/v1/projects/{scope.project.slug}/"
    listed = _read_pages(client, f"{base}annotations/?layer=majority&page_size=5000")
    compared = _read_pages(client, f"{base}comparison/passages/?voice=everyone&page_size=1000")
    names = (*FIELDS, *COUNTED)
    known = [[row[name] for name in names] for row in listed]
    assert compared
    assert all([row[name] for name in names] in known for row in compared)


def test_filters_select_among_the_computed(done, api, path):
    alice = api(done.alice)

    def count(query):
        answer = alice.get(f"{path}&{query}")
        assert answer.status_code == 200, query
        return len(answer.json()["results"])

    failure, plea = alice.get(path).json()["results"]
    assert (failure["quote"], failure["stance"], failure["tied"]) == (
        *("alliance failed", "mixed"),
        ["stance", "voice"],
    )
    assert (plea["code"], plea["quote"], plea["stance"]) == ("plea", "We asked", "mixed")
    assert (plea["read_by"], plea["marked_by"], plea["voice"]) == (2, 2, "A silent witness")
    assert count(f"source={done.shared.pk}") == count("code=failure&descendants=true") == 2
    assert count(f"source={done.bobs.pk}") == count("code=nothing") == 0
    assert count("code=plea") == count("voice=a silent WITNESS") == count("voice=") == 1
    assert count("stance=mixed") == 2
    assert count("stance=none,opposes") == count("code=plea&voice=The%20minister") == 0
    assert count("q=ASKED") == 1
    assert count("q=help") == 0
    assert count("annotator=beth&q=help") == 1


def test_filters_of_stored_annotations_are_refused(done, api, path):
    alice = api(done.alice)
    for query in ("stale=true", "updated_since=2026-01-01T00:00:00Z", "annotator=nobody"):
        assert_problem(alice.get(f"{path}&{query}"), 422)
    for query in ("ordering=-updated_at", "cursor=x", "page_size=0"):
        assert_problem(alice.get(f"{path}&{query}"), 400)
    assert_problem(alice.get(f"{done.api}export/csv/?layer=majority"), 400)


@pytest.mark.parametrize("visibility", ["own", "done", "all"])
def test_rights_are_those_of_the_comparison(done, api, path, visibility):
    change_project(done.lead, visibility=visibility)
    for user in (done.alice, done.ada, done.bob, done.vera):
        client = api(user)
        for query in ("", "&annotator=bob", "&annotator=beth", "&annotator=bob,beth"):
            listed = client.get(path + query)
            compared = client.get(f"{done.api}comparison/?layer=majority{query}")
            assert listed.status_code == compared.status_code, (user, query)
    assert api(done.vera).get(path).status_code == 403
    bobs = api(done.bob).get(path).json()["results"]
    assert [row["quote"] for row in bobs] == ["The alliance failed its member.", "We asked"]
    assert {(row["read_by"], row["marked_by"]) for row in bobs} == {(1, 1)}


def test_number_of_queries_is_constant(done, api, path):
    alice = api(done.alice)

    def count(query):
        clear_agreement_cache()
        clear_comparison_cache()
        with CaptureQueriesContext(connection) as captured:
            assert alice.get(path + query).status_code == 200
        return len(captured)

    asked = ("", "&page_size=1", "&q=asked")
    count("")  # the token's use is noted once a minute
    before = [count(query) for query in asked]
    for number in range(3):
        source = add_source(done.lead, f"More {number}")
        assign_to(done.lead, source, done.bob, done.beth)
        for coder in (done.bob, done.beth):
            annotate(done.scope(coder), source, "Nobody came.", "plea", voice=f"Voice {number}")
            finish(done.scope(coder), source)
    assert [count(query) for query in asked] == before
