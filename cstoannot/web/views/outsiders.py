from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.outsiders.actions import tie_outsider, untie_outsider
from cstoannot.annotations.outsiders.queries import candidates
from cstoannot.core.errors import Conflict
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, signed_in
from cstoannot.web.safeguards import tell_with_undo


@signed_in
def tie(request: SignedInRequest, project: str, outsider: str) -> HttpResponse:
    """One of the people who came with the archive is this member."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST" and _tied(
        request, scope, outsider, username := request.POST.get("username", "")
    ):
        tell_with_undo(
            request,
            f"{outsider} is tied to {username}, and so is what they coded.",
            reverse("outsider_untie", args=[project, outsider]),
        )
    return _back(project)


@signed_in
def tie_alike(request: SignedInRequest, project: str) -> HttpResponse:
    """All of them who are called like a member are that member."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST":
        tied = [
            _tied(request, scope, one.outsider.name, one.member.user.username)
            for one in candidates(scope)
            if one.member is not None
        ]
        messages.success(
            request, f"People of the archive who are tied to members now: {sum(tied)}."
        )
    return _back(project)


@signed_in
def untie(request: SignedInRequest, project: str, outsider: str) -> HttpResponse:
    """Undo it."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST":
        try:
            untie_outsider(scope, name=outsider)
            messages.success(request, f"What {outsider} coded stands under that name again.")
        except Conflict as error:
            messages.error(request, error.message)
    return _back(project)


def _tied(request: SignedInRequest, scope: Scope, outsider: str, username: str) -> bool:
    try:
        tie_outsider(scope, name=outsider, username=username)
    except Conflict as error:
        messages.error(request, error.message)
        return False
    return True


def _back(project: str) -> HttpResponse:
    return redirect(f"{reverse('members', args=[project])}#outsiders")
