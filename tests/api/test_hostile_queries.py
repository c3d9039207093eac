"""Filters, searches, orders and cursors: understood and exact, or 400."""

import base64
import json
from urllib.parse import quote, urlencode

import pytest

from tests.api.hostile import TEXTS, assert_problem, contents
from tests.builders import add_source

LISTS = {
    "me/tokens/": "-created_at",
    "projects/": "name",
    "{}members/": "username",
    "{}invitations/": "-created_at",
    "{}sources/": "position",
    "{}codes/": "position",
    "{}codebook/revisions/": "-number",
    "{}assignments/": "source",
    "{}annotations/": "position",
    "{}speakers/": "name",
    "{}code-proposals/": "-created_at",
    "{}threads/": "-created_at",
    "{}events/": "-at",
}


@pytest.fixture(params=LISTS)
def some_list(request, world):
    return request.param.format(world.api)


def test_page_sizes(world, api, some_list):
    lead = api(world.alice)
    bad = ["0", "-1", "5001", "1.5", "x", "", "١", "１", "9" * 5000, "1e3", "true", "\x00", " 1"]
    for size in bad:
        assert_problem(lead.get(f"{some_list}?page_size={quote(size)}"), 400)
    for size in ("1", "5000", "00001"):
        assert lead.get(f"{some_list}?page_size={size}").status_code == 200


def test_orders_that_there_are_not(world, api, some_list):
    lead = api(world.alice)
    for order in (
        "annotator__password",
        "project__memberships__user",
        "?",
        "id;",
        "",
        "pk",
        "\x00",
    ):
        assert_problem(lead.get(f"{some_list}?ordering={quote(order)}"), 400)


def test_filters_that_there_are_not(world, api, some_list):
    lead = api(world.alice)
    names = ["annotator__password", "project__memberships__user__password__startswith", "pk"]
    names += ["project_id", "source__project", "id", "format", "\x00", "x" * 3000, "__class__", "é"]
    for name in names:
        assert_problem(lead.get(f"{some_list}?{urlencode({name: 'm'})}"), 400)


def _cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


BAD_CURSORS = ["", "x", "é", "\x00", "====", "W10=", "e30=", "NQ==", "bnVsbA==", "a" * 10_000]
BAD_CURSORS += [
    base64.b64encode(raw).decode() for raw in (b"[" * 100_000, b"\xff", b"[1" + b"0" * 5000)
]
BAD_VALUES = [None, [], {}, True, False, 1.5, 10**400, 2**63, -(2**63) - 1, "", "x", "a\x00b"]
BAD_VALUES += ["\ud800", "2020-13-01", "10000-01-01T00:00:00+00:00", "2020-01-01T00:00:00"]
BAD_VALUES += ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0" * 5000, -1, 2**40]


def test_cursors_that_the_api_did_not_give_out(world, api, some_list):
    lead = api(world.alice)
    for cursor in BAD_CURSORS:
        assert_problem(lead.get(f"{some_list}?cursor={quote(cursor)}"), 400)


@pytest.mark.parametrize(
    ("path", "order", "fields"),
    [
        ("annotations/", "position", ["source_id", "start", "id"]),
        ("annotations/", "-updated_at", ["-updated_at", "-id"]),
        ("sources/", "title", ["title", "id"]),
        ("assignments/", "source", ["source__position", "source_id", "annotator__username"]),
        ("events/", "-at", ["-id"]),
        ("codebook/revisions/", "-number", ["-number"]),
    ],
)
def test_forged_cursors(world, api, path, order, fields):
    lead = api(world.alice)
    good = {"title": "T", "updated_at": "2020-01-01T00:00:00+00:00", "annotator__username": "bob"}
    for place in range(len(fields)):
        for value in BAD_VALUES:
            values: list = [good.get(name.lstrip("-"), 1) for name in fields]
            if fields[-1].lstrip("-") == "id" and path != "sources/":
                values[-1] = "0197d000-0000-7000-8000-000000000000"
            values[place] = value
            cursor = _cursor(0, fields, *values)
            answer = lead.get(f"{world.api}{path}?ordering={order}&cursor={cursor}")
            if answer.status_code != 200:
                assert_problem(answer, 400)
    for forged in (
        (0, ["password"], "x"),
        (0, fields),
        (0, fields, *[1] * 9),
        (7, fields, *[1] * len(fields)),
        ("x", fields),
        (0, [*fields, "annotator__password"], *[1] * (len(fields) + 1)),
    ):
        query = f"?ordering={order}&cursor={_cursor(*forged)}"
        assert_problem(lead.get(f"{world.api}{path}{query}"), 400)


@pytest.mark.parametrize("kind", ["updated_since", "since"])
def test_times(world, api, kind):
    lead = api(world.alice)
    path = f"{world.api}{'annotations' if kind == 'updated_since' else 'events'}/"
    bad = ["x", "2020", "2020-13-01T00:00:00Z", "10000-01-01T00:00:00Z", "-1", "0", "NaN"]
    bad += ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2020-01-01T00:00:00+99:99"]
    bad += ["0000-00-00T00:00:00Z", "2020-01-01T25:00:00Z", "9" * 5000, "2020-01-01T00:00:00Z\x00"]
    for value in bad:
        assert_problem(lead.get(f"{path}?{urlencode({kind: value})}"), 400)
    for value, some in (("2020-01-01T00:00:00Z", True), ("9998-01-01T00:00:00+14:00", False)):
        found = lead.get(f"{path}?{urlencode({kind: value})}").json()["results"]
        assert bool(found) == some


def test_numbers_words_and_choices_in_filters(world, api):
    lead = api(world.alice)
    bad = {
        "annotations/": [
            ("source", "x"), ("source", "-1"), ("source", "1,x"), ("source", "9" * 19),
            ("source", "١"), ("source", "1.0"), ("source", "\x00"), ("source", ""),
            ("code", "\x00"), ("code", ","), ("layer", "x"), ("stance", "x"),
            ("stance", "supports,x"),
            ("stale", "maybe"), ("descendants", "x"), ("annotator", "x" * 201),
            ("voice", "a\x00"), ("q", "\x00"), ("q", "word " * 10_000),
        ],
        "assignments/": [("source", "x"), ("state", "x"), ("annotator", "\x00"), ("state", "")],
        "events/": [("kind", "\x00"), ("object", "a\x00"), ("source", "1e3"), ("actor", ",,")],
        "sources/": [("q", "\x00"), ("group", "\x00"), ("deleted", "x"), ("q", "x" * 501)],
        f"sources/{world.shared.pk}/segments/": [
            ("unit", "x"), ("unit", ""), ("start", "-1"), ("end", "x"), ("start", "9" * 30),
        ],
    }  # fmt: skip
    for path, cases in bad.items():
        for name, value in cases:
            query = urlencode(
                {"unit": "token", name: value} if "segments" in path else {name: value}
            )
            answer = lead.get(f"{world.api}{path}?{query}")
            assert answer.status_code == 400, (path, name, value)
            assert_problem(answer, 400)


SEARCHES = [
    "%",
    "_",
    "\\",
    "'",
    '"',
    "''",
    "a OR b",
    "NEAR(a b)",
    "*",
    "(a+)+$",
    "[",
    "^",
    "--",
    ";",
]


@pytest.mark.parametrize("path", ["sources/", "annotations/"])
def test_searches_mean_what_they_say(world, api, path):
    lead = api(world.alice)
    for q in [*SEARCHES, "(x+x+)+y" * 50, *TEXTS.values()]:
        answer = lead.get(f"{world.api}{path}?{urlencode({'q': q[:500]})}")
        assert answer.status_code in {200, 400}
        if q in SEARCHES:
            assert answer.json()["results"] == [], q


def test_patterns_are_found_as_they_stand(world, api):
    lead = api(world.alice)
    add_source(world.lead, "100% _sure_ \\o/ 'x'")
    for q in ("100%", "_sure_", "\\o/", "'x'", "SURE"):
        found = lead.get(f"{world.api}sources/?{urlencode({'q': q})}").json()["results"]
        assert [source["title"] for source in found] == ["100% _sure_ \\o/ 'x'"]


def test_many_and_repeated_parameters(world, api):
    lead = api(world.alice)
    before = contents()
    sources = ",".join(map(str, range(1, 2000)))
    assert lead.get(f"{world.api}annotations/?source={sources}").status_code == 200
    voices = "&".join("voice=x" for _ in range(900))
    assert lead.get(f"{world.api}annotations/?{voices}").status_code == 200
    assert_problem(lead.get(f"{world.api}annotations/?{'q=x&' * 3000}"), 400)
    assert contents() == before


def test_percent_signs_that_encode_nothing(world, api):
    lead = api(world.alice)
    for query in ("q=%", "q=%zz", "q=%FF%FE", "q=%ED%A0%80", "%", "&&&", "=", "q"):
        assert lead.get(f"{world.api}annotations/?{query}").status_code in {200, 400}
