"""The API's OpenAPI description: parts that the views share (errors, versions, pages), and the
views that serve the description and its Swagger page.
"""

import functools
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    extend_schema_serializer,
)
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ApiView
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.pagination import DEFAULT_SIZE, LARGEST_SIZE, KeysetPagination


@extend_schema_serializer(description="An error, as RFC 9457 shapes it.")
class Problem(ApiSerializer):
    type = serializers.CharField(help_text="A URN that names the kind of error, for programs.")
    title = serializers.CharField(help_text="The kind of error, for people.")
    status = serializers.IntegerField(help_text="The response's status code.")
    detail = serializers.CharField(help_text="What is wrong and what to do.")
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="The faults by field; in a list, by index. Absent if they are of no field.",
    )
    current = serializers.DictField(
        required=False, allow_null=True, help_text="With 412 and 428: the state as it stands."
    )
    example_values = {
        "type": "urn:cstoannot:problem:invalid",
        "title": "Not valid",
        "errors": {"end": ["The passage ends after the text does."]},
    }


_MEANINGS = {
    400: "Not understood: the request's shape is wrong.",
    401: "Not signed in.",
    403: "Your role, or your token, does not allow this.",
    404: "It does not exist, or you may not know that it does.",
    409: "It contradicts what is stored.",
    412: "Changed in the meantime; `current` is the state as it stands.",
    413: "Too large.",
    415: "Not JSON.",
    422: "Well-formed, but it cannot mean anything here.",
    428: "Say the version you started from, as If-Match.",
}
PROBLEMS: dict[Any, Any] = {
    (status, "application/problem+json"): OpenApiResponse(Problem, meaning)
    for status, meaning in _MEANINGS.items()
}
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description='The version you started from, in quotes: `"3"`.',
)

CONFIRM = OpenApiParameter(
    "confirm", OpenApiTypes.BOOL, description="true: do it although it has annotations."
)


def build_list_parameters(pages: KeysetPagination) -> list[OpenApiParameter]:
    """Return the parameters of a list."""
    return [
        OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous`."),
        OpenApiParameter(
            "page_size",
            OpenApiTypes.INT,
            description=f"{DEFAULT_SIZE} unless said otherwise, {LARGEST_SIZE} at most.",
        ),
        OpenApiParameter(
            "ordering", OpenApiTypes.STR, enum=list(pages.orderings), description="The order."
        ),
    ]


class PageLinks(ApiSerializer):
    next = serializers.URLField(
        allow_null=True, help_text="URL of the next page. Null on the last one."
    )
    previous = serializers.URLField(
        allow_null=True, help_text="URL of the page before. Null on the first one."
    )
    example_values = {"next": None, "previous": None}


def build_page_schema(item: type[ApiSerializer]) -> type[PageLinks]:
    """Return the schema of a page of a list."""
    name = f"PageOf{item.__name__.removesuffix('Out')}s"
    return type(name, (PageLinks,), {"results": item(many=True, help_text="Rows of this page.")})


def build_one_or_many_schema(name: str, shape: type[ApiSerializer]) -> PolymorphicProxySerializer:
    """Return the schema of a body that is one object or a list of them."""
    return PolymorphicProxySerializer(
        component_name=name,
        serializers=[shape, shape(many=True)],
        resource_type_field_name=None,
        many=False,
    )


def build_either_schema(name: str, *shapes: type[ApiSerializer]) -> PolymorphicProxySerializer:
    """Return the schema of a list whose rows have one of these shapes."""
    return PolymorphicProxySerializer(
        component_name=name, serializers=list(shapes), resource_type_field_name=None, many=True
    )


@functools.cache
def build_api_description() -> dict[str, Any]:
    """Return the OpenAPI description, which depends only on the code."""
    return SchemaGenerator().get_schema(request=None, public=True)


class ApiDescriptionView(ApiView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(build_api_description(), content_type="application/vnd.oai.openapi+json")


# Swagger UI needs inline styles; the rest of the page's CSP is unchanged.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class ApiDocumentationView(SpectacularSwaggerSplitView):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    url_name = "api_schema"
    # Without OPTIONS, whose response would describe the view in JSON.
    http_method_names = ("get", "head")
