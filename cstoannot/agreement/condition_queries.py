"""Load the conditions of the coding in view: independence, codebook, who read what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min

from cstoannot.agreement.dataset import AgreementSource, Annotator
from cstoannot.agreement.queries import select_finished_assignments
from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import visible_annotations
from cstoannot.history.models import Event
from cstoannot.projects.models import Outsider
from cstoannot.projects.permissions import ROLES, Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope

AT_ONCE = 400  # sources in one statement; SQLite may be limited to 999 variables


@dataclass(frozen=True)
class CodingConditions:
    """Under which conditions the compared sources were coded.

    `visibilities`: the project's settings in force from the first passage to the last "done", in
    order. `seers`: coders whose role sees the coding of others, with the role. `outsiders`: coders
    whose coding was made elsewhere. `finished`: how many of the compared sources each coder
    finished, in the order of the coders. `revisions`: the codebook revisions under which they did.
    `read`: sources in view that any of the coders finished, compared or not.
    """

    visibilities: tuple[str, ...]
    seers: tuple[tuple[str, str], ...]
    outsiders: tuple[str, ...]
    finished: tuple[int, ...]
    revisions: tuple[int, ...]
    read: int = 0


def load_coding_conditions(
    scope: Scope, annotators: Sequence[Annotator], sources: Sequence[AgreementSource]
) -> CodingConditions:
    """Load the conditions for these coders and compared sources, as far as the reader may know."""
    people, compared = {one.pk: one.username for one in annotators}, {one.pk for one in sources}
    done = [
        row
        for row in select_finished_assignments(scope).values_list(
            "source_id", "annotator_id", "done_at", "finished_under"
        )
        if row[0] in compared and row[1] in people
    ]
    first = _find_first_passage(scope, sorted(people), sorted(compared))
    ends = [at for _, _, at, _ in done if at is not None]
    times = [*ends, first] if first else ends
    counts = dict.fromkeys(people, 0)
    for _, annotator, _, _ in done:
        counts[annotator] += 1
    return CodingConditions(
        visibilities=load_settings_in_force(scope, "visibility", min(times), max(times))
        if times
        else (),
        seers=_load_seers(scope, people),
        outsiders=tuple(
            people[pk]
            for pk in Outsider.objects.filter(
                project_id=scope.project_id, user_id__in=list(people)
            ).values_list("user_id", flat=True)
        ),
        finished=tuple(counts.values()),
        revisions=tuple(sorted({under for *_, under in done if under})),
    )


def _find_first_passage(
    scope: Scope, annotators: Sequence[int], sources: Sequence[int]
) -> datetime | None:
    """Return when the first passage was saved; with many sources, in the whole project."""
    if not annotators or not sources:
        return None
    said = visible_annotations(scope).filter(layer=Layer.INDIVIDUAL, annotator_id__in=annotators)
    if len(sources) <= AT_ONCE:
        said = said.filter(source_id__in=sources)
    found: datetime | None = said.order_by().aggregate(first=Min("created_at"))["first"]
    return found


def load_settings_in_force(
    scope: Scope, name: str, first: datetime, last: datetime, usual: Any = None
) -> tuple[Any, ...]:
    """Return what a setting of the project was between two times, in order, each value once.

    `usual`: the value of a setting that the history leaves out while it is this.
    """
    now = getattr(scope.project, name)
    if scope.project.version == 1:
        return (now,)
    events = Event.objects.filter(
        project_id=scope.project_id, kind="project", action__in=["create", "change"]
    )
    found: list[Any] = []
    for at, after in events.order_by("id").values_list("at", "after"):
        setting = (after or {}).get(name, now if usual is None else usual)
        if at <= first:
            found = [setting]
        elif at <= last:
            found.append(setting)
    return tuple(dict.fromkeys(found or [now]))


def _load_seers(scope: Scope, people: dict[int, str]) -> tuple[tuple[str, str], ...]:
    seeing = [role for role, held in ROLES.items() if Permission.SEE_ALL_CODING in held]
    members = visible_members(scope).filter(user_id__in=list(people), role__in=seeing)
    return tuple((people[one.user_id], str(one.role)) for one in members)
