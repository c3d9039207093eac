import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_body, read_query
from cstoannot.api.fields import Choices, Confirmation, Numbers, Shape, Text, Whole, Words
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPages
from cstoannot.api.passage_fields import AnnotatorField, SourceIdField
from cstoannot.api.schema import CONFIRM, PROBLEMS, list_parameters, page_of
from cstoannot.assignments.actions import assign, set_state, unassign
from cstoannot.assignments.models import Assignment, State
from cstoannot.assignments.queries import find_assignments, get_assignment
from cstoannot.projects.permissions import Permission

PAGES = KeysetPages({"source": ("source__position", "source_id", "annotator__username")})


class AssignmentOut(Shape):
    id = serializers.UUIDField(help_text="Identifies the assignment.")
    source = SourceIdField()
    annotator = AnnotatorField()
    state = serializers.ChoiceField(choices=State.choices, help_text="How far the annotator is.")
    created_at = serializers.DateTimeField(help_text="When it was created.")
    done_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was finished. Null if it is not."
    )
    example_values = {"source": 3, "annotator": "coder-a", "done_at": None}


class AssignmentIn(Shape):
    source = Whole(help_text="The source's id.")
    annotator = Text(max_length=150, help_text="The user name of a member who annotates.")
    example_values = {"source": 3, "annotator": "coder-a"}


class StateIn(Shape):
    state = Text(help_text="todo, started or done.")


class AssignmentQuery(Shape):
    source = Numbers(required=False, help_text="Source ids, by commas.")
    annotator = Words(required=False, help_text="User names, by commas.")
    state = Choices(State.values, required=False, help_text="todo, started, done; by commas.")


def show_assignment(assignment: Assignment) -> dict[str, Any]:
    return {
        "id": assignment.pk,
        "source": assignment.source_id,
        "annotator": assignment.annotator.username,
        "state": assignment.state,
        "created_at": assignment.created_at,
        "done_at": assignment.done_at,
    }


class Assignments(ProjectView):
    permissions = {"POST": Permission.EDIT_SOURCES}

    @extend_schema(
        operation_id="assignments_list",
        summary="Who codes what, as far as you may know",
        parameters=[AssignmentQuery, *list_parameters(PAGES)],
        responses={200: page_of(AssignmentOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query(AssignmentQuery, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, find_assignments(self.scope, **asked), show_assignment)

    @extend_schema(
        operation_id="assignments_create",
        summary="Give a source to an annotator",
        description="201 the first time; 200 if they have it already.",
        request=AssignmentIn,
        responses={201: AssignmentOut, 200: AssignmentOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        body = read_body(AssignmentIn, request)
        given, created = assign(self.scope, source_id=body["source"], annotator=body["annotator"])
        return Response(show_assignment(given), status=201 if created else 200)


class OneAssignment(ProjectView):
    permissions = {"DELETE": Permission.EDIT_SOURCES}
    path_descriptions = {"assignment": "The assignment's id."}

    @extend_schema(
        operation_id="assignments_read",
        summary="One assignment",
        responses={200: AssignmentOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        return Response(show_assignment(get_assignment(self.scope, assignment)))

    @extend_schema(
        operation_id="assignments_patch",
        summary="Say how far an assignment is",
        description="Its annotator does, or whoever edits assignments.",
        request=StateIn,
        responses={200: AssignmentOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        state = read_body(StateIn, request)["state"]
        return Response(show_assignment(set_state(self.scope, assignment, state)))

    @extend_schema(
        operation_id="assignments_delete",
        summary="Take a source from an annotator",
        description="If they have coded it, with `confirm=true` only, otherwise 409.",
        parameters=[CONFIRM],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        confirmed = read_query(Confirmation, request).get("confirm", False)
        unassign(self.scope, assignment, confirmed=confirmed)
        return Response(status=204)
