"""What was loaded and found for a reader, kept in this process until the history moves on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from cstoannot.comparison.coding import Compared
from cstoannot.comparison.queries import load
from cstoannot.history.queries import State, state_of
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

PROJECTS = 4  # kept at once; a million annotations take about 60 MB beside those of agreement
MOST_CELLS = 5_000_000  # of answers kept for each: 26 bytes a cell


@dataclass(eq=False)
class Kept:
    """One reader's view of one project at one point of its history, and answers about it."""

    state: State
    open_sources: bool
    compared: Compared
    lock: Lock = field(default_factory=Lock)
    answers: OrderedDict[Hashable, tuple[int, Any]] = field(default_factory=OrderedDict)

    def known(self, question: Hashable) -> Any:
        """The answer if it is kept, else None; hold the `lock`."""
        if question not in self.answers:
            return None
        self.answers.move_to_end(question)
        return self.answers[question][1]

    def answer(self, question: Hashable, find: Callable[[], Any], *, cells: int) -> Any:
        """What `find` gives, kept under the question; `cells` is how large it is.

        The oldest answers go where all have more than MOST_CELLS; hold the `lock`.
        """
        known = self.known(question)
        if known is not None:
            return known
        found = find()
        self.answers[question] = (cells, found)
        while len(self.answers) > 1 and sum(size for size, _ in self.answers.values()) > MOST_CELLS:
            self.answers.popitem(last=False)
        return found


_kept: OrderedDict[tuple[int, int], Kept] = OrderedDict()
_lock = Lock()


def compared_of(scope: Scope) -> Kept:
    """The reader's view of the project as it stands; hold its `lock` while asking it."""
    key = (scope.project_id, _reader(scope))
    state = state_of(scope)
    with _lock:
        kept = _kept.get(key)
    opened = scope.project.open_sources
    if kept is None or kept.state != state or kept.open_sources != opened:
        kept = Kept(state, opened, load(scope))
    with _lock:
        _kept[key] = kept
        _kept.move_to_end(key)
        while len(_kept) > PROJECTS:
            _kept.popitem(last=False)
    return kept


def _reader(scope: Scope) -> int:
    """Who shares a view: all who see all coding, all who see the consensus alone."""
    if scope.can(Permission.SEE_ALL_CODING):
        return 0
    return scope.user_id if scope.can(Permission.ANNOTATE) else -1


def forget() -> None:
    """Keep nothing: for tests, whose projects share identifiers."""
    with _lock:
        _kept.clear()
