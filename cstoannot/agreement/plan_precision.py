"""How precise agreement will be once a plan is carried out."""

from collections.abc import Mapping
from dataclasses import dataclass

from cstoannot.agreement.dataset import AgreementCode
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.reports import AgreementQuery, compute_values_by_code
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.stats.agreement.planned_widths import MEASURE, expect_planned_widths
from cstoannot.stats.results import Coefficient

UNIT = "sentence"


@dataclass(frozen=True)
class PlannedCodePrecision:
    """A code's α so far, and its expected half width; None: not known yet."""

    code: AgreementCode
    result: Coefficient
    expected: float | None

    @property
    def half_width(self) -> float | None:
        interval = self.result.interval
        return (interval.high - interval.low) / 2 if interval else None


@dataclass(frozen=True)
class PlanPrecision:
    """`sources`: coded by two or more once the plan is done; `so_far`: coded by them already."""

    sources: int
    so_far: int
    codes: tuple[PlannedCodePrecision, ...]


def estimate_plan_precision(scope: Scope, coders_by_source: Mapping[int, int]) -> PlanPrecision:
    """Estimate from the coding so far. `coders_by_source`: how many each source will have."""
    scope.require(Permission.SEE_ALL_CODING)
    values = compute_values_by_code(scope, AgreementQuery(MEASURE, UNIT))
    kept = load_cached_agreement(scope)
    with kept.lock:
        coding = kept.coding
        shared = {
            source.pk
            for number, source in enumerate(coding.sources)
            if coding.finished[number].sum() >= 2
        }
        planned = {pk for pk, count in coders_by_source.items() if count >= 2}
        sources = len(shared | planned)
        counts = tuple(sorted(count for count in coders_by_source.values() if count >= 2))
        expected: dict[int, float] = kept.answer(
            ("plan", counts, sources), lambda: _expect_widths(kept, counts, sources)
        )
        codes = tuple(
            PlannedCodePrecision(code, values[code.pk], expected.get(number))
            for number, code in enumerate(coding.codes)
            if code.pk in values
        )
    return PlanPrecision(sources, len(shared), codes)


def _expect_widths(
    kept: CachedAgreement, counts: tuple[int, ...], sources: int
) -> dict[int, float]:
    """Return the expected half widths by the codes' numbers."""
    found: dict[int, float] = {}
    for part in kept.parts_for(()):
        widths = expect_planned_widths(part.coding.spans, part.units_for(UNIT), counts, sources)
        mine = part.coding.counted
        found |= {code: one for code, one in widths.items() if mine is None or code in mine}
    return found
