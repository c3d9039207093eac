import uuid
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import (
    ApiView,
    ProjectView,
    read_query_parameters,
    read_request_body,
    require_request_user,
)
from cstoannot.api.fields import ApiSerializer, StrictCharField, StrictIntegerField
from cstoannot.api.me import OwnMembership
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.projects.invitation_actions import (
    LONGEST_LIFE_DAYS,
    USUAL_LIFE_DAYS,
    accept_invitation,
    create_invitation,
    withdraw_invitation,
)
from cstoannot.projects.models import INVITED_ROLES, Invitation
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import list_invitations

PAGES = KeysetPagination({"-created_at": ("-created_at", "-id")})
STATES = ["open", "accepted", "withdrawn", "expired"]


class InvitationOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the invitation.")
    role = serializers.ChoiceField(
        choices=[role.value for role in INVITED_ROLES], help_text="What whoever accepts becomes."
    )
    note = serializers.CharField(help_text="For whom it is; owners alone read it.")
    state = serializers.ChoiceField(choices=STATES, help_text="Only an open one can be accepted.")
    invited_by = serializers.CharField(
        allow_null=True, help_text="The owner who made it; null if the account is gone."
    )
    created_at = serializers.DateTimeField(help_text="When it was created.")
    expires_at = serializers.DateTimeField(help_text="Until when it can be accepted.")
    accepted_by = serializers.CharField(allow_null=True, help_text="Who has become a member by it.")
    accepted_at = serializers.DateTimeField(allow_null=True, help_text="When; null if nobody has.")
    example_values = {
        "role": "annotator",
        "note": "A second coder.",
        "invited_by": "lead",
        "expires_at": "2026-05-01T12:00:00Z",
        "accepted_by": None,
        "accepted_at": None,
    }


class NewInvitationOut(InvitationOut):
    secret = serializers.CharField(help_text="What `invitations/accept/` takes, shown this once.")
    link = serializers.URLField(help_text="The page that accepts it, to pass on; shown this once.")
    example_values = {"secret": "5b1e9c0d", "link": "https://coding.example.org/join/5b1e9c0d/"}


class InvitationIn(ApiSerializer):
    role = StrictCharField(
        help_text="adjudicator, annotator or viewer. Nobody becomes owner by a link."
    )
    note = StrictCharField(required=False, help_text="For whom it is; owners alone read it.")
    days = StrictIntegerField(
        required=False,
        help_text=f"How long it can be used, 1 to {LONGEST_LIFE_DAYS}; {USUAL_LIFE_DAYS} if not "
        "said.",
    )
    example_values = {"role": "annotator", "note": "A second coder.", "days": 90}


class AcceptIn(ApiSerializer):
    secret = StrictCharField(help_text="What stands at the end of the link, after `/join/`.")
    example_values = {"secret": "5b1e9c0d"}


def serialize_invitation(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": invitation.pk,
        "role": invitation.role,
        "note": invitation.note,
        "state": invitation.state(timezone.now()),
        "invited_by": invitation.made_by and invitation.made_by.username,
        "created_at": invitation.created_at,
        "expires_at": invitation.expires_at,
        "accepted_by": invitation.accepted_by and invitation.accepted_by.username,
        "accepted_at": invitation.accepted_at,
    }


class InvitationListView(ProjectView):
    permission = Permission.MANAGE

    @extend_schema(
        operation_id="invitations_list",
        summary="Whom the project has invited",
        description="All that were ever made, latest first, without their secrets, of which only "
        "a hash is kept.",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(InvitationOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, list_invitations(self.scope), serialize_invitation)

    @extend_schema(
        operation_id="invitations_create",
        summary="Invite somebody",
        description=(
            "The answer holds a link, once, for you to pass on; no mail is sent. Whoever opens it "
            "first and accepts becomes a member; an account is needed for that."
        ),
        request=InvitationIn,
        responses={201: NewInvitationOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        invitation, secret = create_invitation(
            self.scope, **read_request_body(InvitationIn, request)
        )
        link = request.build_absolute_uri(reverse("join", args=[secret]))
        shown = serialize_invitation(invitation)
        return Response({**shown, "secret": secret, "link": link}, status=201)


class InvitationDetailView(ProjectView):
    permission = Permission.MANAGE
    path_descriptions = {"invitation": "The invitation's id."}

    @extend_schema(
        operation_id="invitations_delete",
        summary="Withdraw an invitation",
        description="Its link can no longer be used. One that was accepted is refused: end the "
        "membership instead.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, invitation: uuid.UUID) -> Response:
        withdraw_invitation(self.scope, invitation)
        return Response(status=204)


class InvitationAcceptView(ApiView):
    @extend_schema(
        operation_id="invitations_accept",
        summary="Accept an invitation",
        description=(
            "You become a member. An invitation that cannot be used is 404, whatever the reason; "
            "if you are a member already, nothing changes (409)."
        ),
        request=AcceptIn,
        responses={201: OwnMembership, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        scope = accept_invitation(
            require_request_user(request), **read_request_body(AcceptIn, request)
        )
        project = scope.project
        shown = {"project": project.slug, "name": project.name, "role": scope.role}
        return Response(shown, status=201)
