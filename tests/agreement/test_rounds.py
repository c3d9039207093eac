"""Agreement, comparison and export of one round; and of a reader for whom there is none."""

import pytest

from cstoannot.agreement.disagreements import DisagreementFilter, list_disagreements
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.assignments.round_actions import change_round, create_round
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats.base import count_exported_annotations
from cstoannot.exchange.formats.registry import FORMATS, build_export_request
from cstoannot.sources.queries import visible_sources


@pytest.fixture
def pilot(lead):
    """A round of the demonstration's first three sources; their keys."""
    ids = tuple(visible_sources(lead).values_list("pk", flat=True)[:3])
    create_round(lead, name="Pilot", sources=ids)
    create_round(lead, name="Empty")
    return ids


def test_agreement_of_a_round_is_that_of_its_sources(lead, pilot):
    by_round = build_agreement_report(lead, AgreementQuery(round="Pilot"))
    by_source = build_agreement_report(lead, AgreementQuery(sources=pilot))
    assert by_round.overall == by_source.overall
    assert [one.result for one in by_round.codes] == [one.result for one in by_source.codes]
    assert [one.pk for one in by_round.sources] == sorted(pilot)


def test_agreement_follows_a_change_of_the_round(lead, pilot):
    assert len(build_agreement_report(lead, AgreementQuery(round="Pilot")).sources) == 3
    (found,) = [one for one in lead.project.rounds.filter(name="Pilot")]
    change_round(lead, found.pk, remove=pilot[:1])
    assert len(build_agreement_report(lead, AgreementQuery(round="Pilot")).sources) == 2


def test_empty_round_has_no_agreement(lead, pilot):
    assert build_agreement_report(lead, AgreementQuery(round="Empty")).sources == ()


def test_disagreements_of_a_round_are_those_of_its_sources(lead, pilot):
    by_round = list_disagreements(lead, DisagreementFilter(round="Pilot"))
    assert by_round.total == list_disagreements(lead, DisagreementFilter(sources=pilot)).total > 0


def test_comparison_of_a_round_is_that_of_its_sources(lead, pilot):
    by_round = build_comparison_report(lead, ComparisonQuery(round="Pilot"))
    by_source = build_comparison_report(lead, ComparisonQuery(sources=pilot))
    assert by_round.verdicts == by_source.verdicts
    assert by_round.passages == by_source.passages > 0


def test_export_of_a_round_is_that_of_its_sources(lead, pilot):
    counts = [
        count_exported_annotations(build_export_request(lead, FORMATS["csv"], filters))
        for filters in (AnnotationFilter(round="Pilot"), AnnotationFilter(sources=pilot))
    ]
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize("name", ["Nothing", "P\x00", "x" * 1000])
def test_unknown_round_is_refused(lead, pilot, name):
    for ask in (
        lambda: build_agreement_report(lead, AgreementQuery(round=name)),
        lambda: list_disagreements(lead, DisagreementFilter(round=name)),
        lambda: build_comparison_report(lead, ComparisonQuery(round=name)),
        lambda: build_export_request(lead, FORMATS["csv"], AnnotationFilter(round=name)),
    ):
        with pytest.raises(Invalid) as refused:
            ask()
        assert refused.value.field == "round"


def test_for_a_coder_there_is_no_round(world):
    create_round(world.lead, name="Pilot", sources=[world.shared.pk])
    bob = world.scope(world.bob)
    for ask in (
        lambda: build_agreement_report(bob, AgreementQuery(round="Pilot")),
        lambda: list_disagreements(bob, DisagreementFilter(round="Pilot")),
        lambda: build_comparison_report(bob, ComparisonQuery(round="Pilot")),
        lambda: build_export_request(bob, FORMATS["csv"], AnnotationFilter(round="Pilot")),
    ):
        with pytest.raises(Invalid):
            ask()
