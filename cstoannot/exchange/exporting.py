"""Prepares export files: streams them, or sends a complete temporary file."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import IO, BinaryIO

from cstoannot.exchange.formats.base import ExportFormat, ExportRequest

CHUNK = 256 * 1024  # bytes in a chunk of a temporary file


@dataclass(frozen=True)
class ExportFile:
    """A file ready to send. `length` in bytes, if it is known."""

    name: str
    media_type: str
    chunks: Iterator[bytes]
    length: int | None = None


def prepare_export(format: ExportFormat, asked: ExportRequest) -> ExportFile:
    """Check the request and create the first bytes, so that errors are raised before sending.

    Raises Forbidden for a member who may not have this format, and what the format's own check
    raises.
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
    """Write the file; return its chunks and its length. It is deleted once sent."""
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
