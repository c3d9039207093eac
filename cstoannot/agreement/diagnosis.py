"""What a reviewer will ask of a report's numbers, with what is behind each figure."""

from dataclasses import dataclass, replace

import numpy as np

from cstoannot.agreement.condition_queries import CodingConditions, load_coding_conditions
from cstoannot.agreement.dataset import AgreementDataset
from cstoannot.agreement.decision_queries import DecisionSummary, load_decision_summary
from cstoannot.agreement.disagreements import DisagreementFilter, count_disagreement_kinds
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    INTERVALS,
    AgreementQuery,
    AgreementReport,
    AgreementSelection,
    build_agreement_report,
    build_agreement_selection,
)
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.counts import CodingTable
from cstoannot.stats.agreement.diagnostics import (
    DiagnosedCoding,
    DiagnosticFinding,
    DiagnosticNames,
    FigureKind,
    FindingFigure,
    Said,
    list_examples,
    rank_findings,
)
from cstoannot.stats.agreement.reliability_checks import diagnose_coding
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import Bools, Coefficient

MEASURE = "krippendorff_alpha"
LABEL_MEASURES = {"stance": "stance_alpha", "voice": "voice_alpha"}


@dataclass(frozen=True)
class RemarkFigure:
    """A figure: its words and what it counts; the rest narrows it down.

    `code`: a slug; `annotators`: user names; `source`: a primary key.
    """

    words: str
    counts: FigureKind
    code: str = ""
    annotators: tuple[str, ...] = ()
    source: int | None = None


@dataclass(frozen=True)
class Remark:
    """A finding about α by sentences, or by the unit asked for: text with figures, and advice."""

    key: str
    said: tuple[str | RemarkFigure, ...]
    advice: str

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.words for part in self.said)


def fit_query_to_remarks(question: AgreementQuery) -> AgreementQuery:
    """Return the query of the values that remarks are about: α, by the unit asked for if it can."""
    unit = question.unit if question.unit in MEASURES[MEASURE].units else ""
    return replace(question, measure=MEASURE, unit=unit, interval=INTERVALS[0])


def diagnose_report(scope: Scope, question: AgreementQuery) -> tuple[Remark, ...]:
    """Return all findings on the selection, the gravest first.

    Readers who know only results with their own work in them get findings on their own pairs only.
    """
    asked = fit_query_to_remarks(question)
    key = ("remarks", asked)
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        if key in kept.answers:
            return tuple(kept.answers[key])
    # Outside the lock, which the reports take themselves.
    report = build_agreement_report(scope, asked)
    labels = {
        name: build_agreement_report(scope, replace(asked, measure=measure, unit="")).overall
        for name, measure in LABEL_MEASURES.items()
    }
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        found: tuple[Remark, ...] = kept.answer(
            key, lambda: tuple(_build_remarks(kept, report, labels))
        )
    return found


def _build_remarks(
    kept: CachedAgreement, report: AgreementReport, labels: dict[str, Coefficient]
) -> list[Remark]:
    kept = kept.parts_for(report.question.codes)[0]
    coding = kept.coding
    table = kept.statistics_for(MEASURE, report.unit).table
    if not isinstance(table, CodingTable) or not coding.annotators:
        return []
    chosen = build_agreement_selection(report.question, coding)
    found = diagnose_coding(_build_diagnosed_coding(kept, table, chosen, report, labels))
    if report.sources:
        conditions = _answer_conditions(kept, report)
        more = [*_diagnose_independence(conditions, report), *_diagnose_stale_codings(report)]
        found = rank_findings([*more, *found])
    return [_build_remark(coding, one) for one in found]


def load_report_conditions(scope: Scope, report: AgreementReport) -> CodingConditions:
    """Return the conditions of the coding that a report compares."""
    kept = load_cached_agreement(scope, report.question.meaning)
    with kept.lock:
        return _answer_conditions(kept, report)


def load_report_decisions(scope: Scope, question: AgreementQuery) -> DecisionSummary | None:
    """Return how the team decided the sources of a report's query, as far as readers may know."""
    kept = load_cached_agreement(scope, question.meaning)
    chosen: frozenset[int] | None = None
    if question.sources or question.round:
        wanted = mark_finished_in_view(kept.coding, replace(question, annotators=())).any(axis=1)
        chosen = frozenset(kept.coding.sources[n].pk for n in np.flatnonzero(wanted))
    if not scope.can(Permission.SEE_ALL_CODING):
        return load_decision_summary(scope, chosen)
    with kept.lock:
        found: DecisionSummary | None = kept.answer(
            ("decisions", chosen), lambda: load_decision_summary(scope, chosen)
        )
    return found


def _answer_conditions(kept: CachedAgreement, report: AgreementReport) -> CodingConditions:
    asked = report.question
    found: CodingConditions = kept.answer(
        ("conditions", asked.annotators, asked.sources, asked.round),
        lambda: replace(
            load_coding_conditions(kept.scope, report.annotators, report.sources),
            read=int(mark_finished_in_view(kept.coding, asked).any(axis=1).sum()),
        ),
    )
    return found


def _build_diagnosed_coding(
    kept: CachedAgreement,
    table: CodingTable,
    chosen: AgreementSelection,
    report: AgreementReport,
    labels: dict[str, Coefficient],
) -> DiagnosedCoding:
    coding, asked = kept.coding, report.question
    number = {one.pk: n for n, one in enumerate(coding.annotators)}
    pairs = {(number[one.first.pk], number[one.second.pk]): one.result for one in report.pairs}
    disputed = DisagreementFilter(
        codes=asked.codes,
        annotators=asked.annotators,
        sources=asked.sources,
        meaning=asked.meaning,
        round=asked.round,
    )
    values = {one.code.pk: one.result for one in report.codes}
    sources = {coding.source_number(one.source.pk): one.result for one in report.by_source}
    return DiagnosedCoding(
        table=table.select(
            sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes
        ),
        names=DiagnosticNames(
            codes=[code.name for code in coding.codes],
            annotators=[one.username for one in coding.annotators],
            sources=[source.title for source in coding.sources],
        ),
        codes=chosen.codes,
        finished=mark_finished_in_view(coding, asked),
        overall=report.overall,
        all_codes=len(chosen.codes) == len(coding.codes),
        values={n: values[coding.codes[n].pk] for n in chosen.codes},
        pairs=pairs,
        by_source={n: one for n, one in sources.items() if n is not None},
        labels=labels,
        disagreements=count_disagreement_kinds(kept, disputed),
        shown_pairs=None if coding.reader is None else frozenset(pairs),
    )


def mark_finished_in_view(coding: AgreementDataset, question: AgreementQuery) -> Bools:
    """(S, A) who of the coders asked for finished which of the sources asked for."""
    finished: Bools = coding.finished.copy()
    if question.annotators:
        others = [one.username not in question.annotators for one in coding.annotators]
        finished[:, np.array(others, bool)] = False
    if question.sources:
        left_out = [source.pk not in question.sources for source in coding.sources]
        finished[np.array(left_out, bool)] = False
    if question.round:
        outside = [source.round != question.round for source in coding.sources]
        finished[np.array(outside, bool)] = False
    return finished


def _diagnose_independence(
    conditions: CodingConditions, report: AgreementReport
) -> list[DiagnosticFinding]:
    """Say why the coding in view was not independent, in one finding."""
    seen: list[Said] = []
    coders = FindingFigure("Coders", FigureKind.CODERS)
    if Visibility.ALL in conditions.visibilities:
        when = "" if len(conditions.visibilities) == 1 else " for a part of the time"
        seen.append((coders, f" could see each other’s coding while they coded{when}. "))
    for name, role in conditions.seers:
        seen.append((f"{name} coded as {role}, a role that sees what all others mark. ",))
    if report.counts_after_look and report.after_look:
        seen.append(
            ("Passages that coders saved after they had seen others’ coding are counted. ",)
        )
    if not seen:
        return []
    said = [part for one in seen for part in one]
    last = said.pop()
    return [
        DiagnosticFinding(
            "not_blind",
            (*said, str(last).rstrip()),
            "Say in the report that the coding was not independent, for whom and when; or have a "
            "sample coded again by coders who see nothing of each other.",
        )
    ]


def _diagnose_stale_codings(report: AgreementReport) -> list[DiagnosticFinding]:
    """Name the codes with counted passages that were coded under an older meaning."""
    outdated = [one for one in report.codes if one.stale and report.counts_stale]
    if not outdated:
        return []
    outdated.sort(key=lambda one: -one.stale)
    names: list[Said] = [(f"“{one.code.name}”",) for one in outdated]
    return [
        DiagnosticFinding(
            "stale_codings",
            (
                "Passages coded before the meaning of their code changed are counted: ",
                *list_examples(names, len(names)),
                ".",
            ),
            "Have them looked at again under the meaning of now, or report the values of current "
            "meaning only as well.",
        )
    ]


def _build_remark(coding: AgreementDataset, finding: DiagnosticFinding) -> Remark:
    said = tuple(
        _build_remark_figure(coding, one) if isinstance(one, FindingFigure) else one
        for one in finding.said
    )
    return Remark(finding.key, said, finding.advice)


def _build_remark_figure(coding: AgreementDataset, figure: FindingFigure) -> RemarkFigure:
    return RemarkFigure(
        figure.words,
        figure.counts,
        "" if figure.code is None else coding.codes[figure.code].slug,
        tuple(coding.annotators[n].username for n in figure.annotators),
        None if figure.source is None else coding.sources[figure.source].pk,
    )
