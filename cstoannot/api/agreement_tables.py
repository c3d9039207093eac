"""Agreement by code and pair, source or coder, and profiles of the coders."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.code_tables import COLUMNS, PAIR, CodeTable, build_code_table
from cstoannot.agreement.profiles import AgainstMajority, CoderProfile, build_profile_report
from cstoannot.api.agreement import AgreementParameters, build_agreement_query
from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.pagination import build_offset_url, parse_offset_cursor
from cstoannot.api.passage_fields import AnnotatorField, CodeSlugField
from cstoannot.api.schema import PROBLEMS, PageLinks
from cstoannot.projects.permissions import Permission
from cstoannot.stats.results import EXPLANATIONS

LARGEST_SIZE = 500


class CodeTableParameters(AgreementParameters):
    by = serializers.ChoiceField(
        choices=COLUMNS,
        default=PAIR,
        help_text="The columns: pairs of coders, sources, or coders with how often each gave a "
        "code.",
    )
    page_size = serializers.IntegerField(
        min_value=1, max_value=LARGEST_SIZE, default=100, help_text="Columns on a page."
    )
    cursor = serializers.CharField(required=False, max_length=40)


class TableColumnOut(ApiSerializer):
    annotators = serializers.ListField(
        child=serializers.CharField(), help_text="User names: of a pair, of a coder, or none."
    )
    source = serializers.IntegerField(allow_null=True, help_text="Id of a source, or null.")
    example_values = {"annotators": ["coder-a", "coder-b"], "source": None}


class TableCellOut(ApiSerializer):
    value = serializers.FloatField(
        allow_null=True,
        help_text="The code's value; by coder the share of units with the code. Null where "
        "undefined.",
    )
    n = serializers.IntegerField(help_text="Units or passages compared; by coder units read.")
    marked = serializers.IntegerField(
        allow_null=True, help_text="By coder, the units with the code; otherwise null."
    )
    reason = serializers.ChoiceField(
        choices=[reason.value for reason in EXPLANATIONS],
        allow_null=True,
        help_text="Why there is no value.",
    )
    example_values = {"value": 0.71, "n": 401, "marked": None, "reason": None}


class TableRowOut(ApiSerializer):
    code = CodeSlugField()
    cells = TableCellOut(many=True, help_text="A cell for each column, in their order.")
    example_values = {"code": "article-4"}


class CodeTableOut(PageLinks):
    measure = serializers.CharField(help_text="Key of the coefficient, or of what is counted.")
    unit = serializers.CharField(help_text="What was counted.")
    by = serializers.ChoiceField(choices=COLUMNS, help_text="What the columns are.")
    total = serializers.IntegerField(help_text="Columns on all pages.")
    columns = TableColumnOut(many=True, help_text="The columns of this page.")
    results = TableRowOut(many=True, help_text="The codes, in the codebook's order.")
    example_values = {"measure": "krippendorff_alpha", "unit": "sentence", "by": "pair"}


def serialize_code_table(found: CodeTable) -> dict[str, Any]:
    return {
        "measure": found.measure.key,
        "unit": found.unit,
        "by": found.by,
        "total": found.total,
        "columns": [
            {
                "annotators": [annotator.username for annotator in one.annotators],
                "source": one.source.pk if one.source else None,
            }
            for one in found.columns
        ],
        "results": [
            {
                "code": row.code.slug,
                "cells": [
                    {
                        "value": cell.value,
                        "n": cell.n,
                        "marked": cell.marked,
                        "reason": cell.reason.value if cell.reason else None,
                    }
                    for cell in row.cells
                ],
            }
            for row in found.rows
        ],
    }


class CodeTableView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_tables",
        summary="Agreement by code and pair or source, and frequencies by coder",
        description=(
            "For measures of one code at a time, without intervals. Pages are of columns. An "
            "annotator has their own pairs and frequencies, as far as the others' coding is open "
            "to them."
        ),
        parameters=[
            CodeTableParameters,
            OpenApiParameter("cursor", OpenApiTypes.STR, description="From `next`, `previous`."),
        ],
        responses={200: CodeTableOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(CodeTableParameters, request)
        offset, size = parse_offset_cursor(asked.get("cursor")), asked["page_size"]
        found = build_code_table(
            self.scope, build_agreement_query(asked), asked["by"], offset=offset, limit=size
        )
        more = offset + size < found.total
        return Response(
            {
                "next": build_offset_url(request, offset + size) if more else None,
                "previous": build_offset_url(request, offset - size) if offset else None,
                **serialize_code_table(found),
            }
        )


class AgainstMajorityOut(ApiSerializer):
    own = serializers.IntegerField(help_text="Units that the coder gave the code.")
    others = serializers.FloatField(
        help_text="Units that another coder gave the code in the same sources, on average."
    )
    majority = serializers.IntegerField(
        help_text="Units that more than half of the others gave the code."
    )
    precision = serializers.FloatField(
        allow_null=True, help_text="Share of the coder's units that the majority marked."
    )
    recall = serializers.FloatField(
        allow_null=True, help_text="Share of the majority's units that the coder marked."
    )
    f1 = serializers.FloatField(allow_null=True, help_text="Their harmonic mean.")
    alpha = serializers.FloatField(
        allow_null=True, help_text="Krippendorff's α of the coder and the majority."
    )
    example_values = {"precision": 0.9, "recall": 0.8, "f1": 0.85, "alpha": 0.84}


class CodeProfileOut(AgainstMajorityOut):
    code = CodeSlugField()
    passages = serializers.IntegerField(help_text="The coder's passages of the code.")
    example_values = {"code": "article-4"}


class CoderProfileOut(AgainstMajorityOut):
    annotator = AnnotatorField()
    sources = serializers.IntegerField(
        help_text="Sources that the coder and another one finished, on which all of this rests."
    )
    units = serializers.IntegerField(help_text="Units in these sources.")
    passages = serializers.IntegerField(help_text="The coder's passages there.")
    mean_length = serializers.FloatField(
        allow_null=True, help_text="Mean length of the passages in code points."
    )
    share_marked = serializers.FloatField(
        allow_null=True, help_text="Share of the text that the coder marked with anything."
    )
    codes = CodeProfileOut(many=True, help_text="The same for each code.")
    example_values = {"annotator": "coder-a"}


class ProfileListOut(ApiSerializer):
    unit = serializers.CharField(help_text="What was counted.")
    results = CoderProfileOut(many=True, help_text="The coders, by user name.")
    example_values = {"unit": "sentence"}


def _serialize_against(against: AgainstMajority) -> dict[str, Any]:
    fields = ("own", "others", "majority", "precision", "recall", "f1", "alpha")
    return {name: getattr(against, name) for name in fields}


def serialize_coder_profile(profile: CoderProfile) -> dict[str, Any]:
    return {
        "annotator": profile.annotator.username,
        "sources": profile.sources,
        "units": profile.units,
        "passages": profile.passages,
        "mean_length": profile.length,
        "share_marked": profile.marked,
        **_serialize_against(profile.against),
        "codes": [
            {
                "code": one.code.slug,
                "passages": one.passages,
                **_serialize_against(one.against),
            }
            for one in profile.codes
        ],
    }


class ProfileListView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_profiles",
        summary="How each coder codes",
        description=(
            "How often and how long each coder marks, and how they compare with the majority of "
            "the others who finished the same sources, unit by unit. The coder takes no part in "
            "that majority. An annotator has their own profile, as far as the others' coding is "
            "open to them."
        ),
        parameters=[AgreementParameters],
        responses={200: ProfileListOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(AgreementParameters, request)
        found = build_profile_report(self.scope, build_agreement_query(asked))
        return Response(
            {
                "unit": found.unit,
                "results": [serialize_coder_profile(one) for one in found.profiles],
            }
        )
