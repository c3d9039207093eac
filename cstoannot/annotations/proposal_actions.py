"""Propose codes; withdraw, accept or decline proposals."""

import uuid
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from cstoannot.annotations.locks import lock_codes_and_sources
from cstoannot.annotations.models import CodeProposal, ProposalState
from cstoannot.annotations.proposal_queries import check_proposer, require_proposal
from cstoannot.codebook.actions import create_code
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import require_code
from cstoannot.core.errors import Conflict, Invalid, NotFound
from cstoannot.core.fields import clean_line, clean_text
from cstoannot.history.actions import record_event
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_source_with_text
from cstoannot.text.spans import check_span

LONGEST_CLAIM = 5_000
LONGEST_REASON = 2_000
LONGEST_PASSAGE = 10_000  # characters of a proposal's quote, also in each of its events
_SAID = ("name", "claim", "source_id", "start", "end")
_TAKEN = "Another proposal has this id: use a new id."


def propose_code(
    scope: Scope,
    *,
    name: str,
    id: uuid.UUID | None = None,
    parent: str | None = None,
    claim: str = "",
    source: int | None = None,
    start: int | None = None,
    end: int | None = None,
    quote: str | None = None,
) -> tuple[CodeProposal, bool]:
    """Propose a code, for a passage of a readable source if one is given.

    Returns the proposal and whether it is new: sending the same id with the same content again
    changes nothing. Raises Invalid for what does not fit the project, Conflict for an id that is in
    use for something else.
    """
    said = {"name": name, "parent": parent, "claim": claim}
    place = {"source_id": source, "start": start, "end": end}
    for _ in range(2):
        try:
            return _save_proposal(scope, id or uuid.uuid4(), said, place, quote)
        except IntegrityError:
            continue  # a concurrent request saved it: read it
    raise Conflict(_TAKEN, field="id")


@project_action
def _save_proposal(
    scope: Scope,
    proposal_id: uuid.UUID,
    said: dict[str, Any],
    place: dict[str, Any],
    quote: str | None,
) -> tuple[CodeProposal, bool]:
    scope.require(Permission.ANNOTATE)
    name = clean_line(said["name"], field="name", longest=100, required=True)
    claim = clean_text(said["claim"], field="claim", longest=LONGEST_CLAIM)
    stored = CodeProposal.objects.filter(pk=proposal_id).first()
    if stored is not None:
        return _require_same_proposal(
            scope, stored, {**said, **place, "name": name, "claim": claim}
        ), False
    above = _require_code_in_use(scope, said["parent"], field="parent") if said["parent"] else None
    source, stands = _load_proposed_passage(scope, **place)
    if quote is not None and quote != stands:
        raise Invalid(
            f"From {place['start']} to {place['end']} the text reads “{stands[:300]}”.",
            field="quote",
            code="quote_mismatch",
        )
    proposal = CodeProposal(
        id=proposal_id,
        project_id=scope.project_id,
        proposed_by=scope.user,
        created_at=timezone.now(),
        name=name,
        parent=above,
        claim=claim,
        source=source,
        start=place["start"],
        end=place["end"],
        quote=stands,
    )
    proposal.save(force_insert=True)
    _record_proposal_event(scope, proposal, "propose", before=None)
    return proposal, True


def _require_same_proposal(
    scope: Scope, stored: CodeProposal, said: dict[str, Any]
) -> CodeProposal:
    """Return the stored proposal if it is one's own with this content; raise Conflict if not."""
    own = stored.project_id == scope.project_id and stored.proposed_by_id == scope.user_id
    parent = stored.parent.slug if stored.parent else ""
    same = parent == (said["parent"] or "")
    if not (own and same and all(getattr(stored, name) == said[name] for name in _SAID)):
        raise Conflict(_TAKEN, field="id")
    return require_proposal(scope, stored.pk)


@project_action
def withdraw_proposal(scope: Scope, proposal_id: uuid.UUID) -> CodeProposal:
    """Withdraw one's own undecided proposal; its content stays in the history.

    Raises Forbidden for somebody else's, Conflict if it is decided.
    """
    scope.require(Permission.ANNOTATE)
    proposal = _lock_open_proposal(scope, proposal_id)
    check_proposer(scope, proposal)
    _record_proposal_event(scope, proposal, "withdraw", before=_build_proposal_snapshot(proposal))
    proposal.delete()
    return proposal


@project_action
def accept_proposal(
    scope: Scope,
    proposal_id: uuid.UUID,
    *,
    name: str | None = None,
    parent: str | None = None,
    claim: str | None = None,
    code: str = "",
) -> CodeProposal:
    """Add the proposed code, with the values given instead; or accept an existing `code` for it.

    Raises Conflict if it is decided already, Invalid for a code that is not in use.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    proposal = _lock_open_proposal(scope, proposal_id)
    before = _build_proposal_snapshot(proposal)
    if code:
        lock_codes_and_sources(scope, codes=[code])
        proposal.code = _require_code_in_use(scope, code, field="code")
    else:
        above = proposal.parent.slug if proposal.parent else None
        proposal.code = create_code(
            scope,
            name=proposal.name if name is None else name,
            parent=above if parent is None else parent,
            claim=proposal.claim if claim is None else claim,
        )
    return _decide_proposal(scope, proposal, ProposalState.ACCEPTED, before)


@project_action
def decline_proposal(scope: Scope, proposal_id: uuid.UUID, *, reason: str) -> CodeProposal:
    """Decline a proposal; its proposer can read the reason. Raises Conflict if decided."""
    scope.require(Permission.EDIT_CODEBOOK)
    proposal = _lock_open_proposal(scope, proposal_id)
    before = _build_proposal_snapshot(proposal)
    proposal.reason = clean_text(reason, field="reason", longest=LONGEST_REASON, required=True)
    return _decide_proposal(scope, proposal, ProposalState.DECLINED, before)


def _require_code_in_use(scope: Scope, slug: str, *, field: str) -> Code:
    try:
        code = require_code(scope, slug)
    except NotFound as error:
        raise Invalid(error.message, field=field) from None
    if code.retired_at is not None:
        raise Invalid(f"“{code.name}” is retired: choose another code.", field=field)
    return code


def _load_proposed_passage(
    scope: Scope, source_id: int | None, start: int | None, end: int | None
) -> tuple[Source | None, str]:
    """Return the source and the quote; None and "" without a passage."""
    if source_id is None:
        if start is not None or end is not None:
            raise Invalid("A passage needs a source: give its number.", field="source")
        return None, ""
    try:
        source = load_source_with_text(scope, source_id)
    except NotFound as error:
        raise Invalid(error.message, field="source") from None
    if start is None and end is None:
        return source, ""
    first, last = check_span(start, end, source.length)
    if last - first > LONGEST_PASSAGE:
        raise Invalid(
            f"A passage of a proposed code can have up to {LONGEST_PASSAGE:,} characters.",
            field="end",
        )
    return source, source.text[first:last]


def _lock_open_proposal(scope: Scope, proposal_id: uuid.UUID) -> CodeProposal:
    """Lock and return the undecided proposal."""
    mine = CodeProposal.objects.select_for_update().filter(project_id=scope.project_id)
    mine.filter(pk=proposal_id).first()
    proposal = require_proposal(scope, proposal_id)
    if proposal.state != ProposalState.WAITING:
        raise Conflict(f"“{proposal.name}” was already {proposal.state}.")
    return proposal


def _decide_proposal(
    scope: Scope, proposal: CodeProposal, state: ProposalState, before: dict[str, Any]
) -> CodeProposal:
    proposal.state = state
    proposal.decided_by = scope.user
    proposal.decided_at = timezone.now()
    proposal.save()
    action = "accept" if state == ProposalState.ACCEPTED else "decline"
    _record_proposal_event(scope, proposal, action, before=before)
    return proposal


def _record_proposal_event(
    scope: Scope, proposal: CodeProposal, action: str, *, before: dict[str, Any] | None
) -> None:
    record_event(
        scope,
        action=action,
        kind="proposal",
        object_id=proposal.pk,
        about_id=proposal.proposed_by_id,
        source_id=proposal.source_id,
        before=before,
        after=None if action == "withdraw" else _build_proposal_snapshot(proposal),
    )


def _build_proposal_snapshot(proposal: CodeProposal) -> dict[str, Any]:
    """Return a proposal as the history stores it."""
    return {
        "name": proposal.name,
        "parent": proposal.parent.slug if proposal.parent else None,
        "claim": proposal.claim,
        "start": proposal.start,
        "end": proposal.end,
        "quote": proposal.quote,
        "state": str(proposal.state),
        "code": proposal.code.slug if proposal.code else None,
        "reason": proposal.reason,
    }
