"""The members page, one member, and linking people named in an archive to members."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from cstoannot.annotations.outsider_actions import tie_outsider, untie_outsider
from cstoannot.annotations.outsider_queries import list_outsiders, require_outsider_summary
from cstoannot.assignments.queries import load_progress_by_annotator
from cstoannot.core.errors import Conflict
from cstoannot.projects.actions import add_member, change_role, remove_member
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import list_invitations, require_member, visible_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import (
    SignedInRequest,
    add_undo_message,
    paginate_rows,
    render_confirmation_page,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.members.forms import InvitationForm, MemberForm, OutsiderForm, RoleForm
from cstoannot.web.page_forms import FormRefusals, get_posted_data

INVITATIONS_ON_A_PAGE = 20
OUTSIDERS_ON_A_PAGE = 20


@require_safe_or_post
@sign_in_required
def manage_members_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    form = MemberForm(get_posted_data(request))
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            member = add_member(scope, **form.cleaned_data)
            messages.success(request, f"{member.user.username} was added as {member.role}.")
            return redirect("members", project)
    return render_members_page(request, scope, form, InvitationForm(prefix="invite"))


def render_members_page(
    request: SignedInRequest,
    scope: Scope,
    form: MemberForm,
    inviting: InvitationForm,
    **made: Any,
) -> HttpResponse:
    """Render members and invitations, with the link of one created in this request."""
    now = timezone.now()
    page = paginate_rows(request, list_invitations(scope), INVITATIONS_ON_A_PAGE)
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
    return render_project_page(request, scope, "members/list.html", context, place="members")


@require_safe_or_post
@sign_in_required
def change_member_view(request: SignedInRequest, project: str, username: str) -> HttpResponse:
    """Change a member's role or remove the member."""
    scope = open_project(request.user, project, Permission.MANAGE)
    member = require_member(scope, username)
    form = RoleForm(get_posted_data(request), initial={"role": member.role})
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            changed = change_role(scope, username=username, **form.cleaned_data)
            messages.success(
                request, f"{username} now has the role {changed.get_role_display().lower()}."
            )
            return redirect("project" if member.user_id == scope.user_id else "members", project)
    context = {
        "form": form,
        "member": member,
        "progress": load_progress_by_annotator(scope).get(member.user_id),
    }
    return render_project_page(request, scope, "members/change.html", context, place="members")


@require_safe_or_post
@sign_in_required
def remove_member_view(request: SignedInRequest, project: str, username: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    member = require_member(scope, username)
    if request.method != "POST":
        return render_confirmation_page(
            request,
            scope,
            question=f"Remove {username} from the project?",
            effects=[
                f"{username} loses access to the project.",
                "Their annotations are kept, and you can add them again.",
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
    messages.success(request, f"{username} was removed. Their annotations are kept.")
    return redirect("home") if member.user_id == scope.user_id else redirect("members", project)


@require_safe_or_post
@sign_in_required
def tie_outsider_view(request: SignedInRequest, project: str, outsider: str) -> HttpResponse:
    """Link a person named in an archive to a member."""
    scope = open_project(request.user, project, Permission.MANAGE)
    person = require_outsider_summary(scope, outsider)
    names = [member.user.username for member in visible_members(scope)]
    alike = person.member.user.username if person.member else ""
    form = OutsiderForm(get_posted_data(request), members=names, initial={"username": alike})
    if request.method == "POST" and form.is_valid():
        username = form.cleaned_data["username"]
        with FormRefusals(form):
            tie_outsider(scope, name=outsider, username=username)
            add_undo_message(
                request,
                f"{outsider} was linked to {username}, who now has their annotations.",
                reverse("outsider_untie", args=[project, outsider]),
            )
            return _redirect_to_outsiders(project)
    context = {"form": form, "person": person}
    return render_project_page(request, scope, "members/outsider.html", context, place="members")


@require_safe_or_post
@sign_in_required
def tie_namesakes_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Link all people named in an archive to the members with the same name."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST":
        tied = [
            _tie_namesake(request, scope, one.outsider.name, one.member.user.username)
            for one in list_outsiders(scope)
            if one.member is not None
        ]
        messages.success(request, f"People of the archive linked to members: {sum(tied)}.")
    return _redirect_to_outsiders(project)


@require_safe_or_post
@sign_in_required
def untie_outsider_view(request: SignedInRequest, project: str, outsider: str) -> HttpResponse:
    """Undo the link of a person named in an archive."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method == "POST":
        try:
            untie_outsider(scope, name=outsider)
            messages.success(
                request,
                f"The link was removed. The annotations are under the name {outsider} again.",
            )
        except Conflict as error:
            messages.error(request, error.message)
    return _redirect_to_outsiders(project)


def _tie_namesake(request: SignedInRequest, scope: Scope, outsider: str, username: str) -> bool:
    try:
        tie_outsider(scope, name=outsider, username=username)
    except Conflict as error:
        messages.error(request, error.message)
        return False
    return True


def _redirect_to_outsiders(project: str) -> HttpResponse:
    return redirect(f"{reverse('members', args=[project])}#outsiders")
