"""The proposed codes that a member may read."""

import uuid
from collections.abc import Sequence

from django.db.models import QuerySet

from cstoannot.annotations.models import CodeProposal
from cstoannot.core.errors import Forbidden, NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


def visible_proposals(scope: Scope) -> QuerySet[CodeProposal]:
    """Return the proposals that this member may read, newest first.

    Editors of the codebook read all of them, others only their own: a proposal shows what somebody
    works on, which others must not see.
    """
    found = CodeProposal.objects.filter(project_id=scope.project_id).order_by("-created_at", "-id")
    if not scope.can(Permission.EDIT_CODEBOOK):
        found = found.filter(proposed_by_id=scope.user_id)
    related = ("parent", "code", "proposed_by", "decided_by", "source")
    return found.select_related(*related).defer(
        "source__text", "source__paragraphs", "source__sentences", "source__tokens"
    )


def filter_proposals(
    scope: Scope, *, state: Sequence[str] = (), source: Sequence[int] = (), own: bool = False
) -> QuerySet[CodeProposal]:
    """Filter the visible proposals; an empty filter selects all."""
    asked = {"state__in": state, "source_id__in": source, "proposed_by_id": own and scope.user_id}
    return visible_proposals(scope).filter(
        **{name: value for name, value in asked.items() if value}
    )


def check_proposer(scope: Scope, proposal: CodeProposal) -> None:
    """Raise Forbidden unless the proposal is one's own."""
    if proposal.proposed_by_id != scope.user_id:
        raise Forbidden("This proposal belongs to somebody else: accept or decline it.")


def require_proposal(scope: Scope, proposal_id: uuid.UUID) -> CodeProposal:
    proposal = visible_proposals(scope).filter(pk=proposal_id).first()
    if proposal is None:
        raise NotFound("There is no such proposal, or you may not see it.")
    return proposal
