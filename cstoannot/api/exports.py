"""Export formats and files, and the coding as a paged W3C Web Annotation collection."""

import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.reader_queries import load_reader_state
from cstoannot.api.annotations import parse_annotation_parameters
from cstoannot.api.annotations_serializers import AnnotationParameters
from cstoannot.api.base import ProjectView, has_matching_etag, read_query_parameters
from cstoannot.api.fields import ApiSerializer, ChoicesParameter
from cstoannot.api.schema import PROBLEMS
from cstoannot.core.errors import NotFound
from cstoannot.exchange.exporting import prepare_export
from cstoannot.exchange.formats import webannotation
from cstoannot.exchange.formats.base import (
    ExportFormat,
    ExportRequest,
    FormatOption,
    count_exported_annotations,
)
from cstoannot.exchange.formats.registry import (
    FORMATS,
    FormatDescription,
    build_export_request,
    describe_formats,
    require_format,
)
from cstoannot.exchange.formats.webannotation import iterate_row_contexts
from cstoannot.exchange.row_pages.output import read_rows_at
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts

PAGE_SIZE = 100
_TYPES = (
    '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type", '
    "<http://www.w3.org/TR/annotation-protocol/>; "
    'rel="http://www.w3.org/ns/ldp#constrainedBy"'
)
COLLECTION = OpenApiExample(
    "A collection",
    value={
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": "https://coding.example.org/api/v1/projects/csto/webannotation/",
        "type": "AnnotationCollection",
        "total": 846,
    },
)


class WebAnnotationParameters(AnnotationParameters):
    page = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text=f"From 0; {PAGE_SIZE} annotations each. Without it, the collection.",
    )


class WebAnnotationView(ProjectView):
    @extend_schema(
        operation_id="webannotation_read",
        summary="The coding as a W3C Web Annotation collection",
        description=(
            "JSON-LD as the Web Annotation Data Model and Protocol have it: the collection, which "
            "names its first and last page; with `page`, one of the pages. Everything in one file "
            "is at export/webannotation/. Offsets are Unicode code points of the text at `source`."
        ),
        parameters=[WebAnnotationParameters],
        responses={
            (200, "application/ld+json"): OpenApiResponse(
                OpenApiTypes.OBJECT,
                "An AnnotationCollection, or an AnnotationPage.",
                [COLLECTION],
            ),
            **PROBLEMS,
        },
    )
    def get(self, request: Request, project: str) -> Response:
        number = read_query_parameters(WebAnnotationParameters, request).get("page")
        asked = build_export_request(
            self.scope,
            webannotation.FORMAT,
            parse_annotation_parameters(self.scope, request, also=("page",)),
        )
        site = request.build_absolute_uri("/").rstrip("/")
        served = _WebAnnotationCollection(
            request, asked, webannotation.build_web_annotation_builder(self.scope, site)
        )
        data = served.collection() if number is None else served.page(number)
        headers = {"Link": _TYPES} if number is None else {}
        return Response(data, content_type=webannotation.MEDIA_TYPE, headers=headers)


class _WebAnnotationCollection:
    """The requested collection and its pages."""

    def __init__(
        self, request: Request, asked: ExportRequest, shape: webannotation.WebAnnotationBuilder
    ) -> None:
        self.request, self.asked, self.shape = request, asked, shape
        self.total = count_exported_annotations(asked)
        self.last = max(0, (self.total - 1) // PAGE_SIZE)

    def _address(self, page: int | None) -> str:
        query = self.request.query_params.copy()
        query.pop("page", None)
        if page is not None:
            query["page"] = str(page)
        asked = f"?{query.urlencode()}" if query else ""
        return self.request.build_absolute_uri(f"{self.request.path}{asked}")

    def collection(self) -> dict[str, Any]:
        ends = {"first": self._address(0), "last": self._address(self.last)} if self.total else {}
        return webannotation.build_annotation_collection(
            self.shape, self._address(None), self.total, ends
        )

    def _whole(self) -> dict[str, Any]:
        """Return the description of the collection that each page contains."""
        kept = ("id", "type", "label", "total", "first", "last")
        return {name: value for name, value in self.collection().items() if name in kept}

    def page(self, number: int) -> dict[str, Any]:
        if number > self.last:
            raise NotFound(f"There is no page {number}: the last one is {self.last}.")
        rows = read_rows_at(self.asked, number * PAGE_SIZE, PAGE_SIZE)
        texts = load_source_texts(self.asked.scope, sorted({row.source for row in rows}))
        beyond = {"next": number + 1} if number < self.last else {}
        beyond |= {"prev": number - 1} if number else {}
        return {
            "@context": webannotation.CONTEXT,
            "id": self._address(number),
            "type": "AnnotationPage",
            "partOf": self._whole(),
            "startIndex": number * PAGE_SIZE,
            **{name: self._address(other) for name, other in beyond.items()},
            "items": [self.shape.annotation(told) for told in iterate_row_contexts(texts, rows)],
        }


_OPTIONS: dict[str, list[FormatOption]] = {}
for _format in FORMATS.values():
    for _option in _format.options:
        _OPTIONS.setdefault(_option.key, []).append(_option)


class ExportFormatParameters(AnnotationParameters):
    format = ChoicesParameter(
        list(FORMATS), required=False, help_text="Only these formats, by commas; all without it."
    )


class ExportOptionOut(ApiSerializer):
    key = serializers.CharField(help_text="The parameter's name.")
    title = serializers.CharField(help_text="The option's name on the export page.")
    choices = serializers.DictField(
        child=serializers.CharField(),
        help_text="What it may say, and what that means; the first goes without saying.",
    )
    example_values = {"key": "layout", "title": "One row for"}


class ExportFormatOut(ApiSerializer):
    key = serializers.CharField(help_text="The format's key, the last part of its URL.")
    title = serializers.CharField(help_text="The format's name.")
    extension = serializers.CharField(help_text="The file name's extension, without a dot.")
    media_type = serializers.CharField(help_text="The file's media type.")
    readers = serializers.CharField(help_text="Who reads it.")
    url = serializers.URLField(help_text="Where it is, with the filters of this request.")
    rows = serializers.IntegerField(
        allow_null=True,
        help_text=(
            "How many it will have. Null where counting means computing all of it, and `format` "
            "does not name it; null where it is refused."
        ),
    )
    refused = serializers.CharField(
        allow_null=True, help_text="Why there can be no such file with these filters, else null."
    )
    rows_are = serializers.CharField(help_text="What a row is, such as annotations.")
    streamed = serializers.BooleanField(
        help_text="Whether it is sent from the first row on; otherwise once it is finished."
    )
    filtered = serializers.BooleanField(
        help_text="Whether filters apply; otherwise it always holds the whole project."
    )
    options = ExportOptionOut(many=True, help_text="The format's own options, beside the filters.")
    carries = serializers.ListField(
        child=serializers.CharField(), help_text="What the file contains."
    )
    loses = serializers.ListField(
        child=serializers.CharField(), help_text="The loss report: what the file does not contain."
    )
    example_values = {
        "key": "csv",
        "title": "CSV",
        "extension": "csv",
        "media_type": "text/csv; charset=utf-8",
        "url": "https://coding.example.org/api/v1/projects/csto/export/csv/",
        "refused": None,
    }


class ExportsOut(ApiSerializer):
    formats = ExportFormatOut(many=True, help_text="The available formats.")


def _build_file_response(media_type: str) -> OpenApiResponse:
    shape = OpenApiTypes.OBJECT if media_type.endswith("json") else OpenApiTypes.BINARY
    examples = [COLLECTION] if media_type == "application/ld+json" else []
    return OpenApiResponse(shape, "The file, under the format's own media type.", examples)


_FILES: dict[Any, Any] = {
    (200, kind): _build_file_response(kind)
    for kind in sorted({format.media_type.partition(";")[0] for format in FORMATS.values()})
}


def _build_option_parameters() -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            key,
            OpenApiTypes.STR,
            enum=sorted({choice for option in options for choice in option.choices}),
            description=f"{options[0].title}. An option of some formats; see export/.",
        )
        for key, options in _OPTIONS.items()
    ]


def _serialize_export_format(one: FormatDescription, request: Request) -> dict[str, Any]:
    format = one.format
    query = request.query_params.copy()
    query.pop("format", None)
    address = request.build_absolute_uri(f"{request.path}{format.key}/")
    filters = query.urlencode() if format.filtered else ""
    return {
        "key": format.key,
        "title": format.title,
        "extension": format.extension,
        "media_type": format.media_type,
        "readers": format.readers,
        "url": f"{address}?{filters}" if filters else address,
        "rows": one.rows,
        "refused": one.refused or None,
        "rows_are": format.rows_are,
        "streamed": format.streamed,
        "filtered": format.filtered,
        "options": [
            {"key": option.key, "title": option.title, "choices": dict(option.choices)}
            for option in format.options
        ],
        "carries": list(format.carries),
        "loses": list(one.loses),
    }


def _build_export_etag(scope: Scope, format: ExportFormat, request: Request) -> dict[str, str]:
    """Return an ETag that is valid until the project changes, computed before the export.

    Only for members who may know when the project changes.
    """
    if not scope.can(Permission.SEE_ALL_CODING):
        return {}
    stands = f"{request.get_full_path()} {load_reader_state(scope)} {list(format.names(scope))}"
    return {"ETag": f'"{hashlib.blake2b(stands.encode(), digest_size=16).hexdigest()}"'}


class ExportFormatListView(ProjectView):
    @extend_schema(
        operation_id="exports_list",
        summary="The formats in which the coding can leave",
        description=(
            "What each carries and loses, and how many rows it will have with these filters. "
            "An annotator takes away the consensus and their own, a viewer the consensus."
        ),
        parameters=[ExportFormatParameters],
        responses={200: ExportsOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        named = read_query_parameters(ExportFormatParameters, request).get("format", ())
        found = describe_formats(
            self.scope, parse_annotation_parameters(self.scope, request, also=("format",)), named
        )
        return Response({"formats": [_serialize_export_format(one, request) for one in found]})


class ExportFileView(ProjectView):
    @extend_schema(
        operation_id="exports_read",
        summary="A file to take away",
        description=(
            "Formats that are lines are sent from the first row on, however many there are. "
            "Rows stand by source, start and id. Errors come before the first byte."
        ),
        parameters=[
            OpenApiParameter(
                "format",
                OpenApiTypes.STR,
                OpenApiParameter.PATH,
                enum=list(FORMATS),
                description="Key of one of the formats that `export/` lists.",
            ),
            AnnotationParameters,
            *_build_option_parameters(),
        ],
        responses={**_FILES, **PROBLEMS},
    )
    def get(self, request: Request, project: str, format: str) -> HttpResponseBase:
        chosen = require_format(format)
        keys = [option.key for option in chosen.options]
        filters = parse_annotation_parameters(self.scope, request, also=keys)
        options = {key: request.query_params[key] for key in keys if key in request.query_params}
        asked = build_export_request(self.scope, chosen, filters, options)
        tag = _build_export_etag(self.scope, chosen, request)
        if tag and has_matching_etag(tag["ETag"], request.headers.get("If-None-Match", "")):
            return HttpResponse(status=304, headers=tag)
        made = prepare_export(chosen, asked)
        headers = {"Content-Disposition": content_disposition_header(True, made.name) or "", **tag}
        if made.length is not None:
            headers["Content-Length"] = str(made.length)
        return StreamingHttpResponse(made.chunks, content_type=made.media_type, headers=headers)
