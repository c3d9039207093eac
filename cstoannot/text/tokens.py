"""Tokens of a text, and the character classes they consist of: one letter for each code point.

A regular expression over the classes finds spans by general category, which `re` does not support.
`segment` defines what a token is.
"""

import re
import unicodedata
from collections.abc import Iterator

LINE_ENDS = "\n\x0b\x0c\x85\u2028\u2029"
"""The characters that end a line: LF, VT, FF, NEL, and Unicode's line and paragraph separators."""

LINE_END = "n"
SPACE = "_"  # white space, controls, zero width space: between tokens
WORD = "w"
DIGIT = "d"
UNSPACED = "u"  # a letter of a script written without spaces
MARK = "m"  # combining marks and emoji modifiers: part of the character before
JOINER = "z"  # U+200D: joins two symbols to one emoji
HIDDEN = "h"  # other format characters, variation selectors, fillers: invisible
APOSTROPHE = "a"  # apostrophes, hyphens and similar: part of a word if inside it
POINT = "p"  # full stop and comma: part of a number if between digits
REGION = "r"  # regional indicators: two make a flag
SYMBOL = "s"  # every other visible character

VISIBLE = WORD + DIGIT + UNSPACED + MARK + APOSTROPHE + POINT + REGION + SYMBOL

_NAMED = {
    **dict.fromkeys(LINE_ENDS, LINE_END),
    "\u200b": SPACE,
    "\u200d": JOINER,
    "_": WORD,
    ".": POINT,
    ",": POINT,
    # ' - middle dot, hyphen, non-breaking hyphen, right quote; Armenian and Hebrew marks that
    # stand inside a word.
    **dict.fromkeys("'-·‐‑’՚՛՜՞֊׳״", APOSTROPHE),
    # Letters, marks and symbols by category that are invisible.
    **dict.fromkeys("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0", HIDDEN),
}
_RANGES = (
    ("\u180b", "\u180f", HIDDEN),
    ("\ufe00", "\ufe0f", HIDDEN),
    ("\U000e0000", "\U000e0fff", HIDDEN),
    ("\U0001f1e6", "\U0001f1ff", REGION),
    ("\U0001f3fb", "\U0001f3ff", MARK),
)
_CATEGORIES = {"Cc": SPACE, "Cf": HIDDEN, "Nd": DIGIT}
_MAJOR_CATEGORIES = {"L": WORD, "N": WORD, "M": MARK, "Z": SPACE}
_UNSPACED_LETTERS = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3005", "\u3007"),  # ideographic marks
    ("\u3040", "\u30ff"),  # Hiragana, Katakana
    ("\u31f0", "\u31ff"),
    ("\u3400", "\u4dbf"),  # Han
    ("\u4e00", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\uff66", "\uff9f"),
    ("\U0001b000", "\U0001b16f"),
    ("\U00020000", "\U0003ffff"),
)


def classify_characters(text: str) -> str:
    """Return the class of each code point of the text, in order."""
    return text.translate(
        {ord(character): _classify_character(character) for character in set(text)}
    )


def _classify_character(character: str) -> str:
    if named := _NAMED.get(character):
        return named
    for low, high, kind in _RANGES:
        if low <= character <= high:
            return kind
    category = unicodedata.category(character)
    kind = _CATEGORIES.get(category) or _MAJOR_CATEGORIES.get(category[0], SYMBOL)
    if kind == WORD and any(low <= character <= high for low, high in _UNSPACED_LETTERS):
        return UNSPACED
    return kind


TAIL = f"[{MARK}{HIDDEN}{JOINER}]*"
"""Pattern of the classes that stay with the character before them."""

_RUN = f"[{WORD}{DIGIT}][{WORD}{DIGIT}{MARK}{HIDDEN}{JOINER}]*"
_INNER = f"(?:{APOSTROPHE}|(?<={DIGIT}){POINT}(?={DIGIT}))"
_TOKEN = re.compile(
    f"{_RUN}(?:{_INNER}{_RUN})*"
    f"|{REGION}{REGION}?{TAIL}"
    f"|[{SYMBOL}{APOSTROPHE}{POINT}]{TAIL}"
    f"(?:(?<={JOINER}){SYMBOL}{TAIL})*"
    f"|[{UNSPACED}{MARK}]{TAIL}"
)


def tokenise_classes(classes: str) -> Iterator[tuple[int, int]]:
    """Return half-open spans of code points from character classes: sorted, not empty, disjoint."""
    return (match.span() for match in _TOKEN.finditer(classes))
