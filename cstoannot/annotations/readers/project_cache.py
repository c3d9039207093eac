"""Views of projects that are kept in this process, the least recently used given up first."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

View = TypeVar("View")

PROJECTS = 4  # kept at once for those who see all coding: a million annotations take 260 MB
READERS = 32  # views of annotators and viewers, kept at once


class ProjectCache(Generic[View]):
    """By project and reader; the reader 0 stands for all who see all coding.

    Their views are kept apart from those of annotators and viewers, so that the time of an answer
    does not tell what those who lead have looked at.
    """

    def __init__(self) -> None:
        self._whole: OrderedDict[tuple[int, int], View] = OrderedDict()
        self._partial: OrderedDict[tuple[int, int], View] = OrderedDict()
        self._lock = Lock()

    def get(self, project_id: int, reader: int) -> View | None:
        with self._lock:
            return self._room(reader).get((project_id, reader))

    def put(self, project_id: int, reader: int, view: View) -> None:
        room, most = self._room(reader), READERS if reader else PROJECTS
        with self._lock:
            room[project_id, reader] = view
            room.move_to_end((project_id, reader))
            while len(room) > most:
                room.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._whole.clear()
            self._partial.clear()

    def _room(self, reader: int) -> OrderedDict[tuple[int, int], View]:
        return self._partial if reader else self._whole
