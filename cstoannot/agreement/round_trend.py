"""Agreement from round to round, and whether a round differs from the one before."""

from dataclasses import dataclass, replace

from cstoannot.agreement.dataset import AgreementCode
from cstoannot.agreement.reports import (
    AgreementQuery,
    AgreementReport,
    build_agreement_report,
    check_measure,
)
from cstoannot.assignments.models import Round
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.difference import DifferenceTest
from cstoannot.stats.agreement.independent_difference import compare_independent_values
from cstoannot.stats.coefficients.definitions import Measure
from cstoannot.stats.results import Coefficient


@dataclass(frozen=True)
class RoundAgreement:
    """A round's report, and the test of its value against the round before; None for the first."""

    round: Round
    report: AgreementReport
    change: DifferenceTest | None

    @property
    def overall(self) -> Coefficient:
        return self.report.overall


@dataclass(frozen=True)
class RoundTrend:
    """The rounds in their order; `codes`: each code's values, one for each round."""

    question: AgreementQuery
    measure: Measure
    unit: str
    rounds: tuple[RoundAgreement, ...]
    codes: tuple[tuple[AgreementCode, tuple[Coefficient | None, ...]], ...]


def build_round_trend(scope: Scope, question: AgreementQuery) -> RoundTrend:
    """Compute the agreement of each round; only for those who hand out work; raise Invalid."""
    scope.require(Permission.EDIT_SOURCES)
    known, unit = check_measure(question)
    found: list[RoundAgreement] = []
    for one in visible_rounds(scope):
        report = build_agreement_report(scope, replace(question, round=one.name))
        before = found[-1].overall if found else None
        change = compare_independent_values(before, report.overall) if before else None
        found.append(RoundAgreement(one, report, change))
    values = [{one.code.pk: one.result for one in each.report.codes} for each in found]
    listed = {one.code.pk: one.code for each in found for one in each.report.codes}
    codes = tuple((code, tuple(each.get(pk) for each in values)) for pk, code in listed.items())
    return RoundTrend(question, known, unit, tuple(found), codes)
