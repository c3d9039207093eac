import uuid
from collections.abc import Sequence
from typing import Any

import uuid_utils
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.actions import delete_annotation, save_annotation
from cstoannot.annotations.bulk_actions import MOST_AT_ONCE, save_annotations
from cstoannot.annotations.look_queries import mark_after_look, mark_saved_row
from cstoannot.annotations.models import Layer, Stance
from cstoannot.annotations.queries import (
    AnnotationFilter,
    complete_annotation_row,
    filter_annotations,
    require_annotation_row,
    select_annotation_values,
)
from cstoannot.annotations.serialization import Draft, Named
from cstoannot.api.base import (
    ProjectView,
    build_version_header,
    parse_if_match,
    read_query_parameters,
    read_request_body,
    read_request_items,
)
from cstoannot.api.fields import (
    ApiSerializer,
    BooleanParameter,
    ChoicesParameter,
    DateTimeParameter,
    IdsParameter,
    RepeatedParameter,
    StrictCharField,
    StrictIntegerField,
    StrictUUIDField,
    WordsParameter,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.passage_fields import (
    AnnotatorField,
    CodeSlugField,
    EndField,
    LayerField,
    QuoteField,
    SourceIdField,
    StartField,
    VoiceField,
)
from cstoannot.api.schema import (
    IF_MATCH,
    PROBLEMS,
    build_list_parameters,
    build_one_or_many_schema,
    build_page_schema,
)
from cstoannot.core.errors import TooLarge
from cstoannot.core.fields import ANY_VERSION, expect_version
from cstoannot.projects.scope import Scope

PAGES = KeysetPagination(
    {
        "position": ("source_id", "start", "id"),
        "updated_at": ("updated_at", "id"),
        "-updated_at": ("-updated_at", "-id"),
    }
)


_SAID = {
    "source": 3,
    "code": "article-4",
    "start": 812,
    "end": 830,
    "quote": "did not come to us",
    "stance": "supports",
    "voice": "",
    "note": "",
}
SENT = OpenApiExample("A passage", value=_SAID, request_only=True)
_KEPT = {
    "id": "0197d1a2-7c44-7b1e-9f3a-5d0c8e6b2a10",
    **_SAID,
    "annotator": "coder-a",
    "layer": "individual",
    "version": 1,
    "revision": 4,
    "stale": False,
    "created_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:00Z",
    "after_look": False,
}
ANSWERED = OpenApiExample(
    "A passage, as kept", value=_KEPT, response_only=True, status_codes=["200", "201"]
)
SENT_MANY = OpenApiExample(
    "Two passages",
    value=[_SAID, {"source": 3, "code": "article-4", "start": 0, "end": 31}],
    request_only=True,
)
ANSWERED_MANY = OpenApiExample(
    "Passages, as kept", value=[_KEPT], response_only=True, status_codes=["200", "201"]
)


class AnnotationOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Made by the client; version 7 by preference.")
    source = SourceIdField()
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    quote = QuoteField()
    stance = serializers.ChoiceField(
        choices=Stance.choices,
        allow_blank=True,
        help_text="Stance towards the code's claim; empty for none.",
    )
    voice = VoiceField()
    note = serializers.CharField(help_text="The annotator's note; may be empty.")
    annotator = AnnotatorField(allow_null=True, help_text="User name. Null in the consensus layer.")
    layer = LayerField()
    version = serializers.IntegerField(help_text="Send it as If-Match when you change this.")
    revision = serializers.IntegerField(help_text="The codebook's revision it was made under.")
    stale = serializers.BooleanField(help_text="The code's meaning has changed since.")
    created_at = serializers.DateTimeField(help_text="When it was created.")
    updated_at = serializers.DateTimeField(help_text="When it was last changed.")
    after_look = serializers.BooleanField(
        allow_null=True,
        help_text=(
            "True if it was saved after its annotator had seen the coding of others on this "
            "source. Null if you may not know: annotators are told of their own annotations only."
        ),
    )
    example_values = _KEPT


class AnnotationIn(ApiSerializer):
    source = StrictIntegerField(help_text="The source's id.")
    code = StrictCharField(max_length=60, help_text="The code's slug.")
    start = StrictIntegerField(help_text="The passage's first code point, from 0.")
    end = StrictIntegerField(help_text="The code point after the passage's last one.")
    quote = StrictCharField(
        required=False, help_text="If given, it must be what stands from start to end, or 422."
    )
    stance = StrictCharField(required=False, help_text="supports, opposes, mixed, or empty.")
    voice = StrictCharField(required=False, help_text="A speaker's name; empty for the author.")
    note = StrictCharField(required=False, help_text="Any remark on the passage.")
    example_values = _SAID


class NewAnnotation(AnnotationIn):
    id = StrictUUIDField(required=False, help_text="An id of your own; without it one is made.")


class AnnotationParameters(ApiSerializer):
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    code = WordsParameter(required=False, help_text="Code slugs, by commas.")
    descendants = BooleanParameter(required=False, help_text="With the codes below those named.")
    annotator = WordsParameter(required=False, help_text="User names, by commas.")
    layer = serializers.ChoiceField(
        choices=Layer.values,
        required=False,
        help_text="Only this layer: what annotators said, or what the team decided.",
    )
    stance = ChoicesParameter(
        ["supports", "opposes", "mixed", "none"],
        required=False,
        help_text="supports, opposes, mixed, none; by commas.",
    )
    voice = RepeatedParameter(
        required=False, help_text="A speaker's name in any spelling; empty for the author."
    )
    stale = BooleanParameter(
        required=False,
        help_text=(
            "true: only annotations made before their code's meaning last changed; false: only "
            "the others."
        ),
    )
    q = serializers.CharField(
        required=False, max_length=500, help_text="Words in the passage or in the note."
    )
    updated_since = DateTimeParameter(
        required=False, help_text="Only annotations changed at this time (ISO 8601) or later."
    )


def parse_annotation_parameters(
    request: Request, *, also: Sequence[str] = LIST_PARAMETERS
) -> AnnotationFilter:
    """Parse the filters; `also` names the parameters allowed in addition."""
    asked = read_query_parameters(AnnotationParameters, request, also=tuple(also))
    stances = ["" if stance == "none" else stance for stance in asked.get("stance", [])]
    return AnnotationFilter(
        sources=asked.get("source", []),
        codes=asked.get("code", []),
        descendants=asked.get("descendants", False),
        annotators=asked.get("annotator", []),
        layer=asked.get("layer", ""),
        stances=stances,
        voices=asked.get("voice", []),
        stale=asked.get("stale"),
        q=asked.get("q", ""),
        updated_since=asked.get("updated_since"),
    )


class AnnotationListView(ProjectView):
    @extend_schema(
        operation_id="annotations_list",
        summary="The annotations you may see",
        parameters=[AnnotationParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(AnnotationOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        found = filter_annotations(self.scope, parse_annotation_parameters(request))
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
            "cannot be saved the answer names what is wrong in `errors` by index, from 0."
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
        named = _build_annotation_draft(read_request_body(NewAnnotation, request))
        return _respond_saved_annotation(self.scope, *save_annotation(self.scope, *named))

    def _post_many(self, items: list[Any]) -> Response:
        if not items:
            raise ParseError("Send a JSON object, or a list of at least one.")
        if len(items) > MOST_AT_ONCE:  # before each item is checked
            raise TooLarge(f"{len(items):,} annotations at once: send {MOST_AT_ONCE} at most.")
        saved = save_annotations(
            self.scope,
            [_build_annotation_draft(body) for body in read_request_items(NewAnnotation, items)],
        )
        shown = mark_after_look(self.scope, saved.rows)
        return Response(shown, status=201 if saved.created else 200)


def _build_annotation_draft(body: dict[str, Any]) -> Named:
    """Build a draft from a body, with its id or a new one."""
    annotation_id = body.pop("id", None) or uuid.UUID(bytes=uuid_utils.uuid7().bytes)
    return annotation_id, Draft(**body)


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
        request=AnnotationIn,
        responses={200: AnnotationOut, 201: AnnotationOut, **PROBLEMS},
    )
    def put(self, request: Request, project: str, annotation: uuid.UUID) -> Response:
        draft = Draft(**read_request_body(AnnotationIn, request))
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
