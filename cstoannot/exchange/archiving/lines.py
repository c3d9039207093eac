"""Lines of an archive, measured before they are parsed: a small file must not fill the memory."""

import re
from typing import Any

import numpy as np
import orjson

from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.exchange.archiving.layout import line
from cstoannot.text.bounds import Bounds
from cstoannot.text.normalise import MAX_LENGTH

MOST_STEPS = 2 * MAX_LENGTH  # of one list of bounds, if each character is a token
LONGEST_TEXT_LINE = 6 * MAX_LENGTH + 1_000_000  # bytes; JSON writes a control character with six
LONGEST_LINE = LONGEST_TEXT_LINE + 50_000_000  # with its bounds
MOST_ITEMS = 100_000  # strings, commas and brackets in a line
MOST_CODEBOOK_ITEMS = 600_000
_MARKS = (b",", b"[", b"{")
# Possessive, and an unfinished string goes to the end: each byte is looked at once, and no state is
# kept to come back to. What is not finished is refused by the parser.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.?+)*+(?:"|\Z)', re.DOTALL)
# Within a string each quotation mark has a backslash before it, so this stands outside of them.
_STEPS = re.compile(rb'"(paragraphs|sentences|tokens)":\[([0-9,]*)\]')
# Looked for instead of what is right: a pattern that repeats a million times takes memory for each.
_WRONG_NUMBERS = re.compile(rb"^,|,,|,$|(?:^|,)0[0-9]|[0-9]{10}")


def read_line(written: bytes, kind: str, where: str) -> Any:
    """The row of a line, if the line is written in the one way there is.

    Raises Invalid, or TooLarge for a line that would take more memory than any row needs. The
    bounds of a source come as `Bounds`.
    """
    steps: dict[str, bytes] = {}
    if kind == "sources":
        written = _without_steps(written, steps, where)
    if len(written) > LONGEST_TEXT_LINE or _holds_more(written, _most_items(kind)):
        raise too_long(where)
    try:
        row = orjson.loads(written)
        if line(row) != written:
            raise Invalid(_not_ours(where), field="archive")
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise Invalid(_not_ours(where), field="archive") from None
    if steps and isinstance(row, dict):
        row |= {name: _bounds(steps.pop(name), name, where) for name in list(steps)}
    return row


def too_long(where: str) -> TooLarge:
    return TooLarge(f"{where}: too long for any row.", field="archive")


def _not_ours(where: str) -> str:
    return f"{where}: not written by cstoannot."


def _most_items(kind: str) -> int:
    return MOST_CODEBOOK_ITEMS if kind == "revisions" else MOST_ITEMS


def _holds_more(written: bytes, most: int) -> bool:
    """Whether there are more strings, commas and brackets in it, those within strings left out."""
    if sum(map(written.count, (b'"', *_MARKS))) <= most:
        return False
    found, end = 0, 0
    for string in _STRINGS.finditer(written):
        found += 1 + _marks(written, end, string.start())
        end = string.end()
        if found > most:
            return True
    return found + _marks(written, end, len(written)) > most


def _marks(written: bytes, start: int, end: int) -> int:
    return sum(written.count(mark, start, end) for mark in _MARKS)


def _without_steps(written: bytes, steps: dict[str, bytes], where: str) -> bytes:
    """The line with its lists of bounds empty; what stood in them goes to `steps`."""
    rest, end = [], 0
    for found in _STEPS.finditer(written):
        name = found[1].decode()
        if name in steps:
            raise Invalid(_not_ours(where), field="archive")
        rest.append(written[end : found.start(2)])
        steps[name], end = found[2], found.end(2)
    return b"".join((*rest, written[end:]))


def _bounds(digits: bytes, name: str, where: str) -> Bounds:
    """From steps, from bound to bound; raises Invalid for others than are written here."""
    count = digits.count(b",") + 1 if digits else 0
    if count > MOST_STEPS or len(digits) > 2 * count + MOST_STEPS:
        raise too_long(where)
    if count % 2 or _WRONG_NUMBERS.search(digits):
        raise Invalid(f"{where}: {name}: not the steps from bound to bound.", field="archive")
    ends = np.fromstring(digits, np.uint32, sep=",")
    if ends.sum(dtype=np.uint64) > MAX_LENGTH:
        raise Invalid(f"{where}: {name}: beyond the end of the text.", field="archive")
    np.cumsum(ends, out=ends, dtype=np.uint32)
    if (ends[::2] == ends[1::2]).any():
        raise Invalid(f"{where}: {name}: one of them is empty.", field="archive")
    bounds = Bounds()
    bounds.flat.frombytes(ends.tobytes())
    return bounds
