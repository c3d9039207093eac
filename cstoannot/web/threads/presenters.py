"""Threads and comments as pages show them, and the panel of threads on a place."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from cstoannot.core.plurals import count_of
from cstoannot.projects.scope import Scope
from cstoannot.threads.models import Comment, Thread, ThreadKind
from cstoannot.threads.people_queries import ThreadPeople, load_thread_people
from cstoannot.threads.queries import (
    ThreadFilter,
    filter_threads,
    list_comments,
    load_first_comments,
    may_discuss_source,
)
from cstoannot.web.project.history_views import shorten_quote
from cstoannot.web.threads.params import format_about

LONGEST_EXCERPT = 200
MOST_IN_PANEL = 5
FORMER = "a former member"


@dataclass(frozen=True)
class CommentCard:
    """A comment as the reader sees it."""

    id: uuid.UUID
    author: str
    text: str
    at: datetime
    edited_at: datetime | None
    own: bool
    new: bool


@dataclass(frozen=True)
class ThreadCard:
    """A thread as the reader sees it in a list; `comments` are there on its page only."""

    thread: Any
    opened_by: str
    resolved_by: str
    title: str
    heading: str
    excerpt: str
    comments: Sequence[CommentCard] = ()

    @property
    def unread(self) -> int:
        return int(self.thread.unread_count)

    @property
    def has_place(self) -> bool:
        return self.thread.start is not None and self.thread.source.deleted_at is None


def build_thread_cards(
    scope: Scope, threads: Iterable[Thread], *, nameless: bool = False
) -> list[ThreadCard]:
    """Build the cards of a list, each with the beginning of its first comment."""
    shown = list(threads)
    people = load_thread_people(scope, [thread.pk for thread in shown], nameless=nameless)
    first = load_first_comments(scope, shown)
    return [
        _build_card(people, thread, _shorten(people, scope, first.get(thread.pk)))
        for thread in shown
    ]


def build_thread_card(scope: Scope, thread: Any) -> ThreadCard:
    """Build the card of a thread's own page, with all its comments."""
    people = load_thread_people(scope, [thread.pk])
    comments = [
        build_comment_card(scope, people, thread, comment)
        for comment in list_comments(scope, thread.pk)
    ]
    return _build_card(people, thread, "", comments)


def build_comment_card(
    scope: Scope, people: ThreadPeople, thread: Any, comment: Comment
) -> CommentCard:
    own = comment.author_id == scope.user_id
    return CommentCard(
        id=comment.pk,
        author=people.name_in(thread.pk, comment.author) or FORMER,
        text=people.show_text(comment, scope.user_id),
        at=comment.created_at,
        edited_at=comment.edited_at,
        own=own,
        new=not own and comment.created_at > thread.read_until,
    )


def _build_card(
    people: ThreadPeople, thread: Any, excerpt: str, comments: Sequence[CommentCard] = ()
) -> ThreadCard:
    return ThreadCard(
        thread=thread,
        opened_by=people.name_of(thread.opened_by, thread.opener_number) or FORMER,
        resolved_by=people.name_of(thread.resolved_by, thread.resolver_number) or FORMER,
        title=describe_thread(thread),
        heading=_build_heading(thread),
        excerpt=excerpt,
        comments=comments,
    )


def _shorten(people: ThreadPeople, scope: Scope, comment: Comment | None) -> str:
    if comment is None:
        return ""
    line = " ".join(people.show_text(comment, scope.user_id).split())
    return line if len(line) <= LONGEST_EXCERPT else f"{line[:LONGEST_EXCERPT].rstrip()} …"


def describe_thread(thread: Thread) -> str:
    """Return what a thread is about, in words."""
    if thread.kind == ThreadKind.CODE:
        return f"Code: {thread.code.name if thread.code else ''}"
    title = thread.source.title if thread.source else ""
    if thread.kind == ThreadKind.SOURCE:
        return title
    quote = shorten_quote(thread.quote)
    return f"Decision on “{quote}”" if thread.kind == ThreadKind.DECISION else f"“{quote}”"


def _build_heading(thread: Thread) -> str:
    """Return the heading of a thread's own page, where its quote stands below."""
    if thread.kind in (ThreadKind.CODE, ThreadKind.SOURCE):
        return describe_thread(thread)
    title = thread.source.title if thread.source else ""
    return f"{'Place' if thread.kind == ThreadKind.PLACE else 'Decision'} in {title}"


@dataclass(frozen=True)
class Discussion:
    """The panel of open threads on a place, `threads/on.html`.

    `about`: what a new thread would be about; empty if the reader may not begin one.
    """

    cards: Sequence[ThreadCard]
    more: int
    about: str

    @property
    def count(self) -> int:
        return len(self.cards) + self.more


def build_discussion(
    scope: Scope, source: int, start: int, end: int, *, nameless: bool = False
) -> Discussion | None:
    """Build the panel for a place of a source; None for readers who may see no threads there.

    `nameless`: coders have no names, as where nobody is to know who coded what.
    """
    if not may_discuss_source(scope, source):
        return None
    at = ThreadFilter(state="open", sources=(source,), at=(start, end))
    found = filter_threads(scope, at)
    shown = list(found[: MOST_IN_PANEL + 1])
    more = found.count() - MOST_IN_PANEL if len(shown) > MOST_IN_PANEL else 0
    return Discussion(
        cards=build_thread_cards(scope, shown[:MOST_IN_PANEL], nameless=nameless),
        more=more,
        about=format_about(source=source, start=start, end=end),
    )


@dataclass(frozen=True)
class SourceThreads:
    """The link from a source to its threads, and the address at which to begin one on a place."""

    open_threads: int
    url: str
    about_url: str

    @property
    def words(self) -> str:
        return count_of(self.open_threads, "open thread") if self.open_threads else "Discuss"


def build_source_threads(scope: Scope, source: int) -> SourceThreads | None:
    """Build the link; None for readers who may see no threads on the source."""
    if not may_discuss_source(scope, source):
        return None
    found = filter_threads(scope, ThreadFilter(state="open", sources=(source,))).count()
    new = reverse("thread_new", args=[scope.project.slug])
    listed = reverse("threads", args=[scope.project.slug])
    return SourceThreads(
        open_threads=found,
        url=f"{listed}?source={source}" if found else f"{new}?about={format_about(source=source)}",
        about_url=f"{new}?about=place:{source}:",
    )
