"""Apply plans and extend them; hand on what an annotator has not begun."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils import timezone

from cstoannot.assignments.actions import (
    lock_assignments,
    remove_assignments,
    store_new_assignments,
)
from cstoannot.assignments.models import Assignment, Plan
from cstoannot.assignments.plan_queries import (
    PlanDraft,
    PlanPreview,
    build_extension_preview,
    build_hand_on_preview,
    build_plan_preview,
    load_plan_annotators,
    require_plan,
    select_unbegun_assignments,
)
from cstoannot.core.errors import Conflict
from cstoannot.core.fields import clean_line
from cstoannot.history.actions import record_event
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope, project_action
from cstoannot.stats.plans import draw_order

LONGEST_NAME = 100
# Plan and deadline of an assignment.
Terms = tuple[uuid.UUID | None, date | None]


@project_action
def apply_plan(scope: Scope, draft: PlanDraft) -> tuple[Plan, PlanPreview]:
    """Hand out sources as planned; return the plan and what it gave."""
    scope.require(Permission.EDIT_SOURCES)
    name = clean_line(draft.name, field="name", longest=LONGEST_NAME)
    found = build_plan_preview(scope, draft)
    members = {one.user.username: one.user_id for one in coding_members(scope)}
    plan = Plan.objects.create(
        project_id=scope.project_id,
        name=name or f"Plan {Plan.objects.filter(project_id=scope.project_id).count() + 1}",
        each=draft.each,
        shared=draft.shared,
        seed=draft.seed,
        annotators=sorted(members[one] for one in draft.annotators),
        deadline=draft.deadline,
        made_by_id=scope.user_id,
        created_at=timezone.now(),
    )
    _give_by_plan(scope, found, plan)
    record_event(
        scope,
        action="create",
        kind="plan",
        object_id=plan.pk,
        after={**_describe_plan_fields(plan), "given": len(found.give)},
    )
    return plan, found


@project_action
def extend_plan(
    scope: Scope, plan_id: uuid.UUID, *, sources: Sequence[int] = (), annotators: Sequence[str] = ()
) -> tuple[Plan, PlanPreview]:
    """Extend a plan by sources (empty: all of the project) and annotators."""
    scope.require(Permission.EDIT_SOURCES)
    plan = require_plan(scope, plan_id)
    unbegun = plan.assignments.values_list("pk", flat=True)
    lock_assignments(scope, unbegun)
    found = build_extension_preview(scope, plan, sources=sources, annotators=annotators)
    before = _describe_plan_fields(plan)
    _take_sources(scope, found.take)
    _give_by_plan(scope, found, plan)
    known = {one.user_id for one in load_plan_annotators(scope, plan)}
    more = coding_members(scope).filter(user__username__in=[one.username for one in found.coders])
    plan.annotators = sorted({*plan.annotators, *known, *(one.user_id for one in more)})
    plan.save(update_fields=["annotators"])
    record_event(
        scope,
        action="change",
        kind="plan",
        object_id=plan.pk,
        before=before,
        after={
            **_describe_plan_fields(plan),
            "given": len(found.give),
            "taken": len(found.take),
        },
    )
    return plan, found


@project_action
def hand_on_sources(
    scope: Scope, username: str, *, to: Sequence[str] = (), seed: int = 1
) -> PlanPreview:
    """Give to others what this annotator has not begun; return what moved."""
    scope.require(Permission.EDIT_SOURCES)
    known = username.replace("\x00", "")
    theirs = select_unbegun_assignments(scope).filter(annotator__username=known)
    lock_assignments(scope, theirs.values_list("pk", flat=True))
    found = build_hand_on_preview(scope, username, to=to, seed=seed)
    gone = _take_sources(scope, found.take)
    terms = {row.source_id: (row.plan_id, row.deadline) for row in gone}
    _give_sources(scope, found.give, terms, seed=seed)
    return found


def _give_by_plan(scope: Scope, found: PlanPreview, plan: Plan) -> None:
    terms = {source: (plan.pk, plan.deadline) for source, _ in found.give}
    _give_sources(scope, found.give, terms, seed=plan.seed)


def _describe_plan_fields(plan: Plan) -> dict[str, Any]:
    return {
        "name": plan.name,
        "each": plan.each,
        "shared": plan.shared,
        "seed": plan.seed,
        "annotators": plan.annotators,
        "deadline": plan.deadline.isoformat() if plan.deadline else None,
    }


def _take_sources(scope: Scope, pairs: Sequence[tuple[int, str]]) -> list[Assignment]:
    """Remove assignments that nobody has begun; they are locked."""
    wanted = set(pairs)
    names = {name for _, name in wanted}
    unbegun = select_unbegun_assignments(scope).filter(annotator__username__in=names)
    rows = [
        row
        for row in unbegun.select_related("annotator")
        if (row.source_id, row.annotator.username) in wanted
    ]
    if len(rows) < len(wanted):
        raise Conflict("Somebody has begun one of these sources. Look at the preview again.")
    remove_assignments(scope, rows)
    return rows


def _give_sources(
    scope: Scope, pairs: Sequence[tuple[int, str]], terms: Mapping[int, Terms], *, seed: int
) -> None:
    """Assign in a random order for each annotator, after what they have already."""
    members = {one.user.username: one.user_id for one in coding_members(scope)}
    of_each: dict[str, list[int]] = {}
    for source, name in pairs:
        of_each.setdefault(name, []).append(source)
    last = _load_last_ranks(scope, (members[name] for name in of_each))
    made = []
    for name, sources in of_each.items():
        first = last.get(members[name], -1) + 1
        for rank, number in enumerate(draw_order(len(sources), seed, name, first), first):
            plan_id, deadline = terms[sources[number]]
            row = Assignment(
                project_id=scope.project_id,
                source_id=sources[number],
                annotator_id=members[name],
                plan_id=plan_id,
                deadline=deadline,
                rank=rank,
            )
            made.append((name, row))
    store_new_assignments(scope, made)


def _load_last_ranks(scope: Scope, annotators: Iterable[int]) -> dict[int, int]:
    mine = Assignment.objects.filter(
        project_id=scope.project_id, annotator_id__in=list(annotators), rank__isnull=False
    )
    return dict(mine.order_by().values_list("annotator_id").annotate(last=Max("rank")))
