"""Agreement for those who see results without names: overall and by code."""

from dataclasses import replace

from cstoannot.agreement.condition_queries import CodingConditions
from cstoannot.agreement.dataset import Annotator
from cstoannot.agreement.diagnosis import load_report_conditions
from cstoannot.agreement.reports import AgreementQuery, AgreementReport, build_agreement_report
from cstoannot.core.errors import Forbidden
from cstoannot.projects.scope import Scope, widen_to_coding

NOBODY = Annotator(0, "")


def build_agreement_totals(scope: Scope, question: AgreementQuery) -> AgreementReport:
    """Return the values overall and by code, of all coders and sources, without names.

    Values of a pair, and of a source that two coders read, would tell one coder from another.
    Raises Forbidden where results are not open, and for a choice of coders or sources.
    """
    wide = widen_to_coding(scope)
    if question.annotators or question.sources:
        raise Forbidden("You see the agreement of all coders over all sources: leave these out.")
    found = build_agreement_report(wide, question)
    return replace(found, annotators=(NOBODY,) * len(found.annotators), pairs=(), by_source=())


def load_unnamed_conditions(scope: Scope, question: AgreementQuery) -> CodingConditions:
    """Return the conditions of the coding that the totals compare, without names."""
    wide = widen_to_coding(scope)
    found = load_report_conditions(wide, build_agreement_report(wide, question))
    return replace(
        found,
        seers=tuple(("", role) for _, role in found.seers),
        outsiders=("",) * len(found.outsiders),
        finished=tuple(sorted(found.finished, reverse=True)),
    )
