"""The codes' values alone are those of the whole measure."""

import pytest

from cstoannot.stats.agreement.engine import build_statistics, compute_code_values, compute_measure
from tests.stats.test_sums import project_of


@pytest.mark.parametrize("key", ["krippendorff_alpha", "fleiss_kappa", "u_alpha", "stance_alpha"])
@pytest.mark.parametrize(
    "part", [{}, {"annotators": [0, 2]}, {"codes": [0, 2]}, {"sources": [1, 2, 3]}]
)
def test_values_are_those_of_the_whole_measure(key, part):
    statistics = build_statistics(key, *project_of(14))
    whole = compute_measure(statistics, **part)
    assert compute_code_values(statistics, **part) == whole.codes


@pytest.mark.parametrize("key", ["cohen_kappa", "cu_alpha"])
def test_measures_of_pairs_and_of_all_codes_at_once_are_refused(key):
    statistics = build_statistics(key, *project_of(3))
    with pytest.raises(ValueError):
        compute_code_values(statistics)
