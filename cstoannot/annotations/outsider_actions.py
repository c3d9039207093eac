"""Tie the people of an archive to members, and undo it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cstoannot.annotations.models import Annotation
from cstoannot.assignments.models import Assignment
from cstoannot.core.errors import Conflict, NotFound
from cstoannot.history.actions import record_event
from cstoannot.history.models import Event
from cstoannot.projects.models import Outsider
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import require_member
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.models import Source


@dataclass(frozen=True)
class _OutsiderTransfer:
    """The transfer of annotations in `sources` between two users; primary keys.

    `tied_at`: when the outsider was tied to the member, if that is being undone; `member`: the
    member's name.
    """

    giver: int
    taker: int
    sources: list[int]
    member: str
    tied_at: datetime | None = None


def tie_outsider(scope: Scope, *, name: str, username: str) -> None:
    """Tie an outsider to a member, who takes over their annotations and assignments.

    Moves one whole source per transaction, so that others can save in between; calling it again
    continues after an interruption. Raises NotFound, and Conflict if the outsider is tied to
    somebody else or the member has annotations or assignments on one of the sources.
    """
    move = _begin_tying(scope, name=name, username=username)
    _transfer_sources(scope, move)
    _finish_tying(scope, name=name, username=username)


def untie_outsider(scope: Scope, *, name: str) -> None:
    """Undo `tie_outsider`: give the outsider's annotations and assignments back.

    Raises Conflict if the member has changed something in these sources since.
    """
    move = _begin_untying(scope, name=name)
    _transfer_sources(scope, move)
    _finish_untying(scope, name=name)


def _transfer_sources(scope: Scope, move: _OutsiderTransfer) -> None:
    for source in move.sources:
        _transfer_source(scope, source, move)


def _lock_outsider(scope: Scope, name: str) -> Outsider:
    scope.require(Permission.MANAGE)
    known = Outsider.objects.select_for_update(of=("self",)).select_related("tied_to")
    found = None if "\x00" in name else known.filter(project_id=scope.project_id, name=name).first()
    if found is None:
        raise NotFound("This project’s archive contains nobody with this name.")
    return found


@project_action
def _begin_tying(scope: Scope, *, name: str, username: str) -> _OutsiderTransfer:
    outsider = _lock_outsider(scope, name)
    member = require_member(scope, username)
    if outsider.tied_to_id not in (None, member.user_id):
        raise Conflict(f"{name} is already linked to {outsider.tied_to}: undo that link first.")
    left = _load_annotator_source_ids(scope, outsider.user_id)
    both = (left | set(outsider.sources)) & _load_annotator_source_ids(scope, member.user_id)
    if outsider.tied_to_id is None:
        if both:
            raise Conflict(
                f"{username} has annotations on or is assigned to {len(both)} of the same "
                f"sources as {name}, but a person can code a source only once. Unassign these "
                f"sources first."
            )
        outsider.tied_to_id, outsider.tied_at = member.user_id, timezone.now()
        outsider.sources = sorted(left)
        outsider.save(update_fields=["tied_to", "tied_at", "sources"])
    return _OutsiderTransfer(outsider.user_id, member.user_id, sorted(left), username)


def _load_annotator_source_ids(scope: Scope, user: int) -> set[int]:
    """Return the keys of the sources that a user has coded or was assigned."""
    mine = {"project_id": scope.project_id, "annotator": user}
    coded = Annotation.objects.filter(**mine).order_by().values_list("source", flat=True)
    given = Assignment.objects.filter(**mine).order_by().values_list("source", flat=True)
    return {*coded.distinct(), *given}


@project_action
def _transfer_source(scope: Scope, source: int, move: _OutsiderTransfer) -> None:
    scope.require(Permission.MANAGE)
    _lock_source_assignments(scope, source)
    if move.tied_at is None:
        _check_source_unassigned(scope, source, move)
    else:
        _check_sources_unchanged(scope, {source}, move)
    theirs = {"project_id": scope.project_id, "source_id": source, "annotator_id": move.giver}
    Assignment.objects.filter(**theirs).update(annotator_id=move.taker)
    Annotation.objects.filter(**theirs).update(annotator_id=move.taker)
    people = Outsider.objects.filter(
        project_id=scope.project_id, user_id__in=(move.giver, move.taker)
    )
    people.update(moved_at=timezone.now())


def _lock_source_assignments(scope: Scope, source: int) -> None:
    """Prevent assignments and saves on this source until the transaction ends.

    Locks in the order of saves: sources first, then assignments.
    """
    here = Source.objects.filter(project_id=scope.project_id, pk=source)
    list(here.select_for_update().order_by("pk").values_list("pk"))
    given = Assignment.objects.filter(project_id=scope.project_id, source_id=source)
    list(given.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _check_source_unassigned(scope: Scope, source: int, move: _OutsiderTransfer) -> None:
    """Raise Conflict if the member got this source while others were moved."""
    on_source = {"project_id": scope.project_id, "source_id": source}
    given, coded = Assignment.objects.filter(**on_source), Annotation.objects.filter(**on_source)
    if any(rows.filter(annotator_id=move.taker).exists() for rows in (given, coded)):
        raise Conflict(
            f"{move.member} was assigned one of these sources in the meantime: unassign it, then "
            f"try again."
        )


def _check_sources_unchanged(scope: Scope, sources: set[int], move: _OutsiderTransfer) -> None:
    """Raise Conflict if the member has changed these sources since they were tied."""
    events = Event.objects.filter(
        project_id=scope.project_id, about_id=move.giver, at__gte=move.tied_at
    ).order_by()
    if len(sources) == 1:
        events = events.filter(source_id__in=sources)
    if sources & set(events.values_list("source_id", flat=True).distinct()):
        raise Conflict(
            f"{move.member} has since changed annotations in these sources, so they can no "
            f"longer be separated."
        )


@project_action
def _finish_tying(scope: Scope, *, name: str, username: str) -> None:
    """Record the event last: caches of results hold until the history changes."""
    outsider = _lock_outsider(scope, name)
    record_event(
        scope,
        action="tie",
        kind="outsider",
        object_id=outsider.user_id,
        after={"name": name, "member": username},
        about_id=outsider.tied_to_id,
    )


@project_action
def _begin_untying(scope: Scope, *, name: str) -> _OutsiderTransfer:
    outsider = _lock_outsider(scope, name)
    if outsider.tied_to_id is None or outsider.tied_at is None:
        raise Conflict(f"{name} is not linked to a member.")
    # Sources that stayed with the outsider after an interruption, or were given back, are not the
    # member's.
    moved = set(outsider.sources) - _load_annotator_source_ids(scope, outsider.user_id)
    move = _OutsiderTransfer(
        outsider.tied_to_id,
        outsider.user_id,
        sorted(moved),
        str(outsider.tied_to),
        outsider.tied_at,
    )
    _check_sources_unchanged(scope, moved, move)
    return move


@project_action
def _finish_untying(scope: Scope, *, name: str) -> None:
    outsider = _lock_outsider(scope, name)
    member = outsider.tied_to
    outsider.tied_to, outsider.tied_at, outsider.sources = None, None, []
    outsider.save(update_fields=["tied_to", "tied_at", "sources"])
    record_event(
        scope,
        action="untie",
        kind="outsider",
        object_id=outsider.user_id,
        before={"name": name, "member": member.username if member else ""},
        about_id=member.pk if member else None,
    )
