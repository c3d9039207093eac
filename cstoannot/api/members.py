from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_body, read_query
from cstoannot.api.fields import Shape, Text
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPages
from cstoannot.api.schema import PROBLEMS, list_parameters, page_of
from cstoannot.projects.actions import add_member, change_role, remove_member
from cstoannot.projects.models import Membership, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members

PAGES = KeysetPages({"username": ("user__username",)})


class MemberOut(Shape):
    username = serializers.CharField(help_text="The member's user name.")
    display_name = serializers.CharField(
        help_text="The member's full name, or the user name if there is none."
    )
    role = serializers.ChoiceField(choices=Role.choices, help_text="The member's role.")
    example_values = {"username": "coder-a", "display_name": "Coder A", "role": "annotator"}


class RoleIn(Shape):
    role = Text(help_text="owner, adjudicator, annotator or viewer.")
    example_values = {"role": "annotator"}


class MemberIn(RoleIn):
    username = Text(help_text="Of somebody who has an account.")
    example_values = {"username": "coder-a"}


def show_member(member: Membership) -> dict[str, Any]:
    return {
        "username": member.user.username,
        "display_name": member.user.display_name,
        "role": member.role,
    }


class Members(ProjectView):
    permissions = {"POST": Permission.MANAGE}

    @extend_schema(
        operation_id="members_list",
        summary="The members you may know of",
        description="A blind annotator is told of those who lead, not of the other annotators.",
        parameters=list_parameters(PAGES),
        responses={200: page_of(MemberOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query(Shape, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, visible_members(self.scope), show_member)

    @extend_schema(
        operation_id="members_create",
        summary="Make somebody a member",
        request=MemberIn,
        responses={201: MemberOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        member = add_member(self.scope, **read_body(MemberIn, request))
        return Response(show_member(member), status=201)


class OneMember(ProjectView):
    permission = Permission.MANAGE
    path_descriptions = {"username": "The member's user name."}

    @extend_schema(
        operation_id="members_patch",
        summary="Give a member another role",
        request=RoleIn,
        responses={200: MemberOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, username: str) -> Response:
        body = read_body(RoleIn, request)
        return Response(show_member(change_role(self.scope, username=username, **body)))

    @extend_schema(
        operation_id="members_delete",
        summary="End a membership",
        description="What the person has coded stays in the project.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, username: str) -> Response:
        remove_member(self.scope, username=username)
        return Response(status=204)
