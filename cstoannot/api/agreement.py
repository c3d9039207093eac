from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.reports import DEFAULT_MEASURE, INTERVALS, Question, Report, report
from cstoannot.api.base import ProjectView, read_query
from cstoannot.api.fields import Numbers, Shape, Words
from cstoannot.api.passage_fields import CodeSlugField, SourceIdField
from cstoannot.api.schema import PROBLEMS
from cstoannot.projects.permissions import Permission
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import EXPLANATIONS, Coefficient

_UNITS = sorted({unit for measure in MEASURES.values() for unit in measure.units})


class AgreementQuery(Shape):
    measure = serializers.ChoiceField(
        choices=list(MEASURES), default=DEFAULT_MEASURE, help_text="The coefficient."
    )
    unit = serializers.ChoiceField(
        choices=_UNITS,
        required=False,
        help_text="What is counted; the measure's first one if left out.",
    )
    code = Words(required=False, help_text="Code slugs, by commas; all without it.")
    annotator = Words(required=False, help_text="User names, by commas; all without it.")
    source = Numbers(required=False, help_text="Source ids, by commas; all without it.")
    interval = serializers.ChoiceField(
        choices=list(INTERVALS),
        default=INTERVALS[0],
        help_text=(
            "95 % intervals. bootstrap: seeded, the same data give the same interval. For the "
            "segmented measures of any number of coders, gwet: Gwet's analytic interval; for "
            "krippendorff_alpha, krippendorff: Krippendorff's bootstrap of pairs of values. These "
            "two are of one code: values pooled over several have none."
        ),
    )


class ValueOut(Shape):
    value = serializers.FloatField(allow_null=True, help_text="Null where undefined.")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Its two ends, or null."
    )
    n = serializers.IntegerField(help_text="Units or passages compared.")
    reason = serializers.ChoiceField(
        choices=[reason.value for reason in EXPLANATIONS],
        allow_null=True,
        help_text="Why there is no value.",
    )
    example_values = {"value": 0.71, "interval": [0.66, 0.76], "n": 1204, "reason": None}


class CodeValueOut(ValueOut):
    code = CodeSlugField()
    prevalence = serializers.FloatField(
        allow_null=True, help_text="Share of the single judgements that are positive."
    )
    example_values = {"code": "article-4", "prevalence": 0.06}


class PairValueOut(ValueOut):
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names of the two annotators."
    )
    example_values = {"annotators": ["coder-a", "coder-b"]}


class SourceValueOut(ValueOut):
    source = SourceIdField()  # type: ignore[assignment]
    example_values = {"source": 3}


class AgreementOut(Shape):
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
    overall = ValueOut(help_text="Pooled over all sources and codes.")
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
    example_values = {
        "measure": "krippendorff_alpha",
        "unit": "sentence",
        "annotators": ["coder-a", "coder-b"],
        "sources": [3],
    }


def question_of(request: Request) -> Question:
    asked = read_query(AgreementQuery, request)
    return Question(
        measure=asked["measure"],
        unit=asked.get("unit", ""),
        codes=tuple(asked.get("code", ())),
        annotators=tuple(asked.get("annotator", ())),
        sources=tuple(asked.get("source", ())),
        interval=asked["interval"],
    )


def show_value(result: Coefficient) -> dict[str, Any]:
    interval = result.interval
    return {
        "value": result.value,
        "interval": [interval.low, interval.high] if interval else None,
        "n": result.n,
        "reason": result.reason.value if result.reason else None,
    }


def show_report(found: Report) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "unit": found.unit,
        "annotators": [one.username for one in found.annotators],
        "sources": [source.pk for source in found.sources],
        "overall": show_value(found.overall),
        "mean_over_codes": found.mean_over_codes,
        "codes": [
            {
                "code": one.code.slug,
                **show_value(one.result),
                "prevalence": one.result.prevalence,
            }
            for one in found.codes
        ],
        "pairs": [
            {"annotators": [one.first.username, one.second.username], **show_value(one.result)}
            for one in found.pairs
        ],
        "by_source": [
            {"source": one.source.pk, **show_value(one.result)} for one in found.by_source
        ],
        "after_look": found.after_look,
        "counts_after_look": found.counts_after_look,
    }


class Agreement(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_read",
        summary="How far the coders agree",
        description=(
            "Over the sources that at least two annotators finished. Values are pooled over "
            "sources and codes, and given for each code, pair and source. An annotator has "
            "results in which their own work takes part, as far as the others' is open to them."
        ),
        parameters=[AgreementQuery],
        responses={200: AgreementOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        return Response(show_report(report(self.scope, question_of(request))))
