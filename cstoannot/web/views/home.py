from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import may_restore
from cstoannot.assignments.queries import (
    Progress,
    my_progress_everywhere,
    next_everywhere,
    team_progress_everywhere,
)
from cstoannot.projects.actions import create_project, undelete_project
from cstoannot.projects.models import Project
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import deleted_by
from cstoannot.projects.scope import (
    Scope,
    open_deleted_project,
    open_deleted_projects,
    open_projects,
)
from cstoannot.web.base import SignedInRequest, require_safe_or_post, signed_in
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.projects import ProjectForm


@dataclass(frozen=True)
class Card:
    """A project as its member finds it in their overview."""

    scope: Scope
    mine: Progress
    team: Progress | None
    next_source: int | None

    @property
    def about(self) -> str:
        return self.scope.project.about.partition("\n")[0]


@dataclass(frozen=True)
class Deleted:
    """A deleted project as its owner finds it, and who deleted it."""

    project: Project
    by: str

    @property
    def days_left(self) -> int:
        until = self.project.restorable_until or timezone.now()
        return (until - timezone.now()).days + 1


@require_safe
@signed_in
def projects(request: SignedInRequest) -> HttpResponse:
    scopes = open_projects(request.user)
    mine = my_progress_everywhere(scopes)
    team = team_progress_everywhere(scopes)
    coming = next_everywhere(scopes)
    cards = [
        Card(
            scope,
            mine.get(scope.project_id, Progress()),
            team.get(scope.project_id, Progress())
            if scope.can(Permission.SEE_ALL_CODING)
            else None,
            coming.get(scope.project_id),
        )
        for scope in scopes
    ]
    context = {
        "cards": cards,
        "deleted": _deleted(request.user),
        "may_restore": may_restore(request.user, settings.RESTORING),
    }
    return render(request, "home/projects.html", context)


def _deleted(user: User) -> list[Deleted]:
    scopes = open_deleted_projects(user)
    by = deleted_by(scopes)
    return [Deleted(scope.project, by.get(scope.project_id, "")) for scope in scopes]


@require_safe_or_post
@signed_in
def undelete(request: SignedInRequest, project: str) -> HttpResponse:
    """Restore a deleted project, from the list or from the message that told of its deletion."""
    scope = open_deleted_project(request.user, project)
    if request.method != "POST":
        return redirect("home")
    undelete_project(scope)
    messages.success(
        request, f"The project “{scope.project.name}” is back, with all that is in it."
    )
    return redirect("project", project)


@require_safe_or_post
@signed_in
def new_project(request: SignedInRequest) -> HttpResponse:
    form = ProjectForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            scope = create_project(request.user, **form.cleaned_data)
            return redirect("project", scope.project.slug)
    return render(request, "home/new_project.html", {"form": form})
