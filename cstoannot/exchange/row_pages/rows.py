"""The columns of an exported annotation, as one row with names."""

from collections.abc import Mapping
from typing import NamedTuple


class SourceFacts(NamedTuple):
    """A row's columns about its source; empty if the reader may no longer read it."""

    title: str = ""
    publisher: str = ""
    author: str = ""
    published: str = ""
    url: str = ""
    language: str = ""
    group: str = ""
    sha256: str = ""


class CodeFacts(NamedTuple):
    """A row's columns about its code; `path`: the names of its ancestors and its own."""

    slug: str
    name: str
    path: str
    meaning_revision: int


class ExportRow(NamedTuple):
    """An exported annotation; the fields are the columns, in order.

    `start` and `end` are code points, half-open; `text_sha256` is the hash of the source's text.
    Times are ISO 8601 in UTC.
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
"""The columns, each with its meaning unless the name says it all."""


def derive_layer_name(annotator: str | None) -> str:
    """Return the layer: consensus without an annotator (a database constraint), else individual."""
    return "consensus" if annotator is None else "individual"
