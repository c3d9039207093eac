"""The places where coders differ, with what how many of them hold there."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.disagreements import KIND_NAMES
from cstoannot.agreement.places import PlaceEntry, list_disputed_places
from cstoannot.api.agreement import (
    DisagreementParameters,
    PassageOut,
    parse_disagreement_parameters,
    serialize_disagreement_passage,
)
from cstoannot.api.base import ProjectView
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.pagination import build_offset_url
from cstoannot.api.passage_fields import EndField, SourceIdField, StartField
from cstoannot.api.schema import PROBLEMS, PageLinks
from cstoannot.projects.permissions import Permission


class PlaceReadingOut(ApiSerializer):
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names of those who hold the same."
    )
    passages = PassageOut(
        many=True, help_text="What the first of them marked here; none for nothing."
    )
    example_values = {"annotators": ["coder-a", "coder-b"]}


class DisputedPlaceOut(ApiSerializer):
    source = SourceIdField()
    start = StartField(help_text="First code point of the place, from 0.")
    end = EndField(help_text="The code point after the place's last one.")
    kinds = serializers.ListField(
        child=serializers.CharField(),
        help_text=f"Everything that differs here: {', '.join(KIND_NAMES)}.",
    )
    codes = serializers.ListField(
        child=serializers.CharField(), help_text="Slugs of the codes marked here."
    )
    disagreements = serializers.IntegerField(
        help_text="How many disagreements pairs of annotators have here."
    )
    readings = PlaceReadingOut(
        many=True, help_text="Who holds what, the reading of most annotators first."
    )
    example_values = {"kinds": ["boundary"], "codes": ["article-4"], "disagreements": 2}


class DisputedPlacePage(PageLinks):
    total = serializers.IntegerField(help_text="Places on all pages.")
    every = serializers.IntegerField(help_text="Places, whatever kinds were asked for.")
    counts = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="At how many places each kind occurs, whatever kinds were asked for. A place "
        "counts for each of its kinds.",
    )
    results = DisputedPlaceOut(many=True, help_text="The places of this page.")


def _serialize_place(entry: PlaceEntry) -> dict[str, Any]:
    return {
        "source": entry.source.pk,
        "start": entry.start,
        "end": entry.end,
        "kinds": list(entry.kinds),
        "codes": [code.slug for code in entry.codes],
        "disagreements": entry.pairs,
        "readings": [
            {
                "annotators": [one.username for one in reading.annotators],
                "passages": [serialize_disagreement_passage(one) for one in reading.passages],
            }
            for reading in entry.readings
        ],
    }


class DisputedPlaceListView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="disputed_places_list",
        summary="Where the coders differ, place by place",
        description=(
            "Passages of one code that overlap are one place, whoever marked them; places of "
            "different codes are joined where one coder gave the one and another the other. A list "
            "of what stands there now: a change in the coding moves the cursor."
        ),
        parameters=[
            DisagreementParameters,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`, `previous`."),
        ],
        responses={200: DisputedPlacePage, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked, offset, size = parse_disagreement_parameters(request)
        found = list_disputed_places(self.scope, asked, offset=offset, limit=size)
        more = offset + size < found.total
        return Response(
            {
                "next": build_offset_url(request, offset + size) if more else None,
                "previous": build_offset_url(request, offset - size) if offset else None,
                "total": found.total,
                "every": found.every,
                "counts": found.counts,
                "results": [_serialize_place(entry) for entry in found.entries],
            }
        )
