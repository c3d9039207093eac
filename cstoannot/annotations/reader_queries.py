"""The state of what a reader may know of a project, and a cache of what was loaded for it.

The state leaves out what the reader may not know: otherwise response times would tell an annotator
that somebody else has saved.
"""

import uuid
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from cstoannot.annotations.queries import build_shared_events_filter, visible_speakers
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.practice_queries import build_practice_filter
from cstoannot.assignments.queries import (
    build_opened_sources_filter,
    build_visible_consensus_filter,
    load_visible_consensus_states,
)
from cstoannot.history.models import CODING, LOOK, Event
from cstoannot.history.queries import DECIDING, HIDDEN_KINDS
from cstoannot.projects.models import Outsider, Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources

NO_SOURCE = 0
LONGEST_TRANSACTION = timedelta(minutes=1)
# Kinds of events that change no coder's annotations. Accepting a proposal is an event of the
# codebook as well; a LOOK marks only what is saved after it, which has events of its own.
_WITHOUT_CODING = (LOOK, "plan", "proposal", *DECIDING, "thread", "comment", "results_link")


@dataclass(frozen=True)
class ReaderState:
    """What a reader may know of a project at one time; cached results hold until it changes.

    `newest`: the latest event that the reader may know of. Events get their ids before their
    transactions end, so one can appear before `newest`: `recent` counts those of the minute before
    it, longer than any transaction. `opened`: sources on which an annotator may see the annotations
    of others; `speakers`: speakers that they may know of. `moved_at`: when annotations last moved
    between an outsider and a member, for annotators who may see those of others, because no visible
    event tells of it. `decided`: the sources that the team has begun to decide, with whether each
    is decided, as far as the reader may know. Visibility, open sources, `counts_after_look` and
    `decisions_opened` are the project's settings.
    """

    newest: uuid.UUID | None
    recent: int
    visibility: str
    open_sources: bool
    counts_after_look: bool
    decisions_opened: bool
    opened: frozenset[int] = frozenset()
    speakers: tuple[tuple[int, str], ...] = ()
    moved_at: datetime | None = None
    decided: frozenset[tuple[int, bool]] = frozenset()

    def __str__(self) -> str:
        """Return a short string that is the same in every process."""
        said = f"{self.newest} {self.recent} {self.visibility} {self.open_sources}"
        known = f"{sorted(self.opened)} {self.speakers} {self.moved_at} {sorted(self.decided)}"
        return f"{said} {self.counts_after_look} {self.decisions_opened} {known}"


def load_reader_state(scope: Scope) -> ReaderState:
    """Load the reader's state, from indexes alone.

    The work for an annotator does not depend on annotations that they may not see.
    """
    project = scope.project
    settings = (
        *(project.visibility, project.open_sources),
        *(project.counts_after_look, project.decisions_opened),
    )
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
        load_visible_consensus_states(scope),
    )


def load_changed_sources(scope: Scope, since: ReaderState, now: ReaderState) -> set[int] | None:
    """Return the sources whose annotations may have changed between two states of a reader.

    None if anything else has changed.
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
        events = part.filter(id__gt=first).exclude(kind__in=_WITHOUT_CODING).order_by()
        for kind, source in events.values_list("kind", "source_id").distinct():
            if kind not in CODING or source is None:
                return None
            changed.add(source)
    return changed


def _select_project_events(scope: Scope) -> QuerySet[Event]:
    return Event.objects.filter(project_id=scope.project_id)


def _select_shared_events(scope: Scope) -> QuerySet[Event]:
    """Select events on readable sources that concern nobody's annotations.

    With those that change a consensus which the reader may see.
    """
    readable = Q(source=None) | Q(source__in=visible_sources(scope).order_by().values("pk"))
    deciding = Q(kind__in=DECIDING) & build_visible_consensus_filter(scope)
    told = build_shared_events_filter(scope) & ~Q(kind__in=HIDDEN_KINDS) | deciding
    return _select_project_events(scope).filter(readable, told, about=None)


def _select_own_events(scope: Scope) -> QuerySet[Event]:
    if not scope.can(Permission.ANNOTATE):
        return Event.objects.none()
    return _select_project_events(scope).filter(about_id=scope.user_id).exclude(kind=LOOK)


def _select_events_of_others(scope: Scope) -> QuerySet[Event]:
    found = _select_project_events(scope).filter(
        source_id__in=_select_opened_source_ids(scope), kind__in=CODING
    )
    found = found.exclude(build_practice_filter(scope, "about_id"))
    return found.exclude(about=None).exclude(about_id=scope.user_id)


def _may_see_others(scope: Scope) -> bool:
    """Return whether this annotator can ever see annotations of others."""
    return scope.can(Permission.ANNOTATE) and scope.project.visibility != Visibility.OWN


def _select_opened_source_ids(scope: Scope) -> QuerySet[Any, tuple[int]]:
    """Select keys of sources on which this annotator may see annotations of others.

    For use as a subquery: there may be more keys than a statement can hold. The query runs even
    where there can be none, so that response times do not differ.
    """
    if not _may_see_others(scope):
        return Source.objects.filter(pk=NO_SOURCE).order_by().values_list("pk")
    if scope.project.visibility == Visibility.ALL:
        return visible_sources(scope).order_by().values_list("pk")
    mine = Assignment.objects.filter(project_id=scope.project_id, annotator_id=scope.user_id)
    return mine.filter(build_opened_sources_filter(scope)).order_by().values_list("source_id")


def _load_last_transfer(scope: Scope) -> datetime | None:
    """Return when annotations last changed owner, for readers who see whose they are."""
    people = Outsider.objects.filter(project_id=scope.project_id)
    return people.aggregate(last=Max("moved_at"))["last"]


def _find_newest_event_id(events: QuerySet[Event]) -> uuid.UUID | None:
    return events.order_by("-id").values_list("id", flat=True).first()


def _find_newest_id_on_sources(sources: QuerySet[Any, tuple[int]]) -> uuid.UUID | None:
    """Return the newest event on any of these sources, one index lookup for each."""
    newest = Event.objects.filter(source_id=OuterRef("pk")).order_by("-id").values("id")[:1]
    asked = Source.objects.filter(pk__in=sources).order_by()
    found = asked.values_list(Subquery(newest))
    return max((one for (one,) in found if one is not None), default=None)


def _count_recent_events(events: QuerySet[Event], newest: uuid.UUID | None) -> int:
    if newest is None:
        return 0
    return events.filter(id__gte=_compute_id_minute_before(newest), id__lte=newest).count()


def _compute_id_minute_before(event: uuid.UUID) -> uuid.UUID:
    """Return the least id of one minute earlier: a UUIDv7 begins with its milliseconds."""
    milliseconds = int(LONGEST_TRANSACTION.total_seconds() * 1000)
    return uuid.UUID(int=max(0, (event.int >> 80) - milliseconds) << 80)


View = TypeVar("View")

PROJECTS = 4  # cached for readers of all annotations: a million annotations take 260 MB
READERS = 32  # cached views of annotators and viewers


class ProjectCache(Generic[View]):
    """Cached views by project and reader; reader 0 is everybody who sees all annotations.

    Views of reader 0 have a store of their own, so that response times do not tell others what was
    looked at.
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
