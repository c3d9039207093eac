import uuid
from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import ApiSerializer, StrictCharField, StrictIntegerField
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.projects.models import ResultsLink
from cstoannot.projects.permissions import Permission
from cstoannot.projects.results_actions import (
    LONGEST_LINK_DAYS,
    USUAL_LINK_DAYS,
    create_results_link,
    revoke_results_link,
)
from cstoannot.projects.results_queries import list_results_links

PAGES = KeysetPagination({"-created_at": ("-created_at", "-id")})
LINK_STATES = ["open", "revoked", "expired"]


class ResultsLinkOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the link.")
    note = serializers.CharField(help_text="For whom it is; owners alone read it.")
    state = serializers.ChoiceField(choices=LINK_STATES, help_text="Only an open one can be used.")
    made_by = serializers.CharField(
        allow_null=True, help_text="The owner who made it; null if the account is gone."
    )
    created_at = serializers.DateTimeField(help_text="When it was created.")
    expires_at = serializers.DateTimeField(help_text="Until when it can be used.")
    visits = serializers.IntegerField(
        help_text="How often it was visited: requests of one network within half an hour are one."
    )
    last_visit_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was last visited; null if never."
    )
    example_values = {
        "note": "The referees.",
        "made_by": "lead",
        "expires_at": "2026-08-01T12:00:00Z",
        "visits": 3,
    }


class NewResultsLinkOut(ResultsLinkOut):
    secret = serializers.CharField(help_text="What stands in the link, shown this once.")
    link = serializers.URLField(help_text="The page of the results, shown this once.")
    example_values = {
        "secret": "5b1e9c0d",
        "link": "https://coding.example.org/results/5b1e9c0d/",
    }


class ResultsLinkIn(ApiSerializer):
    note = StrictCharField(required=False, help_text="For whom it is; owners alone read it.")
    days = StrictIntegerField(
        required=False,
        help_text=f"How long it can be used, 1 to {LONGEST_LINK_DAYS}; {USUAL_LINK_DAYS} if not "
        "said.",
    )
    example_values = {"note": "The referees.", "days": 90}


def serialize_results_link(link: ResultsLink) -> dict[str, Any]:
    return {
        "id": link.pk,
        "note": link.note,
        "state": link.state(timezone.now()),
        "made_by": link.made_by and link.made_by.username,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "visits": link.visits,
        "last_visit_at": link.last_visit_at,
    }


class ResultsLinkListView(ProjectView):
    permission = Permission.MANAGE

    @extend_schema(
        operation_id="results_links_list",
        summary="The links to the project's results",
        description="All that were ever made, latest first, without their secrets, of which only "
        "a hash is kept.",
        parameters=build_list_parameters(PAGES),
        responses={200: build_page_schema(ResultsLinkOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        read_query_parameters(ApiSerializer, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, list_results_links(self.scope), serialize_results_link)

    @extend_schema(
        operation_id="results_links_create",
        summary="Make a link to the results",
        description=(
            "The answer holds the link, once. Whoever has it reads the results without an "
            "account: the comparison, its passages, agreement without names. Refused (409) unless "
            "the project's `results` is `link`."
        ),
        request=ResultsLinkIn,
        responses={201: NewResultsLinkOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        made, secret = create_results_link(self.scope, **read_request_body(ResultsLinkIn, request))
        link = request.build_absolute_uri(reverse("results", args=[secret]))
        shown = serialize_results_link(made)
        return Response({**shown, "secret": secret, "link": link}, status=201)


class ResultsLinkDetailView(ProjectView):
    permission = Permission.MANAGE
    path_descriptions = {"results_link": "The link's id."}

    @extend_schema(
        operation_id="results_links_delete",
        summary="Revoke a link to the results",
        description="It can no longer be used.",
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, results_link: uuid.UUID) -> Response:
        revoke_results_link(self.scope, results_link)
        return Response(status=204)
