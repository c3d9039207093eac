"""The layout of an archive: a zip of JSON Lines files, one for each kind of row, and a manifest.

The manifest has the SHA-256 of each file. Every line has one form only (keys sorted, no white
space, UTF-8) and zip entries have no time, so the same project gives the same bytes. Rows refer to
each other by names that do not depend on the database: people by user name, codes by slug, speakers
by name, sources by their number in the archive. Bounds of paragraphs, sentences and tokens are
differences in code points: to the first start, to its end, to the next start, and so on.
"""

import re
import zipfile
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

FORMAT = "cstoannot archive"
VERSION = 4
# Version 1 stored the whole codebook with each of its revisions. Versions 1 and 2 did not store the
# revision under which an assignment was finished. Versions 1 to 3 knew no decisions, threads, plans
# and rounds; whoever saw the coding saw the consensus too.
READABLE = (1, 2, 3, VERSION)
WITHOUT_DECISIONS = (1, 2, 3)
MANIFEST = "manifest.json"
KINDS = (
    "annotations",
    "assignments",
    "codes",
    "events",
    "people",
    "project",
    "revisions",
    "sources",
    "speakers",
)
# Files that exist only if the project has such rows.
OPTIONAL_KINDS = (
    *("comments", "consensus", "decisions", "plans"),
    *("proposals", "rounds", "threads"),
)
PROJECT_CHOICES = ("visibility", "results", "agreed_bounds")
PROJECT_FLAGS = (
    *("open_sources", "counts_after_look", "whole_articles"),
    *("decisions_opened", "names_while_deciding", "decide_apart"),
)
SOURCE_FACTS = ("title", "publisher", "author", "published", "url", "language", "group", "note")
BOUNDS = ("paragraphs", "sentences", "tokens")
# The event that says that the project was restored from an archive. It belongs to the installation,
# not to the project, and is not archived.
RESTORED = {"action": "restore", "kind": "project"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def format_archive_path(kind: str) -> str:
    return f"data/{kind}.jsonl"


FILES = (*map(format_archive_path, KINDS), MANIFEST)
OPTIONAL_FILES = (*map(format_archive_path, OPTIONAL_KINDS),)
ALL_FILES = (*FILES[:-1], *OPTIONAL_FILES, MANIFEST)


def format_archive_line(row: Any) -> bytes:
    """Write a row in its only form."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def format_archive_time(at: datetime | None) -> str | None:
    """Format as ISO 8601 in UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def parse_archive_time(value: str) -> datetime:
    """Parse a time; raises ValueError for any other form than that of `format_archive_time`."""
    if not _MOMENT.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)


_SOURCE_BITS = 48  # at the beginning of a place's id, for its source


def move_place(place: UUID, source: int) -> UUID:
    """Return the id of a place with another number for its source."""
    rest = 128 - _SOURCE_BITS
    return UUID(int=source << rest | place.int & (1 << rest) - 1)


def read_place_source(place: UUID) -> int:
    return place.int >> 128 - _SOURCE_BITS


def is_about_source(kind: str, thing: str, source: int | None) -> bool:
    """Whether the object of an event is a source's key; `source`: that of the event."""
    number = thing.isascii() and thing.isdigit()
    return number and (kind == "source" or (kind == "decision" and source is not None))


_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest time of a zip entry, which cannot be empty


def build_zip_entry(name: str) -> zipfile.ZipInfo:
    """Build an entry without a time, identical on every machine."""
    made = zipfile.ZipInfo(name, _FIRST_DAY)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.create_system = 3
    made.external_attr = 0o644 << 16
    return made
