"""Rows as lines of bytes, quickly: what CSV, JSON Lines and workbooks share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from cstoannot.annotations.columns import label, pair
from cstoannot.exchange.rows import Column, Joined, Names, Page, Row, layer_of

AT_ONCE = 250  # rows
MOST = 10_000  # pieces that are kept of a column: codes come in every revision
_SOURCE = Row._fields[2:10]
_CODE = Row._fields[10:13]


@dataclass(frozen=True)
class Shape:
    """How a format writes a row, from `begin` to `end`.

    `field` leads to the value of the column with this name. `number` stands before and after
    numbers, `word` before and after ids, layers and moments. `text` writes a text, `texts` a
    column of them, each after what it is given; `truths` has False and True; `nobody` stands for
    the consensus's annotator.
    """

    begin: bytes
    end: bytes
    field: Callable[[str], bytes]
    number: tuple[bytes, bytes]
    word: tuple[bytes, bytes]
    text: Callable[[str], bytes]
    texts: Callable[[Joined, bytes], Sequence[bytes]]
    truths: tuple[bytes, bytes]
    nobody: bytes


def lines(pages: Iterable[Page], shape: Shape) -> Iterator[bytes]:
    """The pages' rows in bytes, some at a time; no page is read before it is written.

    This is the inner loop of a million rows, so no step of it is taken by Python: what stands in
    a column is split, or looked up, and put in its place among the others, all at once. What
    stands between two values goes with one of them.
    """
    pieces = _Pieces(shape)
    for page in pages:
        columns = pieces.of(page)
        width, last = len(columns), shape.word[1] + shape.end
        cells = [b""] * (width * page.count)
        for place, column in enumerate(columns):
            cells[place::width] = column
        cells[0] = cells[0].removeprefix(last)
        cells.append(last)
        for first in range(0, len(cells), width * AT_ONCE):
            yield b"".join(cells[first : first + width * AT_ONCE])


class _Kept(dict[bytes, bytes]):
    """Pieces by what is gathered, made when they are first asked for."""

    def __init__(self, make: Callable[[bytes], bytes]) -> None:
        self._make = make

    def __missing__(self, gathered: bytes) -> bytes:
        if len(self) >= MOST:
            self.clear()
        piece = self[gathered] = self._make(gathered)
        return piece


class _Pieces:
    """What rows are put together from: in each row a piece of one column follows another's."""

    def __init__(self, shape: Shape) -> None:
        self._shape, self._names = shape, Names()
        self._codes, self._meanings = _Kept(self._code), _Kept(self._meaning)
        self._labels, self._authors = _Kept(self._label), _Kept(self._author)

    def of(self, page: Page) -> Sequence[Column]:
        """Columns of pieces, as many as rows; every row's first piece ends the row before."""
        self._names, shape = page.names, self._shape
        field, (word, after_word), (number, after_number) = shape.field, shape.word, shape.number
        spans = page.spans.text.replace(b" ", after_number + field("end") + number)
        return [
            page.ids(after_word + shape.end + shape.begin + field("id") + word),
            [piece for key, rows in page.sources for piece in [self._source(key)] * rows],
            _looked_up(self._codes, page.meanings),
            replace(page.spans, text=spans).each(),
            list(shape.texts(page.quotes, after_number + field("quote"))),
            _looked_up(self._labels, page.labels),
            list(shape.texts(page.notes, b"")),
            _looked_up(self._authors, page.authors),
            _looked_up(self._meanings, page.meanings),
            page.moments(after_word + field("updated_at") + word),
        ]

    def _source(self, key: int) -> bytes:
        """From the id's end to the code."""
        lead = self._shape.word[1] + self._shape.field("source")
        number = (b"%d" % key).join(self._shape.number)
        return lead + number + self._texts(_SOURCE, self._names.sources[key])

    def _code(self, meaning: bytes) -> bytes:
        """From the code to the start."""
        code, _ = pair(meaning)
        tail = self._shape.field("start") + self._shape.number[0]
        return self._texts(_CODE, self._names.codes[code][:3]) + tail

    def _label(self, said: bytes) -> bytes:
        """From the quote's end to the note."""
        stance, voice = label(said)
        texts = self._texts(("stance", "voice"), (stance, self._names.voices[voice]))
        return texts + self._shape.field("note")

    def _author(self, author: bytes) -> bytes:
        """From the note's end to the version's."""
        shape, (annotator, version) = self._shape, pair(author)
        number, after_number = shape.number
        name = self._names.annotators[annotator]
        pieces = (
            shape.field("annotator"),
            shape.nobody if name is None else shape.text(name),
            shape.field("layer"),
            layer_of(name).encode().join(shape.word),
            b"%b%b%d%b" % (shape.field("version"), number, version, after_number),
        )
        return b"".join(pieces)

    def _meaning(self, meaning: bytes) -> bytes:
        """From the version's end to the moment of creation."""
        shape, (code, revision) = self._shape, pair(meaning)
        number, after = shape.number
        stale = revision < self._names.codes[code].meaning_revision
        pieces = (
            shape.field("revision"),
            b"%b%d%b" % (number, revision, after),
            shape.field("stale"),
            shape.truths[stale],
            shape.field("created_at"),
            shape.word[0],
        )
        return b"".join(pieces)

    def _texts(self, names: Sequence[str], texts: Sequence[str]) -> bytes:
        """Several columns with their names."""
        cells = zip(map(self._shape.field, names), map(self._shape.text, texts), strict=True)
        return b"".join(chain.from_iterable(cells))


def _looked_up(pieces: Mapping[bytes, bytes], column: Column) -> Column:
    return list(map(pieces.__getitem__, column))
