from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cstoannot.annotations.outsiders.queries import list_outsiders
from cstoannot.assignments.queries import progress_by_annotator
from cstoannot.core.errors import Conflict
from cstoannot.projects.actions import add_member, change_role, remove_member
from cstoannot.projects.invitations.queries import invitations_of
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import get_member, visible_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import (
    SignedInRequest,
    page_of,
    project_page,
    require_safe_or_post,
    signed_in,
)
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.projects import InvitationForm, MemberForm, RoleForm
from cstoannot.web.safeguards import ask_first

INVITATIONS_ON_A_PAGE = 20
OUTSIDERS_ON_A_PAGE = 20


@require_safe_or_post
@signed_in
def members(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    form = MemberForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            member = add_member(scope, **form.cleaned_data)
            messages.success(request, f"{member.user.username} is a member, as {member.role}.")
            return redirect("members", project)
    return members_page(request, scope, form, InvitationForm(prefix="invite"))


def members_page(
    request: SignedInRequest,
    scope: Scope,
    form: MemberForm,
    inviting: InvitationForm,
    **made: Any,
) -> HttpResponse:
    """Members and invitations, with the link of one that was made for this very request."""
    now = timezone.now()
    page = page_of(request, invitations_of(scope), INVITATIONS_ON_A_PAGE)
    context = {
        "form": form,
        "inviting": inviting,
        "members": visible_members(scope),
        "outsiders": Paginator(people := list_outsiders(scope), OUTSIDERS_ON_A_PAGE).get_page(
            request.GET.get("people")
        ),
        "alike": sum(one.member is not None for one in people),
        "invitations": [(one, one.state(now)) for one in page],
        "page": page,
        **made,
    }
    return project_page(request, scope, "members/list.html", context, place="members")


@require_safe_or_post
@signed_in
def change(request: SignedInRequest, project: str, username: str) -> HttpResponse:
    """One member: another role, or the end of the membership."""
    scope = open_project(request.user, project, Permission.MANAGE)
    member = get_member(scope, username)
    form = RoleForm(posted(request), initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            changed = change_role(scope, username=username, **form.cleaned_data)
            messages.success(request, f"{username} is now {changed.get_role_display().lower()}.")
            return redirect("project" if member.user_id == scope.user_id else "members", project)
    context = {
        "form": form,
        "member": member,
        "progress": progress_by_annotator(scope).get(member.user_id),
    }
    return project_page(request, scope, "members/change.html", context, place="members")


@require_safe_or_post
@signed_in
def remove(request: SignedInRequest, project: str, username: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    member = get_member(scope, username)
    if request.method != "POST":
        return ask_first(
            request,
            scope,
            question=f"Remove {username} from the project?",
            effects=[
                f"{username} will no longer see anything of the project.",
                "What they have coded stays, and they can be added again.",
            ],
            button=f"Remove {username}",
            back=reverse("member_change", args=[project, username]),
            place="members",
        )
    try:
        remove_member(scope, username=username)
    except Conflict as error:
        messages.error(request, error.message)
        return redirect("member_change", project, username)
    messages.success(request, f"{username} is no longer a member. What they coded stays.")
    return redirect("home") if member.user_id == scope.user_id else redirect("members", project)
