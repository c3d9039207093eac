import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.readers.queries import load_reader_state
from cstoannot.api.annotations import AnnotationQuery, filters_of
from cstoannot.api.base import ProjectView, is_known, read_query
from cstoannot.api.fields import Choices, Shape
from cstoannot.api.schema import PROBLEMS
from cstoannot.api.webannotation import COLLECTION
from cstoannot.exchange.exporting import export
from cstoannot.exchange.formats.kinds import Format, Option
from cstoannot.exchange.registry import FORMATS, Description, ask, describe_all, get_format
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

_OPTIONS: dict[str, list[Option]] = {}
for _format in FORMATS.values():
    for _option in _format.options:
        _OPTIONS.setdefault(_option.key, []).append(_option)


class ExportsQuery(AnnotationQuery):
    format = Choices(
        list(FORMATS), required=False, help_text="Only these formats, by commas; all without it."
    )


class ExportOptionOut(Shape):
    key = serializers.CharField(help_text="The parameter's name.")
    title = serializers.CharField(help_text="The option's name on the export page.")
    choices = serializers.DictField(
        child=serializers.CharField(),
        help_text="What it may say, and what that means; the first goes without saying.",
    )
    example_values = {"key": "layout", "title": "One row for"}


class ExportFormatOut(Shape):
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


class ExportsOut(Shape):
    formats = ExportFormatOut(many=True, help_text="The available formats.")


def _file(media_type: str) -> OpenApiResponse:
    shape = OpenApiTypes.OBJECT if media_type.endswith("json") else OpenApiTypes.BINARY
    examples = [COLLECTION] if media_type == "application/ld+json" else []
    return OpenApiResponse(shape, "The file, under the format's own media type.", examples)


_FILES: dict[Any, Any] = {
    (200, kind): _file(kind)
    for kind in sorted({format.media_type.partition(";")[0] for format in FORMATS.values()})
}


def _option_parameters() -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            key,
            OpenApiTypes.STR,
            enum=sorted({choice for option in options for choice in option.choices}),
            description=f"{options[0].title}. An option of some formats; see export/.",
        )
        for key, options in _OPTIONS.items()
    ]


def _show(one: Description, request: Request) -> dict[str, Any]:
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


def _tag(scope: Scope, format: Format, request: Request) -> dict[str, str]:
    """A tag that holds until something happens in the project, taken before the file is begun.

    For those alone who may know when something does.
    """
    if not scope.can(Permission.SEE_ALL_CODING):
        return {}
    stands = f"{request.get_full_path()} {load_reader_state(scope)} {list(format.names(scope))}"
    return {"ETag": f'"{hashlib.blake2b(stands.encode(), digest_size=16).hexdigest()}"'}


class Exports(ProjectView):
    @extend_schema(
        operation_id="exports_list",
        summary="The formats in which the coding can leave",
        description=(
            "What each carries and loses, and how many rows it will have with these filters. "
            "An annotator takes away the consensus and their own, a viewer the consensus."
        ),
        parameters=[ExportsQuery],
        responses={200: ExportsOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        named = read_query(ExportsQuery, request).get("format", ())
        found = describe_all(self.scope, filters_of(request, also=("format",)), named)
        return Response({"formats": [_show(one, request) for one in found]})


class OneExport(ProjectView):
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
            AnnotationQuery,
            *_option_parameters(),
        ],
        responses={**_FILES, **PROBLEMS},
    )
    def get(self, request: Request, project: str, format: str) -> HttpResponseBase:
        chosen = get_format(format)
        keys = [option.key for option in chosen.options]
        filters = filters_of(request, also=keys)
        options = {key: request.query_params[key] for key in keys if key in request.query_params}
        asked = ask(self.scope, chosen, filters, options)
        tag = _tag(self.scope, chosen, request)
        if tag and is_known(tag["ETag"], request.headers.get("If-None-Match", "")):
            return HttpResponse(status=304, headers=tag)
        made = export(chosen, asked)
        headers = {"Content-Disposition": content_disposition_header(True, made.name) or "", **tag}
        if made.length is not None:
            headers["Content-Length"] = str(made.length)
        return StreamingHttpResponse(made.chunks, content_type=made.media_type, headers=headers)
