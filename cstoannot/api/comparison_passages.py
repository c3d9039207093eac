from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.comparison import parse_comparison_parameters
from cstoannot.api.comparison_serializers import ComparedCodingParameters
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.pagination import build_offset_url, parse_offset_cursor
from cstoannot.api.passage_fields import (
    PASSAGE_EXAMPLE,
    AnnotatorField,
    CodeSlugField,
    EndField,
    MarkedByField,
    QuoteField,
    ReadByField,
    SourceIdField,
    StanceField,
    StartField,
    TiedField,
    VoiceField,
)
from cstoannot.api.schema import PROBLEMS, PageLinks
from cstoannot.comparison.comparison_query import ANSWERING_LAYERS
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.passages import PassageEntry, list_passages
from cstoannot.stats.comparison.positions import Verdict

LARGEST_SIZE = 1_000


class ComparedPassageParameters(ComparedCodingParameters):
    page_size = serializers.IntegerField(
        min_value=1, max_value=LARGEST_SIZE, default=100, help_text="Passages on a page."
    )
    cursor = serializers.CharField(required=False, max_length=40)


class ComparedPassageOut(ApiSerializer):
    annotation = serializers.UUIDField(
        allow_null=True,
        help_text="The annotation; for the majority, the one whose bounds are the most similar, or "
        "null for those who see results without names.",
    )
    actor = serializers.CharField(help_text="Whose cell it belongs to, as `comparison/` names it.")
    code = CodeSlugField()
    source = SourceIdField()
    start = StartField()
    end = EndField()
    quote = QuoteField()
    paragraph = serializers.IntegerField(
        help_text="Number of the paragraph in which it begins, from 1."
    )
    stance = StanceField()
    voice = VoiceField()
    layer = serializers.ChoiceField(choices=ANSWERING_LAYERS, help_text="The layer that says so.")
    annotator = AnnotatorField(
        allow_null=True, help_text="User name, in the individual layer; null in others."
    )
    read_by = ReadByField()
    marked_by = MarkedByField()
    tied = TiedField()
    verdict_without = serializers.ChoiceField(
        choices=list(Verdict),
        allow_null=True,
        help_text=(
            "What the verdict on the claim would be without this passage, if another one: the "
            "passage carries it. null otherwise."
        ),
    )
    example_values = {**PASSAGE_EXAMPLE, "actor": "3"}


class ComparedPassagePage(PageLinks):
    total = serializers.IntegerField(help_text="Passages on all pages.")
    results = ComparedPassageOut(many=True, help_text="The passages of this page.")


def _serialize_compared_passage(
    entry: PassageEntry, without: Mapping[int, Verdict]
) -> dict[str, Any]:
    place, said = entry.place, entry.place.said[0]
    return {
        "annotation": said.annotation_id,
        "actor": entry.actor.key,
        "code": place.claim.slug,
        "source": place.article.source.pk,
        "start": place.start,
        "end": place.end,
        "quote": place.quote,
        "paragraph": place.first_paragraph,
        "stance": said.stance,
        "voice": said.voice,
        "layer": said.layer,
        "annotator": said.annotator or None,
        "read_by": said.read_by,
        "marked_by": said.marked_by,
        "tied": said.tied,
        "verdict_without": without.get(said.row),
    }


class ComparedPassageListView(ProjectView):
    @extend_schema(
        operation_id="comparison_passages_list",
        summary="The passages behind the comparison",
        description=(
            "Every passage that takes part, by claim, by whoever is compared, and in the order "
            "of the text: as many for a source and a code as the cell of `comparison/` counts. A "
            "list of what stands there now: a change in the coding moves the cursor."
        ),
        parameters=[
            ComparedPassageParameters,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`, `previous`."),
        ],
        responses={200: ComparedPassagePage, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        query = read_query_parameters(ComparedPassageParameters, request)
        offset, size = parse_offset_cursor(query.get("cursor")), query["page_size"]
        found = list_passages(
            self.scope, parse_comparison_parameters(request), offset=offset, limit=size
        )
        without = find_pivotal_passages(found.comparison).left_by_row
        return Response(
            {
                "next": build_offset_url(request, offset + size)
                if offset + size < found.total
                else None,
                "previous": build_offset_url(request, offset - size) if offset else None,
                "total": found.total,
                "results": [_serialize_compared_passage(entry, without) for entry in found.entries],
            }
        )
