"""Half-open ranges of code points, (start, end) with start < end: check, merge, cut, trim.

`Bounds` is a compact sequence of them that can be stored as bytes. The functions take and return
plain pairs; only `check_span` validates them.
"""

import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain

import numpy as np

from cstoannot.core.errors import Invalid

Span = tuple[int, int]

_NO_OFFSET = 2**63


def check_span(start: object, end: object, length: int) -> Span:
    """Return the span if it is not empty and within a text of ``length`` code points.

    Raises Invalid (``span``); ``field`` is ``start`` or ``end``.
    """
    first, last = _check_whole_number("start", start), _check_whole_number("end", end)
    if not 0 <= first < length:
        raise _build_span_error("start", f"start is {first}, but must be from 0 to {length - 1}.")
    if not first < last <= length:
        raise _build_span_error("end", f"end is {last}, but must be from {first + 1} to {length}.")
    return first, last


def _check_whole_number(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _build_span_error(field, f"{field} must be a whole number.")
    if abs(value) >= _NO_OFFSET:  # Python refuses to print numbers of thousands of digits
        raise _build_span_error(field, f"{field} is outside every possible text.")
    return value


def _build_span_error(field: str, message: str) -> Invalid:
    return Invalid(message, code="span", field=field)


_VERSION = 1
_WIDTHS = {1: "B", 2: "H", 4: "I"}
_MOST_BYTES = 64 * 1024 * 1024  # of numbers; the longest text's tokens need 10 million of 1 byte


class Bounds:
    """A sequence of spans, 8 bytes each: ``flat`` holds start, end, start, end, …"""

    __slots__ = ("flat",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.flat = array("I", chain.from_iterable(spans))

    def __len__(self) -> int:
        return len(self.flat) // 2

    def __iter__(self) -> Iterator[Span]:
        return zip(self.flat[::2], self.flat[1::2], strict=True)

    def __getitem__(self, index: int) -> Span:
        place = range(len(self))[index] * 2
        return self.flat[place], self.flat[place + 1]

    def __eq__(self, other: object) -> bool:
        return self.flat == other.flat if isinstance(other, Bounds) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # the array can be changed

    def __repr__(self) -> str:
        return f"Bounds({list(self)})"


def pack_bounds(spans: Iterable[Span]) -> bytes:
    """Return bytes for sorted spans, neither empty nor overlapping; ValueError for others.

    Layout: version; width of a number in bytes (1, 2 or 4, little-endian); then, deflated, each
    span's distance from the end of the previous one, followed by each span's length.
    """
    flat = spans.flat if isinstance(spans, Bounds) else Bounds(spans).flat
    # Arrays of NumPy: as lists, the numbers of five million tokens would take 80 MB more.
    numbers = np.frombuffer(flat, dtype=np.uint32)
    starts, ends = numbers[::2], numbers[1::2]
    if (starts >= ends).any() or (starts[1:] < ends[:-1]).any():
        raise ValueError("spans must be sorted, not empty, and must not overlap")
    steps = np.concatenate([starts[:1], starts[1:] - ends[:-1], ends - starts])
    width = next(width for width in _WIDTHS if steps.max(initial=0) < 256**width)
    return bytes((_VERSION, width)) + zlib.compress(steps.astype(f"<u{width}").tobytes(), 6)


def unpack_flat_bounds(data: bytes) -> Bounds:
    """Return the packed spans; ValueError for bytes that `pack_bounds` did not write."""
    numbers = _inflate_numbers(bytes(data))
    count, odd = divmod(len(numbers), 2)
    if odd or 0 in numbers[count:]:
        raise ValueError("not packed spans: their lengths are missing")
    steps = array("I", bytes(8 * count))
    steps[::2] = array("I", numbers[:count])
    steps[1::2] = array("I", numbers[count:])
    bounds = Bounds()
    try:
        bounds.flat = array("I", accumulate(steps))
    except OverflowError as error:
        raise ValueError("not packed spans: they end too far") from error
    return bounds


def _inflate_numbers(data: bytes) -> "array[int]":
    if len(data) < 2 or data[0] != _VERSION or data[1] not in _WIDTHS:
        raise ValueError("not packed spans: unknown version or width")
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(data[2:], _MOST_BYTES)
    except zlib.error as error:
        raise ValueError("not packed spans: damaged") from error
    if not inflater.eof or inflater.unused_data or len(raw) % data[1]:
        raise ValueError("not packed spans: cut off, too long or followed by something")
    numbers = array(_WIDTHS[data[1]])
    numbers.frombytes(raw)
    return _swap_to_little_endian(numbers)


def _swap_to_little_endian(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
