"""A table of values by code in the style of the APA, to paste into a paper."""

from collections.abc import Iterator
from dataclasses import dataclass

from cstoannot.agreement.reports import AgreementReport
from cstoannot.stats.results import Coefficient
from cstoannot.web.agreement.presenters import EvidenceLinks
from cstoannot.web.coefficient_display import format_coefficient


@dataclass(frozen=True)
class ApaRow:
    """`link`: the URL of what its n counts."""

    name: str
    cells: tuple[str, ...]
    link: str


@dataclass(frozen=True)
class ApaTable:
    title: str
    head: tuple[str, ...]
    rows: tuple[ApaRow, ...]
    note: str


def build_apa_table(report: AgreementReport, links: EvidenceLinks) -> ApaTable:
    """Build a row for each code and, with several codes, one for all."""
    return ApaTable(
        title=f"{report.measure.title} by code",
        head=("Code", "n", "Prevalence", "Value", "95 % CI"),
        rows=tuple(_iterate_rows(report, links)),
        note=f"Note. n: {report.measure.counts} compared. CI: confidence interval. A dash stands "
        "for what is undefined.",
    )


def _iterate_rows(report: AgreementReport, links: EvidenceLinks) -> Iterator[ApaRow]:
    for one in report.codes:
        yield ApaRow(
            one.code.name, _format_cells(one.result), links.evidence(of_code=one.code.slug)
        )
    if len(report.codes) > 1:
        name = f"All codes, {report.measure.pooling}"
        yield ApaRow(name, _format_cells(report.overall), links.evidence())


def _format_cells(value: Coefficient) -> tuple[str, ...]:
    ends = value.interval and [
        format_coefficient(end) for end in (value.interval.low, value.interval.high)
    ]
    share = value.prevalence
    return (
        f"{value.n:,}",
        "–" if share is None else f"{100 * share:.1f} %",
        format_coefficient(value.value) or "–",
        f"[{', '.join(ends)}]" if ends else "–",
    )
