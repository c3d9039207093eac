"""Who sees which threads, under which names, and what they have not read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from cstoannot.annotations.models import Annotation, CodeProposal
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.core.errors import NotFound
from cstoannot.decisions.models import Decision
from cstoannot.projects.models import LONG_AGO, Membership
from cstoannot.projects.permissions import ROLES, Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import removed_source_ids
from cstoannot.threads.models import Comment, Thread, ThreadKind, ThreadRead

# Roles whose members see all threads, and those whose members see some.
SEE_ALL = [role for role, allowed in ROLES.items() if Permission.SEE_ALL_CODING in allowed]
CODERS = [
    role
    for role, allowed in ROLES.items()
    if Permission.ANNOTATE in allowed and role not in SEE_ALL
]


def _build_coder_rule(coder: Any) -> Q:
    """Select the threads that an annotator may see: the one rule, for lists and for mentions.

    All on codes, which quote no coding. Those on a source, its places and its decisions only while
    they have finished it; those on a decision only if the team's decisions there are open to
    coders and it touches a passage of theirs. `coder`: a user's key, or an outer reference to it.
    """
    source = OuterRef("source_id")
    finished = Assignment.objects.filter(
        source_id=source, annotator_id=coder, state=AssignmentState.DONE, practice=False
    )
    touched = Annotation.objects.filter(
        project_id=OuterRef("project_id"),
        source_id=source,
        annotator_id=coder,
        start__lt=OuterRef("end"),
        end__gt=OuterRef("start"),
    )
    opened = Q(project__decisions_opened=True) | Q(source__consensus__opened_at__isnull=False)
    places = Q(kind__in=[ThreadKind.PLACE, ThreadKind.SOURCE])
    decisions = Q(kind=ThreadKind.DECISION) & opened & Q(Exists(touched))
    return Q(kind=ThreadKind.CODE) | (Q(Exists(finished)) & (places | decisions))


def _select_visible_threads(scope: Sequence[Scope]) -> QuerySet[Thread]:
    """Select the threads of one user's projects that they may see."""
    whole = [one.project_id for one in scope if one.can(Permission.SEE_ALL_CODING)]
    some = [one.project_id for one in scope if one.role in CODERS]
    rule = Q(project_id__in=whole)
    if some:
        rule |= Q(project_id__in=some) & _build_coder_rule(scope[0].user_id)
    gone = removed_source_ids([one for one in scope if one.project_id in {*whole, *some}])
    return Thread.objects.filter(rule).exclude(source_id__in=gone)


def visible_threads(scope: Scope) -> QuerySet[Thread]:
    """Return the threads that this member may see, the last opened first."""
    return _select_visible_threads([scope]).order_by("-created_at", "-id")


def load_thread_readers(scope: Scope, thread: Thread) -> set[int]:
    """Return the keys of the members who may see a thread of the project."""
    seen = Thread.objects.filter(_build_coder_rule(OuterRef(OuterRef("user_id"))), pk=thread.pk)
    members = Membership.objects.filter(project_id=scope.project_id)
    allowed = Q(role__in=SEE_ALL) | (Q(role__in=CODERS) & Exists(seen))
    return set(members.filter(allowed).order_by().values_list("user_id", flat=True))


def _annotate_reading(scope: Scope, threads: QuerySet[Thread]) -> QuerySet[Thread]:
    """Add until when the member has read each thread, and whether more was written or they named.

    `is_unread`: comments of others since then; `is_called`: one of those mentions the member.
    """
    read = ThreadRead.objects.filter(thread_id=OuterRef("pk"), user_id=scope.user_id)
    threads = threads.annotate(
        read_until=Coalesce(
            Subquery(read.values("read_at")), Value(LONG_AGO), output_field=DateTimeField()
        )
    )
    unread = _select_unread_comments(scope)
    return threads.annotate(
        is_unread=Exists(unread), is_called=Exists(unread.filter(mentions=scope.user_id))
    )


def _select_unread_comments(scope: Scope) -> QuerySet[Comment]:
    others = Comment.objects.filter(thread_id=OuterRef("pk")).exclude(author_id=scope.user_id)
    return others.filter(created_at__gt=OuterRef("read_until")).order_by()


def _count_rows(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.values("thread_id").annotate(n=Count("*")).values("n")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def select_threads(scope: Scope) -> QuerySet[Thread]:
    """Return the visible threads with what a list shows of them.

    `comment_count`, `unread_count`, `last_at` (of the last comment), `opener_number` and
    `resolver_number` (numbers for names that the member may not know), `is_unread`, `is_called`.
    """
    comments = Comment.objects.filter(thread_id=OuterRef("pk")).order_by()
    numbers = ThreadRead.objects.filter(thread_id=OuterRef("pk"))
    last = comments.values("thread_id").annotate(last=Max("created_at")).values("last")
    found = _annotate_reading(scope, visible_threads(scope)).annotate(
        comment_count=_count_rows(comments),
        unread_count=_count_rows(_select_unread_comments(scope)),
        last_at=Coalesce(Subquery(last), F("created_at")),
        opener_number=Subquery(numbers.filter(user_id=OuterRef("opened_by_id")).values("number")),
        resolver_number=Subquery(
            numbers.filter(user_id=OuterRef("resolved_by_id")).values("number")
        ),
    )
    related = ("source", "code", "decision", "proposal", "opened_by", "resolved_by")
    return found.select_related(*related).defer(
        "source__text", "source__paragraphs", "source__sentences", "source__tokens"
    )


@dataclass(frozen=True)
class ThreadFilter:
    """Selects among the visible threads; an empty field selects all.

    `mine`: those that the member opened or wrote in; `mentions`: those in which they are mentioned.
    `at`: a stretch of text that a thread's place touches, with one source.
    """

    state: str = ""
    unread: bool | None = None
    mine: bool = False
    mentions: bool = False
    asks_again: bool = False
    kinds: Sequence[str] = ()
    sources: Sequence[int] = ()
    codes: Sequence[str] = ()
    decisions: Sequence[uuid.UUID] = ()
    at: tuple[int, int] | None = None


STATES = ("open", "resolved")


def filter_threads(scope: Scope, filters: ThreadFilter) -> QuerySet[Thread]:
    """Return the visible threads that match, with what a list shows of them."""
    lists = {
        "kind__in": filters.kinds,
        "source_id__in": filters.sources,
        "code__slug__in": filters.codes,
        "decision_id__in": filters.decisions,
    }
    found = select_threads(scope).filter(**{name: asked for name, asked in lists.items() if asked})
    if filters.state:
        found = found.filter(resolved_at__isnull=filters.state == "open")
    if filters.unread is not None:
        found = found.filter(Q(is_unread=filters.unread))
    if filters.asks_again:
        found = found.filter(asks_again=True)
    if filters.at is not None:
        found = found.filter(start__lt=filters.at[1], end__gt=filters.at[0])
    return _filter_own_threads(scope, found, mine=filters.mine, mentions=filters.mentions)


def _filter_own_threads(
    scope: Scope, found: QuerySet[Thread], *, mine: bool, mentions: bool
) -> QuerySet[Thread]:
    comments = Comment.objects.filter(thread_id=OuterRef("pk")).order_by()
    if mine:
        written = Exists(comments.filter(author_id=scope.user_id))
        found = found.filter(Q(opened_by_id=scope.user_id) | written)
    if mentions:
        found = found.filter(Exists(comments.filter(mentions=scope.user_id)))
    return found


def list_asked_again(scope: Scope) -> QuerySet[Thread]:
    """Return the open threads that ask to look at a decision again, the last one first."""
    return filter_threads(scope, ThreadFilter(state="open", asks_again=True))


def load_calls_again(scope: Scope, source_id: int | None = None) -> dict[uuid.UUID, list[Thread]]:
    """Return the open threads that ask to look again, by the decision as it was made before them.

    Of one source, or of all.
    """
    found = list_asked_again(scope).filter(created_at__gt=F("decision__at"))
    if source_id is not None:
        found = found.filter(source_id=source_id)
    calls: dict[uuid.UUID, list[Thread]] = {}
    for thread in found:
        if thread.decision is not None:
            calls.setdefault(thread.decision.pk, []).append(thread)
    return calls


def require_thread(scope: Scope, thread_id: uuid.UUID) -> Thread:
    """Return one visible thread with what a list shows of it; raise NotFound."""
    thread = select_threads(scope).filter(pk=thread_id).first()
    if thread is None:
        raise NotFound("There is no such thread, or you may not see it.")
    return thread


def list_comments(scope: Scope, thread_id: uuid.UUID) -> QuerySet[Comment]:
    """Return the comments of a visible thread, the first one first; none if it is not visible."""
    visible = _select_visible_threads([scope]).filter(pk=thread_id)
    found = Comment.objects.filter(thread_id__in=visible.values("pk"))
    return found.select_related("author").prefetch_related("mentions").order_by("created_at", "id")


def load_first_comments(scope: Scope, threads: Iterable[Thread]) -> dict[uuid.UUID, Comment]:
    """Return the first comment of each of these visible threads, by the thread's key."""
    ids = [thread.pk for thread in threads]
    earlier = Comment.objects.filter(
        thread_id=OuterRef("thread_id"), created_at__lt=OuterRef("created_at")
    )
    found = Comment.objects.filter(~Exists(earlier), thread_id__in=ids)
    found = found.filter(thread__project_id=scope.project_id).select_related("author")
    return {comment.thread_id: comment for comment in found.order_by("-id")}


def require_comment(scope: Scope, thread_id: uuid.UUID, comment_id: uuid.UUID) -> Comment:
    comment = list_comments(scope, thread_id).filter(pk=comment_id).first()
    if comment is None:
        raise NotFound("There is no such comment, or you may not see it.")
    return comment


def may_discuss_source(scope: Scope, source_id: int) -> bool:
    """Return whether the member may open a thread on a source: coders once they have finished."""
    if scope.can(Permission.SEE_ALL_CODING) or not scope.can(Permission.ANNOTATE):
        return scope.can(Permission.SEE_ALL_CODING)
    mine = Assignment.objects.filter(source_id=source_id, annotator_id=scope.user_id)
    return mine.filter(state=AssignmentState.DONE, practice=False).exists()


def require_discussed_decision(scope: Scope, decision_id: uuid.UUID) -> Decision:
    """Return a decision of the project, whoever may see it: check that after opening the thread.

    One of two decisions made apart cannot be discussed: it would tell the other adjudicator.
    """
    made = Decision.objects.filter(project_id=scope.project_id, apart=False)
    decision = made.filter(pk=decision_id).first()
    if decision is None:
        raise NotFound("There is no such decision, or you may not see it.")
    return decision


def count_open_threads_by_code(scope: Scope) -> dict[int, int]:
    """Return how many visible threads on each code are open, by the code's key."""
    found = visible_threads(scope).filter(kind=ThreadKind.CODE, resolved_at=None).order_by()
    return dict(found.values_list("code_id").annotate(n=Count("*")))


@dataclass(frozen=True)
class ThreadDigest:
    """What somebody has not read in a project: threads, and of these, ones that mention them."""

    unread: int = 0
    mentions: int = 0


def load_thread_digests(scope: Sequence[Scope]) -> dict[int, ThreadDigest]:
    """Return one user's unread threads in several projects, by the project's key."""
    if not scope:
        return {}
    found = _annotate_reading(scope[0], _select_visible_threads(scope)).filter(Q(is_unread=True))
    counted = (
        found.order_by()
        .values_list("project_id")
        .annotate(unread=Count("pk"), called=Count("pk", filter=Q(is_called=True)))
    )
    return {project: ThreadDigest(unread, called) for project, unread, called in counted}


def find_visible_proposal(scope: Scope, thread: Thread) -> CodeProposal | None:
    """Return the proposal that was made from a thread, if the member may read it."""
    proposal = thread.proposal
    if proposal is None or scope.can(Permission.EDIT_CODEBOOK):
        return proposal
    return proposal if proposal.proposed_by_id == scope.user_id else None
