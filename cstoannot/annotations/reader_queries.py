"""The state of what a reader may know of a project, and the cache of what was loaded for that
state. The state leaves out what the reader may not know: otherwise the time of a response would
tell a blind coder that somebody else has saved.
"""

import uuid
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from cstoannot.annotations.queries import visible_speakers
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.queries import build_opened_sources_filter
from cstoannot.history.models import CODING, LOOK, Event
from cstoannot.history.queries import HIDDEN_KINDS
from cstoannot.projects.models import Outsider, Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources

NO_SOURCE = 0
LONGEST_TRANSACTION = timedelta(minutes=1)


@dataclass(frozen=True)
class ReaderState:
    """A point in what a reader may know of a project: what was computed at it holds until another.

    `newest` is the latest event that the reader may know of. An event gets its id before its
    transaction ends, so one can appear behind the newest: `recent` counts those of the last
    minute before it, which no transaction outlasts. `opened` are the sources on which the coding
    of others is open to an annotator; `speakers` are the speakers that they may know of.
    `moved_at` is when coding last went from an outsider to a member, or back, for annotators who
    may see the coding of others: no event of that coding tells of it. Visibility, open sources and
    `counts_after_look` are the project's settings.
    """

    newest: uuid.UUID | None
    recent: int
    visibility: str
    open_sources: bool
    counts_after_look: bool
    opened: frozenset[int] = frozenset()
    speakers: tuple[tuple[int, str], ...] = ()
    moved_at: datetime | None = None

    def __str__(self) -> str:
        """The same in every process, and short."""
        said = f"{self.newest} {self.recent} {self.visibility} {self.open_sources}"
        known = f"{sorted(self.opened)} {self.speakers} {self.moved_at}"
        return f"{said} {self.counts_after_look} {known}"


def load_reader_state(scope: Scope) -> ReaderState:
    """Where the reader's part of the history is now, from indexes alone.

    For an annotator it takes the same work whatever happened in coding that they may not see.
    """
    project = scope.project
    settings = project.visibility, project.open_sources, project.counts_after_look
    if scope.can(Permission.SEE_ALL_CODING):
        events = _select_project_events(scope)
        newest = _find_newest_event_id(events)
        recent = _count_recent_events(events, newest)
        return ReaderState(newest, recent, *settings)
    shown = _may_see_others(scope)
    opened = frozenset(pk for (pk,) in _select_opened_source_ids(scope)) if shown else frozenset()
    parts = [_select_shared_events(scope), _select_own_events(scope)]
    known = [_find_newest_event_id(part) for part in parts] + [
        _find_newest_id_on_sources(_select_opened_source_ids(scope))
    ]
    newest = max((one for one in known if one is not None), default=None)
    recent = sum(
        _count_recent_events(part, newest) for part in [*parts, _select_events_of_others(scope)]
    )
    return ReaderState(
        newest,
        recent,
        *settings,
        opened,
        tuple(visible_speakers(scope).values_list("pk", "name")),
        _load_last_transfer(scope) if shown else None,
    )


def load_changed_sources(scope: Scope, since: ReaderState, now: ReaderState) -> set[int] | None:
    """The sources whose coding may have changed between two states of the same reader.

    None if other things have changed, too.
    """
    if since.newest is None or now.newest is None:
        return None
    if replace(since, newest=None, recent=0) != replace(now, newest=None, recent=0):
        return None
    if scope.can(Permission.SEE_ALL_CODING):
        parts = [_select_project_events(scope)]
    else:
        parts = [
            _select_shared_events(scope),
            _select_own_events(scope),
            _select_events_of_others(scope),
        ]
    before = sum(
        part.filter(id__gte=_compute_id_minute_before(since.newest), id__lte=since.newest).count()
        for part in parts
    )
    first = since.newest if before == since.recent else _compute_id_minute_before(since.newest)
    changed: set[int] = set()
    for part in parts:
        # A proposed code codes nothing: what comes of it is an event of the codebook. A look was
        # taken before: it marks what is saved later, which is an event of its own.
        events = part.filter(id__gt=first).exclude(kind__in=[LOOK, "proposal"]).order_by()
        for kind, source in events.values_list("kind", "source_id").distinct():
            if kind not in CODING or source is None:
                return None
            changed.add(source)
    return changed


def _select_project_events(scope: Scope) -> QuerySet[Event]:
    return Event.objects.filter(project_id=scope.project_id)


def _select_shared_events(scope: Scope) -> QuerySet[Event]:
    """What concerns nobody's coding, on sources that the reader may read."""
    readable = Q(source=None) | Q(source__in=visible_sources(scope).order_by().values("pk"))
    return _select_project_events(scope).filter(readable, about=None).exclude(kind__in=HIDDEN_KINDS)


def _select_own_events(scope: Scope) -> QuerySet[Event]:
    if not scope.can(Permission.ANNOTATE):
        return Event.objects.none()
    return _select_project_events(scope).filter(about_id=scope.user_id).exclude(kind=LOOK)


def _select_events_of_others(scope: Scope) -> QuerySet[Event]:
    found = _select_project_events(scope).filter(
        source_id__in=_select_opened_source_ids(scope), kind__in=CODING
    )
    return found.exclude(about=None).exclude(about_id=scope.user_id)


def _may_see_others(scope: Scope) -> bool:
    """Whether the coding of others can be open to this annotator."""
    return scope.can(Permission.ANNOTATE) and scope.project.visibility != Visibility.OWN


def _select_opened_source_ids(scope: Scope) -> QuerySet[Any, tuple[int]]:
    """Keys of the sources on which this annotator may see the coding of others.

    For use within other queries: there may be more than a statement holds. It is asked of the
    database even where there can be none, because a coder could tell by the time.
    """
    if not _may_see_others(scope):
        return Source.objects.filter(pk=NO_SOURCE).order_by().values_list("pk")
    if scope.project.visibility == Visibility.ALL:
        return visible_sources(scope).order_by().values_list("pk")
    mine = Assignment.objects.filter(project_id=scope.project_id, annotator_id=scope.user_id)
    return mine.filter(build_opened_sources_filter(scope)).order_by().values_list("source_id")


def _load_last_transfer(scope: Scope) -> datetime | None:
    """When coding last changed hands; for those who are shown whose coding it is."""
    people = Outsider.objects.filter(project_id=scope.project_id)
    return people.aggregate(last=Max("moved_at"))["last"]


def _find_newest_event_id(events: QuerySet[Event]) -> uuid.UUID | None:
    return events.order_by("-id").values_list("id", flat=True).first()


def _find_newest_id_on_sources(sources: QuerySet[Any, tuple[int]]) -> uuid.UUID | None:
    """The newest event on any of these sources, one step in the index for each."""
    newest = Event.objects.filter(source_id=OuterRef("pk")).order_by("-id").values("id")[:1]
    asked = Source.objects.filter(pk__in=sources).order_by()
    found = asked.values_list(Subquery(newest))
    return max((one for (one,) in found if one is not None), default=None)


def _count_recent_events(events: QuerySet[Event], newest: uuid.UUID | None) -> int:
    if newest is None:
        return 0
    return events.filter(id__gte=_compute_id_minute_before(newest), id__lte=newest).count()


def _compute_id_minute_before(event: uuid.UUID) -> uuid.UUID:
    """The least id of a minute before: a version 7 id begins with its milliseconds."""
    milliseconds = int(LONGEST_TRANSACTION.total_seconds() * 1000)
    return uuid.UUID(int=max(0, (event.int >> 80) - milliseconds) << 80)


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
