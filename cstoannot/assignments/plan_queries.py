"""Plans of who codes what: what they would hand out, and what they have handed out."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import Exists, F, OuterRef, QuerySet

from cstoannot.assignments.models import Assignment, AssignmentState, Plan
from cstoannot.assignments.queries import list_working_names
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.models import Membership
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import removed_source_ids, visible_sources
from cstoannot.stats.plans import PlanTask, count_pairs, draw_share, plan_assignments
from cstoannot.stats.results import Bools, Ints

MOST_GIVEN = 50_000
"""Assignments of one plan."""
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class PlanDraft:
    """What a plan asks for. `annotators`: user names; `sources`: empty for all of the project.

    `shared`: the percentage of the sources that all of these annotators code.
    """

    annotators: tuple[str, ...]
    each: int = 2
    shared: int = 0
    seed: int = 1
    sources: tuple[int, ...] = ()
    name: str = ""
    deadline: date | None = None


@dataclass(frozen=True)
class CoderLoad:
    """What an annotator has of the plan's sources; `new` of them by this plan, `moved` away."""

    username: str
    sources: int
    words: int
    new: int
    moved: int


@dataclass(frozen=True)
class PlanPreview:
    """What a plan gives and moves: pairs of a source and an annotator's user name.

    `pairs`: how many sources two annotators share; `coders_by_source`: how many each source has.
    `left`: sources for which there are too few annotators.
    """

    coders: tuple[CoderLoad, ...]
    pairs: tuple[tuple[int, ...], ...]
    give: tuple[tuple[int, str], ...]
    take: tuple[tuple[int, str], ...]
    coders_by_source: dict[int, int]
    shared: int
    left: int = 0


@dataclass(frozen=True, eq=False)
class _PlannedSources:
    """Sources and annotators as arrays: `words` (S,) and who has what (S, A)."""

    sources: tuple[int, ...]
    names: tuple[str, ...]
    words: Ints
    given: Bools
    practice: Bools
    begun: Bools
    planned: Bools
    """Given by the plan that is extended."""


def list_plans(scope: Scope) -> QuerySet[Plan]:
    """Return the project's plans, latest first; only for those who edit assignments."""
    scope.require(Permission.EDIT_SOURCES)
    found = Plan.objects.filter(project_id=scope.project_id).select_related("made_by")
    return found.order_by("-created_at", "-id")


def require_plan(scope: Scope, plan_id: uuid.UUID) -> Plan:
    found = list_plans(scope).filter(pk=plan_id).first()
    if found is None:
        raise NotFound("The project has no such plan.")
    return found


def list_unassigned_sources(scope: Scope) -> QuerySet[Source]:
    """Return the sources that nobody has; only for those who edit assignments."""
    scope.require(Permission.EDIT_SOURCES)
    return visible_sources(scope).filter(assignments=None)


def load_plan_annotators(scope: Scope, plan: Plan) -> list[Membership]:
    """Return the plan's annotators who still annotate in the project."""
    return [one for one in coding_members(scope) if one.user_id in set(plan.annotators)]


def load_plan_state(scope: Scope, plan: Plan) -> PlanPreview:
    """Return what the plan has handed out, as a preview without anything new."""
    names = tuple(one.user.username for one in load_plan_annotators(scope, plan))
    ids = set(plan.assignments.values_list("source_id", flat=True))
    found = _load_planned_sources(scope, names, ids, plan)
    given = found.given & found.planned
    return _describe_plan(found, given, given)


def build_plan_preview(scope: Scope, draft: PlanDraft) -> PlanPreview:
    """Compute what the plan would give; raise Invalid."""
    scope.require(Permission.EDIT_SOURCES)
    names = _check_annotators(scope, draft.annotators)
    _check_numbers(draft, len(names))
    found = _load_planned_sources(scope, names, _choose_sources(scope, draft.sources))
    everybody = draw_share(len(found.sources), draft.shared, draft.seed)
    wanted = np.where(everybody, len(names), draft.each)
    none = np.zeros_like(found.given)
    return _compute_preview(found, wanted, kept=found.given, movable=none, seed=draft.seed)


def build_extension_preview(
    scope: Scope, plan: Plan, *, sources: Sequence[int] = (), annotators: Sequence[str] = ()
) -> PlanPreview:
    """Compute an extension by sources (empty: all of the project) and annotators; raise Invalid.

    What is not begun moves only to new annotators, and only as far as it evens the loads.
    """
    scope.require(Permission.EDIT_SOURCES)
    before = [one.user.username for one in load_plan_annotators(scope, plan)]
    more = [name for name in _check_annotators(scope, annotators) if name not in before]
    names = tuple(sorted([*before, *more]))
    if not names:
        raise Invalid("None of the plan's annotators is left. Add some.", field="annotators")
    old = set(plan.assignments.values_list("source_id", flat=True))
    chosen = _choose_sources(scope, sources)
    found = _load_planned_sources(scope, names, old | chosen, plan)
    is_old = np.array([pk in old for pk in found.sources], bool)
    was = np.array([name in set(before) for name in names], bool)
    new_share = draw_share(int((~is_old).sum()), plan.shared, plan.seed)
    everybody = found.given[:, was].all(axis=1) & is_old & (plan.each < was.sum())
    everybody[~is_old] = new_share
    wanted = np.where(everybody, len(names), min(plan.each, len(names)))
    movable = found.given & found.planned & ~found.begun if more else np.zeros_like(found.given)
    kept = found.given & ~movable
    return _compute_preview(found, wanted, kept=kept, movable=movable, seed=plan.seed)


def build_hand_on_preview(
    scope: Scope, username: str, *, to: Sequence[str] = (), seed: int = 1
) -> PlanPreview:
    """Compute who takes over what this annotator has not begun; raise Invalid.

    `to`: user names; empty for all annotators who have work in the project.
    """
    scope.require(Permission.EDIT_SOURCES)
    theirs = Assignment.objects.filter(
        project_id=scope.project_id, annotator__username=username.replace("\x00", "")
    )
    if "\x00" in username or not theirs.exists():
        raise Invalid("This annotator has no sources.", field="annotator")
    others = _check_annotators(scope, to, field="to") or list_working_names(scope)
    names = tuple(sorted({*others} - {username}))
    if not names:
        raise Invalid("There is nobody else to take them over.", field="to")
    unbegun = select_unbegun_assignments(scope).filter(annotator__username=username)
    sources = set(unbegun.values_list("source_id", flat=True))
    found = _load_planned_sources(scope, (*names, username), sources)
    return _compute_hand_on(found, _load_open_words(scope, names), seed)


def _compute_hand_on(found: _PlannedSources, loads: Ints, seed: int) -> PlanPreview:
    """Give each source of the last annotator to one more of the others, where one is left."""
    kept = found.given[:, :-1]
    wanted = np.minimum(kept.sum(axis=1) + 1, kept.shape[1])
    task = PlanTask(found.words, wanted, kept, np.zeros_like(kept), loads, seed)
    after = found.given.copy()
    after[:, :-1] = plan_assignments(task)
    taken_over = after[:, :-1].sum(axis=1) > kept.sum(axis=1)
    after[:, -1] = ~taken_over
    return _describe_plan(found, found.given, after, left=int((~taken_over).sum()))


def select_unbegun_assignments(scope: Scope) -> QuerySet[Assignment]:
    """Select the assignments that nobody has begun: to do, and without an annotation."""
    coded = Source.objects.filter(
        pk=OuterRef("source_id"),
        annotations__annotator_id=OuterRef("annotator_id"),
    )
    found = Assignment.objects.filter(
        project_id=scope.project_id, state=AssignmentState.TODO, practice=False
    )
    return found.filter(~Exists(coded)).order_by()


def _check_annotators(
    scope: Scope, usernames: Iterable[str], *, field: str = "annotators"
) -> tuple[str, ...]:
    known = {one.user.username for one in coding_members(scope)}
    for name in usernames:
        if name not in known:
            raise Invalid(
                f"“{name[:150]}” does not annotate in this project: add them first.", field=field
            )
    return tuple(sorted(set(usernames)))


def _choose_sources(scope: Scope, asked: Sequence[int]) -> set[int]:
    """Return these sources, or all if none is asked for; raise Invalid."""
    known = set(visible_sources(scope).values_list("pk", flat=True))
    if not set(asked) <= known:
        raise Invalid("One of these sources is not in the project.", field="sources")
    return set(asked) or known


def _check_numbers(draft: PlanDraft, coders: int) -> None:
    if not coders:
        raise Invalid("Choose the annotators.", field="annotators")
    if not 1 <= draft.each <= coders:
        raise Invalid(f"Each source can have from 1 to {coders} of these annotators.", field="each")
    if not 0 <= draft.shared <= 100:
        raise Invalid("The share is a percentage from 0 to 100.", field="shared")
    if not 0 <= draft.seed <= LARGEST_SEED:
        raise Invalid(f"The seed is a number from 0 to {LARGEST_SEED}.", field="seed")


def _load_planned_sources(
    scope: Scope, names: Sequence[str], wanted: Collection[int], plan: Plan | None = None
) -> _PlannedSources:
    """Load those of these sources that are there, and what these annotators have of them."""
    words = dict(visible_sources(scope).values_list("pk", "words"))
    chosen = set(wanted)
    sources = tuple(pk for pk in words if pk in chosen)
    row = {pk: number for number, pk in enumerate(sources)}
    column = {name: number for number, name in enumerate(names)}
    flags = np.zeros((4, len(sources), len(names)), bool)
    unbegun = set(select_unbegun_assignments(scope).values_list("pk", flat=True))
    found = Assignment.objects.filter(
        project_id=scope.project_id, annotator__username__in=names
    ).order_by()
    columns = found.values_list("pk", "source_id", "annotator__username", "practice", "plan_id")
    for pk, source, name, practice, of_plan in columns:
        if source in row:
            mine = plan is not None and of_plan == plan.pk
            flags[:, row[source], column[name]] = (True, practice, pk not in unbegun, mine)
    given, is_practice, begun, planned = flags
    sizes = np.array([max(words[pk], 1) for pk in sources], np.int64)
    return _PlannedSources(sources, tuple(names), sizes, given, is_practice, begun, planned)


def _load_open_words(scope: Scope, names: Sequence[str]) -> Ints:
    """Return (A,): how many words each annotator has still to code."""
    open_ones = Assignment.objects.filter(
        project_id=scope.project_id, annotator__username__in=names
    ).exclude(state=AssignmentState.DONE)
    open_ones = open_ones.exclude(source_id__in=removed_source_ids([scope])).order_by()
    words: dict[str, int] = {}
    for name, count in open_ones.values_list("annotator__username", F("source__words")):
        words[name] = words.get(name, 0) + count
    return np.array([words.get(name, 0) for name in names], np.int64)


def _compute_preview(
    found: _PlannedSources, wanted: Ints, *, kept: Bools, movable: Bools, seed: int
) -> PlanPreview:
    # Practice takes the place of an annotator, but counts for nothing.
    wanted = np.minimum(wanted + found.practice.sum(axis=1), len(found.names))
    if wanted.sum() > MOST_GIVEN:
        raise Invalid(
            f"That is more than {MOST_GIVEN:,} assignments. Plan a part of the sources first.",
            field="sources",
        )
    loads = np.zeros(len(found.names), np.int64)
    task = PlanTask(found.words, wanted, kept, movable, loads, seed)
    return _describe_plan(found, found.given, plan_assignments(task))


def _describe_plan(
    found: _PlannedSources, before: Bools, after: Bools, *, left: int = 0
) -> PlanPreview:
    counted = after & ~found.practice
    new, moved = after & ~before, before & ~after
    readers = counted.sum(axis=1)
    return PlanPreview(
        coders=tuple(
            CoderLoad(
                name,
                int(counted[:, n].sum()),
                int(found.words[counted[:, n]].sum()),
                int(new[:, n].sum()),
                int(moved[:, n].sum()),
            )
            for n, name in enumerate(found.names)
        ),
        pairs=tuple(tuple(row) for row in count_pairs(counted).tolist()),
        give=_list_pairs(found, new),
        take=_list_pairs(found, moved),
        coders_by_source=dict(zip(found.sources, readers.tolist(), strict=True)),
        shared=int((readers == len(found.names)).sum()),
        left=left,
    )


def _list_pairs(found: _PlannedSources, chosen: Bools) -> tuple[tuple[int, str], ...]:
    rows, columns = np.nonzero(chosen)
    return tuple(
        (found.sources[row], found.names[column])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    )
