"""Names that look alike: one key for all spellings that a person cannot tell apart.

Names are alike if they differ only in capitals, in spaces, in how Unicode composes a letter (NFC,
NFD, compatibility forms), in invisible characters, in kinds of dashes, quotes and slashes, or in
letters of another script that look the same, such as the Cyrillic а. Digits never equal letters:
“Article 1” and “Article I” are two names.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")

LONGEST_LIKENESS = 400

# Default ignorable code points other than format characters (category Cf, also left out).
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_APOSTROPHES = (
    "\u0060\u00b4\u02b9\u02bb\u02bc\u02bd\u02ca\u02cb"
    "\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a"
)
_QUOTES = "\u00ab\u00bb\u02ba\u201c\u201d\u201e\u201f\u2033\u2036\u300c\u300d\u301d\u301e\u301f"
_DASHES = "\u058a\u05be\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b"
_SLASHES = "\u2044\u2215\u29f8"
_SIGNS = str.maketrans(
    {
        **dict.fromkeys(_APOSTROPHES, "'"),
        **dict.fromkeys(_QUOTES, '"'),
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_SLASHES, "/"),
    }
)
# Lower case only, because capitals are folded first. No two letters of one language become equal.
_CYRILLIC = dict(zip("авекмнорстухѕіјԁԛԝӏ", "abekmhopctyxsijdqwl", strict=True))
_GREEK = dict(zip("αβεζηικμνορτυχ", "abezhikmnoptyx", strict=True))
_ARMENIAN = {"օ": "o"}
_ARABIC = {"\u06cc": "\u064a", "\u06a9": "\u0643"}  # Persian yeh and kaf
_LETTERS = str.maketrans({**_CYRILLIC, **_GREEK, **_ARMENIAN, **_ARABIC})


# In characters. Longer texts are no names, and Unicode takes hours to order a megabyte of accents.
LONGEST = 1_000


def build_comparison_key(name: str) -> str:
    """Return the key that all names that look like this one share; empty if nothing is visible."""
    return _compute_comparison_key(name) if len(name) <= LONGEST else name


@lru_cache(maxsize=20_000)
def _compute_comparison_key(name: str) -> str:
    signs = unicodedata.normalize("NFKD", name.translate(_SIGNS)).translate(_SIGNS)
    seen = "".join(
        " " if char.isspace() else char for char in signs if unicodedata.category(char) != "Cf"
    )
    folded = unicodedata.normalize("NFKD", _INVISIBLE.sub("", seen).casefold())
    letters = unicodedata.normalize("NFKC", folded.translate(_LETTERS))
    return " ".join(letters.split())


def likeness_of(name: str) -> str:
    """Return the comparison key, cut to the stored length."""
    return build_comparison_key(name)[:LONGEST_LIKENESS]


def find_alike(name: str, among: Iterable[T], called: Callable[[T], str] = str) -> T | None:
    """Return the first object whose name looks like this one; `called` returns an object's name."""
    key = build_comparison_key(name)
    return next((one for one in among if build_comparison_key(called(one)) == key), None)


def group_alike(among: Iterable[T], called: Callable[[T], str] = str) -> list[list[T]]:
    """Group objects whose names look alike, in order of their first one."""
    groups: dict[str, list[T]] = {}
    for one in among:
        groups.setdefault(build_comparison_key(called(one)), []).append(one)
    return list(groups.values())


def choose_common_spellings(counted: Sequence[tuple[str, int]]) -> dict[str, str]:
    """Map each spelling to the most frequent one that looks like it; ties go to the first by name.

    `counted`: each spelling with its frequency.
    """
    chosen: dict[str, str] = {}
    for group in group_alike(
        sorted(counted, key=lambda pair: (-pair[1], pair[0])), _extract_spelling
    ):
        chosen |= {spelling: group[0][0] for spelling, _ in group}
    return chosen


def _extract_spelling(pair: tuple[str, int]) -> str:
    return pair[0]
