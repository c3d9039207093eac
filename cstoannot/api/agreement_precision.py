"""How many more sources codes need, and the test of a difference between codes or coders."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.precision import (
    CODERS,
    COMPARED,
    build_difference_report,
    build_precision_report,
)
from cstoannot.api.agreement import AgreementParameters, build_agreement_query
from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.passage_fields import CodeSlugField
from cstoannot.api.schema import PROBLEMS
from cstoannot.projects.permissions import Permission
from cstoannot.stats.agreement.difference import TEST_EXPLANATIONS


class CodeNeedOut(ApiSerializer):
    code = CodeSlugField()
    value = serializers.FloatField(allow_null=True, help_text="Null where undefined.")
    low = serializers.FloatField(allow_null=True, help_text="Lower limit of the interval.")
    high = serializers.FloatField(allow_null=True, help_text="Upper limit of the interval.")
    further_for_10 = serializers.IntegerField(
        allow_null=True,
        help_text="How many more sources, coded like those in view, bring half of the interval's "
        "width to .10; 0 if it is there, null without an interval or beyond 100,000.",
    )
    further_for_05 = serializers.IntegerField(allow_null=True, help_text="The same for .05.")
    example_values = {
        **{"code": "article-4", "value": 0.84, "low": 0.71, "high": 0.92},
        **{"further_for_10": 1, "further_for_05": 14},
    }


class PrecisionOut(ApiSerializer):
    measure = serializers.CharField(help_text="Key of the coefficient.")
    unit = serializers.CharField(help_text="What was counted.")
    results = CodeNeedOut(many=True, help_text="The codes, in the codebook's order.")
    example_values = {"measure": "krippendorff_alpha", "unit": "sentence"}


class PrecisionView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_precision",
        summary="How many more sources the codes' intervals need",
        description=(
            "From the jackknife's own variance: the standard error of ln(1 − value) falls with the "
            "square root of the number of sources, if further ones are like those in view."
        ),
        parameters=[AgreementParameters],
        responses={200: PrecisionOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(AgreementParameters, request)
        found = build_precision_report(self.scope, build_agreement_query(asked))
        rows: list[dict[str, Any]] = []
        for one in found.codes:
            result = one.code.result
            rows.append(
                {
                    "code": one.code.code.slug,
                    "value": result.value,
                    "low": result.interval.low if result.interval else None,
                    "high": result.interval.high if result.interval else None,
                    "further_for_10": one.further[0],
                    "further_for_05": one.further[1],
                }
            )
        report = found.report
        return Response({"measure": report.measure.key, "unit": report.unit, "results": rows})


class DifferenceParameters(AgreementParameters):
    of = serializers.ChoiceField(
        choices=COMPARED,
        default=CODERS,
        help_text="Compare the values of two codes, or two coders' α with the majority of the "
        "others.",
    )
    first = serializers.CharField(max_length=200, help_text="A code's slug or a user name.")
    second = serializers.CharField(max_length=200, help_text="The other one.")


class DifferenceOut(ApiSerializer):
    first = serializers.FloatField(allow_null=True, help_text="The first one's value.")
    second = serializers.FloatField(allow_null=True, help_text="The second one's value.")
    sources = serializers.IntegerField(help_text="Sources left out one by one.")
    ratio = serializers.FloatField(
        allow_null=True,
        help_text="The first's disagreement, 1 − value, as a multiple of the second's, with one "
        "discordant judgement added to each.",
    )
    low = serializers.FloatField(allow_null=True, help_text="Lower limit of its 95 % interval.")
    high = serializers.FloatField(allow_null=True, help_text="Upper limit.")
    statistic = serializers.FloatField(allow_null=True, help_text="Student's t.")
    freedom = serializers.IntegerField(allow_null=True, help_text="Its degrees of freedom.")
    p = serializers.FloatField(allow_null=True, help_text="Two-sided p-value.")
    reason = serializers.CharField(
        allow_null=True,
        help_text=f"Why there is no test: {', '.join(TEST_EXPLANATIONS)}; otherwise null.",
    )
    example_values = {
        **{"first": 0.71, "second": 0.84, "sources": 12, "ratio": 1.8, "low": 1.1, "high": 2.9},
        **{"statistic": 2.6, "freedom": 11, "p": 0.02, "reason": None},
    }


class DifferenceView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_difference",
        summary="Whether two codes or two coders differ",
        description=(
            "By the delete-one-source jackknife over the same sources, on the scale of "
            "ln(1 − value). Several tests of one project need a stricter limit than one."
        ),
        parameters=[DifferenceParameters],
        responses={200: DifferenceOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(DifferenceParameters, request)
        found = build_difference_report(
            self.scope,
            build_agreement_query(asked),
            asked["of"],
            asked["first"],
            asked["second"],
        )
        return Response(asdict(found.test))
