"""Checks of single values in an archive's rows."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.text import slugify

from cstoannot.codebook.names import RESERVED_KEYS
from cstoannot.core.errors import DomainError
from cstoannot.core.fields import clean_line, clean_text
from cstoannot.exchange.archive.layout import parse_archive_time
from cstoannot.text.spans import Bounds

Check = Callable[[Any], Any]
"""Returns the value for the database; raises ValueError or DomainError for an invalid one."""

LARGEST_NUMBER = 2**31 - 1
LARGEST_FLOAT = 1e15  # PostgreSQL returns numbers up to this unchanged
DEEPEST = 6  # a passage in a reading that a decision weighed
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_PLAIN_STATES = ("code", "name", "role", "stance", "state")
_FIRST, _AHEAD = datetime(1970, 1, 2, tzinfo=UTC), timedelta(days=1)


def build_unchanged_check(clean: Callable[[str], str]) -> Check:
    """Build a check that a text is equal to what `clean` returns."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("not a text")
        if clean(value) != value:
            raise ValueError("not as it is stored")
        return value

    return check


def build_line_check(longest: int, *, required: bool = False) -> Check:
    return build_unchanged_check(
        partial(clean_line, field="line", longest=longest, required=required)
    )


def build_text_check(longest: int) -> Check:
    return build_unchanged_check(partial(clean_text, field="text", longest=longest))


def build_choice_check(choices: Iterable[str]) -> Check:
    known = frozenset(choices)

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"none of {', '.join(sorted(known))}")
        return value

    return check


def build_number_check(least: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= LARGEST_NUMBER:
            raise ValueError(f"not a number from {least} to {LARGEST_NUMBER}")
        return value

    return check


def check_flag_value(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def check_time_value(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("not a moment")
    try:
        at = parse_archive_time(value)
    except ValueError:
        raise ValueError("not a moment") from None
    if not _FIRST <= at <= datetime.now(UTC) + _AHEAD:
        raise ValueError("a moment in the future, or before there were computers")
    return at


def check_date_value(value: Any) -> date:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("not a date")
    return date.fromisoformat(value)


def check_uuid_value(value: Any) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("not a UUID")
    return UUID(value)


def check_event_id_value(value: Any) -> UUID:
    """Check the id of an event, which begins with its time in milliseconds."""
    found = check_uuid_value(value)
    if found.version != 7 or found.int >> 80 > datetime.now(UTC).timestamp() * 1000:
        raise ValueError("not a UUID of version 7 from the past; is this machine's clock right?")
    return found


def build_optional_check(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def check_slug_value(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 60 or slugify(value) != value:
        raise ValueError("not a slug")
    return value


def check_shortcut_value(value: Any) -> str:
    single = isinstance(value, str) and (value == "" or (len(value) == 1 and value.isalnum()))
    if not single or value in RESERVED_KEYS or value != value.lower():
        raise ValueError("not a key")
    return str(value)


def check_bounds_value(value: Any) -> Bounds:
    if not isinstance(value, Bounds):
        raise ValueError("not the steps from bound to bound")
    return value


def check_event_state_value(value: Any) -> dict[str, Any]:
    """Check the state of a row in an event: any JSON value within limits."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if any(isinstance(value.get(name), dict | list) for name in _PLAIN_STATES):
        raise ValueError("not an entry of a history")
    check_json_value(value, DEEPEST)
    return value


def check_json_value(value: Any, depth: int) -> None:
    if isinstance(value, dict | list) and depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for name, inner in value.items():
            check_json_value(name, depth - 1)
            check_json_value(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            check_json_value(inner, depth - 1)
    elif isinstance(value, str) and _FORBIDDEN.search(value):
        raise ValueError("holds NUL")
    elif isinstance(value, float) and (abs(value) >= LARGEST_FLOAT or str(value) == "-0.0"):
        raise ValueError("holds a number that a database would alter")


def check_username_value(value: Any) -> str:
    name = build_line_check(150, required=True)(value)
    if any(unicodedata.category(character) == "Cf" for character in name):
        raise ValueError("a name with characters that nobody sees")
    return str(name)


def check_row_fields(row: Any, shape: Mapping[str, Check]) -> dict[str, Any]:
    if not isinstance(row, dict) or row.keys() != shape.keys():
        raise ValueError(f"its fields are not {', '.join(sorted(shape))}")
    found = {}
    for name, check in shape.items():
        try:
            found[name] = check(row[name])
        except (ValueError, DomainError) as error:
            why = error.message if isinstance(error, DomainError) else str(error)
            raise ValueError(f"{name}: {why.rstrip('.')}") from None
    return found
