"""The test of a difference between two values over different sources, as of two rounds.

Both are compared by ln x, where x = 1 − value; each has the standard error of its own interval of
the jackknife, and the degrees of freedom are those of Welch and Satterthwaite.
"""

import math

from cstoannot.stats.agreement.difference import DifferenceTest, NoTestReason
from cstoannot.stats.agreement.jackknife import FEWEST_SOURCES, LEVEL
from cstoannot.stats.agreement.more_sources import ErrorModel, build_error_model
from cstoannot.stats.agreement.student_t import compute_student_p, compute_student_t
from cstoannot.stats.results import Coefficient


def compare_independent_values(first: Coefficient, second: Coefficient) -> DifferenceTest:
    """Test whether two values of the same measure over different sources differ."""
    models = build_error_model(first), build_error_model(second)
    sources = sum(one.sources for one in models if one is not None)
    values = first.value, second.value
    if models[0] is None or models[1] is None:
        undefined = None in values
        reason = NoTestReason.UNDEFINED if undefined else NoTestReason.FEW_SOURCES
        return DifferenceTest(*values, sources, reason=reason)
    if models[0].plain <= 0 and models[1].plain <= 0:
        return DifferenceTest(*values, sources, reason=NoTestReason.NO_DISAGREEMENT)
    return _compute_test(values, sources, models[0], models[1])


def _compute_test(
    values: tuple[float | None, float | None], sources: int, first: ErrorModel, second: ErrorModel
) -> DifferenceTest:
    apart = math.log(first.padded) - math.log(second.padded)
    variances = first.error**2, second.error**2
    error = math.sqrt(sum(variances))
    parts = (
        variance**2 / (one.sources - 1)
        for variance, one in zip(variances, (first, second), strict=True)
    )
    freedom = max(FEWEST_SOURCES - 1, math.floor(error**4 / sum(parts)))
    reach = compute_student_t(1 - (1 - LEVEL) / 2, freedom) * error
    return DifferenceTest(
        *values,
        sources,
        math.exp(apart),
        math.exp(apart - reach),
        math.exp(apart + reach),
        apart / error,
        freedom,
        compute_student_p(apart / error, freedom),
    )
