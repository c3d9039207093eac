"""Reads an archive as untrusted input.

The zip, the manifest and each line are measured and checked before they are parsed, so that a small
file cannot fill the memory.
"""

import hashlib
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import orjson

from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.exchange.archive.layout import (
    ALL_FILES,
    FILES,
    FORMAT,
    MANIFEST,
    READABLE,
    VERSION,
    format_archive_line,
    format_archive_path,
)
from cstoannot.text.normalise import MAX_LENGTH
from cstoannot.text.spans import Bounds

MOST_STEPS = 2 * MAX_LENGTH  # in one list of bounds, if each character is a token
LONGEST_TEXT_LINE = 6 * MAX_LENGTH + 1_000_000  # bytes; JSON escapes take six
LONGEST_LINE = LONGEST_TEXT_LINE + 50_000_000  # with the bounds
MOST_ITEMS = 100_000  # strings, commas and brackets in a line
MOST_ITEMS_OF_MANY = 600_000
KINDS_OF_MANY = ("decisions", "events", "revisions")
"""Kinds of rows that hold a whole codebook, or all that was marked at a place."""
_MARKS = (b",", b"[", b"{")
# Possessive, and an unfinished string matches to the end: each byte is read once, and no state is
# stored for backtracking. The parser refuses unfinished strings.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.?+)*+(?:"|\Z)', re.DOTALL)
# Cannot match within a string, where each quotation mark follows a backslash.
_STEPS = re.compile(rb'"(paragraphs|sentences|tokens)":\[([0-9,]*)\]')
# Matches errors rather than valid lists: a pattern that repeats a million times needs memory for
# each repetition.
_WRONG_NUMBERS = re.compile(rb"^,|,,|,$|(?:^|,)0[0-9]|[0-9]{10}")


def parse_archive_line(written: bytes, kind: str, where: str) -> Any:
    """Parse a line in its only valid form.

    Raises Invalid, or TooLarge for a line that would take more memory than any row needs. Bounds of
    a source are returned as `Bounds`.
    """
    steps: dict[str, bytes] = {}
    if kind == "sources":
        written = _extract_bound_steps(written, steps, where)
    if len(written) > LONGEST_TEXT_LINE or _has_more_items(written, _get_line_item_limit(kind)):
        raise build_line_length_error(where)
    try:
        row = orjson.loads(written)
        if format_archive_line(row) != written:
            raise Invalid(_describe_foreign_line(where), field="archive")
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise Invalid(_describe_foreign_line(where), field="archive") from None
    if steps and isinstance(row, dict):
        row |= {name: _parse_bound_steps(steps.pop(name), name, where) for name in list(steps)}
    return row


def build_line_length_error(where: str) -> TooLarge:
    return TooLarge(f"{where}: too long for any row.", field="archive")


def _describe_foreign_line(where: str) -> str:
    return f"{where}: not written by cstoannot."


def _get_line_item_limit(kind: str) -> int:
    return MOST_ITEMS_OF_MANY if kind in KINDS_OF_MANY else MOST_ITEMS


def _has_more_items(written: bytes, most: int) -> bool:
    """Whether the line has more strings, commas and brackets, not counting those within strings."""
    if sum(map(written.count, (b'"', *_MARKS))) <= most:
        return False
    found, end = 0, 0
    for string in _STRINGS.finditer(written):
        found += 1 + _count_json_marks(written, end, string.start())
        end = string.end()
        if found > most:
            return True
    return found + _count_json_marks(written, end, len(written)) > most


def _count_json_marks(written: bytes, start: int, end: int) -> int:
    return sum(written.count(mark, start, end) for mark in _MARKS)


def _extract_bound_steps(written: bytes, steps: dict[str, bytes], where: str) -> bytes:
    """Return the line with empty lists of bounds; their contents are added to `steps`."""
    rest, end = [], 0
    for found in _STEPS.finditer(written):
        name = found[1].decode()
        if name in steps:
            raise Invalid(_describe_foreign_line(where), field="archive")
        rest.append(written[end : found.start(2)])
        steps[name], end = found[2], found.end(2)
    return b"".join((*rest, written[end:]))


def _parse_bound_steps(digits: bytes, name: str, where: str) -> Bounds:
    """Parse differences between bounds; raises Invalid for lists that are not well-formed."""
    count = digits.count(b",") + 1 if digits else 0
    if count > MOST_STEPS or len(digits) > 2 * count + MOST_STEPS:
        raise build_line_length_error(where)
    if count % 2 or _WRONG_NUMBERS.search(digits):
        raise Invalid(f"{where}: {name}: not the steps from bound to bound.", field="archive")
    ends = np.fromstring(digits, np.uint32, sep=",")
    if ends.sum(dtype=np.uint64) > MAX_LENGTH:
        raise Invalid(f"{where}: {name}: beyond the end of the text.", field="archive")
    np.cumsum(ends, out=ends, dtype=np.uint32)
    if (ends[::2] == ends[1::2]).any():
        raise Invalid(f"{where}: {name}: one of them is empty.", field="archive")
    bounds = Bounds()
    bounds.flat.frombytes(ends.tobytes())
    return bounds


LARGEST_PART = 16 * 1024**3  # bytes, unpacked
LARGEST_MANIFEST = 16_384
SMALL = 256 * 1024**2  # bytes for which the compression ratio is not limited
TIGHTEST = 200  # highest compression ratio of a part
_END = struct.Struct("<4s4H2LH")
_LARGEST_DIRECTORY = 4_096
_NOT_OURS = "This is not a cstoannot archive. Choose a file made with Export → Archive."
_DAMAGED = "The archive is damaged or incomplete: download it again. Nothing was restored."
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    struct.error,
    UnicodeDecodeError,
)


@dataclass
class ArchiveReader:
    """An archive whose zip structure and manifest are valid; each part is checked while it is read.

    `taken` counts the bytes of the lines read so far.
    """

    zip: zipfile.ZipFile
    version: int
    told: dict[str, Any]
    taken: int = 0

    def rows(self, kind: str) -> Iterator[tuple[int, Any]]:
        """Yield the rows of one part with their numbers; the last one only if the part is valid.

        Raises Invalid for an invalid line, and for a part whose SHA-256 differs from the manifest.
        """
        name = format_archive_path(kind)
        if name not in self.told:
            return
        digest, size, count = hashlib.sha256(), 0, 0
        with self._open(name) as part:
            while written := part.readline(LONGEST_LINE + 1):
                digest.update(written)
                size, count = size + len(written), count + 1
                self.taken += len(written)
                where = f"{name}, line {count}"
                if len(written) > LONGEST_LINE:
                    raise build_line_length_error(where)
                row = parse_archive_line(written, kind, where)
                del written  # the longest take 80 MB, and the row even more
                yield count, row
        found = {"bytes": size, "lines": count, "sha256": digest.hexdigest()}
        if self.told[name] != found:
            raise Invalid(f"{name} does not match the manifest: it was changed or cut off.")

    def _open(self, name: str) -> io.BufferedReader:
        return io.BufferedReader(self.zip.open(name), 256 * 1024)  # type: ignore[arg-type]


@contextmanager
def open_archive(file: IO[bytes], largest: int | None = None) -> Iterator[ArchiveReader]:
    """Open an archive; raises Invalid or TooLarge, also inside the block, for invalid files.

    `largest`: maximal number of bytes after unpacking.
    """
    try:
        _check_zip_end(file)
        with zipfile.ZipFile(file) as archive:
            _check_zip_entries(archive)
            size = sum(one.file_size for one in archive.infolist())
            if largest is not None and size > largest:
                raise TooLarge(
                    f"The archive unpacks to {size:,} bytes; {largest:,} are allowed here. Your "
                    f"administrator can restore it with manage.py restore_project.",
                    field="archive",
                )
            yield ArchiveReader(archive, *_read_manifest(archive))
    except _BROKEN as error:
        raise Invalid(_DAMAGED, field="archive") from error


def _check_zip_end(file: IO[bytes]) -> None:
    """Check, before the zip is opened, that the directory is small and that nothing follows it."""
    size = file.seek(0, io.SEEK_END)
    if size < _END.size:
        raise Invalid(_NOT_OURS, field="archive")
    file.seek(0)
    begins = file.read(4)
    file.seek(size - _END.size)
    mark, _, _, _, count, length, _, comment = _END.unpack(file.read(_END.size))
    if begins != b"PK\x03\x04":
        raise Invalid(_NOT_OURS, field="archive")
    if mark != b"PK\x05\x06" or comment:
        raise Invalid(_DAMAGED, field="archive")
    if not len(FILES) <= count <= len(ALL_FILES) or length > _LARGEST_DIRECTORY:
        raise Invalid(_NOT_OURS, field="archive")


def _check_zip_entries(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    names = [one.orig_filename for one in entries]
    if names != [name for name in ALL_FILES if name in names or name in FILES]:
        raise Invalid(_NOT_OURS, field="archive")
    if entries[0].header_offset:
        raise Invalid(_DAMAGED, field="archive")
    place = 0
    for one in entries:
        plain = one.flag_bits & ~0x808 == 0 and one.compress_type == zipfile.ZIP_DEFLATED
        if not plain or one.external_attr != 0o644 << 16 or one.header_offset < place:
            raise Invalid(_NOT_OURS, field="archive")
        place = one.header_offset + one.compress_size
        tight = one.file_size > SMALL and one.file_size > TIGHTEST * one.compress_size
        if tight or one.file_size > LARGEST_PART:
            raise TooLarge(
                f"{one.filename} would unpack to {one.file_size:,} bytes, which is too large for "
                f"a project.",
                field="archive",
            )


def _read_manifest(archive: zipfile.ZipFile) -> tuple[int, dict[str, Any]]:
    """Return the version of the format, and the manifest's entry of each file."""
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise Invalid(_NOT_OURS, field="archive")
    told = parse_archive_line(archive.read(MANIFEST), MANIFEST, f"{MANIFEST}, line 1")
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Invalid(_NOT_OURS, field="archive")
    if told.get("version") not in READABLE:
        raise Invalid(
            f"The archive has version {str(told.get('version'))[:20]} of the format; this "
            f"installation reads up to {VERSION}. Restore it where it was made, or with a newer "
            "one.",
            field="archive",
        )
    files = told.get("files")
    if not isinstance(files, dict) or {*files, MANIFEST} != set(archive.namelist()):
        raise Invalid(_NOT_OURS, field="archive")
    return told["version"], files
