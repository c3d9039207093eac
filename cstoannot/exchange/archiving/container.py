"""The zip around an archive, read as if somebody had made it to do harm."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.exchange.archiving.layout import (
    ALL_FILES,
    FILES,
    FORMAT,
    MANIFEST,
    READABLE,
    VERSION,
    file_of,
)
from cstoannot.exchange.archiving.lines import LONGEST_LINE, read_line, too_long

LARGEST_PART = 16 * 1024**3  # bytes, unpacked
LARGEST_MANIFEST = 16_384
SMALL = 256 * 1024**2  # bytes that may be packed as tightly as they like
TIGHTEST = 200  # times that a part may be larger than its packed bytes
_END = struct.Struct("<4s4H2LH")
_LARGEST_DIRECTORY = 4_096
_NOT_OURS = "This is not an archive of cstoannot. Choose a file made by Export → Archive."
_DAMAGED = "The archive is damaged or incomplete: fetch it again. Nothing was restored."
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
class Archive:
    """An archive whose outside is as it should be; each part is judged while it is read.

    `taken` counts the bytes of lines that have been read.
    """

    zip: zipfile.ZipFile
    version: int
    told: dict[str, Any]
    taken: int = 0

    def rows(self, kind: str) -> Iterator[tuple[int, Any]]:
        """The rows of one part with their numbers, from 1; the last one comes if all was true.

        Raises Invalid for a line that was not written here, and for a part that is not the one
        whose SHA-256 the manifest has.
        """
        name = file_of(kind)
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
                    raise too_long(where)
                row = read_line(written, kind, where)
                del written  # the longest take 80 MB, and what comes of the row more
                yield count, row
        found = {"bytes": size, "lines": count, "sha256": digest.hexdigest()}
        if self.told[name] != found:
            raise Invalid(f"{name} is not what the manifest says: it was altered or cut off.")

    def _open(self, name: str) -> io.BufferedReader:
        return io.BufferedReader(self.zip.open(name), 256 * 1024)  # type: ignore[arg-type]


@contextmanager
def opened(file: IO[bytes], largest: int | None = None) -> Iterator[Archive]:
    """Open an archive. Raises Invalid or TooLarge for whatever is none, also inside the block.

    `largest`: how many bytes all of it may unpack to.
    """
    try:
        _check_end(file)
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive)
            size = sum(one.file_size for one in archive.infolist())
            if largest is not None and size > largest:
                raise TooLarge(
                    f"The archive unpacks to {size:,} bytes; {largest:,} are allowed here. Whoever "
                    "runs this installation can restore it with manage.py restore_project.",
                    field="archive",
                )
            yield Archive(archive, *_manifest(archive))
    except _BROKEN as error:
        raise Invalid(_DAMAGED, field="archive") from error


def _check_end(file: IO[bytes]) -> None:
    """The directory is small, and nothing follows it; looked at before any of it is believed."""
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
    if count not in (len(FILES), len(ALL_FILES)) or length > _LARGEST_DIRECTORY:
        raise Invalid(_NOT_OURS, field="archive")


def _check_entries(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if tuple(one.orig_filename for one in entries) not in (FILES, ALL_FILES):
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
                f"{one.filename} would unpack to {one.file_size:,} bytes: no project is like that.",
                field="archive",
            )


def _manifest(archive: zipfile.ZipFile) -> tuple[int, dict[str, Any]]:
    """The version of the format, and what the manifest says of each file."""
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise Invalid(_NOT_OURS, field="archive")
    told = read_line(archive.read(MANIFEST), MANIFEST, f"{MANIFEST}, line 1")
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
