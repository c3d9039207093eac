"""How each coder codes: how often, how long, which codes, and against the others' majority."""

import math
from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.dataset import AgreementCode, Annotator
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    AgreementQuery,
    AgreementSelection,
    build_agreement_selection,
    check_agreement_query,
    check_measure,
)
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.counts import CodingTable
from cstoannot.stats.agreement.overlaps import unite_stretches
from cstoannot.stats.agreement.profiles import (
    MajorityCounts,
    compare_with_majority,
    count_against_majority,
)
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.tables import SpanTable


@dataclass(frozen=True, slots=True)
class AgainstMajority:
    """A coder against the majority of the others; None where undefined.

    ``own``, ``majority``: units with the code for the coder and for the majority; ``others``: for
    another coder, on average.
    """

    own: int
    others: float
    majority: int
    precision: float | None
    recall: float | None
    f1: float | None
    alpha: float | None


@dataclass(frozen=True, slots=True)
class CodeProfile:
    code: AgreementCode
    passages: int
    against: AgainstMajority


@dataclass(frozen=True, slots=True)
class CoderProfile:
    """A coder in the sources in view that they and another coder finished.

    ``passages`` and ``length``: their number and their mean length in code points, None without
    any; ``marked``: the share of the text that they marked with anything; ``units``: units read.
    """

    annotator: Annotator
    sources: int
    units: int
    passages: int
    length: float | None
    marked: float | None
    against: AgainstMajority
    codes: tuple[CodeProfile, ...]


@dataclass(frozen=True)
class ProfileReport:
    """``unit``: in what units coders are compared."""

    question: AgreementQuery
    unit: str
    profiles: tuple[CoderProfile, ...]


def build_profile_report(scope: Scope, question: AgreementQuery) -> ProfileReport:
    """Compute the profiles that this reader may know; raise Invalid.

    Over the codes that the same coders have read. Readers who know only results with their own work
    in them get their own profile.
    """
    known, unit = check_measure(question)
    if known.kind is not MeasureKind.UNITS:
        unit = MEASURES[DEFAULT_MEASURE].units[0]
    kept = load_cached_agreement(scope, question.meaning)
    with kept.lock:
        check_agreement_query(kept, question)
        part = kept.parts_for(question.codes)[0]
        chosen = build_agreement_selection(question, part.coding)
        found: ProfileReport = kept.answer(
            ("profiles", question),
            lambda: ProfileReport(question, unit, _build_profiles(part, chosen, unit)),
        )
    return found


def _build_profiles(
    kept: CachedAgreement, chosen: AgreementSelection, unit: str
) -> tuple[CoderProfile, ...]:
    coding, codes = kept.coding, np.asarray(chosen.codes, np.int64)
    selected = {
        "sources": np.asarray(chosen.sources, np.int64),
        "annotators": np.asarray(chosen.annotators, np.int64),
    }
    units = kept.statistics_for(DEFAULT_MEASURE, unit).table
    if not isinstance(units, CodingTable):
        raise TypeError("profiles are counted in units")
    table = units.select(codes=codes, **selected)
    spans = coding.spans.select(codes=codes, **selected)
    found = []
    for coder in chosen.annotators:
        counts = count_against_majority(table, codes, coder)
        mine = coding.reader in {None, coding.annotators[coder].pk}
        if len(counts.groups) and mine:
            own = spans.take(np.flatnonzero(spans.annotator == coder))
            found.append(_build_profile(kept, chosen, counts, own, coder))
    return tuple(found)


def _build_profile(
    kept: CachedAgreement,
    chosen: AgreementSelection,
    counts: MajorityCounts,
    own: SpanTable,
    coder: int,
) -> CoderProfile:
    coding = kept.coding
    length = int(own.lengths[own.finished[:, coder]].sum())
    # With all codes as one, so that no text counts twice.
    union = unite_stretches(own.source, np.zeros_like(own.code), own.annotator, own.start, own.end)
    passages = np.bincount(own.code, minlength=own.n_codes)
    overall, by_code = _describe_comparison(counts)
    return CoderProfile(
        annotator=coding.annotators[coder],
        sources=len(counts.groups),
        units=int(counts.units.sum()),
        passages=len(own),
        length=float((own.end - own.start).mean()) if len(own) else None,
        marked=int((union.stop - union.start).sum()) / length if length else None,
        against=overall,
        codes=tuple(
            CodeProfile(coding.codes[code], int(passages[code]), by_code[place])
            for place, code in enumerate(chosen.codes)
        ),
    )


def _describe_comparison(
    counts: MajorityCounts,
) -> tuple[AgainstMajority, tuple[AgainstMajority, ...]]:
    """Return the comparison over all codes, and by code."""
    found = compare_with_majority(counts)
    shares = (found.precision, found.recall, found.f1, found.alpha)
    numbers = (counts.own, counts.others, counts.majority)
    columns = [part.sum(axis=0).tolist() for part in numbers]
    by_code = zip(*columns, *(part.tolist() for part in shares), strict=True)
    overall = (
        found.overall_precision,
        found.overall_recall,
        found.overall_f1,
        found.overall_alpha,
    )
    return (
        _build_against(*(float(part.sum()) for part in numbers), *overall),
        tuple(_build_against(*row) for row in by_code),
    )


def _build_against(own: float, others: float, majority: float, *shares: float) -> AgainstMajority:
    defined = (None if math.isnan(value) else value for value in shares)
    return AgainstMajority(int(own), others, int(majority), *defined)
