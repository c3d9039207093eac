"""Open threads, resolve them, mark them as read, and make proposals of them."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils import timezone

from cstoannot.annotations.models import CodeProposal
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.codebook.queries import require_code
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from cstoannot.core.fields import ExpectedVersion, clean_choice
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.queries import load_source_with_text
from cstoannot.text.spans import check_span
from cstoannot.threads.comment_actions import (
    lock_thread,
    note_reading,
    record_thread_event,
    store_comment,
)
from cstoannot.threads.models import Thread, ThreadKind
from cstoannot.threads.queries import (
    list_comments,
    require_comment,
    require_discussed_decision,
    require_thread,
    visible_threads,
)
from cstoannot.threads.snapshots import build_thread_snapshot

LONGEST_PLACE = 10_000  # characters of a thread's quote


@dataclass(frozen=True)
class ThreadDraft:
    """What a thread is to be about, and its first comment.

    `source` for a place and a source, `start` and `end` for a place, `code` and `decision` for
    these. `quote`: what the writer saw at the place; None if they did not say.
    """

    kind: str
    text: str
    source: int | None = None
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    code: str | None = None
    decision: uuid.UUID | None = None


# The fields of a draft that each kind needs; it may have no others.
_ABOUT = {
    ThreadKind.PLACE: ("source", "start", "end"),
    ThreadKind.SOURCE: ("source",),
    ThreadKind.CODE: ("code",),
    ThreadKind.DECISION: ("decision",),
}


@project_action
def open_thread(scope: Scope, draft: ThreadDraft, *, asks_again: bool = False) -> Thread:
    """Open a thread with its first comment. `asks_again`: to look at a decision again.

    Raises Invalid for what does not fit the project, Conflict for a source that a coder has not
    finished and for a decision that they have asked about already.
    """
    scope.require(Permission.ANNOTATE)
    thread = _build_thread(scope, draft, asks_again)
    if asks_again:
        _check_not_asked(scope, thread)
    thread.save(force_insert=True)
    # Whoever could not see the thread may not open it.
    if not visible_threads(scope).filter(pk=thread.pk).exists():
        raise _refuse_thread(thread)
    record_thread_event(scope, thread, "open", after=build_thread_snapshot(thread))
    store_comment(scope, thread, draft.text)
    return require_thread(scope, thread.pk)


def _build_thread(scope: Scope, draft: ThreadDraft, asks_again: bool) -> Thread:
    kind = ThreadKind(clean_choice(draft.kind, field="kind", choices=ThreadKind.values))
    _check_about(kind, draft)
    if asks_again and kind != ThreadKind.DECISION:
        raise Invalid("Only a decision can be looked at again.", field="asks_again")
    thread = Thread(
        project_id=scope.project_id,
        kind=kind,
        asks_again=asks_again,
        opened_by=scope.user,
        created_at=timezone.now(),
    )
    if kind == ThreadKind.CODE:
        thread.code = _find_subject(require_code, scope, draft.code, field="code")
    elif kind == ThreadKind.DECISION:
        _set_decision(scope, thread, draft)
    else:
        thread.source = _find_subject(load_source_with_text, scope, draft.source, field="source")
    if kind == ThreadKind.PLACE:
        _set_checked_place(thread, draft)
    return thread


def _check_about(kind: ThreadKind, draft: ThreadDraft) -> None:
    """Raise Invalid unless the draft has what its kind needs, and nothing else."""
    needed = _ABOUT[kind]
    for field in ("source", "start", "end", "code", "decision"):
        given = getattr(draft, field) is not None
        if given and field not in needed:
            raise Invalid(f"A thread on {kind.label} has no {field}.", field=field)
        if not given and field in needed:
            raise Invalid(f"A thread on {kind.label} needs this.", field=field)


def _find_subject(find: Any, scope: Scope, key: Any, *, field: str) -> Any:
    """Return what an id of the draft stands for; raise Invalid instead of NotFound."""
    try:
        return find(scope, key)
    except NotFound as error:
        raise Invalid(error.message, field=field) from None


def _set_decision(scope: Scope, thread: Thread, draft: ThreadDraft) -> None:
    assert draft.decision is not None
    try:
        decision = require_discussed_decision(scope, draft.decision)
        thread.source = load_source_with_text(scope, decision.source_id)
    except NotFound:
        raise _refuse_thread(thread) from None
    thread.decision = decision
    _set_place(thread, decision.start, decision.end)


def _set_checked_place(thread: Thread, draft: ThreadDraft) -> None:
    assert thread.source is not None
    start, end = check_span(draft.start, draft.end, thread.source.length)
    if end - start > LONGEST_PLACE:
        raise Invalid(f"A place can have up to {LONGEST_PLACE:,} characters.", field="end")
    _set_place(thread, start, end)
    if draft.quote is not None and draft.quote != thread.quote:
        raise Invalid(
            f"From {start} to {end} the text reads “{thread.quote[:300]}”.",
            field="quote",
            code="quote_mismatch",
        )


def _set_place(thread: Thread, start: int, end: int) -> None:
    assert thread.source is not None
    thread.start, thread.end = start, end
    thread.quote = thread.source.text[start:end][:LONGEST_PLACE]


def _check_not_asked(scope: Scope, thread: Thread) -> None:
    asked = visible_threads(scope).filter(
        decision=thread.decision, asks_again=True, resolved_at=None, opened_by=scope.user
    )
    if asked.exists():
        raise Conflict(
            "You have asked to look at this decision again already: write in that thread.",
            field="decision",
        )


def _refuse_thread(thread: Thread) -> Exception:
    if thread.kind == ThreadKind.DECISION:
        # As for a decision that does not exist.
        return Invalid("There is no such decision, or you may not see it.", field="decision")
    return Conflict(
        "You have not finished this source. Finish it first: what others write about it opens to "
        "you then.",
        field="source",
    )


@project_action
def resolve_thread(
    scope: Scope, thread_id: uuid.UUID, *, resolved: bool, expected: ExpectedVersion | None = None
) -> Thread:
    """Resolve a thread or open it again; for who opened it and who sees all coding.

    The state that it has already changes nothing. Raises Stale if the version named is no longer
    current.
    """
    scope.require(Permission.ANNOTATE)
    thread = lock_thread(scope, thread_id)
    if thread.opened_by_id != scope.user_id and not scope.can(Permission.SEE_ALL_CODING):
        raise Forbidden("Only who opened this thread, an adjudicator or an owner can do this.")
    if expected is not None and not expected.fits(thread.version):
        raise Stale(current=thread)
    if resolved == (thread.resolved_at is not None):
        return require_thread(scope, thread_id)
    before = build_thread_snapshot(thread)
    thread.resolved_by = scope.user if resolved else None
    thread.resolved_at = timezone.now() if resolved else None
    thread.version += 1
    thread.save(update_fields=["resolved_by", "resolved_at", "version"])
    action = "resolve" if resolved else "reopen"
    record_thread_event(scope, thread, action, before=before, after=build_thread_snapshot(thread))
    return require_thread(scope, thread_id)


@project_action
def mark_thread_read(
    scope: Scope, thread_id: uuid.UUID, *, until: uuid.UUID | None = None
) -> Thread:
    """Note that the member has read a visible thread, up to a comment or to the last one.

    What was read before stays read.
    """
    scope.require(Permission.ANNOTATE)
    thread = require_thread(scope, thread_id)
    if until is None:
        found = list_comments(scope, thread_id).order_by().aggregate(last=Max("created_at"))
        last = found["last"] or thread.created_at
    else:
        last = require_comment(scope, thread_id, until).created_at
    note_reading(scope, thread, last)
    return require_thread(scope, thread_id)


@project_action
def propose_code_from_thread(
    scope: Scope, thread_id: uuid.UUID, *, name: str, parent: str | None = None, claim: str = ""
) -> CodeProposal:
    """Propose a code from a thread, with its place; raise Conflict if it has a proposal."""
    scope.require(Permission.ANNOTATE)
    thread = lock_thread(scope, thread_id)
    if thread.proposal_id is not None:
        raise Conflict("A code was proposed from this thread already.")
    whole = thread.end is not None and thread.end - (thread.start or 0) == len(thread.quote)
    proposal, _ = propose_code(
        scope,
        name=name,
        parent=parent or None,
        claim=claim,
        source=thread.source_id,
        start=thread.start if whole else None,
        end=thread.end if whole else None,
    )
    thread.proposal = proposal
    thread.save(update_fields=["proposal"])
    record_thread_event(scope, thread, "propose", after={"proposal": str(proposal.pk)})
    return proposal
