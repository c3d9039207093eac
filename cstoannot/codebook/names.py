"""Names of codes: unique among siblings, and as slugs, shortcuts, headings and file names."""

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
    """Raise Conflict if one of the siblings has a similar name."""
    other = find_alike(name, siblings, lambda code: code.name)
    if other is None:
        return
    stands, advice = "already exists at this level", "choose a name that is easier to tell apart"
    if other.retired_at is not None:
        stands = "is a retired code at this level"
        advice = "restore it, or choose another name"
    raise Conflict(f"“{other.name}” {stands}: {advice}.", field="name")


def group_similar_names(codes: Iterable[N]) -> list[list[N]]:
    """Return groups of sibling codes in use with similar names, in the order given."""
    groups: dict[tuple[int | None, str], list[N]] = {}
    for code in codes:
        if code.retired_at is None:
            groups.setdefault((code.parent_id, build_comparison_key(code.name)), []).append(code)
    return [group for group in groups.values() if len(group) > 1]


def choose_distinct_name(name: str, siblings: Sequence[NamedCode]) -> str:
    """Return the name, with a number if a sibling has a similar one; at most 100 characters."""
    taken = {build_comparison_key(code.name) for code in siblings}
    numbered = (f"{name[:90].rstrip()} ({number})" for number in range(2, len(taken) + 3))
    return next(one for one in numbered if build_comparison_key(one) not in taken)


LONGEST_FILE = 160  # bytes, without slug and extension: systems allow 255
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
# Reserved file names of Windows, with any extension.
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
    """Return each code's name, for a table that also has the headings `beside`.

    Names that resemble another code's, anywhere in the tree, or one of `beside` get the slug.
    """
    return _build_distinct_titles([code.name for code in codes], codes, beside)


def build_code_file_names(codes: Sequence[TitledCode]) -> list[str]:
    """Return the same as file names for any system, without extension."""
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
        while build_comparison_key(title) in taken:  # a code may have such a name
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


# Keys of the annotate page's commands; not available for codes.
RESERVED_KEYS = frozenset("jkvxz")


def clean_code_slug(slug: str) -> str:
    """Return the slug unchanged; raise Invalid if it is not valid."""
    if slug != slugify(slug) or len(slug) > 60:
        raise Invalid("A slug may contain only a-z, 0-9 and hyphens.", field="slug")
    return slug


def clean_shortcut(value: str) -> str:
    """Return the key in lower case, or "" for none; raise Invalid."""
    value = value.strip().lower()
    if not value:
        return ""
    if len(value) != 1 or not value.isalnum():
        raise Invalid("A shortcut must be one letter or digit.", field="shortcut")
    if value in RESERVED_KEYS:
        raise Invalid(
            f"{', '.join(sorted(RESERVED_KEYS))} are reserved for commands: choose another key.",
            field="shortcut",
        )
    return value
