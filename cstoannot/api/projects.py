from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import (
    ApiView,
    ProjectView,
    expected_version,
    read_body,
    read_query,
    user_of,
    version_tag,
)
from cstoannot.api.fields import Flag, Shape, Text, YesOrNo
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPages
from cstoannot.api.schema import IF_MATCH, PROBLEMS, list_parameters, page_of
from cstoannot.assignments.settings import change_settings
from cstoannot.projects.actions import (
    create_project,
    delete_project,
    undelete_project,
)
from cstoannot.projects.models import Membership, Project, Role, Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import projects_of
from cstoannot.projects.scope import deleted_memberships, open_deleted_project

PAGES = KeysetPages({"name": ("project__name", "project_id")})


class ProjectOut(Shape):
    slug = serializers.CharField(help_text="Stands in addresses; never changes.")
    name = serializers.CharField(help_text="The project's name.")
    about = serializers.CharField(help_text="What the project is about; may be empty.")
    guidelines = serializers.CharField(help_text="How to code, for everybody in the project.")
    visibility = serializers.ChoiceField(
        choices=Visibility.choices, help_text="What annotators see of the coding of others."
    )
    open_sources = serializers.BooleanField(
        help_text="Annotators read all sources, not only those assigned to them."
    )
    counts_after_look = serializers.BooleanField(
        help_text="Agreement counts passages saved after their coder had seen others' coding."
    )
    role = serializers.ChoiceField(choices=Role.choices, help_text="Your role.")
    version = serializers.IntegerField(help_text="Send it as If-Match when you change this.")
    example_values = {
        "slug": "csto",
        "name": "CSTO",
        "about": "What five newspapers say on the alliance.",
        "role": "annotator",
    }


class ListedProjectOut(ProjectOut):
    deleted_at = serializers.DateTimeField(
        required=False, help_text="When it was deleted; of deleted ones only."
    )
    restorable_until = serializers.DateTimeField(
        required=False, help_text="Until when it can be restored; of deleted ones only."
    )


class ProjectsQuery(Shape):
    deleted = YesOrNo(
        required=False, help_text="The deleted ones that you can restore, as their owner."
    )


class ProjectPatch(Shape):
    name = Text(help_text="The project's name.")
    about = Text(required=False, help_text="What the project is about.")
    guidelines = Text(required=False, help_text="How to code, for everybody in the project.")
    visibility = Text(required=False, help_text="own, done or all.")
    open_sources = Flag(
        required=False, help_text="Annotators read all sources, not only those assigned to them."
    )
    counts_after_look = Flag(
        required=False,
        help_text="Agreement counts passages saved after their coder had seen others' coding.",
    )
    example_values = ProjectOut.example_values


class ProjectIn(ProjectPatch):
    slug = Text(required=False, help_text="Made from the name if it is not given.")


def show_project(project: Project, role: str) -> dict[str, Any]:
    return {
        "slug": project.slug,
        "name": project.name,
        "about": project.about,
        "guidelines": project.guidelines,
        "visibility": project.visibility,
        "open_sources": project.open_sources,
        "counts_after_look": project.counts_after_look,
        "role": role,
        "version": project.version,
    }


def _show(member: Membership) -> dict[str, Any]:
    project = member.project
    shown = show_project(project, member.role)
    if project.deleted_at:
        shown["deleted_at"] = project.deleted_at
        shown["restorable_until"] = project.restorable_until
    return shown


class Projects(ApiView):
    @extend_schema(
        operation_id="projects_list",
        summary="The projects you are in",
        parameters=[ProjectsQuery, *list_parameters(PAGES)],
        responses={200: page_of(ListedProjectOut), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        asked = read_query(ProjectsQuery, request, also=LIST_PARAMETERS)
        find = deleted_memberships if asked.get("deleted") else projects_of
        return PAGES.answer(request, find(user_of(request)), _show)

    @extend_schema(
        operation_id="projects_create",
        summary="Start a project, as its owner",
        request=ProjectIn,
        responses={201: ProjectOut, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        scope = create_project(user_of(request), **read_body(ProjectIn, request))
        shown = show_project(scope.project, scope.role)
        return Response(shown, status=201, headers=version_tag(shown["version"]))


class OneProject(ProjectView):
    permissions = {"PATCH": Permission.MANAGE, "DELETE": Permission.MANAGE}

    def show_current(self, current: Project) -> dict[str, Any]:
        return show_project(current, self.scope.role)

    @extend_schema(
        operation_id="projects_read",
        summary="One project",
        responses={200: ProjectOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        current = self.scope.project
        return Response(self.show_current(current), headers=version_tag(current.version))

    @extend_schema(
        operation_id="projects_patch",
        summary="Change a project's settings",
        parameters=[IF_MATCH],
        request=ProjectPatch(partial=True),
        responses={200: ProjectOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str) -> Response:
        changes = read_body(ProjectPatch, request, partial=True)
        changed = change_settings(self.scope, expected=expected_version(request), **changes)
        return Response(self.show_current(changed), headers=version_tag(changed.version))

    @extend_schema(
        operation_id="projects_delete",
        summary="Delete a project",
        description=(
            "Nobody sees it any more. Its owners can restore it for 30 days; then it is removed "
            "for good."
        ),
        parameters=[IF_MATCH],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str) -> Response:
        delete_project(self.scope, expected=expected_version(request))
        return Response(status=204)


class RestoredProject(ApiView):
    path_descriptions = ProjectView.path_descriptions

    @extend_schema(
        operation_id="projects_restore",
        summary="Restore a deleted project",
        description=(
            "Its owners can, for 30 days: every member finds it again as it was. One that is not "
            "deleted stays as it is."
        ),
        request=None,
        responses={200: ProjectOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        scope = open_deleted_project(user_of(request), project)
        undelete_project(scope)
        shown = show_project(scope.project, scope.role)
        return Response(shown, headers=version_tag(shown["version"]))
