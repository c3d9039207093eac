"""Size limits of request bodies by route; reception of large texts into a file.

Routes that are not listed have a small limit.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Lock
from typing import IO, Any

from django.conf import settings

from cstoannot.database.outages import Outage, Unavailable
from cstoannot.web.archives import LARGEST_ARCHIVE

KIB = 1024
SMALL = 64 * KIB  # an annotation, and all requests without a session for a page
TEXTS = 512 * KIB  # two texts of 20,000 characters, with every character escaped
LIST = 2 * KIB * KIB  # 500 annotations
CODES = 4 * KIB * KIB  # 2,000 codes with their explanations

_API = "api/v1/projects/"
_ONE_API = f"{_API}<str:project>/"
_ONE_PAGE = "projects/<str:project>/"
LIMITS = {
    _API: TEXTS,
    _ONE_API: TEXTS,
    f"{_ONE_API}annotations/": LIST,
    f"{_ONE_API}codes/": CODES,
    f"{_ONE_API}codes/<str:code>/": TEXTS,
    f"{_ONE_API}code-proposals/": TEXTS,
    f"{_ONE_API}code-proposals/<id:proposal>/accept/": TEXTS,
    f"{_ONE_API}sources/": settings.LARGEST_SOURCE_BODY,
    f"{_ONE_API}sources/<int:source>/": TEXTS,
    "projects/new/": TEXTS,
    "projects/restore/": LARGEST_ARCHIVE + SMALL,
    f"{_ONE_PAGE}settings/": TEXTS,
    f"{_ONE_PAGE}assignments/": TEXTS,
    f"{_ONE_PAGE}sources/new/": settings.LARGEST_SOURCE_BODY,
    f"{_ONE_PAGE}sources/<int:source>/edit/": TEXTS,
    f"{_ONE_PAGE}codebook/new/": TEXTS,
    f"{_ONE_PAGE}codebook/new-list/": CODES,
    f"{_ONE_PAGE}codebook/<str:code>/edit/": TEXTS,
    f"{_ONE_PAGE}codebook/proposals/<uuid:proposal>/": TEXTS,
}
"""By route, as the resolver names it."""

IN_MEMORY = {"api_sources", "source_new"}
"""Routes whose bodies are held in memory as a whole, many times over during segmentation."""


def resolve_body_limit(route: str) -> int:
    """Return how many bytes a request to this route may send."""
    return LIMITS.get(route, SMALL)


PATIENCE = 10.0  # seconds
CHUNK = 256 * 1024  # bytes received at once
BUSY = Outage("busy", "Others are sending large texts.", 10)

slot = Lock()
"""Held while a large text is in memory."""


class ReceivedBody:
    """Replaces a request's stream; the first read receives the body into a file.

    Then it waits for the slot, which it holds until it is closed: so slow clients make nobody wait.
    Raises Unavailable if the slot is not free in time.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._file: IO[bytes] | None = None
        self._at_the_end = ExitStack()

    def read(self, size: int = -1) -> bytes:
        return self._received().read(size)

    def readline(self, size: int = -1) -> bytes:
        return self._received().readline(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def close(self) -> None:
        """Release the slot and the file."""
        self._at_the_end.close()

    def _received(self) -> IO[bytes]:
        if self._file is None:
            with ExitStack() as stack:
                file = stack.enter_context(tempfile.TemporaryFile())
                while chunk := self._stream.read(CHUNK):
                    _write_body_chunk(file, chunk)
                file.seek(0)
                if not slot.acquire(timeout=PATIENCE):
                    raise Unavailable(BUSY)
                stack.callback(slot.release)
                self._at_the_end = stack.pop_all()
            self._file = file
        return self._file


def _write_body_chunk(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        # Django treats each OSError of a stream as a closed connection.
        raise RuntimeError("the body cannot be kept") from error
