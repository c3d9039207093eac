"""What a reviewer will ask of the agreement, the gravest first."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.diagnosis import Remark, RemarkFigure
from cstoannot.api.agreement import AgreementParameters, parse_agreement_parameters
from cstoannot.api.base import ProjectView
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.schema import PROBLEMS
from cstoannot.comparison.reviewer_remarks import list_reviewer_remarks
from cstoannot.projects.permissions import Permission
from cstoannot.stats.agreement.diagnostics import GRAVEST_FIRST, FigureKind


class RemarkFigureOut(ApiSerializer):
    words = serializers.CharField(help_text="The figure as the text has it.")
    counts = serializers.ChoiceField(
        choices=[kind.value for kind in FigureKind], help_text="What its whole number counts."
    )
    code = serializers.CharField(
        allow_null=True, help_text="Slug of the code that it is about; null for all in view."
    )
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names that it is about; none for all."
    )
    source = serializers.IntegerField(
        allow_null=True, help_text="Id of the source that it is about; null for all in view."
    )
    example_values = {
        "words": "12 units",
        "counts": "units_given",
        "code": "article-4",
        "annotators": [],
        "source": None,
    }


class RemarkOut(ApiSerializer):
    key = serializers.ChoiceField(choices=GRAVEST_FIRST, help_text="What kind of remark it is.")
    text = serializers.CharField(help_text="The remark, with its figures.")
    advice = serializers.CharField(help_text="What to do about it.")
    figures = RemarkFigureOut(many=True, help_text="The figures of the text, in its order.")
    example_values = {
        "key": "rare_codes",
        "text": "Given or withheld so rarely that few oversights change the value: 3 of 14 codes.",
        "advice": "Report the counts beside the values.",
    }


class RemarksOut(ApiSerializer):
    remarks = RemarkOut(many=True, help_text="At most seven, the gravest first.")


def _serialize_remark(remark: Remark) -> dict[str, Any]:
    figures = [part for part in remark.said if isinstance(part, RemarkFigure)]
    return {
        "key": remark.key,
        "text": remark.text,
        "advice": remark.advice,
        "figures": [
            {
                "words": one.words,
                "counts": one.counts.value,
                "code": one.code or None,
                "annotators": list(one.annotators),
                "source": one.source,
            }
            for one in figures
        ],
    }


class AgreementRemarksView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_remarks",
        summary="What a reviewer will ask",
        description=(
            "At most seven remarks on the selection, the gravest first: values too low to rest on, "
            "coders who were not blind, too few sources, rare codes. They are about Krippendorff's "
            "α, by the unit asked for or by sentences."
        ),
        parameters=[AgreementParameters],
        responses={200: RemarksOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        found = list_reviewer_remarks(self.scope, parse_agreement_parameters(request))
        return Response({"remarks": [_serialize_remark(one) for one in found]})
