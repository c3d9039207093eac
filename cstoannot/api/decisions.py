"""Places to decide, the decisions on them, and adopting what all coders agree on."""

import base64
import binascii
import uuid
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from cstoannot.api.base import (
    ProjectView,
    build_version_header,
    parse_if_match,
    read_query_parameters,
    read_request_body,
)
from cstoannot.api.decisions_serializers import (
    AGREED,
    DECISION_SENT,
    AdoptIn,
    AdoptionOut,
    AdoptParameters,
    DecidablePlaceOut,
    DecisionIn,
    DecisionParameters,
    serialize_decidable_place,
)
from cstoannot.api.pagination import (
    answer_computed_page,
    parse_offset_cursor,
    parse_page_size,
)
from cstoannot.api.schema import IF_MATCH, PROBLEMS, build_page_schema
from cstoannot.core.fields import parse_whole_number
from cstoannot.decisions.actions import adopt_agreed_places, decide_place, withdraw_decision
from cstoannot.decisions.drafts import DecisionDraft, PassageDraft
from cstoannot.decisions.places import DecidablePlace
from cstoannot.decisions.queries import (
    list_decidable_places,
    page_decidable_places,
    require_decidable_place,
)
from cstoannot.projects.permissions import Permission

_PAGING = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next` or `previous`."),
    OpenApiParameter(
        "page_size", OpenApiTypes.INT, description="100 unless said otherwise, 5000 at most."
    ),
]


class DecidablePlaceListView(ProjectView):
    permission = Permission.DECIDE

    @extend_schema(
        operation_id="decisions_list",
        summary="The places to decide",
        description=(
            "A place gathers everything that those who read the source marked there; passages of "
            "one code that overlap are one place. With `source`, those of one source in the text's "
            "order; without, those of all sources, whose pages only go forward: `previous` is "
            "null. A list of what stands there now: a change in the coding moves the cursor."
        ),
        parameters=[DecisionParameters, *_PAGING],
        responses={200: build_page_schema(DecidablePlaceOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(DecisionParameters, request, also=("cursor", "page_size"))
        states = asked.get("state", [])
        if "source" not in asked:
            return self._answer_all_sources(request, states)
        places = list_decidable_places(self.scope, asked["source"])
        found = [one for one in places if not states or one.state in states]
        offset = parse_offset_cursor(request.query_params.get("cursor"))
        shown = found[offset : offset + parse_page_size(request)]
        rows = [serialize_decidable_place(one) for one in shown]
        return answer_computed_page(request, len(found), offset, rows)

    def _answer_all_sources(self, request: Request, states: list[str]) -> Response:
        after = _parse_place_cursor(request.query_params.get("cursor"))
        size = parse_page_size(request)
        page = page_decidable_places(self.scope, states, after=after, limit=size)
        link = None
        if page.after is not None:
            written = "{}.{}".format(*page.after).encode()
            cursor = base64.urlsafe_b64encode(written).decode()
            link = replace_query_param(request.build_absolute_uri(), "cursor", cursor)
        rows = [serialize_decidable_place(one) for one in page.places]
        return Response({"next": link, "previous": None, "results": rows})


def _parse_place_cursor(cursor: str | None) -> tuple[int, int]:
    """Return the position in a cursor of all sources; raise ParseError if it is invalid."""
    if cursor is None:
        return 0, 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    source, _, number = text.partition(".")
    position = parse_whole_number(source), parse_whole_number(number)
    if position[0] is None or position[1] is None:
        raise ParseError("This cursor is not one that the API gave out. Start without it.")
    return position[0], position[1]


def _answer_place(place: DecidablePlace) -> Response:
    return Response(serialize_decidable_place(place), headers=build_version_header(place.version))


class DecidablePlaceDetailView(ProjectView):
    permission = Permission.DECIDE
    path_descriptions = {"place": "The place's id."}

    def show_current(self, current: Any) -> dict[str, Any] | None:
        return serialize_decidable_place(current) if current is not None else None

    @extend_schema(
        operation_id="decisions_read",
        summary="One place to decide",
        description="409 if the coding there has changed since the id was given: list it again.",
        responses={200: DecidablePlaceOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, place: uuid.UUID) -> Response:
        return _answer_place(require_decidable_place(self.scope, place))

    @extend_schema(
        operation_id="decisions_put",
        summary="Decide a place",
        description=(
            "`adopted` takes a `reading`, `plural` several `readings`, `edited` the `annotations` "
            "that it leaves; `majority` adopts the majority's passages, `nothing` leaves none. A "
            "`reason` is needed where it is not what most coders marked, and for `plural`. The "
            "same decision again changes nothing. To change somebody else's, send the place's "
            "version as `If-Match`. Coders' own annotations never change by it."
        ),
        examples=[DECISION_SENT],
        parameters=[IF_MATCH],
        request=DecisionIn,
        responses={200: DecidablePlaceOut, **PROBLEMS},
    )
    def put(self, request: Request, project: str, place: uuid.UUID) -> Response:
        body = read_request_body(DecisionIn, request)
        passages = [PassageDraft(**one) for one in body.pop("annotations", None) or []]
        draft = DecisionDraft(annotations=passages, **body)
        return _answer_place(decide_place(self.scope, place, draft, parse_if_match(request)))

    @extend_schema(
        operation_id="decisions_withdraw",
        summary="Withdraw a decision",
        description="The place waits for a decision again. The history keeps what was decided.",
        parameters=[IF_MATCH],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, place: uuid.UUID) -> Response:
        withdraw_decision(self.scope, place, parse_if_match(request))
        return Response(status=204)


class AdoptAgreedView(ProjectView):
    permission = Permission.DECIDE

    @extend_schema(
        operation_id="decisions_adopt",
        summary="Adopt what all coders agree on",
        description=(
            "At places that nobody has decided and where all readers, two at least, marked the "
            "same codes with the same stances and voices, and bounds that differ as little as the "
            "project allows, the majority's passages are adopted: in one source, or in all. "
            "`dry_run=true` changes nothing, and tells how many and which."
        ),
        examples=[AGREED],
        parameters=[AdoptParameters],
        request=AdoptIn,
        responses={200: AdoptionOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(AdoptParameters, request)
        body = read_request_body(AdoptIn, request)
        dry_run = asked.get("dry_run", False)
        found = adopt_agreed_places(self.scope, body.get("source"), dry_run)
        return Response(
            {
                "dry_run": dry_run,
                "places": found.places,
                "passages": found.passages,
                "sources": found.sources,
                "listed": [serialize_decidable_place(one) for one in found.listed],
            }
        )
