"""Agreement coefficients between coders, and the list of their disagreements."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.disagreements import (
    KIND_NAMES,
    ORDERS,
    CodedPassage,
    DisagreementEntry,
    DisagreementFilter,
    list_disagreements,
)
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    INTERVALS,
    AgreementQuery,
    AgreementReport,
    build_agreement_report,
)
from cstoannot.agreement.totals import build_agreement_totals
from cstoannot.api.agreement_values import (
    CodeValueOut,
    PairValueOut,
    SourceValueOut,
    ValueOut,
    serialize_agreement_value,
)
from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.fields import ApiSerializer, IdsParameter, WordsParameter
from cstoannot.api.pagination import build_offset_url, parse_offset_cursor
from cstoannot.api.passage_fields import (
    PASSAGE_EXAMPLE,
    AnnotatorField,
    CodeSlugField,
    EndField,
    MeaningField,
    RoundNameField,
    SourceIdField,
    StaleCountField,
    StanceField,
    StartField,
    VoiceField,
)
from cstoannot.api.schema import PROBLEMS, PageLinks
from cstoannot.codebook.meaning import MEANINGS
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import widen_to_coding
from cstoannot.stats.coefficients.registry import MEASURES

_UNITS = sorted({unit for measure in MEASURES.values() for unit in measure.units})


class AgreementParameters(ApiSerializer):
    measure = serializers.ChoiceField(
        choices=list(MEASURES), default=DEFAULT_MEASURE, help_text="The coefficient."
    )
    unit = serializers.ChoiceField(
        choices=_UNITS,
        required=False,
        help_text="What is counted; the measure's first one if left out.",
    )
    code = WordsParameter(required=False, help_text="Code slugs, by commas; all without it.")
    annotator = WordsParameter(required=False, help_text="User names, by commas; all without it.")
    source = IdsParameter(required=False, help_text="Source ids, by commas; all without it.")
    interval = serializers.ChoiceField(
        choices=list(INTERVALS),
        default=INTERVALS[0],
        help_text=(
            "95 % intervals. jackknife: leaves out one source at a time, needs three. bootstrap: "
            "draws sources, needs ten; seeded, the same data give the same interval. For the "
            "segmented measures of any number of coders, gwet: Gwet's analytic interval; for "
            "krippendorff_alpha, krippendorff: Krippendorff's bootstrap of pairs of values. These "
            "two take units for independent and are of one code: values pooled over several have "
            "none."
        ),
    )
    meaning = MeaningField()
    round = RoundNameField()


class AgreementOut(ApiSerializer):
    measure = serializers.CharField(help_text="Key of the coefficient.")
    unit = serializers.CharField(
        help_text="What was counted: sentence, paragraph, token, source or character."
    )
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names of those compared."
    )
    sources = serializers.ListField(
        child=serializers.IntegerField(), help_text="Ids of the sources compared."
    )
    pooling = serializers.CharField(
        help_text="How the overall value combines codes: pooled over codes, 1 − Σ D_o / Σ D_e over "
        "the codes; or joint over codes, all codes compared at once as the measure was published. "
        "A joint value may lie below the value of every code."
    )
    overall = ValueOut(help_text="Over all sources and codes, combined as pooling says.")
    mean_over_codes = serializers.FloatField(
        allow_null=True, help_text="The plain mean of the codes' values, where they have one."
    )
    codes = CodeValueOut(many=True, help_text="A value for each code.")
    pairs = PairValueOut(many=True, help_text="A value for each pair of annotators.")
    by_source = SourceValueOut(many=True, help_text="A value for each source.")
    after_look = serializers.IntegerField(
        help_text="Passages among these saved after their coder had seen others' coding."
    )
    counts_after_look = serializers.BooleanField(
        help_text="Whether the values count these passages; false: they leave them out."
    )
    stale = StaleCountField()
    pooled_codes = serializers.IntegerField(
        help_text="How many codes `overall`, `pairs` and `by_source` cover: those that the same "
        "annotators have read. A code added after a source was finished is not among them until "
        "it is finished again; its own value counts those who have read it."
    )
    meaning = serializers.ChoiceField(
        choices=MEANINGS,
        help_text="As asked for: with `current`, the values leave `stale` ones out.",
    )
    example_values = {
        "measure": "krippendorff_alpha",
        "unit": "sentence",
        "pooling": "pooled over codes",
        "annotators": ["coder-a", "coder-b"],
        "sources": [3],
    }


def parse_agreement_parameters(request: Request) -> AgreementQuery:
    return build_agreement_query(read_query_parameters(AgreementParameters, request))


def build_agreement_query(asked: dict[str, Any]) -> AgreementQuery:
    """Build the query from validated `AgreementParameters`."""
    return AgreementQuery(
        measure=asked["measure"],
        unit=asked.get("unit", ""),
        codes=tuple(asked.get("code", ())),
        annotators=tuple(asked.get("annotator", ())),
        sources=tuple(asked.get("source", ())),
        interval=asked["interval"],
        meaning=asked["meaning"],
        round=asked.get("round", ""),
    )


def serialize_agreement_report(found: AgreementReport) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "unit": found.unit,
        "annotators": [one.username for one in found.annotators],
        "sources": [source.pk for source in found.sources],
        "pooling": found.measure.pooling,
        "overall": serialize_agreement_value(found.overall),
        "mean_over_codes": found.mean_over_codes,
        "codes": [
            {
                "code": one.code.slug,
                **serialize_agreement_value(one.result),
                "prevalence": one.result.prevalence,
                "stale": one.stale,
                "read_before": one.read_before,
            }
            for one in found.codes
        ],
        "pairs": [
            {
                "annotators": [one.first.username, one.second.username],
                **serialize_agreement_value(one.result),
                "stale": one.stale,
            }
            for one in found.pairs
        ],
        "by_source": [
            {
                "source": one.source.pk,
                **serialize_agreement_value(one.result),
                "stale": one.stale,
            }
            for one in found.by_source
        ],
        "after_look": found.after_look,
        "counts_after_look": found.counts_after_look,
        **{"stale": found.stale, "pooled_codes": found.pooled_codes},
        "meaning": found.question.meaning,
    }


class AgreementView(ProjectView):
    @extend_schema(
        operation_id="agreement_read",
        summary="How far the coders agree",
        description=(
            "Over the sources that at least two annotators finished. Values combine "
            "sources and codes, and given for each code, pair and source. An annotator has "
            "results in which their own work takes part, as far as the others' is open to them. "
            "Viewers have the values overall and by code, without names, once results are open."
        ),
        parameters=[AgreementParameters],
        responses={200: AgreementOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        if self.scope.can(Permission.SEE_AGREEMENT):
            found = build_agreement_report(self.scope, parse_agreement_parameters(request))
            return Response(serialize_agreement_report(found))
        widen_to_coding(self.scope)  # refuses before the request is read
        found = build_agreement_totals(self.scope, parse_agreement_parameters(request))
        return Response({**serialize_agreement_report(found), "annotators": []})


LARGEST_SIZE = 1_000


class DisagreementParameters(ApiSerializer):
    kind = WordsParameter(required=False, help_text=f"{', '.join(KIND_NAMES)}; by commas.")
    code = WordsParameter(required=False, help_text="Code slugs, by commas.")
    annotator = WordsParameter(
        required=False, help_text="User names, by commas: one, or those among whom to look."
    )
    source = IdsParameter(required=False, help_text="Source ids, by commas.")
    between = WordsParameter(
        required=False,
        help_text="Two code slugs: stretches that one coder gave the one and another the other.",
    )
    ordering = serializers.ChoiceField(
        choices=ORDERS, default="position", help_text="By place, or the longest stretch first."
    )
    meaning = MeaningField()
    round = RoundNameField()
    page_size = serializers.IntegerField(
        min_value=1, max_value=LARGEST_SIZE, default=100, help_text="Disagreements on a page."
    )
    cursor = serializers.CharField(required=False, max_length=40)


def parse_disagreement_parameters(request: Request) -> tuple[DisagreementFilter, int, int]:
    """Return the filter, and where the page begins and how long it is."""
    query = read_query_parameters(DisagreementParameters, request)
    asked = DisagreementFilter(
        kinds=tuple(query.get("kind", ())),
        codes=tuple(query.get("code", ())),
        annotators=tuple(query.get("annotator", ())),
        sources=tuple(query.get("source", ())),
        between=tuple(query.get("between", ())),
        order=query["ordering"],
        meaning=query["meaning"],
        round=query.get("round", ""),
    )
    return asked, parse_offset_cursor(query.get("cursor")), query["page_size"]


class PassageOut(ApiSerializer):
    annotation = serializers.UUIDField(help_text="The annotation's id.")
    annotator = AnnotatorField()
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    stance = StanceField()
    voice = VoiceField()
    example_values = PASSAGE_EXAMPLE


class DisagreementOut(ApiSerializer):
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


def serialize_disagreement_passage(passage: CodedPassage) -> dict[str, Any]:
    return {
        "annotation": passage.annotation_id,
        "annotator": passage.annotator.username,
        "code": passage.code.slug,
        "start": passage.start,
        "end": passage.end,
        "stance": passage.stance,
        "voice": passage.voice,
    }


def serialize_disagreement(entry: DisagreementEntry) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "source": entry.source.pk,
        "annotators": [entry.first.username, entry.second.username],
        "codes": [code.slug for code in entry.codes],
        "start": entry.start,
        "end": entry.end,
        "passages": [serialize_disagreement_passage(passage) for passage in entry.passages],
    }


class DisagreementListView(ProjectView):
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
            DisagreementParameters,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`, `previous`."),
        ],
        responses={200: DisagreementPage, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked, offset, size = parse_disagreement_parameters(request)
        found = list_disagreements(self.scope, asked, offset=offset, limit=size)
        more = offset + size < found.total
        return Response(
            {
                "next": build_offset_url(request, offset + size) if more else None,
                "previous": build_offset_url(request, offset - size) if offset else None,
                "total": found.total,
                "counts": found.counts,
                "results": [serialize_disagreement(entry) for entry in found.entries],
            }
        )
