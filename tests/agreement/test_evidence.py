"""What opens behind a number is as long as the number says."""

import pytest

from cstoannot.agreement.evidence import load_evidence
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.stats.coefficients.registry import MEASURES
from tests.builders import annotate, assign_to, finish


@pytest.fixture
def small(world):
    """The small world, both coders done with the shared source, whose passages overlap."""
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    annotate(bob, world.shared, "failed its member", stance="mixed")
    annotate(beth, world.shared, "member", "plea")
    assign_to(world.lead, world.bobs, world.beth)
    annotate(bob, world.bobs, "Nobody came.", "plea", voice="The minister")
    for coder, source in (
        (bob, world.shared),
        (beth, world.shared),
        (bob, world.bobs),
        (beth, world.bobs),
        (beth, world.beths),
    ):
        finish(coder, source)
    return world.scope(world.alice)


def _told(scope, question):
    """Each number's n, and the total of what is behind it, by what the number is of."""
    found = build_agreement_report(scope, question)
    yield "overall", found.overall.n, load_evidence(scope, question).total
    for code in found.codes:
        shown = load_evidence(scope, question, code=code.code.slug)
        yield code.code.slug, code.result.n, shown.total
    for pair in found.pairs:
        names = (pair.first.username, pair.second.username)
        yield names, pair.result.n, load_evidence(scope, question, pair=names).total
    for source in found.by_source:
        shown = load_evidence(scope, question, source=source.source.pk)
        yield source.source.pk, source.result.n, shown.total


def _different(scope, question):
    told = list(_told(scope, question))
    assert len(told) > 1
    return [(what, n, total) for what, n, total in told if n != total]


WAYS = [(key, unit) for key, measure in MEASURES.items() for unit in measure.units]


@pytest.mark.parametrize(("measure", "unit"), WAYS)
def test_every_n_of_the_demonstration_is_what_opens_behind_it(lead, measure, unit):
    assert _different(lead, AgreementQuery(measure=measure, unit=unit, interval="none")) == []


@pytest.mark.parametrize(("measure", "unit"), WAYS)
def test_every_n_of_the_small_world_is_what_opens_behind_it(small, measure, unit):
    assert _different(small, AgreementQuery(measure=measure, unit=unit, interval="none")) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_every_n_of_a_selection_is_what_opens_behind_it(lead, measure):
    names = [
        code.code.slug
        for code in build_agreement_report(lead, AgreementQuery(interval="none")).codes
    ]
    question = AgreementQuery(
        measure=measure,
        codes=tuple(names[:3]),
        annotators=("coder-a", "coder-c"),
        interval="none",
    )
    assert _different(lead, question) == []


@pytest.mark.parametrize("measure", MEASURES)
def test_pages_of_evidence_are_all_of_it_once(small, measure):
    question = AgreementQuery(measure=measure, interval="none")
    everything = load_evidence(small, question, limit=1_000)
    pages = [
        load_evidence(small, question, offset=offset, limit=2).items
        for offset in range(0, everything.total, 2)
    ]
    assert len(everything.items) == everything.total
    assert tuple(item for page in pages for item in page) == everything.items


def test_evidence_quotes_the_text_and_says_what_each_marked(small, world):
    shown = load_evidence(small, AgreementQuery(measure="f1_exact"), source=world.shared.pk)
    assert [(item.quote, item.said[0].annotator.username) for item in shown.items] == [
        ("The alliance failed its member.", "bob"),
        ("alliance failed", "beth"),
        ("failed its member", "bob"),
        ("member", "beth"),
        ("We asked", "bob"),
        ("We asked for help", "beth"),
    ]
    assert {item.source.pk for item in shown.items} == {world.shared.pk}


def _has_difference(item):
    return len({(said.codes, said.label) for said in item.said}) > 1


@pytest.mark.parametrize("measure", ["krippendorff_alpha", "stance_alpha", "voice_alpha"])
def test_cases_in_which_coders_differ_come_first(lead, measure):
    question = AgreementQuery(measure=measure, interval="none")
    found = load_evidence(lead, question, limit=10_000)
    differ = [_has_difference(item) for item in found.items]
    assert differ == sorted(differ, reverse=True)
    marked = [any(said.codes for said in item.said) for item in found.items]
    assert marked == sorted(marked, reverse=True)
    assert found.sizes == {
        "all": found.n,
        "marked": sum(marked),
        "differ": sum(differ),
        "alike": sum(marked) - sum(differ),
        "unmarked": found.n - sum(marked),
    }
    for shown, size in found.sizes.items():
        listed = load_evidence(lead, question, shown=shown, limit=10_000)
        assert (listed.n, listed.total, len(listed.items)) == (found.n, size, size)
        assert set(listed.items) <= set(found.items)


def test_evidence_of_a_unit_names_everybody_who_judged_it(small, world):
    shown = load_evidence(small, AgreementQuery(unit="sentence"), source=world.shared.pk, limit=1)
    (item,) = shown.items
    assert item.quote == "The alliance failed its member."
    assert [(said.annotator.username, [c.slug for c in said.codes]) for said in item.said] == [
        ("beth", ["failure", "plea"]),
        ("bob", ["failure"]),
    ]
