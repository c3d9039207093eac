"""Create, withdraw and accept invitations."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict, NotFound
from cstoannot.projects.invitation_actions import (
    accept_invitation,
    create_invitation,
    withdraw_invitation,
)
from cstoannot.projects.models import Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import list_invitations, require_invitation_offer
from cstoannot.projects.scope import open_project
from cstoannot.web.base import (
    SignedInRequest,
    hide_secret_url,
    render_confirmation_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.drafts import mark_draft_saved
from cstoannot.web.members.forms import ROLES, InvitationForm, MemberForm
from cstoannot.web.members.views import render_members_page
from cstoannot.web.page_forms import FormRefusals, get_posted_data

SIGN_IN_FIRST = (
    "Log in to see your invitation. If you have no account yet, ask your administrator for one, "
    "then open the link again."
)


@require_safe_or_post
@sign_in_required
def create_invitation_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Create an invitation; its link is shown in this response only."""
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method != "POST":
        return redirect(reverse("members", args=[project], query=request.GET))
    inviting, made = InvitationForm(get_posted_data(request), prefix="invite"), {}
    if inviting.is_valid():
        with FormRefusals(inviting):
            invitation, secret = create_invitation(scope, **inviting.cleaned_data)
            made = {"made": invitation, **_build_invitation_link(request, secret)}
            inviting = InvitationForm(prefix="invite")
    response = render_members_page(request, scope, MemberForm(), inviting, **made)
    response["Cache-Control"] = "no-store"
    if made:
        mark_draft_saved(request, response)
    return response


def _build_invitation_link(request: HttpRequest, secret: str) -> dict[str, Any]:
    """Return the link, and whether it works only on the computer where it was created."""
    host, _ = split_domain_port(request.get_host())
    return {
        "link": request.build_absolute_uri(reverse("join", args=[secret])),
        "only_here": host in settings.LOOPBACK_HOSTS,
    }


@require_safe_or_post
@sign_in_required
def withdraw_invitation_view(
    request: SignedInRequest, project: str, invitation: uuid.UUID
) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method != "POST":
        made = list_invitations(scope).filter(pk=invitation).first()
        if made is None:
            raise NotFound("This invitation does not exist.")
        if made.state(timezone.now()) != "open":
            return redirect("members", project)
        return render_confirmation_page(
            request,
            scope,
            question=f"Withdraw the invitation for {made.note or 'somebody'}?",
            effects=[
                f"Its link, which makes one person a member with the role {made.role}, then "
                f"stops working.",
                "This cannot be undone, but you can create another invitation.",
            ],
            button="Withdraw the invitation",
            back=reverse("members", args=[project]),
            place="members",
        )
    try:
        withdraw_invitation(scope, invitation)
        messages.success(request, "The invitation was withdrawn; its link no longer works.")
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("members", project)


@hide_secret_url
@require_safe_or_post
def accept_invitation_view(request: HttpRequest, secret: str) -> HttpResponse:
    """Show the invitation; only the button (POST) accepts it, so a link preview cannot."""
    user = request.user if isinstance(request.user, User) else None
    try:
        offer = require_invitation_offer(user, secret)
        if user is None:
            messages.info(request, SIGN_IN_FIRST)
            return redirect_to_login(request.path)
        if request.method == "POST" and offer.role is None:
            scope = accept_invitation(user, secret=secret)
            name = scope.project.name
            messages.success(
                request, f"You are now a member of “{name}” with the role {scope.role}."
            )
            return redirect("project", scope.project.slug)
    except NotFound as error:
        return render(request, "invitations/gone.html", {"error": error}, status=404)
    status = 409 if request.method == "POST" else 200
    context = {"offer": offer, "does": dict(ROLES)[Role(offer.invitation.role)]}
    return render(request, "invitations/page.html", context, status=status)
