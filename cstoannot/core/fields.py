"""Shared checks of fields: lines, texts, choices, ids, slugs in any script, expected versions."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from anyascii import anyascii

from cstoannot.core.errors import Invalid
from cstoannot.core.likeness import build_comparison_key

LARGEST_ID = 2**63 - 1
_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff]")
_LINE_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def clean_line(value: str, *, field: str, longest: int, required: bool = False) -> str:
    """Return one line of text, stripped at its ends; raises Invalid with the field's name.

    Control characters are refused because names end up in headers, file names and tables.
    """
    value = value.strip()
    if match := _FORBIDDEN.search(value) or _LINE_BREAKS.search(value):
        raise Invalid(
            f"Character {match.start() + 1} is not allowed in a {field}: use one line without "
            f"control characters.",
            field=field,
        )
    value = _check_length(value, field=field, longest=longest, required=required)
    # Last, because a key takes time with the square of the number of consecutive accents.
    if required and not build_comparison_key(value):
        raise Invalid(f"This {field} has no visible characters.", field=field)
    return value


def clean_text(value: str, *, field: str, longest: int, required: bool = False) -> str:
    """Return several lines of text, unchanged; raises Invalid with the field's name."""
    if match := _FORBIDDEN.search(value):
        raise Invalid(
            f"Character {match.start() + 1} cannot be stored: remove NUL and lone surrogates.",
            field=field,
        )
    return _check_length(value, field=field, longest=longest, required=required)


def _check_length(value: str, *, field: str, longest: int, required: bool) -> str:
    if required and not value.strip():
        raise Invalid(f"Enter a {field}.", field=field)
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
    """Whether a row can have this primary key; databases refuse queries for larger numbers."""
    return 0 < value <= LARGEST_ID


def parse_whole_number(text: str, *, most: int = LARGEST_ID) -> int | None:
    """Return a number from 0 to `most` written in ASCII digits; None for any other text."""
    digits = text.lstrip("0") or text[-1:]
    if not (text.isascii() and text.isdigit() and len(digits) <= len(str(most))):
        return None
    return int(digits) if int(digits) <= most else None


LONGEST_STEM = 50
_SYLLABLE = re.compile(r"(?<=[a-z])(?=[A-Z])")  # 集体 becomes JiTi
_SIGNS = re.compile(r"[^\w\s-]", re.ASCII)
_GAPS = re.compile(r"[-\s]+")


def build_slug_stem(name: str, otherwise: str) -> str:
    """Return the name as a slug in Latin letters, from any script; `otherwise` if empty."""
    latin = name if name.isascii() else _SYLLABLE.sub("-", anyascii(name))
    slug = _GAPS.sub("-", _SIGNS.sub("", latin.replace("/", "-"))).lower().strip("-_")
    if len(slug) > LONGEST_STEM:
        whole = slug[: LONGEST_STEM + 1].rpartition("-")[0]
        slug = whole if len(whole) > LONGEST_STEM // 2 else slug[:LONGEST_STEM]
    return slug.strip("-_") or otherwise


def choose_free_slug(stem: str, taken: Collection[str]) -> str:
    """Return the stem, or the first of stem-2, stem-3 and so on that is free."""
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)


@dataclass(frozen=True)
class ExpectedVersion:
    """The versions an edit accepts as its start; `versions` None accepts any existing one."""

    versions: frozenset[int] | None

    def fits(self, current: int) -> bool:
        return self.versions is None or current in self.versions


ANY_VERSION = ExpectedVersion(None)


def expect_version(version: int) -> ExpectedVersion:
    return ExpectedVersion(frozenset({version}))
