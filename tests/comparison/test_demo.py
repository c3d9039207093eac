"""The demonstration's matrix, computed a second time from the files of its codings."""

import json
import math

import pytest

from cstoannot.agreement.reports import AgreementQuery as Agreement
from cstoannot.agreement.reports import build_agreement_report
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.omissions import (
    list_omitted_claims,
    sort_actors_by_omissions,
)
from cstoannot.comparison.reports import (
    build_comparison_report,
    sort_claims,
)
from cstoannot.stats.comparison.positions import CellState
from tests.agreement.demo import CODERS, FOLDER, Codings, demo
from tests.stats import slow_matrices as slow
from tests.stats.slow_majority import compute_slow_majority


@pytest.fixture
def scope(db):
    return demo()


@pytest.fixture
def codings(scope):
    return Codings()


def _claims():
    book = json.loads((FOLDER / "fixtures" / "codebook.json").read_text("utf-8"))["codes"]
    every = [one for code in book for one in [code, *code["children"]]]
    return {code["slug"]: code["claim"] for code in every if code.get("claim")}


def _slow_cell(codings, source, code, coders, voice):
    """A cell of the majority of the coders, and how many of them took which side."""
    said = {
        coder: [row for row in codings.said[coder][source] if row["code"] == code]
        for coder in coders
    }
    names = ["", *sorted({row["voice"] for rows in said.values() for row in rows} - {""})]
    marks = [
        (coder, row["start"], row["end"], row["stance"], names.index(row["voice"]))
        for coder, rows in said.items()
        for row in rows
    ]
    marks.sort(key=lambda mark: mark[1:3])
    layer = compute_slow_majority(codings.texts[source], marks, len(coders), names)
    heard = [row[2] for row in layer if voice == "everyone" or names[row[3]] == voice]
    empty = slow.empty(
        contested=bool(marks) and not layer, quoted=bool(layer), read=True, given=True
    )
    own = [
        slow.balance(
            [row["stance"] for row in rows if voice == "everyone" or row["voice"] == voice]
        )
        for rows in said.values()
    ]
    sides = [slow.position(one) for one in own]
    return slow.cell([heard], empty=empty, is_source=True) | {
        "readers": {side: sides.count(side) for side in ("supports", "opposes", "mixed")}
    }


@pytest.mark.parametrize(
    ("asked", "coders", "voice"),
    [
        ({}, CODERS, ""),
        ({"annotators": ("coder-a",)}, ("coder-a",), ""),
        ({"layer": "majority"}, CODERS, ""),
        ({"voices": ("everyone",)}, CODERS, "everyone"),
        ({"annotators": ("coder-b", "coder-c"), "voices": ("everyone",)}, CODERS[1:], "everyone"),
    ],
)
def test_matrix_is_what_the_files_say(scope, codings, asked, coders, voice):
    found = build_comparison_report(scope, ComparisonQuery(**asked))
    assert {one.slug: one.claim for one in found.claims} == _claims()
    assert [int(actor.key) for actor in found.actors] == codings.pks
    assert found.annotators == coders
    for place, claim in enumerate(found.claims):
        cells = [_slow_cell(codings, n, claim.slug, coders, voice) for n in range(5)]
        for n, cell in enumerate(cells):
            assert CellState(found.matrix.state[n, place]).name.lower() == cell["state"]
            for name in ("supports", "opposes", "mixed", "mentioned"):
                assert getattr(found.matrix, name)[n, place] == cell[name]
            for name, number in cell["readers"].items():
                assert getattr(found.readers, name)[n, place] == number
            assert found.readers.read_by[n, place] == len(coders)
            b = found.matrix.balance[n, place]
            expected = cell["balance"]
            assert math.isnan(b) if expected is None else math.isclose(b, expected, abs_tol=1e-12)
        assert found.verdicts[place] == slow.verdict([cell["state"] for cell in cells])
        silent = [
            one.actor
            for one in list_omitted_claims(found, sort_actors_by_omissions(found))
            if place in one.claims
        ]
        assert sorted(silent) == slow.left_out([cell["state"] for cell in cells])


def test_one_speaker_alone_is_heard(scope, codings):
    names = {row["voice"] for sources in codings.said.values() for rows in sources for row in rows}
    name = sorted(names - {""})[0]
    found = build_comparison_report(scope, ComparisonQuery(voices=(name,)))
    for place, claim in enumerate(found.claims):
        for n in range(5):
            cell = _slow_cell(codings, n, claim.slug, CODERS, name)
            assert CellState(found.matrix.state[n, place]).name.lower() == cell["state"]


def test_alpha_is_what_agreement_says(scope):
    found = build_comparison_report(scope, ComparisonQuery())
    values = build_agreement_report(scope, Agreement(unit="sentence"))
    known = {one.code.slug: one.result.value for one in values.codes}
    intervals = {one.code.slug: one.result.interval for one in values.codes}
    pairs = zip(found.claims, found.alphas, strict=True)
    assert {claim.slug: alpha.value for claim, alpha in pairs} == {
        claim.slug: known[claim.slug] for claim in found.claims
    }
    for place, alpha in enumerate(found.alphas):
        assert alpha.interval == intervals[found.claims[place].slug]
        low = alpha.value is None or alpha.interval is None or alpha.interval.low < 0.667
        told = low and found.verdicts[place] != "unaddressed"
        assert ("alpha" in found.tentative[place]) == told


def test_alpha_is_of_the_annotators_asked_for_where_there_are_several(scope):
    two = ("coder-a", "coder-b")
    found = build_comparison_report(scope, ComparisonQuery(annotators=two))
    values = build_agreement_report(
        scope, Agreement(unit="sentence", annotators=two, interval="none")
    )
    known = {one.code.slug: one.result.value for one in values.codes}
    assert [alpha.value for alpha in found.alphas] == [known[one.slug] for one in found.claims]
    alone = build_comparison_report(scope, ComparisonQuery(annotators=two[:1]))
    assert alone.alphas == build_comparison_report(scope, ComparisonQuery()).alphas


def test_divergent_claims_come_first_the_widest_apart_before(scope):
    found = build_comparison_report(scope, ComparisonQuery())
    order = sort_claims(found, "divergence")
    verdicts = [found.verdicts[place] for place in order]
    ranks = ["diverge", "agree", "single", "unaddressed"]
    assert sorted(verdicts, key=ranks.index) == verdicts
    apart = [found.divergence[n] for n in order if found.verdicts[n] == "diverge"]
    assert apart == sorted(apart, reverse=True)
    assert sort_claims(found, "divergence", ["diverge"]) == order[: len(apart)]
    assert sort_claims(found, "codebook") == list(range(len(found.claims)))
    assert sorted(sort_claims(found, "likeness")) == list(range(len(found.claims)))
