"""Each coder against the consensus, in the study and in practice."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.agreement.consensus_reports import (
    DIFFERENCES,
    MATCHES,
    UNIT,
    CoderAgainstConsensus,
    ConsensusDifference,
    ConsensusValues,
    MatchValues,
    build_consensus_report,
    build_practice_report,
)
from cstoannot.agreement.disagreements import CodedPassage
from cstoannot.api.agreement_values import ValueOut, serialize_agreement_value
from cstoannot.api.assignments import AssignmentOut, serialize_assignment
from cstoannot.api.base import ProjectView, read_query_parameters
from cstoannot.api.fields import ApiSerializer, BooleanParameter
from cstoannot.api.passage_fields import (
    AnnotatorField,
    CodeSlugField,
    EndField,
    SourceIdField,
    StanceField,
    StartField,
    VoiceField,
)
from cstoannot.api.schema import PROBLEMS
from cstoannot.decisions.practice_actions import clear_practice
from cstoannot.decisions.practice_queries import require_finished_practice
from cstoannot.projects.permissions import Permission


class MatchOut(ApiSerializer):
    precision = serializers.FloatField(
        allow_null=True, help_text="Share of the coder's passages that the consensus has."
    )
    recall = serializers.FloatField(
        allow_null=True, help_text="Share of the consensus's passages that the coder has."
    )
    f1 = ValueOut(help_text="Their harmonic mean.")
    own = serializers.IntegerField(help_text="The coder's passages, or code points.")
    consensus = serializers.IntegerField(help_text="Those of the consensus.")
    example_values = {"precision": 0.9, "recall": 0.8, "own": 40, "consensus": 45}


class AgainstConsensusOut(ApiSerializer):
    exact = MatchOut(help_text="Passages count as the same with the same bounds and code.")
    overlap = MatchOut(help_text="With the same code and any text in common.")
    characters = MatchOut(help_text="Code points with the same code.")
    alpha = ValueOut(help_text="Krippendorff's α of the coder and the consensus, over units.")


class CodeAgainstConsensusOut(AgainstConsensusOut):
    code = CodeSlugField()
    example_values = {"code": "article-4"}


class ConsensusPassageOut(ApiSerializer):
    id = serializers.UUIDField(help_text="The annotation's id.")
    code = CodeSlugField()
    start = StartField()
    end = EndField()
    stance = StanceField()
    voice = VoiceField()
    example_values = {"code": "article-4", "start": 812, "end": 830, "stance": "", "voice": ""}


class ConsensusDifferenceOut(ApiSerializer):
    kind = serializers.ChoiceField(
        choices=DIFFERENCES,
        help_text="missed: only the consensus has it; added: only the coder.",
    )
    source = SourceIdField()
    start = StartField(help_text="First code point of the place, from 0.")
    end = EndField(help_text="The code point after the place's last one.")
    own = ConsensusPassageOut(many=True, help_text="The coder's passages there.")
    consensus = ConsensusPassageOut(many=True, help_text="The consensus's passages there.")
    example_values = {"kind": "missed", "source": 3, "start": 812, "end": 830}


class CoderAgainstConsensusOut(AgainstConsensusOut):
    annotator = AnnotatorField()
    sources = serializers.IntegerField(help_text="Decided sources that the coder read.")
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="How many differences there are, by kind."
    )
    codes = CodeAgainstConsensusOut(many=True, help_text="The same for each code in use.")
    differences = ConsensusDifferenceOut(
        many=True, allow_null=True, help_text="With `passages=true`, in the text's order; or null."
    )
    example_values = {
        "annotator": "coder-a",
        "counts": dict.fromkeys(DIFFERENCES, 0),
    }


class ConsensusReportOut(ApiSerializer):
    unit = serializers.CharField(help_text="In what units α counts.")
    plural = serializers.IntegerField(
        help_text="Passages left out, because several readings stand where they are."
    )
    results = CoderAgainstConsensusOut(many=True, help_text="The coders, by user name.")
    example_values = {"unit": "sentence", "plural": 0}


class ConsensusParameters(ApiSerializer):
    passages = BooleanParameter(required=False, help_text="Whether to list the differences.")


class ConsensusAgreementView(ProjectView):
    permission = Permission.SEE_AGREEMENT

    @extend_schema(
        operation_id="agreement_consensus",
        summary="Each coder against the consensus",
        description=(
            "Over the sources whose consensus is decided. An annotator has their own values, over "
            "sources that they have finished and whose decisions are opened to coders."
        ),
        parameters=[ConsensusParameters],
        responses={200: ConsensusReportOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(ConsensusParameters, request)
        found = build_consensus_report(self.scope)
        passages = asked.get("passages", False)
        results = [serialize_coder_against(one, passages=passages) for one in found.coders]
        return Response({"unit": UNIT, "plural": found.plural, "results": results})


class PracticeOut(ApiSerializer):
    assignment = AssignmentOut(help_text="The assignment for practice.")
    result = CoderAgainstConsensusOut(
        allow_null=True, help_text="The coder against the consensus; null if it is gone."
    )


class PracticeView(ProjectView):
    permission = Permission.ANNOTATE
    path_descriptions = {"assignment": "The id of an assignment for practice."}

    @extend_schema(
        operation_id="practice_read",
        summary="How a finished practice compares with the consensus",
        description="For its coder and for those who see all coding; 409 before it is finished.",
        responses={200: PracticeOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        practice = require_finished_practice(self.scope, assignment)
        found = build_practice_report(self.scope, [practice]).coders
        result = serialize_coder_against(found[0], passages=True) if found else None
        return Response({"assignment": serialize_assignment(practice), "result": result})

    @extend_schema(
        operation_id="practice_clear",
        summary="Clear a practice, to begin anew",
        description="Deletes what was coded; the history keeps it. The assignment stays, to do.",
        responses={200: AssignmentOut, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, assignment: uuid.UUID) -> Response:
        return Response(serialize_assignment(clear_practice(self.scope, assignment)))


def serialize_coder_against(one: CoderAgainstConsensus, *, passages: bool) -> dict[str, Any]:
    return {
        "annotator": one.annotator.username,
        "sources": one.sources,
        "counts": one.counts,
        **_serialize_values(one.overall),
        "codes": [{"code": row.code.slug, **_serialize_values(row.values)} for row in one.codes],
        "differences": [_serialize_difference(row) for row in one.differences]
        if passages
        else None,
    }


def _serialize_values(values: ConsensusValues) -> dict[str, Any]:
    return {
        **{name: _serialize_match(values.matches[name]) for name in MATCHES},
        "alpha": serialize_agreement_value(values.alpha),
    }


def _serialize_match(match: MatchValues) -> dict[str, Any]:
    return {
        "precision": match.shares.precision,
        "recall": match.shares.recall,
        "f1": serialize_agreement_value(match.f1),
        "own": match.shares.own,
        "consensus": match.shares.reference,
    }


def _serialize_difference(one: ConsensusDifference) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "source": one.source.pk,
        "start": one.start,
        "end": one.end,
        "own": [_serialize_compared(passage) for passage in one.own],
        "consensus": [_serialize_compared(passage) for passage in one.consensus],
    }


def _serialize_compared(passage: CodedPassage) -> dict[str, Any]:
    return {
        "id": passage.annotation_id,
        "code": passage.code.slug,
        "start": passage.start,
        "end": passage.end,
        "stance": passage.stance,
        "voice": passage.voice,
    }
