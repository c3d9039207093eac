import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import (
    ApiSerializer,
    ChoicesParameter,
    ConfirmParameters,
    IdsParameter,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    WordsParameter,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.passage_fields import AnnotatorField, SourceIdField
from cstoannot.api.schema import CONFIRM, PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.assignments.actions import assign_source, set_assignment_state, unassign_source
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.assignments.queries import filter_assignments, require_assignment
from cstoannot.decisions.practice_actions import give_practice, withdraw_practice
from cstoannot.projects.permissions import Permission

PAGES = KeysetPagination({"source": ("source__position", "source_id", "annotator__username")})


class AssignmentOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the assignment.")
    source = SourceIdField()
    annotator = AnnotatorField()
    state = serializers.ChoiceField(
        choices=AssignmentState.choices, help_text="How far the annotator is."
    )
    created_at = serializers.DateTimeField(help_text="When it was created.")
    done_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was finished. Null if it is not."
    )
    finished_under = serializers.IntegerField(
        allow_null=True,
        help_text="The codebook revision in force when it was finished. Null if it is not.",
    )
    practice = serializers.BooleanField(
        help_text="To learn from the consensus: what is coded never enters the study."
    )
    example_values = {
        "source": 3,
        "annotator": "coder-a",
        "practice": False,
        "done_at": None,
        "finished_under": None,
    }


class AssignmentIn(ApiSerializer):
    source = StrictIntegerField(help_text="The source's id.")
    annotator = StrictCharField(
        max_length=150, help_text="The user name of a member who annotates."
    )
    practice = StrictBooleanField(
        default=False,
        help_text="Give a source whose consensus is decided, to learn: what is coded never enters "
        "the study, and its coder is told how it compares once they have finished.",
    )
    example_values = {"source": 3, "annotator": "coder-a"}


class StateIn(ApiSerializer):
    state = StrictCharField(help_text="todo, started or done.")


class AssignmentParameters(ApiSerializer):
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    annotator = WordsParameter(required=False, help_text="User names, by commas.")
    state = ChoicesParameter(
        AssignmentState.values, required=False, help_text="todo, started, done; by commas."
    )


def serialize_assignment(assignment: Assignment) -> dict[str, Any]:
    return {
        "id": assignment.pk,
        "source": assignment.source_id,
        "annotator": assignment.annotator.username,
        "state": assignment.state,
        "created_at": assignment.created_at,
        "done_at": assignment.done_at,
        "finished_under": assignment.finished_under,
        "practice": assignment.practice,
    }


class AssignmentListView(ProjectView):
    permissions = {"POST": Permission.EDIT_SOURCES}

    @extend_schema(
        operation_id="assignments_list",
        summary="Who codes what, as far as you may know",
        parameters=[AssignmentParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(AssignmentOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(AssignmentParameters, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, filter_assignments(self.scope, **asked), serialize_assignment)

    @extend_schema(
        operation_id="assignments_create",
        summary="Give a source to an annotator",
        description="201 the first time; 200 if they have it already.",
        request=AssignmentIn,
        responses={201: AssignmentOut, 200: AssignmentOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        body = read_request_body(AssignmentIn, request)
        if body["practice"]:
            given, created = give_practice(
                self.scope, source_ids=[body["source"]], annotators=[body["annotator"]]
            )[0]
        else:
            given, created = assign_source(
                self.scope, source_id=body["source"], annotator=body["annotator"]
            )
        return Response(serialize_assignment(given), status=201 if created else 200)


class AssignmentDetailView(ProjectView):
    permissions = {"DELETE": Permission.EDIT_SOURCES}
    path_descriptions = {"assignment": "The assignment's id."}

    @extend_schema(
        operation_id="assignments_read",
        summary="One assignment",
        responses={200: AssignmentOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        return Response(serialize_assignment(require_assignment(self.scope, assignment)))

    @extend_schema(
        operation_id="assignments_patch",
        summary="Say how far an assignment is",
        description="Its annotator does, or whoever edits assignments.",
        request=StateIn,
        responses={200: AssignmentOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        state = read_request_body(StateIn, request)["state"]
        return Response(serialize_assignment(set_assignment_state(self.scope, assignment, state)))

    @extend_schema(
        operation_id="assignments_delete",
        summary="Take a source from an annotator",
        description="If they have coded it, with `confirm=true` only, otherwise 409. What was "
        "coded stays, except for practice.",
        parameters=[CONFIRM],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        confirmed = read_query_parameters(ConfirmParameters, request).get("confirm", False)
        if confirmed and require_assignment(self.scope, assignment).practice:
            withdraw_practice(self.scope, assignment)
        else:
            unassign_source(self.scope, assignment, confirmed=confirmed)
        return Response(status=204)
