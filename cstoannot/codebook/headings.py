"""Codes' names where each must stand for one code: as headings of tables and names of files."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from cstoannot.core.likeness import comparison_key

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


class Titled(Protocol):
    @property
    def slug(self) -> Any: ...
    @property
    def name(self) -> Any: ...


def headings(codes: Sequence[Titled], *, beside: Sequence[str] = ()) -> list[str]:
    """Each code's name, for a table that also has the headings `beside`.

    With its slug where names look alike, in whatever part of the tree, or like one of `beside`.
    """
    return _told_apart([code.name for code in codes], codes, beside)


def file_names(codes: Sequence[Titled]) -> list[str]:
    """The same, fit for a file on any system, without an ending."""
    return _told_apart([_safe(code.name) or code.slug for code in codes], codes)


def _told_apart(
    names: Sequence[str], codes: Sequence[Titled], beside: Sequence[str] = ()
) -> list[str]:
    times = Counter(map(comparison_key, [*names, *beside]))
    titles: list[str] = []
    taken = set(map(comparison_key, beside))
    for name, code in zip(names, codes, strict=True):
        title = name if times[comparison_key(name)] == 1 else f"{name} ({code.slug})"
        while comparison_key(title) in taken:  # somebody has called a code like that
            title = f"{title} ({code.slug})"
        taken.add(comparison_key(title))
        titles.append(title)
    return titles


def _safe(name: str) -> str:
    seen = "".join(char for char in name if unicodedata.category(char) != "Cf")
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", seen))
    short = safe.encode()[:LONGEST_FILE].decode(errors="ignore").strip(" .")
    stem, dot, rest = short.partition(".")
    return f"{stem}_{dot}{rest}" if stem.rstrip().casefold() in _DEVICES else short
