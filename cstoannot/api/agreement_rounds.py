"""Agreement from round to round."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.round_trend import RoundAgreement, build_round_trend
from cstoannot.api.agreement import AgreementParameters, parse_agreement_parameters
from cstoannot.api.agreement_precision import DifferenceOut
from cstoannot.api.agreement_values import ValueOut, serialize_agreement_value
from cstoannot.api.base import ProjectView
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.passage_fields import CodeSlugField
from cstoannot.api.schema import PROBLEMS
from cstoannot.projects.permissions import Permission


class RoundCodeOut(ValueOut):
    code = CodeSlugField()


class RoundAgreementOut(ApiSerializer):
    round = serializers.CharField(help_text="The round's name.")
    revision = serializers.IntegerField(help_text="The codebook revision it is coded under.")
    sources = serializers.IntegerField(help_text="Its sources that two annotators finished.")
    overall = ValueOut(help_text="Over these sources and all codes.")
    codes = RoundCodeOut(many=True, help_text="A value for each code.")
    change = DifferenceOut(
        allow_null=True,
        help_text="The test against the round before, which is `first`; null for the first round.",
    )
    example_values = {"round": "Pilot", "revision": 4, "sources": 5, "change": None}


class RoundTrendOut(ApiSerializer):
    measure = serializers.CharField(help_text="Key of the coefficient.")
    unit = serializers.CharField(help_text="What was counted.")
    rounds = RoundAgreementOut(many=True, help_text="The rounds, in their order.")
    example_values = {"measure": "krippendorff_alpha", "unit": "sentence"}


class RoundTrendView(ProjectView):
    permission = Permission.EDIT_SOURCES

    @extend_schema(
        operation_id="agreement_rounds",
        summary="How agreement changes from round to round",
        parameters=[AgreementParameters],
        responses={200: RoundTrendOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        found = build_round_trend(self.scope, parse_agreement_parameters(request))
        return Response(
            {
                "measure": found.measure.key,
                "unit": found.unit,
                "rounds": [_serialize_round_agreement(one) for one in found.rounds],
            }
        )


def _serialize_round_agreement(one: RoundAgreement) -> dict[str, Any]:
    return {
        "round": one.round.name,
        "revision": one.round.revision,
        "sources": len(one.report.sources),
        "overall": serialize_agreement_value(one.overall),
        "codes": [
            {"code": code.code.slug, **serialize_agreement_value(code.result)}
            for code in one.report.codes
        ],
        "change": asdict(one.change) if one.change else None,
    }
