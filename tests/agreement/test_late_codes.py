"""A code added after a source was finished is missing for those annotators, in every measure."""

import pytest

from cstoannot.agreement import project_cache
from cstoannot.agreement.disagreements import (
    DisagreementFilter,
    compute_mixed_codes,
    list_disagreements,
)
from cstoannot.agreement.evidence import load_evidence
from cstoannot.agreement.reports import (
    AgreementQuery,
    build_agreement_report,
    compute_values_by_code,
)
from cstoannot.stats.coefficients.registry import MEASURES
from tests.builders import add_code, add_source, annotate, assign_to, finish, reopened


@pytest.fixture
def late(world):
    """Bob and Beth have finished three sources before Late was added; Bob marks it in one then."""
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    world.sources = [world.shared]
    for number in range(2):
        source = add_source(world.lead, f"More {number}")
        assign_to(world.lead, source, world.bob, world.beth)
        annotate(bob, source, "Nobody came.", "plea")
        annotate(beth, source, "came", "plea" if number else "failure")
        world.sources.append(source)
    for source in world.sources:
        finish(bob, source)
        finish(beth, source)
    world.before = _numbers(world.lead)
    add_code(world.lead, "Late", claim="It was late.")
    annotate(bob, world.sources[1], "hopes", "late", stance="supports")
    return world


def _numbers(scope):
    """All numbers of all measures; of codes, those that have always been there."""
    found = {}
    for measure in MEASURES:
        one = build_agreement_report(scope, AgreementQuery(measure=measure))
        codes = {code.code.slug: code.result for code in one.codes if code.code.slug != "late"}
        pairs = [pair.result for pair in one.pairs]
        found[measure] = one.overall, codes, pairs, [source.result for source in one.by_source]
    return found


def _late(scope, measure):
    found = build_agreement_report(scope, AgreementQuery(measure=measure))
    return next(one for one in found.codes if one.code.slug == "late")


def test_late_code_changes_no_other_number_and_is_no_miss(late):
    assert _numbers(late.lead) == late.before
    for measure in MEASURES:
        one = _late(late.lead, measure)
        assert (one.result.value, one.result.n, one.read_before) == (None, 0, 3)
    listed = list_disagreements(late.lead, DisagreementFilter(codes=("late",)))
    assert (listed.total, sum(listed.counts.values())) == (0, 0)
    mixed = compute_mixed_codes(late.lead, DisagreementFilter())
    place = [code.slug for code in mixed.codes].index("late")
    assert (mixed.missed[place], sum(mixed.matrix[place])) == (0, 0)


def test_code_counts_where_both_have_read_it(late):
    with reopened(late.scope(late.beth), late.sources[1]):
        pass
    assert _numbers(late.lead) == late.before
    only = AgreementQuery(sources=(late.sources[1].pk,), codes=("late",))
    for measure in MEASURES:
        one = _late(late.lead, measure)
        alone = build_agreement_report(
            late.lead, AgreementQuery(**{**vars(only), "measure": measure})
        )
        (same,) = alone.codes
        assert (one.result.value, one.result.n) == (same.result.value, same.result.n)
        assert one.read_before == 2
        question = AgreementQuery(measure=measure)
        assert load_evidence(late.lead, question, code="late").total == one.result.n
    values = compute_values_by_code(late.lead, AgreementQuery())
    assert values[_late(late.lead, "krippendorff_alpha").code.pk].value == 0.0
    listed = list_disagreements(late.lead, DisagreementFilter(codes=("late",)))
    assert [(one.kind, one.source.pk) for one in listed.entries] == [("missed", late.sources[1].pk)]


def test_once_everybody_has_read_it_everywhere_it_is_as_any_code(late):
    for source in late.sources:
        for coder in (late.bob, late.beth):
            with reopened(late.scope(coder), source):
                pass
    found = build_agreement_report(late.lead, AgreementQuery())
    assert (found.pooled_codes, len(found.codes)) == (3, 3)
    assert [one.read_before for one in found.codes] == [0, 0, 0]
    warm = _numbers(late.lead)
    project_cache.clear_agreement_cache()
    assert _numbers(late.lead) == warm != late.before
