"""A report as the tables of a page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from cstoannot.agreement.coding import Annotator, Code, Source
from cstoannot.agreement.diagnosis import Remark
from cstoannot.agreement.disagreements import Asked, MixedCodes
from cstoannot.agreement.reports import OfSource, Report
from cstoannot.stats.results import Coefficient
from cstoannot.web.figures.scale import lowest
from cstoannot.web.results.asking import address, asked_address
from cstoannot.web.results.links import Linked, Links, Text
from cstoannot.web.results.numbers import Shown, shown

MOST_CODES = 40  # in the table of codes mixed up; more cannot be read
LEVELS = 9


@dataclass(frozen=True)
class CodeRow:
    """`f1`: the code's F1 by overlap; None where it was not measured."""

    code: Code
    shown: Shown
    f1: Shown | None


@dataclass(frozen=True)
class PairRow:
    first: Annotator
    second: Annotator
    shown: Shown


@dataclass(frozen=True)
class SourceRow:
    """`only`: the address of the same question about this source alone; empty if it is that."""

    source: Source
    shown: Shown
    only: str


@dataclass(frozen=True)
class Cell:
    """How often two codes were mixed up; `level` shades it; no link where nothing stands."""

    count: int
    level: int
    link: str
    same: bool = False


@dataclass(frozen=True)
class MixedRow:
    code: Code
    cells: tuple[Cell, ...]
    missed: Cell


@dataclass(frozen=True)
class Remarks:
    """Remarks of one kind with one advice."""

    key: str
    advice: str
    messages: tuple[Text, ...]


class Rows:
    """The rows of one report, all drawn on one scale."""

    def __init__(self, slug: str, report: Report) -> None:
        self.report = report
        self._slug = slug
        results = [report.overall, *(one.result for one in report.codes)]
        results += [one.result for one in report.pairs]
        self.low = lowest(results)

    def overall(self) -> Shown:
        return self._shown(self.report.overall)

    def codes(self, f1: Report | None) -> Iterable[CodeRow]:
        """`f1`: the same selection measured by overlap of passages, for a column of its own."""
        by_slug = {one.code.slug: one.result for one in f1.codes} if f1 else {}
        for one in self.report.codes:
            slug = one.code.slug
            met = by_slug.get(slug)
            yield CodeRow(
                one.code,
                self._shown(one.result, of_code=slug),
                self._of(f1, met, of_code=slug) if f1 and met else None,
            )

    def pairs(self) -> Iterable[PairRow]:
        for one in self.report.pairs:
            pair = (one.first.username, one.second.username)
            yield PairRow(one.first, one.second, self._shown(one.result, of_pair=pair))

    def sources(self, part: Sequence[OfSource]) -> Iterable[SourceRow]:
        for one in part:
            pk = one.source.pk
            alone = self.report.question.sources == (pk,)
            only = "" if alone else f"?{address(self.report.question, source=pk)}"
            yield SourceRow(one.source, self._shown(one.result, of_source=pk), only)

    def _shown(self, result: Coefficient, **part: str | int | Iterable[str]) -> Shown:
        return self._of(self.report, result, **part)

    def _of(self, report: Report, result: Coefficient, **part: str | int | Iterable[str]) -> Shown:
        evidence = Links(self._slug, report.question).evidence(**part)
        return shown(result, report.measure, low=self.low, evidence=evidence)


@dataclass(frozen=True)
class MixedTable:
    """Codes that were mixed up with another one; `left` is how many of them are not shown."""

    codes: tuple[Code, ...]
    rows: tuple[MixedRow, ...]
    left: int


def mixed_table(slug: str, asked: Asked, mixed: MixedCodes) -> MixedTable:
    """The codes most mixed up, each cell a link to the disagreements that it counts."""
    sums = [sum(row) - row[place] + mixed.missed[place] for place, row in enumerate(mixed.matrix)]
    some = sorted((n for n in range(len(sums)) if sums[n]), key=lambda n: (-sums[n], n))
    kept = sorted(some[:MOST_CODES])
    apart = [mixed.matrix[n][other] for n in kept for other in kept if n != other]
    most = max([1, *apart])
    lone = max([1, *(mixed.missed[n] for n in kept)])
    links = _MixedLinks(reverse("disagreements", args=[slug]), asked)
    rows = tuple(
        MixedRow(
            mixed.codes[n],
            tuple(
                _cell(mixed.matrix[n][m], most, links.mixed(mixed.codes, n, m), same=n == m)
                for m in kept
            ),
            _cell(mixed.missed[n], lone, links.missed(mixed.codes[n])),
        )
        for n in kept
    )
    return MixedTable(tuple(mixed.codes[n] for n in kept), rows, len(some) - len(kept))


def grouped(remarks: Iterable[Remark], links: Links) -> list[Remarks]:
    """Those that call for the same, together; in the order in which they first came."""
    groups: dict[tuple[str, str], list[Text]] = {}
    for one in remarks:
        said = tuple(
            part if isinstance(part, str) else Linked(part.words, links.of_figure(part))
            for part in one.said
        )
        groups.setdefault((one.key, one.advice), []).append(said)
    return [Remarks(*key, tuple(messages)) for key, messages in groups.items()]


@dataclass(frozen=True)
class _MixedLinks:
    at: str
    asked: Asked

    def mixed(self, codes: Sequence[Code], one: int, other: int) -> str:
        both = sorted({codes[one].slug, codes[other].slug})
        return self._to(kind="different_code", mixed=both, code="")

    def missed(self, code: Code) -> str:
        return self._to(kind="missed", code=code.slug)

    def _to(self, **more: str | Iterable[str]) -> str:
        return f"{self.at}?{asked_address(self.asked, **more)}"


def _cell(count: int, most: int, link: str, *, same: bool = False) -> Cell:
    level = 0 if same or not count else max(1, -(-LEVELS * count // most))
    return Cell(count, min(level, LEVELS), link, same)
