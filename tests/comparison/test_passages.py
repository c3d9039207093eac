"""The passages behind the cells: as many as each counts, those and no others."""

from collections import Counter
from itertools import pairwise

import pytest

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.passages import (
    ALONE,
    COLUMNS,
    build_cell_query,
    find_claim_listing,
    list_passages,
)
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.core.errors import Forbidden, Invalid
from tests.agreement.demo import demo
from tests.builders import add_code, add_source, annotate, assign_to, finish, show_decisions
from tests.comparison.test_rights import decide


@pytest.fixture
def done(world):
    """Bob and Beth finished the shared source and Beth hers."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    finish(world.scope(world.beth), world.beths)
    return world


def _failure(scope, **asked):
    return find_claim_listing(scope, ComparisonQuery(**asked))


ASKED = [
    ComparisonQuery(),
    ComparisonQuery(layer="individual", annotators=("coder-a",)),
    ComparisonQuery(voices=("everyone",)),
    ComparisonQuery(by="publisher"),
    ComparisonQuery(by="group", voices=("everyone",)),
    ComparisonQuery(by="speaker"),
    ComparisonQuery(by="speaker", voices=("everyone",), annotators=("coder-b", "coder-c")),
    ComparisonQuery(since="2020-11", until="2021"),
]


@pytest.mark.parametrize("question", ASKED, ids=lambda one: one.address() or "all")
def test_each_cell_of_the_demonstration_opens_what_it_counts(db, question):
    lead = demo()
    found = build_comparison_report(lead, question)
    every = list_passages(lead, question, offset=0, limit=None)
    listed = Counter((one.actor.key, one.place.claim.slug) for one in every.entries)
    cells = found.matrix
    counts = cells.supports + cells.opposes + cells.mixed + cells.mentioned
    assert every.total == len(every.entries) == counts.sum()
    for number, actor in enumerate(found.actors):
        for place, claim in enumerate(found.claims):
            assert counts[number, place] == listed[actor.key, claim.slug]
    # Cell by cell what its link lists, for the claims that most is said on.
    for place in counts.sum(axis=0).argsort()[-4:].tolist():
        claim = found.claims[place]
        ids = [
            {
                one.place.said[0].annotation_id
                for one in every.entries
                if (one.actor, one.place.claim) == (actor, claim)
            }
            for actor in found.actors
        ]
        for number, actor in enumerate(found.actors):
            if counts[number, place] or question.by == "source":
                linked = find_claim_listing(lead, build_cell_query(question, actor, claim))
                said = [
                    one.annotation_id
                    for column in linked.columns
                    for one_place in column.places
                    for one in one_place.said
                ]
                assert len(said) == counts[number, place] == linked.passages
                assert set(said) == ids[number]


def test_quotes_and_paragraphs_are_those_of_the_text(db):
    lead = demo()
    found = list_passages(lead, ComparisonQuery(voices=("everyone",)), offset=0, limit=None)
    texts = {}
    for entry in found.entries:
        place = entry.place
        pk = place.article.source.pk
        text = texts.setdefault(pk, lead.project.sources.get(pk=pk).text)
        assert text[place.start : place.end] == place.quote
        before = [line for line in text[: place.start + 1].split("\n") if line.strip()]
        assert place.first_paragraph == len(before)
    keys = [(one.place.claim.slug, one.actor.key, one.place.start) for one in found.entries]
    assert all(a[2] <= b[2] for a, b in pairwise(keys) if a[:2] == b[:2])


def test_stretches_are_cut_out_of_the_same_list(db):
    lead = demo()
    whole = list_passages(lead, ComparisonQuery(), offset=0, limit=None)
    parts = [
        list_passages(lead, ComparisonQuery(), offset=n, limit=50)
        for n in range(0, whole.total, 50)
    ]
    ids = [entry.place.said[0].annotation_id for entry in whole.entries]
    assert [e.place.said[0].annotation_id for part in parts for e in part.entries] == ids


def test_passage_of_several_is_one_place_with_how_many_marked_it(done):
    first = "The alliance failed its member."
    annotate(done.scope(done.beth), done.shared, first, stance="mixed")
    found = _failure(done.lead)
    column = next(one for one in found.columns if one.cell.actor.pk == done.shared.pk)
    (place,) = column.places
    (said,) = place.said
    assert (said.layer, said.annotator, said.stance) == ("majority", "", "mixed")
    assert (said.read_by, said.marked_by, said.tied) == (2, 2, ("stance",))
    assert (column.cell.passages, column.listed) == (1, 1)
    assert place.quote == first


def test_other_voice_is_not_the_articles(done):
    """Beth's passage is the minister's words."""
    beths = {"sources": (done.shared.pk,), "annotators": ("beth",)}
    assert _failure(done.lead, **beths).passages == 0
    assert _failure(done.lead, **beths, voices=("everyone",)).passages == 1
    spoken = _failure(done.lead, **beths, voices=("The minister",))
    (column,) = spoken.columns
    assert [one.voice for place in column.places for one in place.said] == ["The minister"]


def test_silent_pending_and_unassigned_are_told_apart(done):
    nobodys = add_source(done.lead, "Nobodys")
    silent = add_source(done.lead, "Quiet")
    assign_to(done.lead, silent, done.bob)
    finish(done.scope(done.bob), silent)

    def states():
        return {cell.actor.name: cell.state for cell in _failure(done.lead).cells}

    before = states()
    assert before == {
        "Shared": "mixed",
        "Bobs": "pending",
        "Beths": "supports",
        "Quiet": "silent",
        "Nobodys": "unassigned",
    }
    assign_to(done.lead, nobodys, done.bob)
    assert states() == {**before, "Nobodys": "pending"}


def test_annotator_sees_own_passages_and_the_consensus(done):
    decide(done, done.bobs, "Nobody came.", "opposes")
    finish(done.scope(done.bob), done.bobs)
    show_decisions(done.lead)
    found = _failure(done.scope(done.bob), voices=("everyone",))
    said = {
        (column.cell.actor.name, one.annotator, place.quote)
        for column in found.columns
        for place in column.places
        for one in place.said
    }
    assert said == {
        ("Shared", "bob", "The alliance failed its member."),
        ("Bobs", "", "Nobody came."),
    }
    assert {cell.actor.name for cell in found.cells} == {"Shared", "Bobs"}
    with pytest.raises(Forbidden):
        list_passages(
            done.scope(done.bob), ComparisonQuery(annotators=("beth",)), offset=0, limit=10
        )


def test_viewer_sees_the_consensus_alone(done):
    vera = done.scope(done.vera)
    assert _failure(vera).passages == 0
    decide(done, done.shared, "Nobody came.", "opposes")
    found = _failure(vera)
    assert [(one.annotator, one.stance) for one in found.columns[0].places[0].said] == [
        ("", "opposes")
    ]
    with pytest.raises(Forbidden):
        list_passages(vera, ComparisonQuery(layer="individual"), offset=0, limit=10)


def test_columns_come_in_pages_and_an_actor_alone_by_passages(done):
    bob = done.scope(done.bob)
    for number in range(COLUMNS + 1):
        source = add_source(done.lead, f"More {number}")
        assign_to(done.lead, source, done.bob)
        annotate(bob, source, "Nobody came.", stance="supports")
        finish(bob, source)
    pages = [find_claim_listing(done.lead, ComparisonQuery(), page=n) for n in (1, 2, 9)]
    assert [len(page.columns) for page in pages] == [COLUMNS, 3, 3]
    assert {page.total for page in pages} == {COLUMNS + 3}
    long = add_source(done.lead, "Long", " ".join(f"w{n}." for n in range(ALONE + 1)))
    assign_to(done.lead, long, done.bob)
    for number in range(ALONE + 1):
        annotate(bob, long, f"w{number}.")
    finish(bob, long)
    alone = ComparisonQuery(sources=(long.pk,))
    pages = [find_claim_listing(done.lead, alone, page=n) for n in (1, 2)]
    assert [(page.columns[0].first, page.columns[0].listed) for page in pages] == [
        (0, ALONE),
        (ALONE, 1),
    ]


def test_claim_is_the_one_asked_for_else_the_first_that_is_spoken_of(done):
    add_code(done.lead, "Silence", claim="Nobody spoke.")
    assert _failure(done.lead).claim.slug == "failure"
    assert _failure(done.lead, voices=("A silent witness",)).claim.slug == "failure"
    silence = _failure(done.lead, codes=("silence",))
    assert (silence.claim.slug, silence.columns) == ("silence", ())
    assert [silence.claim_at(step) and silence.claim_at(step).slug for step in (-1, 1)] == [
        "failure",
        None,
    ]
    for code in ("plea", "nothing"):
        with pytest.raises(Invalid):
            _failure(done.lead, codes=(code,))
