import numpy as np
import pytest

from cstoannot.stats.readings import compute_read


@pytest.mark.parametrize(
    ("under", "born", "read"), [(0, 0, False), (0, 1, False), (2, 3, False), (3, 3, True)]
)
def test_read_if_finished_under_a_revision_that_held_the_code(under, born, read):
    assert compute_read([[under]], born).tolist() == [[read]]


def test_several_codes_are_the_last_axis():
    under, born = np.array([[1, 0], [4, 2], [3, 3]]), np.array([1, 2, 4])
    read = compute_read(under, born)
    assert read.shape == (3, 2, 3)
    for place, one in enumerate(born):
        assert np.array_equal(read[:, :, place], compute_read(under, one))
