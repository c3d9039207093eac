"""Whoever loses their right acts no more: every action, against the end of its actor's membership.

The actions are those of `tests/history/test_actions.py`, where every public one has to be listed.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cstoannot.core.errors import DomainError, Forbidden, NotFound
from cstoannot.history.models import Event
from cstoannot.projects.actions import change_role, remove_member
from cstoannot.projects.models import Invitation, Membership, Role
from cstoannot.projects.scope import Scope
from tests.annotations.test_concurrency import at_once
from tests.api.hostile import contents
from tests.builders import World, build_world, join, make_user
from tests.history import test_actions as listed

Act = Callable[[], Any]


def _takes_scope(name: str) -> bool:
    function = getattr(listed, name.split(maxsplit=1)[0])
    return next(iter(inspect.signature(function).parameters)) == "scope"


# What is done by whoever is no member: they make a project, or come into one by a link. A project
# that is deleted has nobody who could remove anybody.
FOREIGN = {"create_project", "accept_invitation", "undelete_project"}
# Written into a history at hand, or read from it.
PARTS = {"build_event", "record_event", "record_events", "has_event"}
# Each is several transactions, so that others save: some may have come before the removal.
IN_SEVERAL = {
    "merge_code",
    "merge_speakers",
    "undo_speaker_merge",
    "adopt_agreed_places",
    "tie_outsider",
    "untie_outsider",
}
NAMES = [
    name for name in listed.ACTIONS if name.split()[0] not in FOREIGN | PARTS and _takes_scope(name)
]


class _Reached(Exception):
    """The action was called as far as the test wanted it."""


def _reach(
    monkeypatch: pytest.MonkeyPatch, world: World, name: str, meet: Callable[[Scope, Act], None]
) -> None:
    """Do what the list does; the action itself is handed to `meet`, with its actor's scope."""
    called = name.split(maxsplit=1)[0]
    function = getattr(listed, called)

    def run(scope: Scope, *args: Any, **options: Any) -> None:
        monkeypatch.setattr(listed, called, function)
        meet(scope, partial(function, scope, *args, **options))
        raise _Reached

    monkeypatch.setattr(listed, called, run)
    with pytest.raises(_Reached):
        listed.ACTIONS[name][0](world)


def _second_owner(world: World) -> Scope:
    return join(world.lead, make_user("zoe"), Role.OWNER)


ENDS: dict[str, Callable[[Scope, str], Any]] = {
    "removed": lambda owner, username: remove_member(owner, username=username),
    "demoted": lambda owner, username: change_role(owner, username=username, role=Role.VIEWER),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", NAMES)
def test_action_begun_before_the_end_of_the_right_does_nothing_after_it(
    world, monkeypatch, name, end
):
    zoe = _second_owner(world)

    def meet(scope: Scope, act: Act) -> None:
        ENDS[end](zoe, scope.user.username)
        before = contents()
        with pytest.raises((NotFound, Forbidden)):
            act()
        assert contents() == before

    _reach(monkeypatch, world, name, meet)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", NAMES)
def test_action_at_the_moment_of_a_removal_comes_before_it_or_not_at_all(
    transactional_db, monkeypatch, name
):
    world = build_world()
    zoe = _second_owner(world)

    def meet(scope: Scope, act: Act) -> None:
        mine = Event.objects.filter(project_id=scope.project_id, actor=scope.user)
        done = set(mine.values_list("pk", flat=True))
        acted, removed = at_once(act, lambda: remove_member(zoe, username=scope.user.username))
        told = mine.exclude(pk__in=done).order_by("at")
        if isinstance(acted, DomainError):
            assert isinstance(acted, NotFound | Forbidden)
            assert name.split()[0] in IN_SEVERAL or not told.exists()
        if not isinstance(removed, DomainError):
            gone = Event.objects.get(actor=zoe.user, kind="member", action="delete")
            assert [event for event in told if event.at > gone.at] == []
            theirs = Membership.objects.filter(project_id=scope.project_id, user=scope.user)
            assert not theirs.exists()
        left_open = Invitation.objects.filter(made_by=scope.user, withdrawn_at=None)
        assert removed is not None or not left_open.filter(accepted_at=None).exists()

    _reach(monkeypatch, world, name, meet)


def test_every_action_takes_part():
    """Those that take a scope, whoever adds them; the list itself is held to be complete."""
    assert len(NAMES) > 40
    missing = {name.split()[0] for name in listed.ACTIONS} - {name.split()[0] for name in NAMES}
    assert missing <= FOREIGN | PARTS
