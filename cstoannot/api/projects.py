from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import (
    ApiView,
    ProjectView,
    build_version_header,
    parse_if_match,
    read_query_parameters,
    read_request_body,
    require_request_user,
)
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    StrictBooleanField,
    StrictCharField,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import IF_MATCH, PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.assignments.actions import change_project_settings
from cstoannot.projects.actions import (
    create_project,
    delete_project,
    undelete_project,
)
from cstoannot.projects.models import AgreedBounds, Membership, Project, Results, Role, Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import list_memberships
from cstoannot.projects.scope import list_restorable_memberships, open_deleted_project

_AGREED = "How much bounds may differ where coders count as agreeing: sentence or majority."
_NAMES = "Adjudicators see the coders' names before a place is decided."
_APART = "Two adjudicators decide each place, blind to each other."

_RESULTS = "Who sees results besides coders: closed, viewers, or link (viewers and links)."
_ARTICLES = "Readers with a link read whole articles, not only passages."
_OPENED = "Coders see what was decided on all their finished sources."

PAGES = KeysetPagination({"name": ("project__name", "project_id")})


class ProjectOut(ApiSerializer):
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
    agreed_bounds = serializers.ChoiceField(choices=AgreedBounds.choices, help_text=_AGREED)
    names_while_deciding = serializers.BooleanField(help_text=_NAMES)
    decide_apart = serializers.BooleanField(help_text=_APART)
    decisions_opened = serializers.BooleanField(help_text=_OPENED)
    results = serializers.ChoiceField(choices=Results.choices, help_text=_RESULTS)
    whole_articles = serializers.BooleanField(help_text=_ARTICLES)
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


class ProjectListParameters(ApiSerializer):
    deleted = BooleanParameter(
        required=False, help_text="The deleted ones that you can restore, as their owner."
    )


class ProjectPatch(ApiSerializer):
    name = StrictCharField(help_text="The project's name.")
    about = StrictCharField(required=False, help_text="What the project is about.")
    guidelines = StrictCharField(
        required=False, help_text="How to code, for everybody in the project."
    )
    visibility = StrictCharField(required=False, help_text="own, done or all.")
    open_sources = StrictBooleanField(
        required=False, help_text="Annotators read all sources, not only those assigned to them."
    )
    counts_after_look = StrictBooleanField(
        required=False,
        help_text="Agreement counts passages saved after their coder had seen others' coding.",
    )
    agreed_bounds = StrictCharField(required=False, help_text=_AGREED)
    names_while_deciding = StrictBooleanField(required=False, help_text=_NAMES)
    decide_apart = StrictBooleanField(required=False, help_text=_APART)
    decisions_opened = StrictBooleanField(required=False, help_text=_OPENED)
    results = StrictCharField(required=False, help_text=_RESULTS)
    whole_articles = StrictBooleanField(required=False, help_text=_ARTICLES)
    example_values = ProjectOut.example_values


class ProjectIn(ProjectPatch):
    slug = StrictCharField(required=False, help_text="Made from the name if it is not given.")


def serialize_project(project: Project, role: str) -> dict[str, Any]:
    return {
        "slug": project.slug,
        "name": project.name,
        "about": project.about,
        "guidelines": project.guidelines,
        "visibility": project.visibility,
        "open_sources": project.open_sources,
        "counts_after_look": project.counts_after_look,
        "agreed_bounds": project.agreed_bounds,
        "names_while_deciding": project.names_while_deciding,
        "decide_apart": project.decide_apart,
        "decisions_opened": project.decisions_opened,
        "results": project.results,
        "whole_articles": project.whole_articles,
        "role": role,
        "version": project.version,
    }


def _serialize_listed_project(member: Membership) -> dict[str, Any]:
    project = member.project
    shown = serialize_project(project, member.role)
    if project.deleted_at:
        shown["deleted_at"] = project.deleted_at
        shown["restorable_until"] = project.restorable_until
    return shown


class ProjectListView(ApiView):
    @extend_schema(
        operation_id="projects_list",
        summary="The projects you are in",
        parameters=[ProjectListParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(ListedProjectOut), **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        asked = read_query_parameters(ProjectListParameters, request, also=LIST_PARAMETERS)
        find = list_restorable_memberships if asked.get("deleted") else list_memberships
        return PAGES.answer(request, find(require_request_user(request)), _serialize_listed_project)

    @extend_schema(
        operation_id="projects_create",
        summary="Start a project, as its owner",
        request=ProjectIn,
        responses={201: ProjectOut, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        scope = create_project(
            require_request_user(request), **read_request_body(ProjectIn, request)
        )
        shown = serialize_project(scope.project, scope.role)
        return Response(shown, status=201, headers=build_version_header(shown["version"]))


class ProjectDetailView(ProjectView):
    permissions = {"PATCH": Permission.MANAGE, "DELETE": Permission.MANAGE}

    def show_current(self, current: Project) -> dict[str, Any]:
        return serialize_project(current, self.scope.role)

    @extend_schema(
        operation_id="projects_read",
        summary="One project",
        responses={200: ProjectOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        current = self.scope.project
        return Response(self.show_current(current), headers=build_version_header(current.version))

    @extend_schema(
        operation_id="projects_patch",
        summary="Change a project's settings",
        parameters=[IF_MATCH],
        request=ProjectPatch(partial=True),
        responses={200: ProjectOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str) -> Response:
        changes = read_request_body(ProjectPatch, request, partial=True)
        changed = change_project_settings(self.scope, expected=parse_if_match(request), **changes)
        return Response(self.show_current(changed), headers=build_version_header(changed.version))

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
        delete_project(self.scope, expected=parse_if_match(request))
        return Response(status=204)


class ProjectRestoreView(ApiView):
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
        scope = open_deleted_project(require_request_user(request), project)
        undelete_project(scope)
        shown = serialize_project(scope.project, scope.role)
        return Response(shown, headers=build_version_header(shown["version"]))
