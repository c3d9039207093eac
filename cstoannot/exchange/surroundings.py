"""What stands around a passage, by which it is found again in a text that has changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from cstoannot.exchange.rows import Row
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import texts_of

REACH = 32  # code points on each side
TEXTS_AT_ONCE = 20


class Surrounded(NamedTuple):
    """A row, and the text before and after its passage; None where it may no longer be read."""

    row: Row
    prefix: str | None
    suffix: str | None


def surrounded(scope: Scope, rows: Iterable[Row]) -> Iterator[Surrounded]:
    """The rows, which come source by source, in their order; a few texts are read at a time."""
    by_source = ((pk, list(some)) for pk, some in groupby(rows, key=lambda row: row.source))
    while several := list(islice(by_source, TEXTS_AT_ONCE)):
        texts = texts_of(scope, [pk for pk, _ in several])
        for _, some in several:
            yield from beside(texts, some)


def beside(texts: Mapping[int, str], rows: Sequence[Row]) -> Iterator[Surrounded]:
    for row in rows:
        text = texts.get(row.source)
        if text is None:
            yield Surrounded(row, None, None)
        else:
            before = text[max(0, row.start - REACH) : row.start]
            yield Surrounded(row, before, text[row.end : row.end + REACH])
