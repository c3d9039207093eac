"""Rounds: sets of sources coded under one revision of the codebook."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import ApiSerializer, StrictCharField, StrictIntegerField
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.assignments.models import Round
from cstoannot.assignments.round_actions import (
    change_round,
    create_round,
    delete_round,
)
from cstoannot.assignments.round_queries import (
    require_round,
    visible_round_sources,
    visible_rounds,
)
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

PAGES = KeysetPagination({"position": ("position", "created_at", "id")})


class RoundOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the round.")
    name = serializers.CharField(help_text="Its name, as `round=` takes it.")
    note = serializers.CharField(help_text="What it is for; may be empty.")
    revision = serializers.IntegerField(help_text="The codebook revision that it is coded under.")
    created_at = serializers.DateTimeField(help_text="When it was created.")
    example_values = {"name": "Pilot", "note": "", "revision": 4}


class RoundDetailOut(RoundOut):
    sources = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of its sources."
    )
    example_values = {"sources": [3]}


class RoundIn(ApiSerializer):
    name = StrictCharField(help_text="At most 100 characters; no two rounds share one.")
    note = StrictCharField(required=False, help_text="At most 5,000 characters.")
    revision = StrictIntegerField(
        required=False, help_text="A codebook revision; the current one if left out."
    )
    sources = serializers.ListField(
        child=StrictIntegerField(), required=False, help_text="Ids of its sources."
    )
    example_values = {"name": "Pilot", "note": "", "revision": 4, "sources": [3]}


class RoundPatch(ApiSerializer):
    name = StrictCharField(required=False, help_text="At most 100 characters.")
    note = StrictCharField(required=False, help_text="At most 5,000 characters.")
    revision = StrictIntegerField(required=False, help_text="A codebook revision.")
    add = serializers.ListField(
        child=StrictIntegerField(),
        required=False,
        help_text="Ids of sources to put in. A source is in one round at most.",
    )
    remove = serializers.ListField(
        child=StrictIntegerField(), required=False, help_text="Ids of sources to take out."
    )
    example_values = {"name": "Pilot", "note": "", "revision": 4, "add": [3], "remove": []}


def _serialize_round(found: Round) -> dict[str, Any]:
    return {
        "id": found.pk,
        "name": found.name,
        "note": found.note,
        "revision": found.revision,
        "created_at": found.created_at,
    }


def _serialize_round_detail(scope: Scope, found: Round) -> dict[str, Any]:
    sources = visible_round_sources(scope, found)
    return {**_serialize_round(found), "sources": [one.pk for one in sources]}


class RoundListView(ProjectView):
    permission = Permission.EDIT_SOURCES

    @extend_schema(
        operation_id="rounds_list",
        summary="The rounds of coding, in their order",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(RoundOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, visible_rounds(self.scope), _serialize_round)

    @extend_schema(
        operation_id="rounds_create",
        summary="Create a round",
        request=RoundIn,
        responses={201: RoundDetailOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        body = read_request_body(RoundIn, request)
        made = create_round(self.scope, **body)
        return Response(_serialize_round_detail(self.scope, made), status=201)


class RoundDetailView(ProjectView):
    permission = Permission.EDIT_SOURCES
    path_descriptions = {"round": "The round's id."}

    @extend_schema(
        operation_id="rounds_read",
        summary="One round with its sources",
        responses={200: RoundDetailOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, round: uuid.UUID) -> Response:
        return Response(_serialize_round_detail(self.scope, require_round(self.scope, round)))

    @extend_schema(
        operation_id="rounds_patch",
        summary="Rename a round, change it, choose its sources",
        request=RoundPatch,
        responses={200: RoundDetailOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, round: uuid.UUID) -> Response:
        body = read_request_body(RoundPatch, request)
        return Response(
            _serialize_round_detail(self.scope, change_round(self.scope, round, **body))
        )

    @extend_schema(
        operation_id="rounds_delete",
        summary="Delete a round",
        description="Its sources stay, in no round.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, round: uuid.UUID) -> Response:
        delete_round(self.scope, round)
        return Response(status=204)
