"""The list of projects, the overview of one project, its settings, deletion and undeletion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import may_restore_archives
from cstoannot.annotations.counts import count_by_source
from cstoannot.assignments.actions import change_project_settings
from cstoannot.assignments.board_queries import (
    DueWork,
    load_late_annotators,
    load_my_due_work,
)
from cstoannot.assignments.models import Assignment, AssignmentState, ConsensusState
from cstoannot.assignments.queries import (
    AssignmentProgress,
    find_next_assignment,
    load_my_progress_everywhere,
    load_next_sources_everywhere,
    load_progress_by_annotator,
    load_team_progress_everywhere,
    order_by_turn,
    readable_assignments,
    visible_assignments,
)
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Stale
from cstoannot.core.fields import expect_version
from cstoannot.decisions.queries import load_consensus_states
from cstoannot.projects.actions import create_project, delete_project, undelete_project
from cstoannot.projects.models import Membership, Project
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import is_blind, load_deleter_names, visible_members
from cstoannot.projects.scope import (
    Scope,
    open_deleted_project,
    open_deleted_projects,
    open_project,
    open_projects,
)
from cstoannot.sources.details import format_partial_date
from cstoannot.sources.models import Source
from cstoannot.sources.queries import filter_sources, visible_sources
from cstoannot.threads.queries import ThreadDigest, load_thread_digests
from cstoannot.web.base import (
    SignedInRequest,
    add_undo_message,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.learning.links import list_learning_links
from cstoannot.web.page_forms import FormRefusals, get_posted_data
from cstoannot.web.project.forms import DeleteProjectForm, ProjectForm, SettingsForm


@dataclass(frozen=True)
class ProjectCard:
    """A project in the list of its member."""

    scope: Scope
    mine: AssignmentProgress
    team: AssignmentProgress | None
    next_source: int | None
    threads: ThreadDigest
    due: DueWork | None = None
    late: Sequence[tuple[str, int]] = ()

    @property
    def about(self) -> str:
        return self.scope.project.about.partition("\n")[0]


@dataclass(frozen=True)
class DeletedProject:
    """A deleted project in its owner's list, and who deleted it."""

    project: Project
    by: str

    @property
    def days_left(self) -> int:
        until = self.project.restorable_until or timezone.now()
        return (until - timezone.now()).days + 1


@require_safe
@sign_in_required
def show_projects(request: SignedInRequest) -> HttpResponse:
    scopes = open_projects(request.user)
    mine = load_my_progress_everywhere(scopes)
    team = load_team_progress_everywhere(scopes)
    coming = load_next_sources_everywhere(scopes)
    digests = load_thread_digests(scopes)
    due, late = load_my_due_work(scopes), load_late_annotators(scopes)
    cards = [
        ProjectCard(
            scope,
            mine.get(scope.project_id, AssignmentProgress()),
            team.get(scope.project_id, AssignmentProgress())
            if scope.can(Permission.SEE_ALL_CODING)
            else None,
            coming.get(scope.project_id),
            digests.get(scope.project_id, ThreadDigest()),
            due.get(scope.project_id),
            late.get(scope.project_id, ()),
        )
        for scope in scopes
    ]
    context = {
        "cards": cards,
        "deleted": _load_deleted_projects(request.user),
        "may_restore": may_restore_archives(request.user, settings.RESTORING),
    }
    return render(request, "home/projects.html", context)


def _load_deleted_projects(user: User) -> list[DeletedProject]:
    scopes = open_deleted_projects(user)
    by = load_deleter_names(scopes)
    return [DeletedProject(scope.project, by.get(scope.project_id, "")) for scope in scopes]


@require_safe_or_post
@sign_in_required
def undelete_project_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Restore a deleted project, from the list or from the message after its deletion."""
    scope = open_deleted_project(request.user, project)
    if request.method != "POST":
        return redirect("home")
    undelete_project(scope)
    messages.success(
        request, f"The project “{scope.project.name}” was restored with everything in it."
    )
    return redirect("project", project)


@require_safe_or_post
@sign_in_required
def create_project_view(request: SignedInRequest) -> HttpResponse:
    form = ProjectForm(get_posted_data(request))
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            scope = create_project(request.user, **form.cleaned_data)
            return redirect("project", scope.project.slug)
    return render(request, "home/new_project.html", {"form": form})


ON_A_PAGE = 100
ORDER_NAMES = {
    "": "in order added",
    "newest": "newest first",
    "title": "by title",
    "publisher": "by publisher",
    "date": "by date",
    "longest": "longest first",
}


@dataclass(frozen=True)
class ProjectSourceRow:
    """A source in the table, with the progress that this member may see.

    `consensus`: how far the team has decided it, for those who decide.
    """

    source: Source
    date: str
    assignments: Sequence[Assignment]
    count: int
    consensus: ConsensusState | None


@dataclass(frozen=True)
class ProjectMemberRow:
    member: Membership
    progress: AssignmentProgress | None


@require_safe
@sign_in_required
def show_project(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    q, order = request.GET.get("q", "")[:200], request.GET.get("order", "")
    listed = filter_sources(scope, q=q, order=order)
    if not order and not scope.can(Permission.SEE_ALL_SOURCES):
        listed = order_by_turn(scope, listed)
    page = paginate_rows(request, listed, ON_A_PAGE)
    progress = load_progress_by_annotator(scope)
    people = list(_iterate_member_rows(scope, progress))
    context = {
        "q": q,
        "order": order,
        "orders": ORDER_NAMES.items(),
        "page": page,
        "rows": list(_iterate_project_source_rows(scope, page)),
        "filtered": bool(q),
        "removed": visible_sources(scope, deleted=True).count(),
        "people": people,
        "blind": is_blind(scope),
        "counted": _describe_counted_annotations(scope),
        "shows_work": scope.can(Permission.ANNOTATE),
        "learning_links": list_learning_links(scope),
        **_build_next_steps(scope, progress, has_sources=page.paginator.count > 0 or bool(q)),
    }
    return render_project_page(request, scope, "project/overview.html", context, place="overview")


def _iterate_project_source_rows(scope: Scope, page: Page[Source]) -> Iterable[ProjectSourceRow]:
    sources = list(page.object_list)
    ids = [source.pk for source in sources]
    given: dict[int, list[Assignment]] = {}
    leads = scope.can(Permission.SEE_ALL_CODING)
    shown = visible_assignments(scope) if leads else readable_assignments(scope)
    on_page = shown.filter(source_id__in=ids)
    for assignment in on_page.order_by("annotator__username"):
        given.setdefault(assignment.source_id, []).append(assignment)
    counts = count_by_source(scope, sources=ids)
    states = load_consensus_states(scope, ids) if scope.can(Permission.DECIDE) else {}
    for source in sources:
        date = format_partial_date(source.published)
        yield ProjectSourceRow(
            source,
            date,
            given.get(source.pk, []),
            counts.get(source.pk, 0),
            states.get(source.pk),
        )


def _iterate_member_rows(
    scope: Scope, progress: dict[int, AssignmentProgress]
) -> Iterable[ProjectMemberRow]:
    """Yield the visible members, with their progress if all of it is visible.

    A blind coder who has opened a source sees the assignments of others on it; their sum would look
    like all their work, so it is not shown.
    """
    blind = is_blind(scope)
    for member in visible_members(scope):
        known = not blind or member.user_id == scope.user_id
        yield ProjectMemberRow(member, progress.get(member.user_id) if known else None)


def _describe_counted_annotations(scope: Scope) -> str:
    if scope.can(Permission.SEE_ALL_CODING):
        return "Annotations"
    if not scope.can(Permission.ANNOTATE):
        return "Consensus"
    return "My annotations" if is_blind(scope) else "Annotations"


def _build_next_steps(
    scope: Scope, progress: dict[int, AssignmentProgress], *, has_sources: bool
) -> dict[str, Any]:
    """Build the next steps of this member, with the progress of member and team."""
    codes = visible_codes(scope).filter(retired_at=None).exists()
    coming = find_next_assignment(scope)
    leads = scope.can(Permission.EDIT_SOURCES)
    return {
        "mine": progress.get(scope.user_id, AssignmentProgress()),
        "coming": coming,
        "going_on": coming is not None and coming.state == AssignmentState.STARTED,
        "due": load_my_due_work([scope]).get(scope.project_id),
        "late": load_late_annotators([scope]).get(scope.project_id, ()) if leads else (),
        "team": sum(progress.values(), AssignmentProgress()) if leads else None,
        "needs_sources": leads and not has_sources,
        "needs_codes": leads and not codes,
        "needs_assignments": leads and not progress,
    }


FIELDS = (
    *("name", "about", "visibility", "counts_after_look", "open_sources", "guidelines"),
    *("names_while_deciding", "decide_apart", "agreed_bounds", "decisions_opened"),
    *("results", "whole_articles"),
)
CHOICES = ("agreed_bounds", "results")


@require_safe_or_post
@sign_in_required
def edit_settings_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    stored = {name: getattr(scope.project, name) for name in FIELDS}
    form = SettingsForm(
        get_posted_data(request), initial={**stored, "version": scope.project.version}
    )
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            try:
                given = {name: form.cleaned_data[name] for name in FIELDS}
                # A choice that was not sent stays as it is.
                changes = {name: one for name, one in given.items() if one or name not in CHOICES}
                version = form.cleaned_data["version"]
                change_project_settings(scope, expected=expect_version(version), **changes)
                messages.success(request, "Saved.")
                return redirect("settings", project)
            except Stale as error:
                texts = {name: stored[name] for name in ("name", "about", "guidelines")}
                form.show_conflict(error, texts, scope.project.version)
    return _render_settings_page(request, scope, form, _build_deletion_form(scope))


@require_safe_or_post
@sign_in_required
def delete_project_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method != "POST":
        return redirect("settings", project)
    deletion = DeleteProjectForm(request.POST, expected=project, prefix="delete")
    if deletion.is_valid():
        delete_project(scope)
        add_undo_message(
            request,
            f"The project “{scope.project.name}” was deleted. Owners can restore it for 30 days.",
            reverse("project_undelete", args=[project]),
        )
        return redirect("home")
    stored = {name: getattr(scope.project, name) for name in FIELDS}
    form = SettingsForm(initial={**stored, "version": scope.project.version})
    return _render_settings_page(request, scope, form, deletion)


def _build_deletion_form(scope: Scope) -> DeleteProjectForm:
    return DeleteProjectForm(expected=scope.project.slug, prefix="delete")


def _render_settings_page(
    request: SignedInRequest, scope: Scope, form: SettingsForm, deletion: DeleteProjectForm
) -> HttpResponse:
    context = {"form": form, "deletion": deletion}
    return render_project_page(request, scope, "settings/page.html", context, place="settings")
