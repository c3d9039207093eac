from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.disagreements import (
    KIND_NAMES,
    ORDERS,
    Asked,
    Entry,
    Passage,
    disagreements,
)
from cstoannot.api.base import ProjectView, read_query
from cstoannot.api.cursors import address_at, offset_of
from cstoannot.api.fields import Numbers, Shape, Words
from cstoannot.api.passage_fields import (
    PASSAGE_EXAMPLE,
    AnnotatorField,
    CodeSlugField,
    EndField,
    SourceIdField,
    StanceField,
    StartField,
    VoiceField,
)
from cstoannot.api.schema import PROBLEMS, PageLinks
from cstoannot.projects.permissions import Permission

LARGEST_SIZE = 1_000


class DisagreementQuery(Shape):
    kind = Words(required=False, help_text=f"{', '.join(KIND_NAMES)}; by commas.")
    code = Words(required=False, help_text="Code slugs, by commas.")
    annotator = Words(
        required=False, help_text="User names, by commas: one, or those among whom to look."
    )
    source = Numbers(required=False, help_text="Source ids, by commas.")
    ordering = serializers.ChoiceField(
        choices=ORDERS, default="position", help_text="By place, or the longest stretch first."
    )
    page_size = serializers.IntegerField(
        min_value=1, max_value=LARGEST_SIZE, default=100, help_text="Disagreements on a page."
    )
    cursor = serializers.CharField(required=False, max_length=40)


class PassageOut(Shape):
    annotation = serializers.UUIDField(help_text="The annotation's id.")
    annotator = AnnotatorField()
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    stance = StanceField()
    voice = VoiceField()
    example_values = PASSAGE_EXAMPLE


class DisagreementOut(Shape):
    kind = serializers.ChoiceField(
        choices=KIND_NAMES,
        help_text="What differs: one missed the passage, or boundary, code, stance or voice.",
    )
    source = SourceIdField()
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names of the two annotators."
    )
    codes = serializers.ListField(
        child=serializers.CharField(),
        help_text=(
            "Slugs of the two annotators' codes: different ones for `different_code`, otherwise "
            "the same."
        ),
    )
    start = StartField(help_text="First code point of the stretch in dispute, from 0.")
    end = EndField(help_text="The code point after the stretch's last one.")
    passages = PassageOut(many=True, help_text="The annotations on both sides.")
    example_values = {
        **PASSAGE_EXAMPLE,
        "annotators": ["coder-a", "coder-b"],
        "codes": ["article-4", "article-4"],
    }


class DisagreementPage(PageLinks):
    total = serializers.IntegerField(help_text="Disagreements on all pages.")
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Number of disagreements of each kind, whatever kinds were asked for.",
    )
    results = DisagreementOut(many=True, help_text="The disagreements of this page.")


def _show_passage(passage: Passage) -> dict[str, Any]:
    return {
        "annotation": passage.annotation_id,
        "annotator": passage.annotator.username,
        "code": passage.code.slug,
        "start": passage.start,
        "end": passage.end,
        "stance": passage.stance,
        "voice": passage.voice,
    }


def show_disagreement(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "source": entry.source.pk,
        "annotators": [entry.first.username, entry.second.username],
        "codes": [code.slug for code in entry.codes],
        "start": entry.start,
        "end": entry.end,
        "passages": [_show_passage(passage) for passage in entry.passages],
    }


class DisagreementList(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="disagreements_list",
        summary="Where the coders disagree",
        description=(
            "Every disagreement between two annotators of a source, of exactly one kind: a "
            "passage the other missed, other boundaries, another code, another stance, another "
            "voice. A list of what stands there now: a change in the coding moves the cursor."
        ),
        parameters=[
            DisagreementQuery,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`, `previous`."),
        ],
        responses={200: DisagreementPage, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        query = read_query(DisagreementQuery, request)
        offset, size = offset_of(query.get("cursor")), query["page_size"]
        asked = Asked(
            kinds=tuple(query.get("kind", ())),
            codes=tuple(query.get("code", ())),
            annotators=tuple(query.get("annotator", ())),
            sources=tuple(query.get("source", ())),
            order=query["ordering"],
        )
        found = disagreements(self.scope, asked, offset=offset, limit=size)
        more = offset + size < found.total
        return Response(
            {
                "next": address_at(request, offset + size) if more else None,
                "previous": address_at(request, offset - size) if offset else None,
                "total": found.total,
                "counts": found.counts,
                "results": [show_disagreement(entry) for entry in found.entries],
            }
        )
