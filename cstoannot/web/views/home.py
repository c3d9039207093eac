from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render

from cstoannot.assignments.queries import (
    Progress,
    my_progress_everywhere,
    next_everywhere,
    team_progress_everywhere,
)
from cstoannot.projects.actions import create_project
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_projects
from cstoannot.web.base import SignedInRequest, signed_in
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
    return render(request, "home/projects.html", {"cards": cards})


@signed_in
def new_project(request: SignedInRequest) -> HttpResponse:
    form = ProjectForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            scope = create_project(request.user, **form.cleaned_data)
            return redirect("project", scope.project.slug)
    return render(request, "home/new_project.html", {"form": form})
