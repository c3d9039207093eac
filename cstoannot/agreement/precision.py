"""How many more sources the codes need, and whether two codes or two coders differ."""

from dataclasses import dataclass, replace

import numpy as np

from cstoannot.agreement.code_tables import load_code_counts
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    AgreementQuery,
    AgreementReport,
    CodeResult,
    build_agreement_report,
    build_agreement_selection,
    check_agreement_query,
    check_measure,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.difference import DifferenceTest, compare_coders, compare_codes
from cstoannot.stats.agreement.more_sources import HALF_WIDTHS, count_further_sources
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.results import IntervalMethod

CODES, CODERS = "codes", "coders"
COMPARED = (CODES, CODERS)


@dataclass(frozen=True)
class CodeNeed:
    """A code's value, and how many more sources each of HALF_WIDTHS needs; None: no answer."""

    code: CodeResult
    further: tuple[int | None, ...]


@dataclass(frozen=True)
class PrecisionReport:
    report: AgreementReport
    codes: tuple[CodeNeed, ...]


@dataclass(frozen=True)
class DifferenceReport:
    """``of``: CODES or CODERS; ``first`` and ``second``: slugs or user names."""

    question: AgreementQuery
    unit: str
    of: str
    first: str
    second: str
    test: DifferenceTest


def build_precision_report(scope: Scope, question: AgreementQuery) -> PrecisionReport:
    """Compute the codes' needs from their jackknife intervals; raise Invalid."""
    asked = replace(question, interval=IntervalMethod.JACKKNIFE.value)
    report = build_agreement_report(scope, asked)
    codes = tuple(
        CodeNeed(one, tuple(count_further_sources(one.result, width) for width in HALF_WIDTHS))
        for one in report.codes
    )
    return PrecisionReport(report, codes)


def build_difference_report(
    scope: Scope, question: AgreementQuery, of: str, first: str, second: str
) -> DifferenceReport:
    """Test whether two codes' values, or two coders' α with the others' majority, differ.

    Readers who know only results with their own work in them can compare themselves alone with
    another coder. Raises Invalid.
    """
    if of not in COMPARED:
        raise Invalid(f"of is one of: {', '.join(COMPARED)}.", field="of")
    if first == second:
        raise Invalid("Choose two that are different.", field="second")
    known, unit = check_measure(question)
    if of == CODERS and known.kind is not MeasureKind.UNITS:
        question = replace(question, measure=DEFAULT_MEASURE, unit="")
        known, unit = check_measure(question)
    if known.binary is not None and known.binary.pairs and of == CODES:
        raise Invalid(
            f"{known.title} is a mean over pairs of coders. Choose a measure of all coders.",
            field="measure",
        )
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        check_agreement_query(kept, question)
        numbers = _find_numbers(kept, of, (first, second))
        chosen = build_agreement_selection(question, kept.coding)
        table = load_code_counts(kept, known, unit).select(
            sources=np.asarray(chosen.sources, np.int64),
            annotators=np.asarray(chosen.annotators, np.int64),
        )
        if of == CODES and known.binary is not None:
            test = compare_codes(table, numbers, known.binary)
        else:
            codes = np.asarray(chosen.codes, np.int64)
            table = table.select(codes=codes)
            test = compare_coders(table, codes, numbers)
    return DifferenceReport(question, unit, of, first, second, test)


def _find_numbers(kept: CachedAgreement, of: str, names: tuple[str, str]) -> tuple[int, int]:
    """Return the indexes of two codes or coders; Invalid for those without any coding in view."""
    coding = kept.coding
    known = (
        [code.slug for code in coding.codes]
        if of == CODES
        else [one.username for one in coding.annotators]
    )
    for field, name in zip(("first", "second"), names, strict=True):
        if name not in known:
            raise Invalid("Choose one of those that take part in the agreement.", field=field)
    if of == CODERS and coding.reader is not None:
        mine = {one.username for one in coding.annotators if one.pk == coding.reader}
        if not mine & set(names):
            raise Invalid("Compare yourself with another coder.", field="first")
    return known.index(names[0]), known.index(names[1])
