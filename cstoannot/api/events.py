from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.queries import filter_events
from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.fields import ApiSerializer, DateTimeParameter, IdsParameter, WordsParameter
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.history.models import Event

PAGES = KeysetPagination({"-at": ("-id",), "at": ("id",)})


class EventOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the event.")
    at = serializers.DateTimeField(help_text="When it happened.")
    actor = serializers.CharField(
        allow_null=True, help_text="User name of who did it. Null if the account is gone."
    )
    action = serializers.CharField(help_text="create, change, delete, restore, retire …")
    kind = serializers.CharField(
        help_text="annotation, assignment, code, invitation, member, project, source, speaker."
    )
    object = serializers.CharField(help_text="Its id, slug or user name.")
    source = serializers.IntegerField(
        allow_null=True, help_text="The source's id. Null if the event is about no source."
    )
    before = serializers.DictField(
        allow_null=True, help_text="The fields before the change. Null if the object is new."
    )
    after = serializers.DictField(
        allow_null=True, help_text="The fields after the change. Null if the object is gone."
    )
    example_values = {
        "actor": "coder-a",
        "action": "create",
        "kind": "member",
        "object": "coder-a",
        "source": 3,
        "before": None,
        "after": {"role": "annotator"},
    }


class EventParameters(ApiSerializer):
    kind = WordsParameter(required=False, help_text="Kinds of object, by commas.")
    action = WordsParameter(required=False, help_text="Actions, by commas.")
    actor = WordsParameter(required=False, help_text="User names, by commas.")
    object = WordsParameter(required=False, help_text="Ids, slugs or user names, by commas.")
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    since = DateTimeParameter(
        required=False, help_text="Only events at this time (ISO 8601) or later."
    )


def serialize_event(event: Event) -> dict[str, Any]:
    return {
        "id": event.pk,
        "at": event.at,
        "actor": event.actor and event.actor.username,
        "action": event.action,
        "kind": event.kind,
        "object": event.object,
        "source": event.source_id,
        "before": event.before,
        "after": event.after,
    }


class EventListView(ProjectView):
    @extend_schema(
        operation_id="events_list",
        summary="What has happened, as far as you may know, newest first",
        parameters=[EventParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(EventOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(EventParameters, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, filter_events(self.scope, **asked), serialize_event)
