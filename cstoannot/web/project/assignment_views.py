"""The board of assignments: its check boxes, and changes of many at once."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from cstoannot.assignments.actions import (
    Pair,
    assign_all_sources,
    change_assignments,
    set_assignment_state,
)
from cstoannot.assignments.board_actions import (
    give_matching_sources,
    reopen_assignments,
    set_deadlines,
    take_assignments,
)
from cstoannot.assignments.board_queries import (
    AnnotatorPace,
    BoardFilter,
    load_paces,
    select_board_assignments,
    select_board_sources,
)
from cstoannot.assignments.models import Assignment, AssignmentState, ConsensusState
from cstoannot.assignments.queries import (
    AssignmentProgress,
    load_progress_by_annotator,
    readable_assignments,
    require_assignment,
)
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.core.plurals import count_of
from cstoannot.decisions.queries import load_consensus_states
from cstoannot.projects.models import Membership, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.models import Source
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.project.board_filters import (
    format_board_filter,
    list_board_choices,
    list_board_fields,
    parse_board_filter,
)


@dataclass(frozen=True)
class AssignmentTicks:
    """The boxes that changed since the page was shown."""

    give: list[Pair]
    take: list[Pair]
    confirmed: bool


def format_box_key(source: int, username: str) -> str:
    """Return a box's key: the source's id and the annotator's name."""
    return f"{source}:{username}"


def parse_assignment_ticks(posted: QueryDict) -> AssignmentTicks:
    """Parse only the boxes that changed, so that two people do not undo each other's changes."""
    shown = set(posted.get("shown", "").split())
    ticked = set(posted.getlist("given"))
    return AssignmentTicks(
        give=sorted(_iterate_ticked_pairs(ticked - shown)),
        take=sorted(_iterate_ticked_pairs(shown - ticked)),
        confirmed="confirm" in posted,
    )


def _iterate_ticked_pairs(keys: Iterable[str]) -> Iterable[Pair]:
    for one in keys:
        source, _, username = one.partition(":")
        number = parse_whole_number(source)
        if number is None or not username:
            raise Invalid("The form contains an invalid assignment. Reload the page.")
        yield number, username


BOXES = 1_000  # on a page; larger forms are refused
MOST_ROWS = 100


@dataclass(frozen=True)
class AssignmentBox:
    member: Membership
    key: str
    ticked: bool
    assignment: Assignment | None


@dataclass(frozen=True)
class AssignmentTableRow:
    source: Source
    boxes: list[AssignmentBox]
    consensus: ConsensusState | None


@dataclass(frozen=True)
class AssignmentTableColumn:
    member: Membership
    progress: AssignmentProgress
    pace: AnnotatorPace | None


@require_safe_or_post
@sign_in_required
def edit_assignments_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    refusal, ticked = None, None
    if request.method == "POST":
        ticked = parse_assignment_ticks(request.POST)
        try:
            changed = change_assignments(
                scope, give=ticked.give, take=ticked.take, confirmed=ticked.confirmed
            )
            messages.success(request, _describe_assignment_changes(changed.given, changed.taken))
            return redirect(request.get_full_path())
        except Conflict as error:
            refusal = error
    context = {**_build_assignment_table(request, scope, ticked), "refusal": refusal}
    return render_project_page(
        request, scope, "assignments/page.html", context, place="assignments"
    )


def _describe_assignment_changes(given: int, taken: int) -> str:
    if not given and not taken:
        return "No changes to save."
    words = [
        f"{_format_source_count(given)} assigned" if given else "",
        f"{_format_source_count(taken)} unassigned" if taken else "",
    ]
    return f"Saved: {', '.join(word for word in words if word)}."


def _format_source_count(sources: int) -> str:
    return f"{sources} source{'' if sources == 1 else 's'}"


def _build_assignment_table(
    request: SignedInRequest, scope: Scope, ticked: AssignmentTicks | None
) -> dict[str, Any]:
    asked = parse_board_filter(request.GET)
    everybody = sorted(coding_members(scope), key=lambda member: member.role != Role.ANNOTATOR)
    members = [one for one in everybody if asked.annotator in ("", one.user.username)]
    size = max(1, min(MOST_ROWS, BOXES // max(1, len(members))))
    page = paginate_rows(request, select_board_sources(scope, asked), size)
    progress, paces = load_progress_by_annotator(scope), load_paces(scope)
    rows = _build_assignment_rows(scope, page, members, ticked)
    shown = [box.key for row in rows for box in row.boxes if box.assignment]
    return {
        "page": page,
        "columns": [
            AssignmentTableColumn(
                one, progress.get(one.user_id, AssignmentProgress()), paces.get(one.user_id)
            )
            for one in members
        ],
        "annotators": [one for one in everybody if one.role == Role.ANNOTATOR],
        "coders": [one.user.username for one in everybody],
        "asked": asked,
        "asked_fields": list_board_fields(asked),
        "matching": select_board_assignments(scope, asked).count(),
        "today": timezone.localdate(),
        **list_board_choices(scope),
        "rows": rows,
        "shown": " ".join(shown),
    }


def _build_assignment_rows(
    scope: Scope, page: Page[Source], members: Sequence[Membership], ticked: AssignmentTicks | None
) -> list[AssignmentTableRow]:
    sources = list(page.object_list)
    found = readable_assignments(scope).filter(source_id__in=[source.pk for source in sources])
    given = {(one.source_id, one.annotator_id): one for one in found.order_by()}
    states = load_consensus_states(scope, [source.pk for source in sources])
    return [
        AssignmentTableRow(
            source,
            [
                _build_assignment_box(source, one, given.get((source.pk, one.user_id)), ticked)
                for one in members
            ],
            states.get(source.pk),
        )
        for source in sources
    ]


def _build_assignment_box(
    source: Source,
    member: Membership,
    assignment: Assignment | None,
    ticked: AssignmentTicks | None,
) -> AssignmentBox:
    """Build a box as it is stored, or as it was ticked if the page is shown again."""
    pair = (source.pk, member.user.username)
    on = assignment is not None
    if ticked:
        on = (on or pair in ticked.give) and pair not in ticked.take
    return AssignmentBox(member, format_box_key(*pair), on, assignment)


@require_safe_or_post
@sign_in_required
def assign_everything_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Assign all sources to one annotator, or to every annotator."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    if request.method == "POST":
        names = request.POST.getlist("annotator") or [
            one.user.username for one in coding_members(scope) if one.role == Role.ANNOTATOR
        ]
        changed = assign_all_sources(scope, annotators=names)
        messages.success(request, _describe_assignment_changes(changed.given, changed.taken))
    return redirect("assignments", project)


@require_safe_or_post
@sign_in_required
def change_many_assignments_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Change all assignments that match the board's filter."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    asked = parse_board_filter(request.POST)
    act = _MANY.get(request.POST.get("act", ""))
    if act is not None:
        try:
            messages.success(request, act(scope, asked, request.POST))
        except (Conflict, Invalid) as error:
            messages.error(request, error.message)
    address = reverse("assignments", args=[project])
    return redirect(f"{address}?{format_board_filter(asked)}")


def _set_many_deadlines(scope: Scope, asked: BoardFilter, posted: QueryDict) -> str:
    day = posted.get("deadline", "")
    try:
        deadline = parse_date(day) if day else None
    except ValueError:
        deadline = None
    if day and deadline is None:
        raise Invalid("Enter a day such as 2026-01-31.", field="deadline")
    changed = count_of(set_deadlines(scope, asked, deadline), "deadline")
    return f"{changed} {'set' if deadline else 'removed'}."


def _reopen_many(scope: Scope, asked: BoardFilter, posted: QueryDict) -> str:
    return f"{count_of(reopen_assignments(scope, asked), 'source')} reopened."


def _take_many(scope: Scope, asked: BoardFilter, posted: QueryDict) -> str:
    changed = take_assignments(scope, asked, confirmed="confirm" in posted)
    return _describe_assignment_changes(changed.given, changed.taken)


def _give_many(scope: Scope, asked: BoardFilter, posted: QueryDict) -> str:
    changed = give_matching_sources(scope, asked, posted.getlist("to"))
    return _describe_assignment_changes(changed.given, changed.taken)


_MANY: dict[str, Callable[[Scope, BoardFilter, QueryDict], str]] = {
    "deadline": _set_many_deadlines,
    "reopen": _reopen_many,
    "take": _take_many,
    "give": _give_many,
}


@require_safe_or_post
@sign_in_required
def reopen_assignment_view(
    request: SignedInRequest, project: str, assignment: uuid.UUID
) -> HttpResponse:
    """Reopen an annotator's finished assignment."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    if request.method == "POST":
        given = require_assignment(scope, assignment)
        set_assignment_state(scope, assignment, AssignmentState.STARTED)
        messages.success(request, f"Reopened for {given.annotator.username}.")
    page = parse_whole_number(request.POST.get("page", ""))
    at = f"?page={page}" if page else ""
    return redirect(reverse("assignments", args=[project]) + at)
