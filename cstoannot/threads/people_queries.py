"""Under which names members see each other in threads, and whom they may mention."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cstoannot.accounts.models import User
from cstoannot.projects.models import Membership
from cstoannot.projects.queries import is_blind, visible_members
from cstoannot.projects.scope import Scope
from cstoannot.threads.mentions import find_mentions, replace_mentions
from cstoannot.threads.models import Comment, Thread, ThreadRead
from cstoannot.threads.queries import CODERS, SEE_ALL, load_thread_readers


@dataclass(frozen=True)
class ThreadPeople:
    """Under which names a reader sees the people of threads.

    `hidden`: user names, in lower case, and keys of coders whom the reader may not know;
    `numbers`: those that stand for their names, by thread and user.
    """

    blind: bool
    known: frozenset[int]
    hidden: Mapping[str, int]
    numbers: Mapping[tuple[uuid.UUID, int], int]

    def name_of(self, user: User | None, number: int | None) -> str | None:
        """Return the name of somebody with this number; None for a deleted account."""
        if user is None:
            return None
        if not self.blind or user.pk in self.known:
            return user.username
        return self._name_unknown(number)

    def name_in(self, thread_id: uuid.UUID, user: User | None) -> str | None:
        """Return somebody's name in a thread whose numbers were loaded."""
        number = self.numbers.get((thread_id, user.pk)) if user else None
        return self.name_of(user, number)

    def show_text(self, comment: Comment, reader_id: int) -> str:
        """Return a comment's text; in those of others, unknown coders have no names."""
        if not self.hidden or comment.author_id == reader_id:
            return comment.text
        thread = comment.thread_id
        return replace_mentions(
            comment.text,
            self.hidden,
            lambda user: self._name_unknown(self.numbers.get((thread, user))),
        )

    @staticmethod
    def _name_unknown(number: int | None) -> str:
        return f"coder {number}" if number else "a coder"


def load_thread_people(
    scope: Scope, thread_ids: Iterable[uuid.UUID] = (), *, nameless: bool = False
) -> ThreadPeople:
    """Return how the member sees people, with the numbers in these threads.

    In a blind project, coders see no names of other coders. `nameless`: as a coder sees them,
    whoever asks, for pages on which nobody is to know who coded what.
    """
    roles = Membership.objects.filter(project_id=scope.project_id).order_by()
    members = list(roles.values_list("user_id", "user__username", "role"))
    blind = nameless or is_blind(scope)
    known = {user for user, _, role in members if role in SEE_ALL} | {scope.user_id}
    hidden = {
        name.lower(): user
        for user, name, role in members
        if blind and role in CODERS and user not in known
    }
    given = ThreadRead.objects.filter(thread_id__in=list(thread_ids), number__isnull=False)
    numbers = {
        (thread, user): number
        for thread, user, number in given.values_list("thread_id", "user_id", "number")
        if number is not None
    }
    return ThreadPeople(blind, frozenset(known), hidden, numbers)


def load_mentioned(scope: Scope, thread: Thread, text: str) -> list[int]:
    """Return the keys of those whom a text mentions, as far as they may see the thread.

    Only members whom the writer may know of, so that mentions tell nothing of others.
    """
    known = visible_members(scope).values_list("user_id", "user__username")
    names = {name.lower(): user for user, name in known if user != scope.user_id}
    readers = load_thread_readers(scope, thread)
    found = {mention.user_id for mention in find_mentions(text, names)}
    return sorted(found & readers)


def is_coder(scope: Scope, user_id: int) -> bool:
    """Return whether a member is an annotator, whose name others may not know."""
    members = Membership.objects.filter(project_id=scope.project_id, user_id=user_id)
    return members.filter(role__in=CODERS).exists()
