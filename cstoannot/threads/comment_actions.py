"""Write, edit and delete comments, and note who has read them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.core.fields import clean_text
from cstoannot.history.actions import record_event
from cstoannot.history.models import LOOK, Event
from cstoannot.projects.models import LONG_AGO
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import is_blind
from cstoannot.projects.scope import Scope, project_action
from cstoannot.threads.models import Comment, Thread, ThreadRead
from cstoannot.threads.people_queries import is_coder, load_mentioned
from cstoannot.threads.queries import list_comments, require_comment, require_thread
from cstoannot.threads.snapshots import build_comment_snapshot, build_thread_snapshot

LONGEST_COMMENT = 10_000
MOST_MENTIONS = 50


@project_action
def add_comment(scope: Scope, thread_id: uuid.UUID, *, text: str) -> Comment:
    """Write in a visible thread, resolved ones too."""
    scope.require(Permission.ANNOTATE)
    return store_comment(scope, lock_thread(scope, thread_id), text)


@project_action
def edit_comment(
    scope: Scope, thread_id: uuid.UUID, comment_id: uuid.UUID, *, text: str
) -> Comment:
    """Change one's own comment; the history keeps what it said. Raises Forbidden for others'."""
    scope.require(Permission.ANNOTATE)
    thread, comment = _lock_own_comment(scope, thread_id, comment_id)
    text = _clean_comment(text)
    if text == comment.text:
        return comment
    before = build_comment_snapshot(comment)
    comment.text, comment.edited_at = text, timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    _set_mentions(scope, thread, comment)
    _record_comment_event(
        scope, thread, comment, "change", before=before, after=build_comment_snapshot(comment)
    )
    return require_comment(scope, thread_id, comment_id)


@project_action
def delete_comment(scope: Scope, thread_id: uuid.UUID, comment_id: uuid.UUID) -> bool:
    """Delete one's own comment, and a thread without any other; return whether that is gone.

    The history keeps what it said. Raises Forbidden for comments of others.
    """
    scope.require(Permission.ANNOTATE)
    thread, comment = _lock_own_comment(scope, thread_id, comment_id)
    before = build_comment_snapshot(comment)
    _record_comment_event(scope, thread, comment, "delete", before=before)
    comment.delete()
    if list_comments(scope, thread_id).exists():
        return False
    record_thread_event(scope, thread, "delete", before=build_thread_snapshot(thread))
    thread.delete()
    return True


def lock_thread(scope: Scope, thread_id: uuid.UUID) -> Thread:
    """Lock and return a visible thread, so that its comments are written one after the other."""
    mine = Thread.objects.filter(project_id=scope.project_id, pk=thread_id)
    mine.select_for_update(of=("self",)).order_by().first()
    return require_thread(scope, thread_id)


def _lock_own_comment(
    scope: Scope, thread_id: uuid.UUID, comment_id: uuid.UUID
) -> tuple[Thread, Comment]:
    thread = lock_thread(scope, thread_id)
    comment = require_comment(scope, thread_id, comment_id)
    if comment.author_id != scope.user_id:
        raise Forbidden("This comment belongs to somebody else.")
    return thread, comment


def _clean_comment(text: str) -> str:
    return clean_text(text, field="text", longest=LONGEST_COMMENT, required=True)


def store_comment(scope: Scope, thread: Thread, text: str) -> Comment:
    """Store a comment of the member; call it inside the transaction that locked the thread."""
    comment = Comment(
        thread=thread, author=scope.user, text=_clean_comment(text), created_at=timezone.now()
    )
    comment.save(force_insert=True)
    note_reading(scope, thread, comment.created_at)
    _set_mentions(scope, thread, comment)
    _record_comment_event(scope, thread, comment, "create", after=build_comment_snapshot(comment))
    return require_comment(scope, thread.pk, comment.pk)


def _set_mentions(scope: Scope, thread: Thread, comment: Comment) -> None:
    """Store whom a comment mentions; its coders get numbers, the writer's first."""
    mentioned = load_mentioned(scope, thread, comment.text)
    if len(mentioned) > MOST_MENTIONS:
        raise Invalid(f"A comment can mention up to {MOST_MENTIONS} members.", field="text")
    comment.mentions.set(mentioned)
    _number_coders(scope, thread, [scope.user_id, *mentioned])


def note_reading(scope: Scope, thread: Thread, until: datetime) -> None:
    """Store until when the member has read a thread; call it inside a transaction."""
    read, _ = ThreadRead.objects.get_or_create(
        thread=thread, user_id=scope.user_id, defaults={"read_at": until}
    )
    if read.read_at < until:
        ThreadRead.objects.filter(pk=read.pk).update(read_at=until)
    _record_look(scope, thread)


def _record_look(scope: Scope, thread: Thread) -> None:
    """Record in the history that a blind coder has read what others wrote about a source.

    What they save on it afterwards is no longer blind, as after seeing the coding of others. Each
    look is recorded once.
    """
    if thread.source_id is None or not is_blind(scope):
        return
    others = list_comments(scope, thread.pk).exclude(author_id=scope.user_id)
    looks = Event.objects.filter(
        project_id=scope.project_id, kind=LOOK, source_id=thread.source_id, about_id=scope.user_id
    )
    if others.exists() and not looks.exists():
        record_event(
            scope,
            action="read",
            kind=LOOK,
            object_id=thread.pk,
            about_id=scope.user_id,
            source_id=thread.source_id,
        )


def _number_coders(scope: Scope, thread: Thread, user_ids: Sequence[int]) -> None:
    """Give each of these coders a number in the thread, which stands for their name."""
    known = ThreadRead.objects.filter(thread=thread)
    last = known.aggregate(last=Max("number"))["last"] or 0
    for user_id in user_ids:
        read, _ = known.get_or_create(
            thread=thread, user_id=user_id, defaults={"read_at": LONG_AGO}
        )
        if read.number is None and is_coder(scope, user_id):
            last += 1
            ThreadRead.objects.filter(pk=read.pk).update(number=last)


def record_thread_event(scope: Scope, thread: Thread, action: str, **states: Any) -> None:
    """Store an event of a thread; call it inside the transaction that makes the change."""
    record_event(
        scope,
        action=action,
        kind="thread",
        object_id=thread.pk,
        source_id=thread.source_id,
        **states,
    )


def _record_comment_event(
    scope: Scope, thread: Thread, comment: Comment, action: str, **states: Any
) -> None:
    record_event(
        scope,
        action=action,
        kind="comment",
        object_id=comment.pk,
        source_id=thread.source_id,
        **states,
    )
