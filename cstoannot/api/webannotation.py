"""The coding as the Web Annotation Protocol serves it: a container, read page by page."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.annotations import AnnotationQuery, filters_of
from cstoannot.api.base import ProjectView, read_query
from cstoannot.api.schema import PROBLEMS
from cstoannot.core.errors import NotFound
from cstoannot.exchange.exporting import rows_at
from cstoannot.exchange.formats import webannotation
from cstoannot.exchange.formats.kinds import Asked, count_annotations
from cstoannot.exchange.registry import ask
from cstoannot.exchange.surroundings import beside
from cstoannot.sources.queries import texts_of

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


class WebAnnotationQuery(AnnotationQuery):
    page = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text=f"From 0; {PAGE_SIZE} annotations each. Without it, the collection.",
    )


class WebAnnotations(ProjectView):
    @extend_schema(
        operation_id="webannotation_read",
        summary="The coding as a W3C Web Annotation collection",
        description=(
            "JSON-LD as the Web Annotation Data Model and Protocol have it: the collection, which "
            "names its first and last page; with `page`, one of the pages. Everything in one file "
            "is at export/webannotation/. Offsets are Unicode code points of the text at `source`."
        ),
        parameters=[WebAnnotationQuery],
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
        number = read_query(WebAnnotationQuery, request).get("page")
        asked = ask(self.scope, webannotation.FORMAT, filters_of(request, also=("page",)))
        site = request.build_absolute_uri("/").rstrip("/")
        served = _Served(request, asked, webannotation.shape_of(self.scope, site))
        data = served.collection() if number is None else served.page(number)
        headers = {"Link": _TYPES} if number is None else {}
        return Response(data, content_type=webannotation.MEDIA_TYPE, headers=headers)


class _Served:
    """The collection that a request asks for, and its pages."""

    def __init__(self, request: Request, asked: Asked, shape: webannotation.Shape) -> None:
        self.request, self.asked, self.shape = request, asked, shape
        self.total = count_annotations(asked)
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
        return webannotation.collection(self.shape, self._address(None), self.total, ends)

    def _whole(self) -> dict[str, Any]:
        """What a page tells of the collection that it is part of."""
        kept = ("id", "type", "label", "total", "first", "last")
        return {name: value for name, value in self.collection().items() if name in kept}

    def page(self, number: int) -> dict[str, Any]:
        if number > self.last:
            raise NotFound(f"There is no page {number}: the last one is {self.last}.")
        rows = rows_at(self.asked, number * PAGE_SIZE, PAGE_SIZE)
        texts = texts_of(self.asked.scope, sorted({row.source for row in rows}))
        beyond = {"next": number + 1} if number < self.last else {}
        beyond |= {"prev": number - 1} if number else {}
        return {
            "@context": webannotation.CONTEXT,
            "id": self._address(number),
            "type": "AnnotationPage",
            "partOf": self._whole(),
            "startIndex": number * PAGE_SIZE,
            **{name: self._address(other) for name, other in beyond.items()},
            "items": [self.shape.annotation(told) for told in beside(texts, rows)],
        }
