"""What a reviewer will ask of agreement, and of the verdicts that rest on it."""

from cstoannot.agreement.diagnosis import Remark, RemarkFigure, diagnose_report
from cstoannot.agreement.reports import AgreementQuery
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import TentativeReason, build_comparison_report
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.diagnostics import (
    GRAVEST_FIRST,
    MOST_FINDINGS,
    MOST_NAMED,
    FigureKind,
)


def list_reviewer_remarks(scope: Scope, question: AgreementQuery) -> tuple[Remark, ...]:
    """Return the gravest remarks on a selection, at most seven."""
    found = [*diagnose_report(scope, question), *_find_single_places(scope, question)]
    found.sort(key=lambda one: GRAVEST_FIRST.index(one.key))
    return tuple(found[:MOST_FINDINGS])


def _find_single_places(scope: Scope, question: AgreementQuery) -> tuple[Remark, ...]:
    """Name the claims on which a side rests on one place; for readers of all coding only."""
    if not scope.can(Permission.SEE_ALL_CODING):
        return ()
    report = build_comparison_report(
        scope,
        ComparisonQuery(
            annotators=question.annotators, sources=question.sources, codes=question.codes
        ),
    )
    claims = [
        claim
        for claim, reasons in zip(report.claims, report.tentative, strict=True)
        if TentativeReason.ONE_PLACE in reasons
    ]
    if not claims:
        return ()
    said: list[str | RemarkFigure] = ["In the comparison, a side on "]
    for nth, claim in enumerate(claims[:MOST_NAMED]):
        said += (
            [
                ", ",
            ]
            if nth
            else []
        )
        said.append(RemarkFigure(f"“{claim.name}”", FigureKind.CLAIM, claim.slug))
    said.append(" and others" if len(claims) > MOST_NAMED else "")
    said.append(" rests on a single place of the text.")
    return (
        Remark(
            "one_place",
            tuple(part for part in said if part),
            "Read this place in its article, and say that the verdict hangs on it.",
        ),
    )
