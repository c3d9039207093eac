"""Renders pages of annotations as lines of bytes, quickly.

CSV, JSON Lines and workbooks share it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

import numpy as np

from cstoannot.annotations.models import Stance
from cstoannot.database.stored_text import ID, join_character_columns
from cstoannot.exchange.columnar.keys import Key, KeyedColumn, Pair
from cstoannot.exchange.columnar.rows import (
    COLUMNS,
    Column,
    ExportPage,
    ExportRow,
    JoinedColumn,
    PageNames,
    derive_layer_name,
)

AT_ONCE = 500  # rows
MOST = 10_000  # pieces that are kept of a column: codes come in every revision
_SOURCE = ExportRow._fields[2:10]
_CODE = ExportRow._fields[10:13]


@dataclass(frozen=True)
class LineFormat:
    """How a format writes a row, from `begin` to `end`.

    `field` leads to the value of the column with this name. `number` stands before and after
    numbers, `word` before and after ids, layers and moments, `passage` before and after passages,
    which are never empty, and which `passages` writes. `text` writes another text, `texts` a column
    of them; `truths` has False and True; `nobody` stands for the consensus's annotator.
    """

    begin: bytes
    end: bytes
    field: Callable[[str], bytes]
    number: tuple[bytes, bytes]
    word: tuple[bytes, bytes]
    passage: tuple[bytes, bytes]
    passages: Callable[[JoinedColumn], Sequence[bytes]]
    text: Callable[[str], bytes]
    texts: Callable[[JoinedColumn], Sequence[bytes]]
    truths: tuple[bytes, bytes]
    nobody: bytes


def render_page_lines(pages: Iterable[ExportPage], shape: LineFormat) -> Iterator[bytes]:
    """The pages' rows in bytes, some at a time; no page is read before it is written.

    This is the inner loop of a million rows, so no step of it is taken by Python: what stands in
    a column is split, or looked up, and put in its place among the others, all at once. What
    stands between two values goes with one of them.
    """
    pieces = _LinePieces(shape)
    for page in pages:
        columns = pieces.of(page)
        width = len(columns)
        for first in range(0, page.count, AT_ONCE):
            some = [column[first : first + AT_ONCE] for column in columns]
            cells = [b""] * (width * len(some[0]))
            for place, column in enumerate(some):
                cells[place::width] = column
            yield b"".join(cells)


class _PieceCache(dict[Key, bytes]):
    """Pieces by key, made when they are first asked for."""

    def __init__(self, make: Callable[[Key], bytes]) -> None:
        super().__init__()
        self._make: Callable[[Key], bytes] = make

    def __missing__(self, key: Key) -> bytes:
        if len(self) >= MOST:
            self.clear()
        piece = self[key] = self._make(key)
        return piece

    def of(self, column: KeyedColumn[Key]) -> Column:
        pieces = np.array([self[key] for key in column.keys], object)
        found: Column = pieces[column.which].tolist()
        return found


class _LinePieces:
    """What rows are put together from: in each row a piece of one column follows another's."""

    def __init__(self, shape: LineFormat) -> None:
        self._shape, self._names = shape, PageNames()
        self._fields = {name: shape.field(name) for name in COLUMNS}
        self._codes: _PieceCache[Pair] = _PieceCache(self._code)
        self._meanings: _PieceCache[Pair] = _PieceCache(self._meaning)
        self._seen: _PieceCache[Pair] = _PieceCache(partial(self._meaning, after_look=True))
        self._voices: _PieceCache[int] = _PieceCache(self._voice)
        self._authors: _PieceCache[Pair] = _PieceCache(self._author)
        self._stances = {stance.encode(): self._stance(stance) for stance in Stance.values}

    def of(self, page: ExportPage) -> Sequence[Sequence[bytes]]:
        """Columns of pieces, as many as rows."""
        self._names, shape = page.names, self._shape
        opening, turns = self._turns(page)
        sources = [piece for key, rows in page.sources for piece in [self._source(key)] * rows]
        sources[0] = opening + sources[0]
        return (
            sources,
            self._codes.of(page.meanings),
            page.starts.each(),
            self._ends(page.ends),
            shape.passages(page.quotes),
            list(map(self._stances.__getitem__, page.stances)),
            self._voices.of(page.voices),
            shape.texts(page.notes),
            self._authors.of(page.authors),
            self._meanings_of(page),
            turns,
        )

    def _turns(self, page: ExportPage) -> tuple[bytes, Column]:
        """The first row's id; and of each row its moments, with the id of the next one."""
        shape, fields, (word, after_word) = self._shape, self._fields, self._shape.word
        end, begin = after_word + shape.end, shape.begin + fields["id"] + word
        between, following = after_word + fields["updated_at"] + word, np.roll(page.ids, -1, axis=0)
        *turns, last = join_character_columns(
            [page.created, between, page.updated, end, begin, following]
        )
        opening = last[-len(begin) - ID :]
        return opening, [*turns, last.removesuffix(opening)]

    def _source(self, key: int) -> bytes:
        """From the id's end to the code."""
        lead = self._shape.word[1] + self._fields["source"]
        number = (b"%d" % key).join(self._shape.number)
        return lead + number + self._texts(_SOURCE, self._names.sources[key])

    def _code(self, meaning: Pair) -> bytes:
        """From the code to the start."""
        code, _ = meaning
        tail = self._fields["start"] + self._shape.number[0]
        return self._texts(_CODE, self._names.codes[code][:3]) + tail

    def _ends(self, ends: JoinedColumn) -> Column:
        """From the start to the passage."""
        number, after_number = self._shape.number
        lead = after_number + self._fields["end"] + number
        tail = after_number + self._fields["quote"] + self._shape.passage[0]
        inside = ends.text.replace(ends.mark, tail + ends.mark + lead)
        return replace(ends, text=lead + inside + tail).each()

    def _stance(self, stance: str) -> bytes:
        """From the passage to the voice."""
        return self._shape.passage[1] + self._texts(("stance",), (stance,))

    def _voice(self, voice: int) -> bytes:
        """To the note."""
        return self._texts(("voice",), (self._names.voices[voice],)) + self._fields["note"]

    def _author(self, author: Pair) -> bytes:
        """From the note's end to the version's."""
        shape, fields, (annotator, version) = self._shape, self._fields, author
        number, after_number = shape.number
        name = self._names.annotators[annotator]
        pieces = (
            fields["annotator"],
            shape.nobody if name is None else shape.text(name),
            fields["layer"],
            derive_layer_name(name).encode().join(shape.word),
            b"%b%b%d%b" % (fields["version"], number, version, after_number),
        )
        return b"".join(pieces)

    def _meanings_of(self, page: ExportPage) -> Column:
        column, keyed = self._meanings.of(page.meanings), page.meanings
        for place in page.after_look:  # of hardly any row
            column[place] = self._seen[keyed.keys[keyed.which[place]]]
        return column

    def _meaning(self, meaning: Pair, *, after_look: bool = False) -> bytes:
        """From the version's end to the moment of creation."""
        shape, fields, (code, revision) = self._shape, self._fields, meaning
        number, after_number = shape.number
        stale = revision < self._names.codes[code].meaning_revision
        pieces = (
            b"%b%b%d%b" % (fields["revision"], number, revision, after_number),
            fields["stale"],
            shape.truths[stale],
            fields["after_look"],
            shape.truths[after_look],
            fields["created_at"],
            shape.word[0],
        )
        return b"".join(pieces)

    def _texts(self, names: Sequence[str], texts: Sequence[str]) -> bytes:
        """Several columns with their names."""
        leads = map(self._fields.__getitem__, names)
        cells = zip(leads, map(self._shape.text, texts), strict=True)
        return b"".join(chain.from_iterable(cells))
