"""Names of codes: distinct among siblings, as slugs and shortcuts, and as headings and file
names that each identify one code.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from django.utils.text import slugify

from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.likeness import build_comparison_key, find_alike


class NamedCode(Protocol):
    name: Any
    parent_id: Any
    retired_at: Any


N = TypeVar("N", bound=NamedCode)


def check_sibling_name(name: str, siblings: Iterable[NamedCode]) -> None:
    """Raise Conflict if one of the codes beside which it is to stand is called alike."""
    other = find_alike(name, siblings, lambda code: code.name)
    if other is None:
        return
    advice = "choose a name that people can tell apart"
    if other.retired_at is not None:
        advice = "take it back into use, or choose another name"
    stands = "is retired there" if other.retired_at is not None else "stands there already"
    raise Conflict(f"“{other.name}” {stands}: {advice}.", field="name")


def group_similar_names(codes: Iterable[N]) -> list[list[N]]:
    """Groups of codes in use that stand side by side and are called alike, in the order given."""
    groups: dict[tuple[int | None, str], list[N]] = {}
    for code in codes:
        if code.retired_at is None:
            groups.setdefault((code.parent_id, build_comparison_key(code.name)), []).append(code)
    return [group for group in groups.values() if len(group) > 1]


def choose_distinct_name(name: str, siblings: Sequence[NamedCode]) -> str:
    """The name, with the first number that tells it from these codes' names; at most 100 long."""
    taken = {build_comparison_key(code.name) for code in siblings}
    numbered = (f"{name[:90].rstrip()} ({number})" for number in range(2, len(taken) + 3))
    return next(one for one in numbered if build_comparison_key(one) not in taken)


LONGEST_FILE = 160  # bytes, without slug and ending: systems allow 255
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# What Windows lets no file be called, whatever its ending.
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"),
}


class TitledCode(Protocol):
    @property
    def slug(self) -> Any: ...
    @property
    def name(self) -> Any: ...


def build_code_headings(codes: Sequence[TitledCode], *, beside: Sequence[str] = ()) -> list[str]:
    """Each code's name, for a table that also has the headings `beside`.

    With its slug where names look alike, in whatever part of the tree, or like one of `beside`.
    """
    return _build_distinct_titles([code.name for code in codes], codes, beside)


def build_code_file_names(codes: Sequence[TitledCode]) -> list[str]:
    """The same, fit for a file on any system, without an ending."""
    return _build_distinct_titles(
        [_clean_file_name(code.name) or code.slug for code in codes], codes
    )


def _build_distinct_titles(
    names: Sequence[str], codes: Sequence[TitledCode], beside: Sequence[str] = ()
) -> list[str]:
    times = Counter(map(build_comparison_key, [*names, *beside]))
    titles: list[str] = []
    taken = set(map(build_comparison_key, beside))
    for name, code in zip(names, codes, strict=True):
        title = name if times[build_comparison_key(name)] == 1 else f"{name} ({code.slug})"
        while build_comparison_key(title) in taken:  # somebody has called a code like that
            title = f"{title} ({code.slug})"
        taken.add(build_comparison_key(title))
        titles.append(title)
    return titles


def _clean_file_name(name: str) -> str:
    seen = "".join(char for char in name if unicodedata.category(char) != "Cf")
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", seen))
    short = safe.encode()[:LONGEST_FILE].decode(errors="ignore").strip(" .")
    stem, dot, rest = short.partition(".")
    return f"{stem}_{dot}{rest}" if stem.rstrip().casefold() in _DEVICES else short


# Keys that the annotate page keeps for commands; no code may take them.
RESERVED_KEYS = frozenset("jkvxz")


def clean_code_slug(slug: str) -> str:
    """The slug as it is; raises Invalid for what cannot be one."""
    if slug != slugify(slug) or len(slug) > 60:
        raise Invalid("A slug is made of a-z, 0-9 and hyphens.", field="slug")
    return slug


def clean_shortcut(value: str) -> str:
    """The key in lower case, empty for none; raises Invalid for what cannot be one."""
    value = value.strip().lower()
    if not value:
        return ""
    if len(value) != 1 or not value.isalnum():
        raise Invalid("A shortcut is one letter or digit.", field="shortcut")
    if value in RESERVED_KEYS:
        raise Invalid(
            f"The page keeps {', '.join(sorted(RESERVED_KEYS))} for commands: choose another key.",
            field="shortcut",
        )
    return value
