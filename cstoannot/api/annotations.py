import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import uuid_utils
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.actions import delete_annotation, save_annotation
from cstoannot.annotations.bulk_actions import MOST_AT_ONCE, save_annotations
from cstoannot.annotations.look_queries import mark_after_look, mark_saved_row
from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import (
    AnnotationFilter,
    complete_annotation_row,
    filter_annotations,
    require_annotation_row,
    resolve_filter_round,
    select_annotation_values,
)
from cstoannot.annotations.serialization import Draft, Named
from cstoannot.api.annotations_serializers import (
    ANSWERED,
    ANSWERED_MANY,
    SENT,
    SENT_MANY,
    AnnotationIn,
    AnnotationListParameters,
    AnnotationOut,
    AnnotationParameters,
    LayeredAnnotationIn,
    NewAnnotation,
    PageOfAnnotations,
)
from cstoannot.api.base import (
    ProjectView,
    build_version_header,
    parse_if_match,
    read_query_parameters,
    read_request_body,
    read_request_items,
)
from cstoannot.api.pagination import (
    LIST_PARAMETERS,
    KeysetPagination,
    answer_computed_page,
    parse_offset_cursor,
    parse_page_size,
)
from cstoannot.api.schema import (
    IF_MATCH,
    PROBLEMS,
    build_list_parameters,
    build_one_or_many_schema,
)
from cstoannot.codebook.meaning import choose_stale_filter
from cstoannot.comparison.comparison_query import MAJORITY
from cstoannot.comparison.layer_passages import list_majority_passages
from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.core.fields import ANY_VERSION, clean_choice, expect_version
from cstoannot.decisions.elsewhere_actions import ConsensusDraft, save_consensus
from cstoannot.projects.scope import Scope

PAGES = KeysetPagination(
    {
        "position": ("source_id", "start", "id"),
        "updated_at": ("updated_at", "id"),
        "-updated_at": ("-updated_at", "-id"),
    }
)


def parse_annotation_parameters(
    scope: Scope,
    request: Request,
    *,
    parameters: type[AnnotationParameters] = AnnotationParameters,
    also: Sequence[str] = LIST_PARAMETERS,
) -> AnnotationFilter:
    """Parse the filters; `also` names the parameters allowed in addition."""
    asked = read_query_parameters(parameters, request, also=tuple(also))
    stances = ["" if stance == "none" else stance for stance in asked.get("stance", [])]
    filters = AnnotationFilter(
        sources=asked.get("source", []),
        codes=asked.get("code", []),
        descendants=asked.get("descendants", False),
        annotators=asked.get("annotator", []),
        layer=asked.get("layer", ""),
        stances=stances,
        voices=asked.get("voice", []),
        stale=choose_stale_filter(asked.get("stale"), asked["meaning"]),
        q=asked.get("q", ""),
        updated_since=asked.get("updated_since"),
        round=asked.get("round", ""),
    )
    return resolve_filter_round(scope, filters)


def _respond_majority_page(scope: Scope, request: Request, filters: AnnotationFilter) -> Response:
    if request.query_params.get("ordering", "position") != "position":
        raise ParseError("The majority's passages are in the order of position alone.")
    offset = parse_offset_cursor(request.query_params.get("cursor"))
    found = list_majority_passages(scope, filters, offset=offset, limit=parse_page_size(request))
    rows = [{**asdict(one), "layer": MAJORITY} for one in found.passages]
    return answer_computed_page(request, found.total, offset, rows)


class AnnotationListView(ProjectView):
    @extend_schema(
        operation_id="annotations_list",
        summary="The annotations you may see",
        description=(
            "With `layer=majority`, the computed passages of all codes, with or without a claim, "
            "by source and position: without `id` and `annotator`, instead with how many "
            "annotators read the source and marked the passage. `annotator` then names those over "
            "whom the majority is taken; `stale`, `updated_since` and other orders do not apply. "
            "You may ask for it where you may ask for the majority in `comparison/`. A list of "
            "what stands there now: a change in the coding moves the cursor."
        ),
        parameters=[AnnotationListParameters, *build_list_parameters(PAGES)],
        responses={200: PageOfAnnotations, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        filters = parse_annotation_parameters(
            self.scope, request, parameters=AnnotationListParameters
        )
        if filters.layer == MAJORITY:
            return _respond_majority_page(self.scope, request, filters)
        found = filter_annotations(self.scope, filters, own_practice=True)
        answer = PAGES.answer(request, select_annotation_values(found), complete_annotation_row)
        mark_after_look(self.scope, answer.data["results"])
        return answer

    @extend_schema(
        operation_id="annotations_create",
        examples=[SENT, SENT_MANY, ANSWERED, ANSWERED_MANY],
        summary="Annotate a passage, or many",
        description=(
            "As PUT with an id of your own; without `id` one is made for you. A list of up to "
            f"{MOST_AT_ONCE} is saved as one, all or nothing, and answered by the list of what is "
            "kept: 201 if any is new, 200 if all were there already with this content. If any "
            "cannot be saved the answer names what is wrong in `errors` by index, from 0. With "
            "`layer=consensus` and a `reason`, owners and adjudicators bring in what the team has "
            "decided elsewhere: each becomes a decision, see `decisions/`."
        ),
        request=build_one_or_many_schema("NewAnnotationOrList", NewAnnotation),
        responses={
            201: build_one_or_many_schema("AnnotationOrList", AnnotationOut),
            200: build_one_or_many_schema("AnnotationOrList", AnnotationOut),
            **PROBLEMS,
        },
    )
    def post(self, request: Request, project: str) -> Response:
        if isinstance(request.data, list):
            return self._post_many(request.data)
        body = read_request_body(NewAnnotation, request)
        if decided := parse_consensus_bodies([body]):
            return _respond_consensus(self.scope, decided)
        named = _build_annotation_draft(body)
        return _respond_saved_annotation(self.scope, *save_annotation(self.scope, *named))

    def _post_many(self, items: list[Any]) -> Response:
        if not items:
            raise ParseError("Send a JSON object, or a list of at least one.")
        if len(items) > MOST_AT_ONCE:  # before each item is checked
            raise TooLarge(f"{len(items):,} annotations at once: send {MOST_AT_ONCE} at most.")
        bodies = read_request_items(NewAnnotation, items)
        if decided := parse_consensus_bodies(bodies):
            rows, created = save_consensus(self.scope, decided)
        else:
            saved = save_annotations(self.scope, [_build_annotation_draft(one) for one in bodies])
            rows, created = saved.rows, saved.created
        shown = mark_after_look(self.scope, rows)
        return Response(shown, status=201 if created else 200)


def _build_annotation_draft(body: dict[str, Any]) -> Named:
    """Build a draft from a body of the individual layer, with its id or a new one."""
    fields = {name: value for name, value in body.items() if name not in {"id", "layer", "reason"}}
    annotation_id = body.get("id") or uuid.UUID(bytes=uuid_utils.uuid7().bytes)
    return annotation_id, Draft(**fields)


def parse_consensus_bodies(bodies: Sequence[dict[str, Any]]) -> list[ConsensusDraft]:
    """Return the drafts of bodies of the consensus; none if they are of the individual layer."""
    layers = {
        clean_choice(body.get("layer", Layer.INDIVIDUAL), field="layer", choices=Layer.values)
        for body in bodies
    }
    if Layer.CONSENSUS not in layers:
        if any(body.get("reason") for body in bodies):
            raise Invalid("Only passages of the consensus take a reason.", field="reason")
        return []
    if len(layers) > 1:
        raise Invalid("Send the passages of the consensus in a list of their own.", field="layer")
    named = [(_build_annotation_draft(body), body.get("reason", "")) for body in bodies]
    return [ConsensusDraft(pk, draft, reason) for (pk, draft), reason in named]


def _respond_consensus(scope: Scope, drafts: Sequence[ConsensusDraft]) -> Response:
    (row,), created = save_consensus(scope, drafts)
    mark_after_look(scope, [row])
    return Response(
        row, status=201 if created else 200, headers=build_version_header(row["version"])
    )


class AnnotationDetailView(ProjectView):
    path_descriptions = {"annotation": "The annotation's id."}

    def show_current(self, current: dict[str, Any]) -> dict[str, Any]:
        mark_after_look(self.scope, [current])
        return current

    @extend_schema(
        operation_id="annotations_read",
        examples=[ANSWERED],
        summary="One annotation",
        responses={200: AnnotationOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, annotation: uuid.UUID) -> Response:
        row = require_annotation_row(self.scope, annotation)
        mark_after_look(self.scope, [row])
        return Response(row, headers=build_version_header(row["version"]))

    @extend_schema(
        operation_id="annotations_put",
        examples=[SENT, ANSWERED],
        summary="Make or change your annotation",
        description=(
            "The same id with the same content is the same annotation, however often it "
            "arrives: 201 the first time, 200 after. To change it, send the version you started "
            "from as `If-Match`; if that is no longer current the answer is 412 with the current "
            "state in `current`."
        ),
        parameters=[IF_MATCH],
        request=LayeredAnnotationIn,
        responses={200: AnnotationOut, 201: AnnotationOut, **PROBLEMS},
    )
    def put(self, request: Request, project: str, annotation: uuid.UUID) -> Response:
        body = read_request_body(LayeredAnnotationIn, request)
        if decided := parse_consensus_bodies([{"id": annotation, **body}]):
            return _respond_consensus(self.scope, decided)
        draft = _build_annotation_draft(body)[1]
        expected = parse_if_match(request)
        return _respond_saved_annotation(
            self.scope, *save_annotation(self.scope, annotation, draft, expected=expected)
        )

    @extend_schema(
        operation_id="annotations_patch",
        summary="Change some fields of your annotation",
        examples=[
            OpenApiExample("A stance", value={"stance": "opposes"}, request_only=True),
            ANSWERED,
        ],
        parameters=[IF_MATCH],
        request=AnnotationIn(partial=True),
        responses={200: AnnotationOut, **PROBLEMS},
    )
    def patch(self, request: Request, project: str, annotation: uuid.UUID) -> Response:
        changes = read_request_body(AnnotationIn, request, partial=True)
        row = require_annotation_row(self.scope, annotation)
        kept = {f: row[f] for f in ("source", "code", "start", "end", "stance", "voice", "note")}
        expected = parse_if_match(request)
        if expected == ANY_VERSION:
            # Fields that were not sent come from this version, so no later one is overwritten.
            expected = expect_version(row["version"])
        draft = Draft(**{**kept, **changes})
        return _respond_saved_annotation(
            self.scope, *save_annotation(self.scope, annotation, draft, expected=expected)
        )

    @extend_schema(
        operation_id="annotations_delete",
        summary="Take back your annotation",
        parameters=[IF_MATCH],
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, annotation: uuid.UUID) -> Response:
        delete_annotation(self.scope, annotation, expected=parse_if_match(request))
        return Response(status=204)


def _respond_saved_annotation(scope: Scope, row: dict[str, Any], created: bool) -> Response:
    mark_saved_row(scope, row)
    return Response(
        row, status=201 if created else 200, headers=build_version_header(row["version"])
    )
