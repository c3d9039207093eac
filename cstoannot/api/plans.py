"""Plans of who codes what: previewed, applied, extended, and handed on."""

import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.plan_precision import PlanPrecision, estimate_plan_precision
from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    StrictCharField,
    StrictDateField,
    StrictIntegerField,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.passage_fields import AnnotatorField, CodeSlugField
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.assignments.models import Plan
from cstoannot.assignments.plan_actions import apply_plan, extend_plan, hand_on_sources
from cstoannot.assignments.plan_queries import (
    LARGEST_SEED,
    PlanDraft,
    PlanPreview,
    build_extension_preview,
    build_hand_on_preview,
    build_plan_preview,
    list_plans,
    load_plan_state,
    require_plan,
)
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope

PAGES = KeysetPagination({"-created_at": ("-created_at", "-id")})
DRY_RUN = OpenApiParameter(
    "dry_run", OpenApiTypes.BOOL, description="true: only say what would be done (200)."
)


class DryRunParameters(ApiSerializer):
    dry_run = BooleanParameter(required=False)


def _build_names_field(help_text: str, **options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=StrictCharField(max_length=150), help_text=help_text, **options
    )


def _build_ids_field(help_text: str) -> serializers.ListField:
    return serializers.ListField(child=StrictIntegerField(), required=False, help_text=help_text)


class PlanIn(ApiSerializer):
    name = StrictCharField(required=False, help_text="At most 100 characters; a number if empty.")
    annotators = _build_names_field("User names of those who code.")
    each = StrictIntegerField(
        required=False, max_value=1000, help_text="To how many of them each source goes; 2."
    )
    shared = StrictIntegerField(
        required=False, max_value=100, help_text="Percentage of sources that all of them code; 0."
    )
    seed = StrictIntegerField(
        required=False,
        max_value=LARGEST_SEED,
        help_text="The same seed gives the same plan; 1.",
    )
    sources = _build_ids_field("Ids of the sources; all of the project if left out or empty.")
    deadline = StrictDateField(
        required=False, allow_null=True, help_text="A day for all of the plan's assignments."
    )
    example_values = {
        **{"name": "Main 1", "annotators": ["coder-a", "coder-b"], "each": 2, "shared": 10},
        **{"seed": 1, "sources": [3], "deadline": None},
    }


class PlanExtensionIn(ApiSerializer):
    sources = _build_ids_field("Ids of further sources; all of the project if left out or empty.")
    annotators = _build_names_field("User names of further annotators.", required=False)
    example_values = {"sources": [3], "annotators": ["coder-c"]}


class HandOnIn(ApiSerializer):
    annotator = StrictCharField(max_length=150, help_text="User name of who leaves.")
    to = _build_names_field(
        "User names of those who take over; all who have sources if left out or empty.",
        required=False,
    )
    example_values = {"annotator": "coder-a", "to": ["coder-b"]}


class CoderLoadOut(ApiSerializer):
    annotator = AnnotatorField()
    sources = serializers.IntegerField(help_text="How many of the sources they have then.")
    words = serializers.IntegerField(help_text="How many words these have.")
    new = serializers.IntegerField(help_text="How many of them are new.")
    moved = serializers.IntegerField(help_text="How many not begun go to others.")
    example_values = {"sources": 40, "words": 32_150, "new": 40, "moved": 0}


class CoderPairOut(ApiSerializer):
    annotators = serializers.ListField(child=serializers.CharField(), help_text="Two user names.")
    sources = serializers.IntegerField(help_text="How many of the sources both have.")
    example_values = {"annotators": ["coder-a", "coder-b"], "sources": 20}


class ExpectedWidthOut(ApiSerializer):
    code = CodeSlugField()
    value = serializers.FloatField(allow_null=True, help_text="α by sentences so far.")
    half_width = serializers.FloatField(
        allow_null=True, help_text="Half of the width of its interval so far."
    )
    expected = serializers.FloatField(
        allow_null=True, help_text="The same once the plan is done. Null: not known yet."
    )
    example_values = {"value": 0.84, "half_width": 0.12, "expected": 0.04}


class PlanPrecisionOut(ApiSerializer):
    sources = serializers.IntegerField(help_text="Sources that two or more will have finished.")
    so_far = serializers.IntegerField(help_text="Sources that two or more have finished.")
    codes = ExpectedWidthOut(many=True, help_text="The codes, in the codebook's order.")
    example_values = {"sources": 45, "so_far": 5}


class PlanPreviewOut(ApiSerializer):
    given = serializers.IntegerField(help_text="How many assignments are new.")
    taken = serializers.IntegerField(help_text="How many that are not begun end for them.")
    shared = serializers.IntegerField(help_text="How many sources all of them have.")
    left = serializers.IntegerField(help_text="How many sources nobody could take over.")
    coders = CoderLoadOut(many=True, help_text="The load of each annotator.")
    pairs = CoderPairOut(many=True, help_text="How many sources each pair shares.")
    precision = PlanPrecisionOut(
        help_text="How wide the intervals of agreement will be, from those so far."
    )
    example_values = {"given": 80, "taken": 0, "shared": 4, "left": 0}


class PlanOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the plan.")
    name = serializers.CharField(help_text="Its name.")
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names of those who annotate in it."
    )
    each = serializers.IntegerField(help_text="To how many of them each source goes.")
    shared = serializers.IntegerField(help_text="Percentage of sources that all of them code.")
    seed = serializers.IntegerField(help_text="Its seed.")
    deadline = serializers.DateField(allow_null=True, help_text="Its day, if it has one.")
    made_by = serializers.CharField(allow_null=True, help_text="Who made it.")
    created_at = serializers.DateTimeField(help_text="When it was made.")
    example_values = {
        **{"name": "Main 1", "annotators": ["coder-a", "coder-b"], "each": 2, "shared": 10},
        **{"seed": 1, "deadline": None, "made_by": "lead"},
    }


class PlanDetailOut(PlanOut):
    handed_out = PlanPreviewOut(help_text="What it has handed out.")


class AppliedPlanOut(ApiSerializer):
    plan = PlanOut(allow_null=True, help_text="The plan. Null in a dry run of a new one.")
    preview = PlanPreviewOut(help_text="What is given and moved.")


def _serialize_plan(plan: Plan, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": plan.pk,
        "name": plan.name,
        "annotators": sorted(names[pk] for pk in plan.annotators if pk in names),
        "each": plan.each,
        "shared": plan.shared,
        "seed": plan.seed,
        "deadline": plan.deadline,
        "made_by": plan.made_by and plan.made_by.username,
        "created_at": plan.created_at,
    }


def _load_names(scope: Scope) -> dict[int, str]:
    return {one.user_id: one.user.username for one in coding_members(scope)}


def _serialize_preview(scope: Scope, found: PlanPreview) -> dict[str, Any]:
    names = [one.username for one in found.coders]
    return {
        "given": len(found.give),
        "taken": len(found.take),
        "shared": found.shared,
        "left": found.left,
        "coders": [
            {
                "annotator": one.username,
                "sources": one.sources,
                "words": one.words,
                "new": one.new,
                "moved": one.moved,
            }
            for one in found.coders
        ],
        "pairs": [
            {"annotators": [names[a], names[b]], "sources": found.pairs[a][b]}
            for a in range(len(names))
            for b in range(a + 1, len(names))
        ],
        "precision": _serialize_precision(estimate_plan_precision(scope, found.coders_by_source)),
    }


def _serialize_precision(found: PlanPrecision) -> dict[str, Any]:
    return {
        "sources": found.sources,
        "so_far": found.so_far,
        "codes": [
            {
                "code": one.code.slug,
                "value": one.result.value,
                "half_width": one.half_width,
                "expected": one.expected,
            }
            for one in found.codes
        ],
    }


class PlanListView(ProjectView):
    permission = Permission.EDIT_SOURCES

    @extend_schema(
        operation_id="plans_list",
        summary="The plans by which sources were handed out",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(PlanOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        names = _load_names(self.scope)
        return PAGES.answer(
            request, list_plans(self.scope), lambda plan: _serialize_plan(plan, names)
        )

    @extend_schema(
        operation_id="plans_create",
        summary="Hand out sources by a plan",
        description=(
            "Each source goes to `each` of the annotators, so that words and pairs are even, and "
            "in a random order for each of them. What they have already counts and stays. With "
            "`dry_run=true` nothing is stored, and the preview is what the plan would give."
        ),
        parameters=[DRY_RUN],
        request=PlanIn,
        responses={201: AppliedPlanOut, 200: AppliedPlanOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        dry = read_query_parameters(DryRunParameters, request).get("dry_run", False)
        draft = _build_plan_draft(read_request_body(PlanIn, request))
        if dry:
            found = build_plan_preview(self.scope, draft)
            return Response({"plan": None, "preview": _serialize_preview(self.scope, found)})
        plan, found = apply_plan(self.scope, draft)
        return Response(_serialize_applied(self.scope, plan, found), status=201)


def _build_plan_draft(body: dict[str, Any]) -> PlanDraft:
    given = {name: value for name, value in body.items() if name not in ("annotators", "sources")}
    return PlanDraft(
        annotators=tuple(body["annotators"]), sources=tuple(body.get("sources", ())), **given
    )


def _serialize_applied(scope: Scope, plan: Plan, found: PlanPreview) -> dict[str, Any]:
    shown = _serialize_plan(plan, _load_names(scope))
    return {"plan": shown, "preview": _serialize_preview(scope, found)}


class PlanDetailView(ProjectView):
    permission = Permission.EDIT_SOURCES
    path_descriptions = {"plan": "The plan's id."}

    @extend_schema(
        operation_id="plans_read",
        summary="A plan, and what it has handed out",
        responses={200: PlanDetailOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, plan: uuid.UUID) -> Response:
        found = require_plan(self.scope, plan)
        shown = _serialize_plan(found, _load_names(self.scope))
        state = load_plan_state(self.scope, found)
        return Response({**shown, "handed_out": _serialize_preview(self.scope, state)})


class PlanExtensionView(ProjectView):
    permission = Permission.EDIT_SOURCES
    path_descriptions = {"plan": "The plan's id."}

    @extend_schema(
        operation_id="plans_extend",
        summary="Extend a plan by sources or annotators",
        description="What is begun never moves; what is not moves to new annotators only.",
        parameters=[DRY_RUN],
        request=PlanExtensionIn,
        responses={200: AppliedPlanOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, plan: uuid.UUID) -> Response:
        dry = read_query_parameters(DryRunParameters, request).get("dry_run", False)
        body = read_request_body(PlanExtensionIn, request)
        chosen = require_plan(self.scope, plan)
        if dry:
            found = build_extension_preview(self.scope, chosen, **body)
        else:
            chosen, found = extend_plan(self.scope, plan, **body)
        return Response(_serialize_applied(self.scope, chosen, found))


class PlanHandOnView(ProjectView):
    permission = Permission.EDIT_SOURCES

    @extend_schema(
        operation_id="plans_hand_on",
        summary="Give to others what an annotator has not begun",
        parameters=[DRY_RUN],
        request=HandOnIn,
        responses={200: PlanPreviewOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        dry = read_query_parameters(DryRunParameters, request).get("dry_run", False)
        body = read_request_body(HandOnIn, request)
        hand_on = build_hand_on_preview if dry else hand_on_sources
        found = hand_on(self.scope, body["annotator"], to=body.get("to", ()))
        return Response(_serialize_preview(self.scope, found))
