import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cstoannot.annotations.models import CodeProposal, ProposalState
from cstoannot.annotations.proposal_actions import (
    accept_proposal,
    decline_proposal,
    propose_code,
    withdraw_proposal,
)
from cstoannot.annotations.proposal_queries import filter_proposals, require_proposal
from cstoannot.api.base import ProjectView, read_query_parameters, read_request_body
from cstoannot.api.fields import (
    ApiSerializer,
    ChoicesParameter,
    IdsParameter,
    StrictCharField,
    StrictIntegerField,
    StrictUUIDField,
)
from cstoannot.api.pagination import LIST_PARAMETERS, KeysetPagination
from cstoannot.api.passage_fields import PASSAGE_EXAMPLE, EndField, StartField
from cstoannot.api.schema import PROBLEMS, build_list_parameters, build_page_schema
from cstoannot.projects.permissions import Permission

PAGES = KeysetPagination({"-created_at": ("-created_at", "-id")})


class ProposalOut(ApiSerializer):
    id = serializers.UUIDField(help_text="Identifies the proposal.")
    name = serializers.CharField(help_text="What the code would be called.")
    parent = serializers.CharField(allow_null=True, help_text="The slug of the code above it.")
    claim = serializers.CharField(
        help_text="The sentence that passages could support or oppose; may be empty."
    )
    source = serializers.IntegerField(allow_null=True, help_text="Where it was missed.")
    start = StartField(
        allow_null=True, help_text="The passage's first code point, from 0. Null without a passage."
    )
    end = EndField(
        allow_null=True,
        help_text="The code point after the passage's last one. Null without a passage.",
    )
    quote = serializers.CharField(help_text="What stands there; empty without a passage.")
    state = serializers.ChoiceField(
        choices=ProposalState.choices, help_text="Whether somebody has decided."
    )
    code = serializers.CharField(allow_null=True, help_text="The slug of the code that came of it.")
    proposed_by = serializers.CharField(allow_null=True, help_text="A user name.")
    decided_by = serializers.CharField(allow_null=True, help_text="A user name.")
    created_at = serializers.DateTimeField(help_text="When it was created.")
    decided_at = serializers.DateTimeField(
        allow_null=True, help_text="When it was decided. Null while it waits."
    )
    reason = serializers.CharField(help_text="Why it was declined.")
    example_values = {
        **PASSAGE_EXAMPLE,
        "name": "Article 4",
        "parent": None,
        "claim": "The alliance failed its member.",
        "code": None,
        "proposed_by": "coder-a",
        "decided_by": None,
        "decided_at": None,
    }


class ProposalIn(ApiSerializer):
    name = StrictCharField(help_text="What the code would be called.")
    parent = StrictCharField(required=False, allow_null=True, help_text="A slug; null for the top.")
    claim = StrictCharField(
        required=False, help_text="A sentence that passages could support or oppose."
    )
    source = StrictIntegerField(required=False, allow_null=True, help_text="Where it was missed.")
    start = StrictIntegerField(
        required=False,
        allow_null=True,
        help_text="The passage's first code point, from 0. Null without a passage.",
    )
    end = StrictIntegerField(
        required=False,
        allow_null=True,
        help_text="The code point after the passage's last one. Null without a passage.",
    )
    quote = StrictCharField(
        required=False, help_text="If it is not what stands there, the answer is 422."
    )
    example_values = ProposalOut.example_values


class NewProposal(ProposalIn):
    id = StrictUUIDField(required=False, help_text="An id of your own; without it one is made.")


class AcceptProposalIn(ApiSerializer):
    name = StrictCharField(required=False, help_text="Instead of the name proposed.")
    parent = StrictCharField(
        required=False, help_text="A slug, empty for the top, instead of the place proposed."
    )
    claim = StrictCharField(required=False, help_text="Instead of the claim proposed.")
    code = StrictCharField(
        required=False, help_text="The slug of a code that says the same: none is added."
    )
    example_values = {
        "name": "Article 4",
        "claim": "The alliance failed its member.",
        "code": "article-4",
    }


class DeclineProposalIn(ApiSerializer):
    reason = StrictCharField(help_text="For whoever proposed it.")


class ProposalParameters(ApiSerializer):
    state = ChoicesParameter(
        ProposalState.values, required=False, help_text="waiting, accepted, declined; by commas."
    )
    source = IdsParameter(required=False, help_text="Source ids, by commas.")


def serialize_proposal(proposal: CodeProposal) -> dict[str, Any]:
    plain = (
        "name",
        "claim",
        "start",
        "end",
        "quote",
        "state",
        "created_at",
        "decided_at",
        "reason",
    )
    return {
        "id": proposal.pk,
        "source": proposal.source_id,
        "parent": proposal.parent.slug if proposal.parent else None,
        "code": proposal.code.slug if proposal.code else None,
        "proposed_by": proposal.proposed_by and proposal.proposed_by.username,
        "decided_by": proposal.decided_by and proposal.decided_by.username,
        **{name: getattr(proposal, name) for name in plain},
    }


class ProposalListView(ProjectView):
    permissions = {"POST": Permission.ANNOTATE}

    @extend_schema(
        operation_id="proposals_list",
        summary="Codes that were proposed",
        description="All of them for those who edit the codebook; others read their own.",
        parameters=[ProposalParameters, *build_list_parameters(PAGES)],
        responses={200: build_page_schema(ProposalOut), **PROBLEMS},
    )
    def get(self, request: Request, project: str) -> Response:
        asked = read_query_parameters(ProposalParameters, request, also=LIST_PARAMETERS)
        return PAGES.answer(request, filter_proposals(self.scope, **asked), serialize_proposal)

    @extend_schema(
        operation_id="proposals_create",
        summary="Propose a code",
        description=(
            "It waits until somebody who edits the codebook accepts or declines it. The same `id` "
            "with the same content is the same proposal, however often it is sent: 201 the first "
            "time, 200 afterwards. With other content it is 409."
        ),
        request=NewProposal,
        responses={201: ProposalOut, 200: ProposalOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str) -> Response:
        proposal, created = propose_code(self.scope, **read_request_body(NewProposal, request))
        return Response(serialize_proposal(proposal), status=201 if created else 200)


class ProposalDetailView(ProjectView):
    path_descriptions = {"proposal": "The proposal's id."}

    @extend_schema(
        operation_id="proposals_read",
        summary="One proposed code",
        responses={200: ProposalOut, **PROBLEMS},
    )
    def get(self, request: Request, project: str, proposal: uuid.UUID) -> Response:
        return Response(serialize_proposal(require_proposal(self.scope, proposal)))

    @extend_schema(
        operation_id="proposals_withdraw",
        summary="Withdraw one's own proposal",
        description=(
            "While it waits; the history keeps what it said. 403 for somebody else's, 409 if it is "
            "decided."
        ),
        responses={204: None, **PROBLEMS},
    )
    def delete(self, request: Request, project: str, proposal: uuid.UUID) -> Response:
        withdraw_proposal(self.scope, proposal)
        return Response(status=204)


class ProposalAcceptView(ProjectView):
    permission = Permission.EDIT_CODEBOOK
    path_descriptions = {"proposal": "The proposal's id."}

    @extend_schema(
        operation_id="proposals_accept",
        summary="Accept a proposed code",
        description=(
            "Adds the code, with another name, place or claim where they are given; with `code` "
            "that one is taken for it. 409 if the proposal is decided."
        ),
        request=AcceptProposalIn,
        responses={200: ProposalOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, proposal: uuid.UUID) -> Response:
        body = read_request_body(AcceptProposalIn, request)
        return Response(serialize_proposal(accept_proposal(self.scope, proposal, **body)))


class ProposalDeclineView(ProjectView):
    permission = Permission.EDIT_CODEBOOK
    path_descriptions = {"proposal": "The proposal's id."}

    @extend_schema(
        operation_id="proposals_decline",
        summary="Decline a proposed code",
        description="409 if the proposal is decided.",
        request=DeclineProposalIn,
        responses={200: ProposalOut, **PROBLEMS},
    )
    def post(self, request: Request, project: str, proposal: uuid.UUID) -> Response:
        body = read_request_body(DeclineProposalIn, request)
        return Response(serialize_proposal(decline_proposal(self.scope, proposal, **body)))
