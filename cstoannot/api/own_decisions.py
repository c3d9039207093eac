"""What was decided on a coder's own passages."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.decisions_serializers import DecidedPassageOut, serialize_passages
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    IdsParameter,
    StrictBooleanField,
    StrictIntegerField,
    WordsParameter,
)
from cstoannot.api.pagination import answer_computed_page, parse_offset_cursor, parse_page_size
from cstoannot.api.passage_fields import EndField, SourceIdField, StartField
from cstoannot.api.schema import PROBLEMS, build_page_schema
from cstoannot.decisions.actions import open_decisions
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.own_queries import OwnDecision, OwnDecisionFilter, list_own_decisions
from cstoannot.projects.permissions import Permission


class OwnDecisionParameters(ApiSerializer):
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    code = WordsParameter(required=False, help_text="Code slugs, by commas.")
    differs = BooleanParameter(
        required=False, help_text="Only where something else was decided than you marked."
    )


class OwnDecisionOut(ApiSerializer):
    id = serializers.UUIDField(
        help_text="The decision's id: name it in a thread that asks to look again."
    )
    source = SourceIdField()
    start = StartField(help_text="First code point of the place, from 0.")
    end = EndField(help_text="The code point after the place's last one.")
    outcome = serializers.ChoiceField(choices=Outcome.choices, help_text="How the place ended.")
    own = DecidedPassageOut(many=True, help_text="What you had marked there; none for nothing.")
    decided = DecidedPassageOut(many=True, help_text="What was decided; none for nothing.")
    stands = serializers.BooleanField(
        allow_null=True,
        help_text="Whether your reading is one of several that stand; null for other outcomes.",
    )
    differs = serializers.BooleanField(help_text="Whether your reading is another one.")
    reason = serializers.CharField(help_text="Why; may be empty.")
    rule = serializers.CharField(help_text="A rule for the codebook; may be empty.")
    at = serializers.DateTimeField(help_text="When it was decided.")
    example_values = {"source": 3, "outcome": "adopted", "stands": None, "differs": False}


def serialize_own_decision(one: OwnDecision) -> dict[str, Any]:
    plain = ("id", "source", "start", "end", "outcome", "stands", "differs", "reason", "rule", "at")
    return {
        **{name: getattr(one, name) for name in plain},
        "own": serialize_passages(one.own),
        "decided": serialize_passages(one.decided),
    }


class OwnDecisionListView(ProjectView):
    permission = Permission.ANNOTATE

    @extend_schema(
        operation_id="decisions_mine",
        summary="What was decided where you have coded, beside your own reading",
        description=(
            "On sources that you have finished and whose decisions are opened to coders. Nothing "
            "of other coders' readings. To ask for another look, open a thread on the decision "
            "with `asks_again`."
        ),
        parameters=[
            OwnDecisionParameters,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`, `previous`."),
            OpenApiParameter(
                "page_size", OpenApiTypes.INT, description="100 unless said otherwise."
            ),
        ],
        responses={200: build_page_schema(OwnDecisionOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(OwnDecisionParameters, request, also=("cursor", "page_size"))
        offset = parse_offset_cursor(request.query_params.get("cursor"))
        found = list_own_decisions(
            self.scope,
            OwnDecisionFilter(
                sources=asked.get("source", ()),
                codes=asked.get("code", ()),
                differs=asked.get("differs", False),
            ),
        )
        page = [
            serialize_own_decision(one) for one in found[offset : offset + parse_page_size(request)]
        ]
        return answer_computed_page(request, len(found), offset, page)


class OpeningIn(ApiSerializer):
    sources = serializers.ListField(
        child=StrictIntegerField(),
        required=False,
        allow_null=True,
        help_text="Source ids; all sources of the project without it, later ones too.",
    )
    opened = StrictBooleanField(
        default=True, help_text="Whether coders are told what was decided; false closes it."
    )
    example_values = {"sources": [3], "opened": True}


class OpenDecisionsView(ProjectView):
    permission = Permission.MANAGE

    @extend_schema(
        operation_id="decisions_open",
        summary="Open decisions to coders, or close them",
        description="Each coder is told what was decided where they have coded.",
        request=OpeningIn,
        responses={204: None, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        body = read_request_body(OpeningIn, request)
        open_decisions(self.scope, source_ids=body.get("sources"), opened=body["opened"])
        return Response(status=204)
