from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.queries import find_events
from cstoannot.api.base import ProjectView, read_query
from cstoannot.api.fields import Moment, Numbers, Shape, Words
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPages
from cstoannot.api.schema import PROBLEMS, list_parameters, page_of
from cstoannot.history.models import Event

PAGES = KeysetPages({"-at": ("-id",), "at": ("id",)})


class EventOut(Shape):
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


class EventQuery(Shape):
    kind = Words(required=False, help_text="Kinds of object, by commas.")
    action = Words(required=False, help_text="Actions, by commas.")
    actor = Words(required=False, help_text="User names, by commas.")
    object = Words(required=False, help_text="Ids, slugs or user names, by commas.")
    source = Numbers(required=False, help_text="Source ids, by commas.")
    since = Moment(required=False, help_text="Only events at this time (ISO 8601) or later.")


def show_event(event: Event) -> dict[str, Any]:
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


class Events(ProjectView):
    @extend_schema(
        operation_id="events_list",
        summary="What has happened, as far as you may know, newest first",
        parameters=[EventQuery, *list_parameters(PAGES)],
        responses={200: page_of(EventOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query(EventQuery, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, find_events(self.scope, **asked), show_event)
