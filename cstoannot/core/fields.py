"""Checks that every named thing shares: what a name, a note, a choice or a key may hold."""

import re
from collections.abc import Iterable

from cstoannot.core.errors import Invalid
from cstoannot.core.likeness import comparison_key

LARGEST_ID = 2**63 - 1
_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def clean_line(value: str, *, field: str, longest: int, required: bool = False) -> str:
    """One line of text, stripped at its ends; raises Invalid with the field's name.

    Control characters are refused, because names end up in headers, file names and tables.
    """
    value = value.strip()
    if match := _FORBIDDEN.search(value) or _LINE_BREAKS.search(value):
        raise Invalid(
            f"Character {match.start() + 1} cannot stand in a {field}: "
            "use one line without control characters.",
            field=field,
        )
    value = _checked(value, field=field, longest=longest, required=required)
    # Only now: a key takes time with the square of how many accents follow each other.
    if required and not comparison_key(value):
        raise Invalid(
            f"Nobody can see this {field}: give one with visible characters.", field=field
        )
    return value


def clean_text(value: str, *, field: str, longest: int, required: bool = False) -> str:
    """Several lines of text, kept as given; raises Invalid with the field's name."""
    if match := _FORBIDDEN.search(value):
        raise Invalid(
            f"Character {match.start() + 1} cannot be stored: remove NUL and lone surrogates.",
            field=field,
        )
    return _checked(value, field=field, longest=longest, required=required)


def _checked(value: str, *, field: str, longest: int, required: bool) -> str:
    if required and not value.strip():
        raise Invalid(f"Give a {field}.", field=field)
    if len(value) > longest:
        raise Invalid(
            f"The {field} has {len(value)} characters; {longest} are allowed.", field=field
        )
    return value


def clean_choice(value: str, *, field: str, choices: Iterable[str]) -> str:
    known = list(choices)
    if value not in known:
        raise Invalid(
            f"{field.capitalize()} is one of: {', '.join(c or '(empty)' for c in known)}.",
            field=field,
        )
    return value


def is_possible_id(value: int) -> bool:
    """Whether a row can have this key; databases refuse to look for a larger number."""
    return 0 < value <= LARGEST_ID
