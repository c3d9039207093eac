"""Tokens: words, numbers and symbols. What counts as one is defined in `segment`."""

import re
from collections.abc import Iterator

from cstoannot.text import characters as kind

TAIL = f"[{kind.MARK}{kind.HIDDEN}{kind.JOINER}]*"
"""Pattern of the classes that stay with the character before them."""

_RUN = f"[{kind.WORD}{kind.DIGIT}][{kind.WORD}{kind.DIGIT}{kind.MARK}{kind.HIDDEN}{kind.JOINER}]*"
_INNER = f"(?:{kind.APOSTROPHE}|(?<={kind.DIGIT}){kind.POINT}(?={kind.DIGIT}))"
_TOKEN = re.compile(
    f"{_RUN}(?:{_INNER}{_RUN})*"
    f"|{kind.REGION}{kind.REGION}?{TAIL}"
    f"|[{kind.SYMBOL}{kind.APOSTROPHE}{kind.POINT}]{TAIL}"
    f"(?:(?<={kind.JOINER}){kind.SYMBOL}{TAIL})*"
    f"|[{kind.UNSPACED}{kind.MARK}]{TAIL}"
)


def tokens_of(classes: str) -> Iterator[tuple[int, int]]:
    """Sorted half-open spans of code points, none empty, none overlapping, from the text's
    character classes."""
    return (match.span() for match in _TOKEN.finditer(classes))
