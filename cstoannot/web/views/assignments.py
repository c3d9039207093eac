import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.assignments.actions import assign_everything, change_assignments, set_state
from cstoannot.assignments.models import Assignment, State
from cstoannot.assignments.queries import (
    Progress,
    get_assignment,
    progress_by_annotator,
    visible_assignments,
)
from cstoannot.core.errors import Conflict
from cstoannot.projects.models import Membership, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources
from cstoannot.web.base import (
    SignedInRequest,
    page_of,
    project_page,
    require_safe_or_post,
    signed_in,
)
from cstoannot.web.forms.assignments import Ticked, key, read_ticks

BOXES = 1_000  # on a page; a form of two thousand fields is refused
MOST_ROWS = 100


@dataclass(frozen=True)
class Box:
    member: Membership
    key: str
    ticked: bool
    assignment: Assignment | None


@dataclass(frozen=True)
class Row:
    source: Source
    boxes: list[Box]


@dataclass(frozen=True)
class Column:
    member: Membership
    progress: Progress


@require_safe_or_post
@signed_in
def assignments(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    refusal, ticked = None, None
    if request.method == "POST":
        ticked = read_ticks(request.POST)
        try:
            changed = change_assignments(
                scope, give=ticked.give, take=ticked.take, confirmed=ticked.confirmed
            )
            messages.success(request, _told(changed.given, changed.taken))
            return redirect(request.get_full_path())
        except Conflict as error:
            refusal = error
    context = {**_table(request, scope, ticked), "refusal": refusal}
    return project_page(request, scope, "assignments/page.html", context, place="assignments")


def _told(given: int, taken: int) -> str:
    if not given and not taken:
        return "Nothing was changed."
    words = [f"{given} given" if given else "", f"{taken} taken away" if taken else ""]
    return f"Saved: {', '.join(word for word in words if word)}."


def _table(request: SignedInRequest, scope: Scope, ticked: Ticked | None) -> dict[str, Any]:
    members = sorted(coding_members(scope), key=lambda member: member.role != Role.ANNOTATOR)
    size = max(1, min(MOST_ROWS, BOXES // max(1, len(members))))
    page = page_of(request, visible_sources(scope), size)
    progress = progress_by_annotator(scope)
    rows = _rows(scope, page, members, ticked)
    shown = [box.key for row in rows for box in row.boxes if box.assignment]
    return {
        "page": page,
        "columns": [Column(one, progress.get(one.user_id, Progress())) for one in members],
        "annotators": [one for one in members if one.role == Role.ANNOTATOR],
        "rows": rows,
        "shown": " ".join(shown),
    }


def _rows(
    scope: Scope, page: Page[Source], members: Sequence[Membership], ticked: Ticked | None
) -> list[Row]:
    sources = list(page.object_list)
    found = visible_assignments(scope).filter(source_id__in=[source.pk for source in sources])
    given = {(one.source_id, one.annotator_id): one for one in found.order_by()}
    return [
        Row(
            source,
            [_box(source, one, given.get((source.pk, one.user_id)), ticked) for one in members],
        )
        for source in sources
    ]


def _box(
    source: Source, member: Membership, assignment: Assignment | None, ticked: Ticked | None
) -> Box:
    """A box as it is stored or, when the page is shown again, as it was ticked."""
    pair = (source.pk, member.user.username)
    on = assignment is not None
    if ticked:
        on = (on or pair in ticked.give) and pair not in ticked.take
    return Box(member, key(*pair), on, assignment)


@require_safe_or_post
@signed_in
def everything(request: SignedInRequest, project: str) -> HttpResponse:
    """Give all sources to one annotator, or to every annotator."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    if request.method == "POST":
        names = request.POST.getlist("annotator") or [
            one.user.username for one in coding_members(scope) if one.role == Role.ANNOTATOR
        ]
        changed = assign_everything(scope, annotators=names)
        messages.success(request, _told(changed.given, changed.taken))
    return redirect("assignments", project)


@require_safe_or_post
@signed_in
def reopen(request: SignedInRequest, project: str, assignment: uuid.UUID) -> HttpResponse:
    """Give a finished source back to its annotator."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    if request.method == "POST":
        given = get_assignment(scope, assignment)
        set_state(scope, assignment, State.STARTED)
        messages.success(request, f"{given.annotator.username} has it to finish again.")
    page = request.POST.get("page", "")
    at = f"?page={page}" if page.isascii() and page.isdigit() else ""
    return redirect(reverse("assignments", args=[project]) + at)
