"""Rows as lines of bytes, quickly: what CSV, JSON Lines and workbooks share."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat

from cstoannot.annotations.columns import pair
from cstoannot.annotations.models import Stance
from cstoannot.exchange.rows import Joined, Names, Page, Row, layer_of

AT_ONCE = 250  # rows
_SOURCE = Row._fields[2:10]
_CODE = Row._fields[10:13]


@dataclass(frozen=True)
class Shape:
    """How a format writes a row, from `begin` to `end`.

    `field` leads to the value of the column with this name. `number` stands before and after
    numbers, `word` before and after ids, layers and moments. `text` writes a text, `texts` a
    column of them, `truths` has False and True; `nobody` stands for the consensus's annotator.
    """

    begin: bytes
    end: bytes
    field: Callable[[str], bytes]
    number: tuple[bytes, bytes]
    word: tuple[bytes, bytes]
    text: Callable[[str], bytes]
    texts: Callable[[Joined], Sequence[bytes]]
    truths: tuple[bytes, bytes]
    nobody: bytes


def lines(page: Page, shape: Shape) -> Iterator[bytes]:
    """The page's rows, in bytes from the start, some at a time.

    This is the inner loop of a million rows, so no step of it is taken by Python: columns are
    mapped and zipped, and what stands between two values goes with one that repeats. Few rows
    stay in the processor's cache until they are sent.
    """
    rows = zip(*_pieces(page, shape), strict=False)
    while some := b"".join(chain.from_iterable(islice(rows, AT_ONCE))):
        yield some
    yield shape.word[1] + shape.end


def _pieces(page: Page, shape: Shape) -> Iterator[Iterable[bytes]]:
    """What rows are put together from, by column: in each row one piece follows another."""
    field, (word, after_word) = shape.field, shape.word
    number, after_number = shape.number
    lead = shape.begin + field("id") + word
    spans = page.spans.text.replace(b" ", after_number + field("end") + number)
    yield chain((lead,), repeat(after_word + shape.end + lead))
    yield page.ids
    yield map(_sources(page.names, shape).__getitem__, page.sources)
    yield map(_codes(page, shape).__getitem__, page.meanings)
    yield replace(page.spans, text=spans).each()
    yield repeat(after_number + field("quote"))
    yield shape.texts(page.quotes)
    yield map(_stances(shape).__getitem__, page.stances)
    yield map(_voices(page.names, shape).__getitem__, page.voices)
    yield shape.texts(page.notes)
    yield map(_authors(page, shape).__getitem__, page.authors)
    yield map(_meanings(page, shape).__getitem__, page.meanings)
    yield page.created
    yield repeat(after_word + field("updated_at") + word)
    yield page.updated


def _sources(names: Names, shape: Shape) -> Mapping[bytes, bytes]:
    """From the id's end to the code."""
    number, after = shape.number
    lead = shape.word[1] + shape.field("source") + number
    return {
        b"%d" % pk: b"%b%d%b%b" % (lead, pk, after, _texts(shape, _SOURCE, facts))
        for pk, facts in names.sources.items()
    }


def _codes(page: Page, shape: Shape) -> Mapping[bytes, bytes]:
    """From the code to the start."""
    tail, codes = shape.field("start") + shape.number[0], page.names.codes
    return {
        meaning: _texts(shape, _CODE, codes[pair(meaning)[0]][:3]) + tail
        for meaning in set(page.meanings)
    }


def _stances(shape: Shape) -> Mapping[bytes, bytes]:
    """From the quote's end to the voice."""
    lead, tail = shape.field("stance"), shape.field("voice")
    return {stance.encode(): lead + shape.text(stance) + tail for stance in Stance.values}


def _voices(names: Names, shape: Shape) -> Mapping[bytes, bytes]:
    """From the voice to the note."""
    tail = shape.field("note")
    return {b"%d" % pk: shape.text(name) + tail for pk, name in names.voices.items()}


def _authors(page: Page, shape: Shape) -> Mapping[bytes, bytes]:
    """From the note's end to the version's."""
    field, (word, after_word), (number, after_number) = shape.field, shape.word, shape.number
    pieces = {}
    for author in set(page.authors):
        annotator, version = pair(author)
        name = page.names.annotators[annotator]
        person = field("annotator") + (shape.nobody if name is None else shape.text(name))
        layer = field("layer") + word + layer_of(name).encode() + after_word
        pieces[author] = b"%b%b%b%b%d%b" % (
            *(person, layer, field("version"), number, version, after_number),
        )
    return pieces


def _meanings(page: Page, shape: Shape) -> Mapping[bytes, bytes]:
    """From the version's end to the moment of creation."""
    field, (number, after_number) = shape.field, shape.number
    lead, stale = field("revision") + number, after_number + field("stale")
    tail = field("created_at") + shape.word[0]
    pieces = {}
    for meaning in set(page.meanings):
        code, revision = pair(meaning)
        truth = shape.truths[revision < page.names.codes[code].meaning_revision]
        pieces[meaning] = b"%b%d%b%b%b" % (lead, revision, stale, truth, tail)
    return pieces


def _texts(shape: Shape, names: Sequence[str], texts: Sequence[str]) -> bytes:
    """Several columns with their names."""
    cells = zip(map(shape.field, names), map(shape.text, texts), strict=True)
    return b"".join(chain.from_iterable(cells))
