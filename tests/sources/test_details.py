"""Dates as far as they are known."""

import pytest

from cstoannot.core.errors import Invalid
from cstoannot.sources.details import check_partial_date, format_partial_date


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", ""),
        ("2021", "2021"),
        ("2020-11", "Nov 2020"),
        ("2020-11-05", "5 Nov 2020"),
        (" 2021 ", "2021"),
    ],
)
def test_date_is_kept_as_far_as_it_is_known(value, shown):
    assert check_partial_date(value) == value.strip()
    assert format_partial_date(check_partial_date(value)) == shown


@pytest.mark.parametrize(
    "value", ["20", "20201", "2020-00", "2020-13", "2020-11-31", "2020-1-1", "2020-11-", "x", "-1"]
)
def test_date_that_is_none_is_refused(value):
    with pytest.raises(Invalid) as refusal:
        check_partial_date(value)
    assert refusal.value.field == "published"
