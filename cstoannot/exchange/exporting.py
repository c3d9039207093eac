"""Annotations leave page by page, in flat memory; a file leaves whole, or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import IO, BinaryIO

from cstoannot.exchange.formats.base import ExportFormat, ExportRequest

CHUNK = 256 * 1024  # bytes of a finished file that are sent at once


@dataclass(frozen=True)
class ExportFile:
    """A file on its way out. `length` in bytes, where it is known before the end."""

    name: str
    media_type: str
    chunks: Iterator[bytes]
    length: int | None = None


def prepare_export(format: ExportFormat, asked: ExportRequest) -> ExportFile:
    """The file, ready to be sent: its first bytes are made, so what can be refused has been.

    Who may see what was decided when the scope was opened. Raises Forbidden for a member who may
    not have this format, and whatever the format's own check raises.
    """
    asked.scope.require(format.permission)
    format.check(asked)
    ready = partial(ExportFile, format.file_name(asked), format.media_type)
    if format.stream:
        chunks = format.stream(asked)
        return ready(chain([next(chunks, b"")], chunks))
    assert format.write
    return ready(*_write_temporary_file(format.write, asked))


def _write_temporary_file(
    write: Callable[[ExportRequest, BinaryIO], None], asked: ExportRequest
) -> tuple[Iterator[bytes], int]:
    """A file that has to stand before it is sent, and its length; gone once it is sent."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write(asked, file)
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        stack.pop_all()
    return _iterate_file_chunks(file), length


def _iterate_file_chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
