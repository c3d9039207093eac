"""An agreement report as table rows, with a link from each number to what it counts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.urls import reverse

from cstoannot.agreement.dataset import AgreementCode, AgreementSource, Annotator
from cstoannot.agreement.diagnosis import (
    LABEL_MEASURES,
    Remark,
    RemarkFigure,
    fit_query_to_remarks,
)
from cstoannot.agreement.disagreements import DisagreementFilter, MixedCodes
from cstoannot.agreement.evidence import CountedSources
from cstoannot.agreement.reports import AgreementQuery, AgreementReport, SourceResult
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.stats.agreement.diagnostics import FigureKind
from cstoannot.stats.results import Coefficient
from cstoannot.web.agreement.params import format_agreement_query, format_disagreement_filter
from cstoannot.web.coefficient_display import (
    CoefficientDisplay,
    compute_scale_minimum,
    describe_coefficient,
)

PASSAGE_KINDS = ("missed", "boundary", "different_code")


@dataclass(frozen=True)
class LinkedWords:
    """Text that links to what it counts."""

    words: str
    link: str


Text = tuple[str | LinkedWords, ...]


@dataclass(frozen=True)
class EvidenceLinks:
    """URLs of the lists behind the numbers of a report."""

    slug: str
    question: AgreementQuery

    def evidence(self, **part: str | int | Iterable[str]) -> str:
        """Return the URL of the units or passages of the overall number, or of a part.

        Parts are named like `of_code`.
        """
        return f"{self._evidence}?{format_agreement_query(self.question, **part)}"

    def counted(self, of: str, **more: str) -> str:
        """Return the URL of the codes, coders or sources, as listed in `evidence_views`."""
        at = reverse("agreement_counted", args=[self.slug])
        return f"{at}?{format_agreement_query(self.question, of=of, **more)}"

    def disagreements(self, *kinds: str) -> str:
        """Return the URL of disagreements in the query's selection, of each pair of coders."""
        asked = DisagreementFilter(
            kinds=kinds,
            codes=self.question.codes,
            annotators=self.question.annotators,
            sources=self.question.sources,
            by="pair",
            meaning=self.question.meaning,
            round=self.question.round,
        )
        return f"{reverse('disagreements', args=[self.slug])}?{format_disagreement_filter(asked)}"

    def of_figure(self, figure: RemarkFigure) -> str:
        """Return the URL of what a figure in a remark counts; all of these concern α."""
        asked = fit_query_to_remarks(self.question)
        return _FIGURES[figure.counts](EvidenceLinks(self.slug, asked), figure)

    @cached_property
    def _evidence(self) -> str:
        return reverse("agreement_evidence", args=[self.slug])


class NoLinks(EvidenceLinks):
    """No URLs, for those who may not see the lists behind the numbers."""

    def evidence(self, **part: str | int | Iterable[str]) -> str:
        return ""

    def counted(self, of: str, **more: str) -> str:
        return ""


def _link_to_units(links: EvidenceLinks, figure: RemarkFigure) -> str:
    return links.evidence(
        of_code=figure.code,
        of_pair=figure.annotators,
        of_source="" if figure.source is None else figure.source,
    )


def _link_to_coded_units(links: EvidenceLinks, figure: RemarkFigure) -> str:
    if figure.annotators:
        pair = sorted(figure.annotators)
        return links.evidence(of_code=figure.code, of_pair=pair, given_by=figure.annotators[0])
    return links.evidence(of_code=figure.code, given="1")


def _link_to_read_sources(links: EvidenceLinks, figure: RemarkFigure) -> str:
    return links.counted(CountedSources.READ, of_annotator=figure.annotators[0])


def _link_to_claim(links: EvidenceLinks, figure: RemarkFigure) -> str:
    asked = ComparisonQuery(
        sources=links.question.sources, codes=(figure.code,), round=links.question.round
    )
    return f"{reverse('compare_passages', args=[links.slug])}?{asked.address()}"


def _link_to_list(of: str) -> Callable[[EvidenceLinks, RemarkFigure], str]:
    return lambda links, _: links.counted(of)


def _link_to_labels(name: str) -> Callable[[EvidenceLinks, RemarkFigure], str]:
    def link(links: EvidenceLinks, _: RemarkFigure) -> str:
        asked = replace(links.question, measure=LABEL_MEASURES[name], unit="")
        return EvidenceLinks(links.slug, asked).evidence()

    return link


_FIGURES: dict[FigureKind, Callable[[EvidenceLinks, RemarkFigure], str]] = {
    FigureKind.SOURCES_ALONE: _link_to_list(CountedSources.ALONE),
    FigureKind.SOURCES_FINISHED: _link_to_list(CountedSources.FINISHED),
    FigureKind.SOURCES_COMPARED: _link_to_list(CountedSources.COMPARED),
    FigureKind.SOURCES_READ: _link_to_read_sources,
    FigureKind.CODES: _link_to_list("codes"),
    FigureKind.CODES_CONSTANT: _link_to_list("undefined"),
    FigureKind.CODES_WEAK: _link_to_list("weak"),
    FigureKind.CODES_RARE: _link_to_list("rare"),
    FigureKind.CODERS: _link_to_list("coders"),
    FigureKind.UNITS: _link_to_units,
    FigureKind.UNITS_GIVEN: _link_to_coded_units,
    FigureKind.STANCES: _link_to_labels("stance"),
    FigureKind.VOICES: _link_to_labels("voice"),
    FigureKind.BOUNDS: lambda links, _: links.disagreements("boundary"),
    FigureKind.PASSAGES: lambda links, _: links.disagreements(*PASSAGE_KINDS),
    FigureKind.CLAIM: _link_to_claim,
}


MOST_CODES = 40  # in the table of confused codes; more are unreadable
LEVELS = 9


@dataclass(frozen=True)
class CodeAgreementRow:
    """`f1`: the code's F1 by overlap; None if it was not measured.

    `only`: the URL of the same query for this code alone; empty if it is this one.
    """

    code: AgreementCode
    shown: CoefficientDisplay
    f1: CoefficientDisplay | None
    only: str


@dataclass(frozen=True)
class PairAgreementRow:
    first: Annotator
    second: Annotator
    shown: CoefficientDisplay


@dataclass(frozen=True)
class SourceAgreementRow:
    """`only`: the URL of the same query for this source alone; empty if it is this one."""

    source: AgreementSource
    shown: CoefficientDisplay
    only: str


@dataclass(frozen=True)
class MixedCodesCell:
    """How often two codes were confused; `level` is the shade; no link for 0."""

    count: int
    level: int
    link: str
    same: bool = False


@dataclass(frozen=True)
class MixedCodesRow:
    code: AgreementCode
    cells: tuple[MixedCodesCell, ...]
    missed: MixedCodesCell


@dataclass(frozen=True)
class RemarkRow:
    """A remark; its figures link to what they count."""

    key: str
    said: Text
    advice: str


class ReportRows:
    """The rows of one report, all drawn on one scale."""

    def __init__(self, slug: str, report: AgreementReport) -> None:
        self.report = report
        self._slug = slug
        results = [report.overall, *(one.result for one in report.codes)]
        results += [one.result for one in report.pairs]
        self.low = compute_scale_minimum(results)

    def overall(self) -> CoefficientDisplay:
        return self._shown(self.report.overall)

    def codes(self, f1: AgreementReport | None) -> Iterable[CodeAgreementRow]:
        """Build the rows of codes; `f1`: the same selection measured by overlap, for a column."""
        by_slug = {one.code.slug: one.result for one in f1.codes} if f1 else {}
        for one in self.report.codes:
            slug = one.code.slug
            met = by_slug.get(slug)
            alone = replace(self.report.question, codes=(slug,))
            same = alone == self.report.question
            yield CodeAgreementRow(
                one.code,
                self._shown(one.result, of_code=slug),
                self._of(f1, met, of_code=slug) if f1 and met else None,
                "" if same else f"?{format_agreement_query(alone)}",
            )

    def pairs(self) -> Iterable[PairAgreementRow]:
        for one in self.report.pairs:
            pair = (one.first.username, one.second.username)
            yield PairAgreementRow(one.first, one.second, self._shown(one.result, of_pair=pair))

    def sources(self, part: Sequence[SourceResult]) -> Iterable[SourceAgreementRow]:
        for one in part:
            pk = one.source.pk
            alone = self.report.question.sources == (pk,)
            only = "" if alone else f"?{format_agreement_query(self.report.question, source=pk)}"
            yield SourceAgreementRow(one.source, self._shown(one.result, of_source=pk), only)

    def _shown(self, result: Coefficient, **part: str | int | Iterable[str]) -> CoefficientDisplay:
        return self._of(self.report, result, **part)

    def _of(
        self, report: AgreementReport, result: Coefficient, **part: str | int | Iterable[str]
    ) -> CoefficientDisplay:
        evidence = EvidenceLinks(self._slug, report.question).evidence(**part)
        return describe_coefficient(result, report.measure, low=self.low, evidence=evidence)


@dataclass(frozen=True)
class MixedCodesTable:
    """Confused codes; `left` is how many of them are not shown."""

    codes: tuple[AgreementCode, ...]
    rows: tuple[MixedCodesRow, ...]
    left: int


def build_mixed_codes_table(
    slug: str, asked: DisagreementFilter, mixed: MixedCodes
) -> MixedCodesTable:
    """Build the table of the most confused codes; each cell links to its disagreements."""
    sums = [sum(row) - row[place] + mixed.missed[place] for place, row in enumerate(mixed.matrix)]
    some = sorted((n for n in range(len(sums)) if sums[n]), key=lambda n: (-sums[n], n))
    kept = sorted(some[:MOST_CODES])
    apart = [mixed.matrix[n][other] for n in kept for other in kept if n != other]
    most = max([1, *apart])
    lone = max([1, *(mixed.missed[n] for n in kept)])
    links = _MixedCodesLinks(reverse("disagreements", args=[slug]), asked)
    rows = tuple(
        MixedCodesRow(
            mixed.codes[n],
            tuple(
                _build_mixed_codes_cell(
                    mixed.matrix[n][m], most, links.mixed(mixed.codes, n, m), same=n == m
                )
                for m in kept
            ),
            _build_mixed_codes_cell(mixed.missed[n], lone, links.missed(mixed.codes[n])),
        )
        for n in kept
    )
    return MixedCodesTable(tuple(mixed.codes[n] for n in kept), rows, len(some) - len(kept))


def build_remark_rows(remarks: Iterable[Remark], links: EvidenceLinks) -> list[RemarkRow]:
    return [
        RemarkRow(
            one.key,
            tuple(
                part if isinstance(part, str) else LinkedWords(part.words, links.of_figure(part))
                for part in one.said
            ),
            one.advice,
        )
        for one in remarks
    ]


@dataclass(frozen=True)
class _MixedCodesLinks:
    at: str
    asked: DisagreementFilter

    def mixed(self, codes: Sequence[AgreementCode], one: int, other: int) -> str:
        both = sorted({codes[one].slug, codes[other].slug})
        return self._to(kind="different_code", mixed=both, code="")

    def missed(self, code: AgreementCode) -> str:
        return self._to(kind="missed", code=code.slug)

    def _to(self, **more: str | Iterable[str]) -> str:
        pairs = replace(self.asked, by="pair")
        return f"{self.at}?{format_disagreement_filter(pairs, **more)}"


def _build_mixed_codes_cell(
    count: int, most: int, link: str, *, same: bool = False
) -> MixedCodesCell:
    level = 0 if same or not count else max(1, -(-LEVELS * count // most))
    return MixedCodesCell(count, min(level, LEVELS), link, same)
