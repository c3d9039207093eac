"""What stands where in an archive.

A zip of lines of JSON, one file for each kind of row, and a manifest with the SHA-256 of each.
Every line is written in one way only (keys sorted, no white space, UTF-8), so that the same
project gives the same bytes, and a file that reads otherwise was not written here.

Rows name each other by what is the same everywhere: people by user name, codes by slug, speakers
by name, sources by their number in the archive. The bounds of paragraphs, sentences and tokens are
steps in code points: to the first one's start, to its end, to the next one's start, and so on.
"""

import re
from datetime import UTC, datetime
from typing import Any

import orjson

FORMAT = "cstoannot archive"
VERSION = 2
# Version 1 kept the whole codebook with each of its revisions.
READABLE = (1, VERSION)
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
# Only where a project has some.
OPTIONAL_KINDS = ("proposals",)
SOURCE_FACTS = ("title", "publisher", "author", "published", "url", "language", "group", "note")
BOUNDS = ("paragraphs", "sentences", "tokens")
# The entry by which a history tells that the project came out of an archive. It belongs to the
# installation, not to the project, and so stays where it is.
RESTORED = {"action": "restore", "kind": "project"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def file_of(kind: str) -> str:
    return f"data/{kind}.jsonl"


FILES = (*map(file_of, KINDS), MANIFEST)
ALL_FILES = (*map(file_of, KINDS + OPTIONAL_KINDS), MANIFEST)


def line(row: Any) -> bytes:
    """The one way to write a row."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def read_moment(value: str) -> datetime:
    """Raises ValueError for whatever `moment` does not write."""
    if not _MOMENT.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)
