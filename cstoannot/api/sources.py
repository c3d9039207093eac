from typing import Any

from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import (
    ProjectView,
    build_version_header,
    has_matching_etag,
    parse_if_match,
    read_query_parameters,
    read_request_body,
)
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ConfirmParameters,
    RepeatedParameter,
    StrictBooleanField,
    StrictCharField,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.passage_fields import SourceIdField
from cstoannot.api.schema import (
    CONFIRM,
    IF_MATCH,
    PROBLEMS,
    build_list_parameters,
    build_page_schema,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.sources.actions import (
    change_source,
    create_source,
    delete_source,
    restore_source,
)
from cstoannot.sources.models import Source
from cstoannot.sources.queries import (
    UNITS,
    filter_sources,
    find_duplicate_source,
    load_hash_and_text,
    load_unit_spans,
    require_source,
)

PAGES = KeysetPagination(
    {
        "position": ("position", "id"),
        "-position": ("-position", "-id"),
        "title": ("title", "id"),
        "-title": ("-title", "-id"),
        "published": ("published", "id"),
        "-published": ("-published", "-id"),
    }
)


class SourceOut(ApiSerializer):
    id = SourceIdField()
    title = serializers.CharField(help_text="The source's title.")
    publisher = serializers.CharField(help_text="Who published it; empty if unknown.")
    author = serializers.CharField(help_text="Who wrote it; empty if unknown.")
    published = serializers.CharField(help_text="As far as known: 2021, 2020-11 or 2020-11-25.")
    url = serializers.CharField(help_text="URL of the original; empty if unknown.")
    language = serializers.CharField(help_text="A tag such as en or pt-BR.")
    group = serializers.CharField(
        help_text="A word that sources have in common, to compare by; empty for none."
    )
    note = serializers.CharField(help_text="Any remark on the source.")
    length = serializers.IntegerField(help_text="Of the text, in code points.")
    words = serializers.IntegerField(help_text="Number of words of the text.")
    sha256 = serializers.CharField(help_text="Of the text in UTF-8.")
    position = serializers.IntegerField(help_text="The number that orders the project's sources.")
    deleted = serializers.BooleanField(
        help_text="Whether the source was removed; it can be restored."
    )
    version = serializers.IntegerField(help_text="Send it as If-Match when you change this.")
    created_at = serializers.DateTimeField(help_text="When it was created.")
    example_values = {
        "title": "An article",
        "publisher": "The Paper",
        "author": "A. Writer",
        "published": "2020-11-25",
        "url": "https://example.org/article",
        "language": "en",
        "group": "English",
        "note": "Seen twice.",
        "length": 8123,
        "words": 1302,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "position": 0,
        "deleted": False,
    }


class NewSourceOut(SourceOut):
    same_text_as = serializers.IntegerField(
        allow_null=True, help_text="An earlier source with the very same text."
    )
    example_values = {"same_text_as": None}


class SourceFields(ApiSerializer):
    title = StrictCharField(help_text="The source's title.")
    publisher = StrictCharField(required=False, help_text="Who published it.")
    author = StrictCharField(required=False, help_text="Who wrote it.")
    published = StrictCharField(required=False, help_text="2021, 2020-11 or 2020-11-25.")
    url = StrictCharField(required=False, help_text="Begins with http:// or https://.")
    language = StrictCharField(required=False, help_text="A tag such as en or pt-BR.")
    group = StrictCharField(
        required=False, help_text="A word that sources have in common, to compare by."
    )
    note = StrictCharField(required=False, help_text="Any remark on the source.")
    example_values = SourceOut.example_values


class SourceIn(SourceFields):
    text = StrictCharField(
        verbatim=True,
        help_text=(
            "Stored as given, except: a leading byte-order mark is dropped, CRLF and CR become "
            "LF; NUL and lone surrogates are refused. Five million characters at most."
        ),
    )


class SourcePatch(SourceFields):
    deleted = StrictBooleanField(
        required=False, help_text="false, alone, restores a removed source."
    )


class SourceParameters(ApiSerializer):
    group = RepeatedParameter(
        required=False, help_text="Only this group, in any spelling; may be repeated."
    )
    publisher = RepeatedParameter(
        required=False, help_text="Only this publisher, in any spelling; may be repeated."
    )
    language = RepeatedParameter(
        required=False, help_text="Only this language, such as en or pt-BR; may be repeated."
    )
    q = serializers.CharField(
        required=False,
        max_length=500,
        help_text="Words in the title, publisher, author or group; all must be there.",
    )
    deleted = BooleanParameter(
        required=False, help_text="The removed ones, for those who edit sources."
    )


class SpansParameters(ApiSerializer):
    unit = serializers.ChoiceField(choices=list(UNITS), help_text="Which units to return.")
    start = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="First code point of the range; by default 0.",
    )
    end = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The code point after the range's last one; by default the end of the text.",
    )


class SpansOut(ApiSerializer):
    unit = serializers.CharField(help_text="The units, as in the request.")
    spans = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="[start, end] of each, in code points, half-open, in the text's order.",
    )
    example_values = {"unit": "sentence", "spans": [[0, 31], [33, 85]]}


def serialize_source(source: Source) -> dict[str, Any]:
    shown = {
        name: getattr(source, name) for name in SourceOut._declared_fields if name != "deleted"
    }
    shown["deleted"] = source.deleted_at is not None
    return shown


class SourceListView(ProjectView):
    permissions = {"POST": Permission.EDIT_SOURCES}

    @extend_schema(
        operation_id="sources_list",
        summary="The sources you may read",
        parameters=[SourceParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(SourceOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(SourceParameters, request, also=LIST_PARAMETERS)
        found = filter_sources(
            self.scope,
            q=asked.get("q", ""),
            deleted=asked.get("deleted", False),
            group=asked.get("group", []),
            publisher=asked.get("publisher", []),
            language=asked.get("language", []),
        )
        return PAGES.answer(request, found, serialize_source)

    @extend_schema(
        operation_id="sources_create",
        summary="Add an article",
        description="Its text never changes afterwards.",
        request=SourceIn,
        responses={201: NewSourceOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        source = create_source(self.scope, **read_request_body(SourceIn, request))
        same = find_duplicate_source(self.scope, sha256=source.sha256, but=source.pk)
        shown = {**serialize_source(source), "same_text_as": same and same.pk}
        return Response(shown, status=201, headers=build_version_header(source.version))


class SourceDetailView(ProjectView):
    permissions = {"PATCH": Permission.EDIT_SOURCES, "DELETE": Permission.EDIT_SOURCES}
    path_descriptions = {"source": "The source's id."}

    def show_current(self, current: Source) -> dict[str, Any]:
        return serialize_source(current)

    @extend_schema(
        operation_id="sources_read",
        summary="One source, without its text",
        responses={200: SourceOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, source: int) -> Response:
        found = require_source(self.scope, source)
        return Response(serialize_source(found), headers=build_version_header(found.version))

    @extend_schema(
        operation_id="sources_patch",
        summary="Change what is known of a source, or restore a removed one",
        description="Its text never changes, because annotations stand in it.",
        parameters=[IF_MATCH],
        request=SourcePatch(partial=True),
        responses={200: SourceOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, source: int) -> Response:
        if isinstance(request.data, dict) and "text" in request.data:
            raise Invalid(
                "A source's text never changes, because annotations stand in it. Add the new "
                "text as another source.",
                field="text",
            )
        changes = read_request_body(SourcePatch, request, partial=True)
        changed = self._restored(source, changes) or change_source(
            self.scope, source, expected=parse_if_match(request), **changes
        )
        return Response(serialize_source(changed), headers=build_version_header(changed.version))

    def _restored(self, source: int, changes: dict[str, Any]) -> Source | None:
        if "deleted" not in changes:
            return None
        if changes != {"deleted": False}:
            raise Invalid(
                "Send deleted: false, alone, to restore a source; use DELETE to remove one.",
                field="deleted",
            )
        return restore_source(self.scope, source)

    @extend_schema(
        operation_id="sources_delete",
        summary="Remove a source; it can be restored",
        description="One that has annotations is removed with `confirm=true` only, otherwise 409.",
        parameters=[CONFIRM, IF_MATCH],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, source: int) -> Response:
        confirmed = read_query_parameters(ConfirmParameters, request).get("confirm", False)
        delete_source(self.scope, source, confirmed=confirmed, expected=parse_if_match(request))
        return Response(status=204)


class SourceTextView(ProjectView):
    path_descriptions = {"source": "The source's id."}

    @extend_schema(
        operation_id="sources_text",
        summary="A source's text, exactly as stored",
        description=(
            "UTF-8 without a byte-order mark: a U+FEFF at its beginning belongs to the text. "
            "Offsets count its code points. The ETag is its SHA-256."
        ),
        responses={
            (200, "text/plain"): OpenApiResponse(OpenApiTypes.STR, "The text."),
            **PROBLEMS,
        },
    )
    def get(self, request: Request, project: str, source: int) -> HttpResponseBase:
        sha256, text = load_hash_and_text(self.scope, source)
        tag = f'"{sha256}"'
        headers = {"ETag": tag, "X-Content-Type-Options": "nosniff"}
        if has_matching_etag(tag, request.headers.get("If-None-Match", "")):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


class SourceSegmentsView(ProjectView):
    path_descriptions = {"source": "The source's id."}

    @extend_schema(
        operation_id="sources_segments",
        summary="Where a source's paragraphs, sentences or tokens stand",
        description="All of them, or those that touch the code points from `start` to `end`.",
        parameters=[SpansParameters],
        responses={200: SpansOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, source: int) -> Response:
        asked = read_query_parameters(SpansParameters, request)
        return Response(
            {"unit": asked["unit"], "spans": load_unit_spans(self.scope, source, **asked)}
        )
