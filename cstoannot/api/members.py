from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import ApiSerializer, StrictCharField
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.projects.actions import add_member, change_role, remove_member
from cstoannot.projects.models import Membership, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members

PAGES = KeysetPagination({"username": ("user__username",)})


class MemberOut(ApiSerializer):
    username = serializers.CharField(help_text="The member's user name.")
    display_name = serializers.CharField(
        help_text="The member's full name, or the user name if there is none."
    )
    role = serializers.ChoiceField(choices=Role.choices, help_text="The member's role.")
    example_values = {"username": "coder-a", "display_name": "Coder A", "role": "annotator"}


class RoleIn(ApiSerializer):
    role = StrictCharField(help_text="owner, adjudicator, annotator or viewer.")
    example_values = {"role": "annotator"}


class MemberIn(RoleIn):
    username = StrictCharField(help_text="Of somebody who has an account.")
    example_values = {"username": "coder-a"}


def serialize_member(member: Membership) -> dict[str, Any]:
    return {
        "username": member.user.username,
        "display_name": member.user.display_name,
        "role": member.role,
    }


class MemberListView(ProjectView):
    permissions = {"POST": Permission.MANAGE}

    @extend_schema(
        operation_id="members_list",
        summary="The members you may know of",
        description="A blind annotator is told of those who lead, not of the other annotators.",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(MemberOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, visible_members(self.scope), serialize_member)

    @extend_schema(
        operation_id="members_create",
        summary="Make somebody a member",
        request=MemberIn,
        responses={201: MemberOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        member = add_member(self.scope, **read_request_body(MemberIn, request))
        return Response(serialize_member(member), status=201)


class MemberDetailView(ProjectView):
    permission = Permission.MANAGE
    path_descriptions = {"username": "The member's user name."}

    @extend_schema(
        operation_id="members_patch",
        summary="Give a member another role",
        request=RoleIn,
        responses={200: MemberOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, username: str) -> Response:
        body = read_request_body(RoleIn, request)
        return Response(serialize_member(change_role(self.scope, username=username, **body)))

    @extend_schema(
        operation_id="members_delete",
        summary="End a membership",
        description="What the person has coded stays in the project.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, username: str) -> Response:
        remove_member(self.scope, username=username)
        return Response(status=204)
