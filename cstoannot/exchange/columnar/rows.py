"""The columns of an exported annotation, as a page of columns and as one row with names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import NamedTuple

from cstoannot.database.stored_text import Characters, join_character_columns
from cstoannot.exchange.columnar.keys import KeyedColumn, Pair

Column = list[bytes]
"""A value for each row, as text."""


class SourceFacts(NamedTuple):
    """What a row tells of its source; empty for one that the reader may no longer read."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    url: str = ""
    language: str = ""
    group: str = ""
    sha256: str = ""


class CodeFacts(NamedTuple):
    """What a row tells of its code; `path` names it with all that stand above it."""

    slug: str
    name: str
    path: str
    meaning_revision: int


@dataclass
class PageNames:
    """What keys of the database stand for, by key, as far as rows have used them.

    Key 0 is that of no voice but the author's, and of nobody: of the consensus.
    """

    sources: dict[int, SourceFacts] = field(default_factory=dict)
    codes: dict[int, CodeFacts] = field(default_factory=dict)
    voices: dict[int, str] = field(default_factory=lambda: {0: ""})
    annotators: dict[int, str | None] = field(default_factory=lambda: {0: None})


class ExportRow(NamedTuple):
    """An annotation with everything that is told of it; the fields are the columns, in order.

    `start` and `end` are code points, half-open; `text_sha256` is of the text that they count in.
    The moments are ISO 8601 in UTC.
    """

    id: str
    source: int
    source_title: str
    publisher: str
    author: str
    published: str
    url: str
    language: str
    group: str
    text_sha256: str
    code: str
    code_name: str
    code_path: str
    start: int
    end: int
    quote: str
    stance: str
    voice: str
    note: str
    annotator: str | None
    layer: str
    version: int
    revision: int
    stale: bool
    after_look: bool
    created_at: str
    updated_at: str


COLUMNS: Mapping[str, str] = {
    "id": "The annotation's UUID.",
    "source": "The source's number in cstoannot.",
    "source_title": "",
    "publisher": "",
    "author": "Of the source.",
    "published": "As far as it is known: 2021, 2020-11 or 2020-11-25.",
    "url": "Where the source was found.",
    "language": "Of the source.",
    "group": "The group of sources that it belongs to.",
    "text_sha256": "SHA-256 of the source's text in UTF-8, in which start and end count.",
    "code": "The code's key, which never changes.",
    "code_name": "",
    "code_path": "The code's name after those that stand above it, from the top, with “ > ”.",
    "start": "First character of the passage, from 0, in Unicode code points.",
    "end": "Character after the last one of the passage, in Unicode code points.",
    "quote": "The passage: what the text says from start to end.",
    "stance": "supports, opposes, mixed; empty for none.",
    "voice": "Who speaks; empty for the author.",
    "note": "The annotator's.",
    "annotator": "User name; empty in the consensus.",
    "layer": "individual (what each annotator said) or consensus (what the team decided).",
    "version": "How often the annotation has been saved.",
    "revision": "The codebook's revision under which it was made.",
    "stale": "Whether the code's meaning has changed since.",
    "after_look": "Whether its annotator saved it after seeing the coding of others there.",
    "created_at": "ISO 8601, UTC.",
    "updated_at": "ISO 8601, UTC.",
}
"""Every column of a row, and what stands in it where its name does not say it all."""


def derive_layer_name(annotator: str | None) -> str:
    """The consensus is nobody's, and nothing else is; the database sees to it."""
    return "consensus" if annotator is None else "individual"


@dataclass(frozen=True)
class JoinedColumn:
    """A column as one text, of which the first `count` values are meant; `mark` is between two.

    No value has the mark in it, so whatever leaves the mark alone can be done to all at once.
    """

    text: bytes
    mark: bytes
    count: int

    def each(self) -> Column:
        return self.text.split(self.mark)[: self.count]


@dataclass(frozen=True)
class ExportPage:
    """Rows by column, with keys where an `ExportRow` has names, and what these keys stand for.

    `sources` are keys, each with the number of its rows, which follow one another.
    What goes together is in one: `meanings` are pairs of a code's key and the codebook's revision,
    `authors` of an annotator's key and the annotation's version. `after_look` are places of rows.
    """

    count: int
    ids: Characters
    sources: Sequence[tuple[int, int]]
    meanings: KeyedColumn[Pair]
    starts: JoinedColumn
    ends: JoinedColumn
    quotes: JoinedColumn
    stances: Column
    voices: KeyedColumn[int]
    notes: JoinedColumn
    authors: KeyedColumn[Pair]
    created: Characters
    updated: Characters
    after_look: frozenset[int]
    names: PageNames


def iterate_named_rows(page: ExportPage) -> Iterator[ExportRow]:
    """The rows with names for keys."""
    names = page.names
    sources = chain.from_iterable(repeat(key, rows) for key, rows in page.sources)
    # fmt: off
    columns = (
        join_character_columns([page.ids]), sources, page.meanings.each(),
        page.starts.each(), page.ends.each(), page.quotes.each(),
        page.stances, page.voices.each(), page.notes.each(), page.authors.each(),
        join_character_columns([page.created]), join_character_columns([page.updated]),
    )
    rows = enumerate(zip(*columns, strict=True))
    for place, (id, source, meaning, start, end, quote, stance, *said) in rows:
        # fmt: on
        voice, note, (annotator, version), created, updated = said
        code, revision = meaning
        slug, name, path, meaning_revision = names.codes[code]
        person = names.annotators[annotator]
        yield ExportRow(
            id.decode(),
            source,
            *names.sources[source],
            slug,
            name,
            path,
            int(start),
            int(end),
            quote.decode(),
            stance.decode(),
            names.voices[voice],
            note.decode(),
            person,
            derive_layer_name(person),
            version,
            revision,
            revision < meaning_revision,
            place in page.after_look,
            created.decode(),
            updated.decode(),
        )
