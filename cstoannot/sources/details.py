"""The descriptive fields of a source and their valid values.

Dates may be partial: 2021, 2020-11 or 2020-11-25.
"""

import re
from datetime import date
from urllib.parse import urlsplit

from cstoannot.core.errors import Invalid
from cstoannot.core.fields import clean_line, clean_text

_FORM = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def check_partial_date(value: str) -> str:
    """Return the date, which may be empty; raise Invalid."""
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
            "Enter a year, month or day: 2021, 2020-11 or 2020-11-25.",
            field="published",
        ) from None
    return value


def format_partial_date(value: str) -> str:
    """Return the date as 25 Nov 2020, Nov 2020 or 2020."""
    match = _FORM.fullmatch(value)
    if not match:
        return value
    year, month, day = match.groups()
    words = [str(int(day))] if day else []
    words += [_MONTHS[int(month) - 1]] if month else []
    return " ".join([*words, year])


_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LONGEST = {"title": 500, "publisher": 300, "author": 300, "group": 100}


def _check_url(value: str) -> str:
    value = clean_line(value, field="url", longest=2000)
    if not value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = None
    if not parts or parts.scheme not in {"http", "https"} or not parts.netloc or " " in value:
        raise Invalid("Enter a URL that starts with http:// or https://.", field="url")
    return value


def _check_language(value: str) -> str:
    value = value.strip()
    if value and not (_LANGUAGE.fullmatch(value) and len(value) <= 35):
        raise Invalid("Enter a language tag such as en, hy or pt-BR.", field="language")
    return value


_CHECKS = {
    "published": check_partial_date,
    "url": _check_url,
    "language": _check_language,
    "note": lambda value: clean_text(value, field="note", longest=20_000),
}
DETAILS = (*_LONGEST, *_CHECKS)


def clean_source_details(details: dict[str, str]) -> dict[str, str]:
    """Check and clean the details of a source, field by field; raise Invalid."""
    cleaned = {}
    for field, value in details.items():
        if field in _LONGEST:
            cleaned[field] = clean_line(
                value, field=field, longest=_LONGEST[field], required=field == "title"
            )
        else:
            cleaned[field] = _CHECKS[field](value)
    return cleaned
