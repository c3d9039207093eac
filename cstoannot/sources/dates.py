"""Dates as far as they are known: 2021, 2020-11 or 2020-11-25."""

import re
from datetime import date

from cstoannot.core.errors import Invalid

_FORM = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def check_date(value: str) -> str:
    """The date if it is one; empty stays empty. Raises Invalid otherwise."""
    value = value.strip()
    if not value:
        return ""
    match = _FORM.fullmatch(value)
    try:
        if not match:
            raise ValueError
        year, month, day = (int(part or 1) for part in match.groups())
        date(year, month, day)
    except ValueError:
        raise Invalid(
            "Give the date as far as it is known: 2021, 2020-11 or 2020-11-25.",
            field="published",
        ) from None
    return value


def display_date(value: str) -> str:
    """25 Nov 2020, Nov 2020 or 2020."""
    match = _FORM.fullmatch(value)
    if not match:
        return value
    year, month, day = match.groups()
    words = [str(int(day))] if day else []
    words += [_MONTHS[int(month) - 1]] if month else []
    return " ".join([*words, year])
