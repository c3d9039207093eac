"""The layout of an archive: a zip of JSON Lines files, one for each kind of row, and a manifest
with the SHA-256 of each. Every line is written in one way only (keys sorted, no white space,
UTF-8) and zip entries have no time, so the same project gives the same bytes. Rows refer to
each other by names that are the same everywhere: people by user name, codes by slug, speakers
by name, sources by their number in the archive. Bounds of paragraphs, sentences and tokens are
steps in code points: to the first start, to its end, to the next start, and so on.
"""

import re
import zipfile
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


def format_archive_path(kind: str) -> str:
    return f"data/{kind}.jsonl"


FILES = (*map(format_archive_path, KINDS), MANIFEST)
ALL_FILES = (*map(format_archive_path, KINDS + OPTIONAL_KINDS), MANIFEST)


def format_archive_line(row: Any) -> bytes:
    """The one way to write a row."""
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def format_archive_time(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def parse_archive_time(value: str) -> datetime:
    """Raises ValueError for whatever `format_archive_time` does not write."""
    if not _MOMENT.fullmatch(value):
        raise ValueError
    return datetime.fromisoformat(value.removesuffix("Z")).replace(tzinfo=UTC)


_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # a zip cannot say that there is no time


def build_zip_entry(name: str) -> zipfile.ZipInfo:
    """An entry without a time, the same whatever machine writes it."""
    made = zipfile.ZipInfo(name, _FIRST_DAY)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.create_system = 3
    made.external_attr = 0o644 << 16
    return made
