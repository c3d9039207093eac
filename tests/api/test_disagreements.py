import base64

import pytest

from tests.api.hostile import assert_problem
from tests.builders import annotate, finish


@pytest.fixture
def done(world):
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    annotate(bob, world.shared, "Nobody came.", "plea")
    annotate(beth, world.shared, "Nobody came.", "failure")
    annotate(beth, world.shared, "hopes", "plea")
    for coder in (bob, beth):
        finish(coder, world.shared)
    return world


def _ask(client, world, query=""):
    answer = client.get(f"{world.api}disagreements/{query}")
    assert answer.status_code == 200
    return answer.json()


def _walk(client, world, query, step="next"):
    pages = [_ask(client, world, query)]
    while pages[-1][step]:
        pages.append(client.get(pages[-1][step].removeprefix("http://testserver")).json())
    return pages


def test_every_disagreement_is_listed_with_its_passages(done, api):
    found = _ask(api(done.alice), done)
    assert list(found) == ["next", "previous", "total", "counts", "results"]
    shown = [(row["kind"], row["codes"], row["start"], row["end"]) for row in found["results"]]
    text = done.shared.text
    nobody, hopes = text.index("Nobody came."), text.index("hopes")
    asked = text.index("We asked")
    assert sorted(shown) == sorted(
        [
            ("boundary", ["failure", "failure"], 0, 31),
            ("different_stance", ["failure", "failure"], 0, 31),
            ("different_voice", ["failure", "failure"], 0, 31),
            ("boundary", ["plea", "plea"], asked, asked + 17),
            ("different_stance", ["plea", "plea"], asked, asked + 17),
            ("different_voice", ["plea", "plea"], asked, asked + 17),
            ("different_code", ["failure", "plea"], nobody, nobody + 12),
            ("missed", ["plea", "plea"], hopes, hopes + 5),
        ]
    )
    assert found["total"] == len(shown) == sum(found["counts"].values())
    assert found["counts"] == {
        "missed": 1,
        "boundary": 2,
        "different_code": 1,
        "different_stance": 2,
        "different_voice": 2,
    }
    assert {tuple(row["annotators"]) for row in found["results"]} == {("beth", "bob")}


def test_passages_are_the_annotations_as_they_stand(done, api):
    found = _ask(api(done.alice), done, "?kind=different_voice&code=failure")
    (row,) = found["results"]
    assert list(row) == [
        *("kind", "source", "annotators", "codes", "start", "end", "passages"),
    ]
    assert row["passages"] == [
        {
            "annotation": str(done.said[f"{name} failure"]["id"]),
            "annotator": name,
            "code": "failure",
            **{key: done.said[f"{name} failure"][key] for key in ("start", "end")},
            **{key: done.said[f"{name} failure"][key] for key in ("stance", "voice")},
        }
        for name in ("beth", "bob")
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100])
@pytest.mark.parametrize("query", ["", "&ordering=size", "&kind=boundary,missed", "&code=plea"])
def test_pages_hold_every_row_once_both_ways(done, api, size, query):
    lead = api(done.alice)
    whole = _ask(lead, done, f"?page_size=1000{query}")
    assert len(whole["results"]) == whole["total"] > 0
    forth = _walk(lead, done, f"?page_size={size}{query}")
    assert [row for page in forth for row in page["results"]] == whole["results"]
    assert {(page["total"], str(page["counts"])) for page in forth} == {
        (whole["total"], str(whole["counts"]))
    }
    back = [forth[-1]]
    while back[-1]["previous"]:
        back.append(lead.get(back[-1]["previous"].removeprefix("http://testserver")).json())
    assert [row for page in reversed(back) for row in page["results"]] == whole["results"]


def test_counts_are_over_all_kinds_that_the_other_filters_leave(done, api):
    lead = api(done.alice)
    one = _ask(lead, done, "?kind=missed")
    assert (one["total"], one["counts"]) == (1, _ask(lead, done)["counts"])
    assert _ask(lead, done, "?code=plea")["counts"]["boundary"] == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kind=missed,boundary", "kind=boundary&kind=missed"),
        ("code=failure,plea", "code=plea&code=failure"),
        ("annotator=bob,beth", "annotator=beth&annotator=bob"),
    ],
)
def test_values_by_commas_are_those_repeated(done, api, one, other):
    lead = api(done.alice)
    assert _ask(lead, done, f"?{one}") == _ask(lead, done, f"?{other}")


def test_longest_come_first_where_asked(done, api):
    rows = _ask(api(done.alice), done, "?ordering=size")["results"]
    sizes = [row["end"] - row["start"] for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def _packed(text):
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "%00", "MQ", "é", "=", "a" * 41),
        *map(_packed, ["-1", "1.0", "one", " 1", "1\n", "9" * 12, "²", "٣"]),
    ],
)
def test_cursor_that_was_not_given_out_is_refused(done, api, cursor):
    assert_problem(api(done.alice).get(f"{done.api}disagreements/?cursor={cursor}"), 400)


def test_cursor_beyond_the_end_is_an_empty_page(done, api):
    found = _ask(api(done.alice), done, f"?cursor={_packed('5000')}")
    assert (found["results"], found["next"]) == ([], None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("kind=wrong", "kind"),
        ("ordering=newest", "ordering"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
        ("source=one", "source"),
        ("nothing=1", "nothing"),
    ],
)
def test_question_that_cannot_be_asked_is_refused_with_a_sentence(done, api, query, field):
    answer = api(done.alice).get(f"{done.api}disagreements/?{query}")
    assert answer.status_code in {400, 422}
    assert_problem(answer, answer.status_code)
    (sentence,) = answer.json()["errors"][field]
    assert sentence.endswith(".")


def test_filters_that_fit_nothing_leave_nothing(done, api):
    found = _ask(api(done.alice), done, "?annotator=alice")
    assert (found["total"], found["results"], set(found["counts"].values())) == (0, [], {0})


def test_blind_coder_is_listed_nothing(done, api):
    found = _ask(api(done.bob), done)
    assert (found["total"], found["results"], set(found["counts"].values())) == (0, [], {0})
