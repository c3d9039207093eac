"""Finding a passage again in a text that has changed, by its quote and what stood around it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from cstoannot.text.spans import Span

_MOST_CANDIDATES = 1000
_MOST_WORK = 20_000_000  # code points compared while looking for candidates
_CONTEXT_READ = 256  # code points of a prefix or suffix that are compared


@dataclass(frozen=True, slots=True)
class Anchor:
    """A passage as it was: its text, and the text just before and just after it."""

    quote: str
    prefix: str = ""
    suffix: str = ""


def make_anchor(text: str, start: int, end: int, context: int = 32) -> Anchor:
    """The anchor of ``text[start:end]``, with up to ``context`` code points on each side."""
    return Anchor(text[start:end], text[max(0, start - context) : start], text[end : end + context])


def find_anchor(text: str, anchor: Anchor, hint: int | None = None) -> Span | None:
    """Where the quote stands now, or None if it is not there or nothing tells which one it is.

    Of several places the one with most unchanged context wins, then the one whose start is
    nearest to ``hint``, a code-point offset; two equally good ones are no answer. A quote found
    more often than about a thousand times is looked for around ``hint`` only, or, without one,
    by its whole context only.
    """
    if not anchor.quote:
        return None
    starts = _occurrences(text, anchor.quote, hint)
    if starts is None:
        starts = _in_whole_context(text, anchor)
    ranked = sorted(_ranks(text, anchor, starts, hint))
    if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
        return None
    start = ranked[0][2]
    return start, start + len(anchor.quote)


def _ranks(
    text: str, anchor: Anchor, starts: Iterable[int], hint: int | None
) -> Iterable[tuple[int, int, int]]:
    for start in starts:
        distance = 0 if hint is None else abs(start - hint)
        yield -_shared_context(text, start, anchor), distance, start


def _shared_context(text: str, start: int, anchor: Anchor) -> int:
    """How many code points next to the quote are the same as they were."""
    before = text[max(0, start - _CONTEXT_READ) : start]
    end = start + len(anchor.quote)
    after = text[end : end + _CONTEXT_READ]
    return _shared(reversed(before), reversed(anchor.prefix)) + _shared(after, anchor.suffix)


def _shared(one: Iterable[str], other: Iterable[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _in_whole_context(text: str, anchor: Anchor) -> list[int]:
    whole = anchor.prefix + anchor.quote + anchor.suffix
    found = _find_all(text, whole, 0, len(text), most=2) or []
    return [start + len(anchor.prefix) for start in found]


def _occurrences(text: str, quote: str, hint: int | None) -> list[int] | None:
    """Starts of the quote, overlapping ones too; None if they are too many."""
    most = min(_MOST_CANDIDATES, max(16, _MOST_WORK // len(quote)))
    found = _find_all(text, quote, 0, len(text), most)
    if found is None and hint is not None:
        low = max(0, min(hint, len(text) - len(quote)) - most // 2)
        found = _find_all(text, quote, low, low + most + len(quote) - 1, most)
    return found


def _find_all(text: str, quote: str, low: int, high: int, most: int) -> list[int] | None:
    found: list[int] = []
    start = text.find(quote, low, high)
    while start >= 0:
        if len(found) == most:
            return None
        found.append(start)
        start = text.find(quote, start + 1, high)
    return found
