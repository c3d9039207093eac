from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.outsiders.actions import tie_outsider, untie_outsider
from cstoannot.annotations.outsiders.queries import get_outsider_summary, list_outsiders
from cstoannot.core.errors import Conflict
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, require_safe_or_post, signed_in
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.projects import OutsiderForm
from cstoannot.web.safeguards import tell_with_undo


@require_safe_or_post
@signed_in
def tie(request: SignedInRequest, project: str, outsider: str) -> HttpResponse:
    """Choose the member who one of the people of the archive is."""
    scope = open_project(request.user, project, Permission.MANAGE)
    person = get_outsider_summary(scope, outsider)
    names = [member.user.username for member in visible_members(scope)]
    alike = person.member.user.username if person.member else ""
    form = OutsiderForm(posted(request), members=names, initial={"username": alike})
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        with refusals_on(form):
            tie_outsider(scope, name=outsider, username=username)
            tell_with_undo(
                request,
                f"{outsider} is linked to {username}: what they coded is {username}’s now.",
                reverse("outsider_untie", args=[project, outsider]),
            )
            return _back(project)
    context = {"form": form, "person": person}
    return project_page(request, scope, "members/outsider.html", context, place="members")


@require_safe_or_post
@signed_in
def tie_alike(request: SignedInRequest, project: str) -> HttpResponse:
    """All of them who are called like a member are that member."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST":
        tied = [
            _tied(request, scope, one.outsider.name, one.member.user.username)
            for one in list_outsiders(scope)
            if one.member is not None
        ]
        messages.success(request, f"People of the archive linked to members: {sum(tied)}.")
    return _back(project)


@require_safe_or_post
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
