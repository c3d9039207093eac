"""Half-open ranges of code points, ``(start, end)`` with ``start < end``: check, merge, cut, trim.

Functions take and give plain pairs; only `check_span` doubts them.
"""

from collections.abc import Iterable

from cstoannot.core.errors import Invalid
from cstoannot.text.tokens import tokenise

Span = tuple[int, int]

_NO_OFFSET = 2**63
_REACH = 256  # code points looked at on each side of a boundary


def check_span(start: object, end: object, length: int) -> Span:
    """Return the span if it is not empty and lies within a text of ``length`` code points.

    Raises Invalid (``span``), ``field`` being ``start`` or ``end``.
    """
    first, last = _whole("start", start), _whole("end", end)
    if not 0 <= first < length:
        raise _refusal("start", f"start is {first}, but must be from 0 to {length - 1}.")
    if not first < last <= length:
        raise _refusal("end", f"end is {last}, but must be from {first + 1} to {length}.")
    return first, last


def _whole(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refusal(field, f"{field} must be a whole number.")
    if abs(value) >= _NO_OFFSET:  # thousands of digits could not even be printed
        raise _refusal(field, f"{field} is no offset of any text.")
    return value


def _refusal(field: str, message: str) -> Invalid:
    return Invalid(message, code="span", field=field)


def overlaps(one: Span, other: Span) -> bool:
    """Whether the two share a character; touching is not sharing."""
    return one[0] < other[1] and other[0] < one[1]


def merge(spans: Iterable[Span], *, touching: bool = False) -> list[Span]:
    """Unite what overlaps, and what touches if asked. In any order in, sorted and apart out."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and (start < merged[-1][1] or (touching and start == merged[-1][1])):
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def cut(spans: Iterable[Span], window: Span) -> list[Span]:
    """The parts that lie within the window, in the given order."""
    low, high = window
    return [(max(start, low), min(end, high)) for start, end in spans if start < high and low < end]


def trim_white_space(text: str, start: int, end: int) -> Span:
    """Take white space off both ends; a span of nothing else comes back as it is."""
    passage = text[start:end]
    body = passage.strip()
    if not body:
        return start, end
    return start + len(passage) - len(passage.lstrip()), end - len(passage) + len(passage.rstrip())


def snap_to_words(text: str, start: int, end: int) -> Span:
    """Move both ends outward to the ends of the tokens that they cut.

    A token is looked for up to 256 code points away; a longer one is cut there. An end between
    two tokens stays where it is.
    """
    low, _ = _token_around(text, start)
    _, high = _token_around(text, end)
    return low, high


def _token_around(text: str, offset: int) -> Span:
    base = max(0, offset - _REACH)
    for low, high in tokenise(text[base : offset + _REACH]):
        if base + low < offset < base + high:
            return base + low, base + high
    return offset, offset
