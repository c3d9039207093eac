"""Every action writes exactly what it did: who, what, before and after, for whom."""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from knox.crypto import hash_token

from cstoannot.annotations.actions import (
    Draft,
    add_listed_speaker,
    change_speaker,
    delete_annotation,
    save_annotation,
)
from cstoannot.annotations.bulk_actions import save_annotations
from cstoannot.annotations.models import CodeProposal, Speaker
from cstoannot.annotations.proposal_actions import (
    accept_proposal,
    decline_proposal,
    propose_code,
    withdraw_proposal,
)
from cstoannot.assignments.actions import (
    assign_all_sources,
    assign_source,
    change_assignments,
    change_project_settings,
    set_assignment_state,
    unassign_source,
)
from cstoannot.assignments.board_actions import (
    give_matching_sources,
    reopen_assignments,
    set_deadlines,
    take_assignments,
)
from cstoannot.assignments.board_queries import BoardFilter
from cstoannot.assignments.models import Plan
from cstoannot.assignments.plan_actions import apply_plan, extend_plan, hand_on_sources
from cstoannot.assignments.plan_queries import PlanDraft
from cstoannot.assignments.round_actions import (
    change_round,
    create_round,
    delete_round,
)
from cstoannot.codebook.actions import (
    change_code,
    create_code,
    delete_code,
)
from cstoannot.codebook.bulk_actions import add_codebook, create_codes
from cstoannot.codebook.bulk_plan import CodeDraft
from cstoannot.codebook.order_actions import move_code, place_code
from cstoannot.core.fields import expect_version
from cstoannot.decisions.actions import (
    adopt_agreed_places,
    decide_place,
    hand_on_source,
    open_decisions,
    withdraw_decision,
)
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.elsewhere_actions import ConsensusDraft, save_consensus
from cstoannot.decisions.merge_actions import merge_code, merge_speakers, undo_speaker_merge
from cstoannot.decisions.places import DecidablePlace
from cstoannot.decisions.practice_actions import clear_practice, give_practice, withdraw_practice
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.decisions.rule_actions import decide_by_majority
from cstoannot.history.actions import build_event, record_event, record_events
from cstoannot.history.models import Event
from cstoannot.history.queries import has_event
from cstoannot.projects.actions import (
    add_member,
    change_project,
    change_role,
    create_project,
    delete_project,
    remove_member,
    undelete_project,
)
from cstoannot.projects.invitation_actions import (
    accept_invitation,
    create_invitation,
    withdraw_invitation,
    withdraw_user_invitations,
)
from cstoannot.projects.results_actions import create_results_link, revoke_results_link
from cstoannot.sources.actions import (
    add_sources,
    change_source,
    create_source,
    delete_source,
    restore_source,
)
from cstoannot.threads.actions import (
    ThreadDraft,
    mark_thread_read,
    open_thread,
    propose_code_from_thread,
    resolve_thread,
)
from cstoannot.threads.comment_actions import add_comment, delete_comment, edit_comment
from cstoannot.threads.models import Thread
from tests.architecture.code import modules
from tests.builders import World, annotate, finish, invite, recorded

NEW = uuid.UUID("01980000-0000-7000-8000-000000000001")


def _draft(world: World, **changed: Any) -> Draft:
    return Draft(**{"source": world.shared.pk, "code": "plea", "start": 0, "end": 3, **changed})


def _change_own(world: World) -> None:
    row = world.said["bob failure"]
    draft = _draft(world, start=row["start"], end=row["end"], code="failure", note="Sure")
    save_annotation(world.scope(world.bob), row["id"], draft, expected=expect_version(1))


def _witness() -> Speaker:
    return Speaker.objects.get(name="A silent witness")


def _plea(world: World, **changes: Any) -> None:
    change_code(world.lead, "plea", **changes)


def _propose(world: World) -> CodeProposal:
    bob = world.scope(world.bob)
    return propose_code(bob, name="Debt", claim="Due.", source=world.shared.pk, start=0, end=3)[0]


def _delete_and_restore(world: World) -> None:
    delete_project(world.lead)
    undelete_project(world.lead)


def _merge_speakers_and_undo(world: World) -> None:
    key = Speaker.objects.get(name="The minister").key
    merge_speakers(world.lead, key, into=_witness().key)
    undo_speaker_merge(world.lead, key)


def _finished_place(world: World) -> DecidablePlace:
    finish(world.scope(world.bob), world.shared)
    return list_decidable_places(world.lead, world.shared.pk)[0]


def _decide(world: World) -> DecidablePlace:
    place = _finished_place(world)
    return decide_place(world.scope(world.ada), place.id, DecisionDraft("majority"))


def _withdraw(world: World) -> None:
    place = _decide(world)
    withdraw_decision(world.scope(world.ada), place.id)


def _save_consensus(world: World) -> None:
    said = ConsensusDraft(NEW, _draft(world), "We met.")
    save_consensus(world.scope(world.ada), [said])


def _adopt_nothing(world: World) -> None:
    _finished_place(world)
    adopt_agreed_places(world.scope(world.ada))


def _decide_by_majority(world: World) -> None:
    """Two places, which Bob alone has read."""
    _finished_place(world)
    decide_by_majority(world.scope(world.ada), world.shared.pk, rule="The majority counts.")


def _practise(world: World) -> uuid.UUID:
    """Beth's source, decided elsewhere, coded by Bob for practice."""
    said = ConsensusDraft(NEW, _draft(world, source=world.beths.pk), "We met.")
    save_consensus(world.scope(world.ada), [said])
    (given, _), *_ = give_practice(world.lead, source_ids=[world.beths.pk], annotators=["bob"])
    annotate(world.scope(world.bob), world.beths, world.beths.text[:3], "plea")
    return given.pk


_PRACTISED = [
    ("ada", "create", "decision", None, True),
    ("alice", "create", "assignment", "bob", True),
    ("bob", "create", "annotation", "bob", True),
    ("bob", "change", "assignment", "bob", True),
]
_CLEARED = [
    ("alice", "delete", "annotation", "bob", True),
    ("alice", "change", "assignment", "bob", True),
]


def _discuss(world: World) -> Thread:
    return open_thread(world.lead, ThreadDraft("source", "Who says so?", source=world.shared.pk))


def _reword(world: World, text: str) -> None:
    thread = _discuss(world)
    edit_comment(world.lead, thread.pk, thread.comments.get().pk, text=text)


def _delete_only_comment(world: World) -> None:
    thread = _discuss(world)
    delete_comment(world.lead, thread.pk, thread.comments.get().pk)


def _resolve_and_reopen(world: World) -> None:
    thread = _discuss(world)
    for resolved in (True, True, False):
        resolve_thread(world.lead, thread.pk, resolved=resolved)


_DISCUSSED = [
    ("alice", "open", "thread", None, True),
    ("alice", "create", "comment", None, True),
]
_FINISHED = ("bob", "change", "assignment", "bob", True)


# What is done, and the events it leaves: actor, action, kind, about, with a source or not.
def _plan(world: World) -> Plan:
    """For Bob and what he has already: it gives nothing."""
    draft = PlanDraft(("bob",), each=1, sources=(world.bobs.pk,))
    return apply_plan(world.lead, draft)[0]


def _open_results(world):
    """The owner's scope once results are open by link."""
    change_project(world.lead, results="link")
    return world.scope(world.alice)


ACTIONS: dict[str, tuple[Callable[[World], Any], list[tuple[Any, ...]]]] = {
    "decide_place": (_decide, [_FINISHED, ("ada", "create", "decision", None, True)]),
    "withdraw_decision": (
        _withdraw,
        [
            _FINISHED,
            ("ada", "create", "decision", None, True),
            ("ada", "delete", "decision", None, True),
        ],
    ),
    "decide_by_majority": (
        _decide_by_majority,
        [_FINISHED, *[("ada", "create", "decision", None, True)] * 2],
    ),
    "give_practice": (_practise, _PRACTISED),
    "clear_practice": (
        lambda w: clear_practice(w.lead, _practise(w)),
        [*_PRACTISED, *_CLEARED],
    ),
    "withdraw_practice": (
        lambda w: withdraw_practice(w.lead, _practise(w)),
        [*_PRACTISED, *_CLEARED, ("alice", "delete", "assignment", "bob", True)],
    ),
    "open_thread": (_discuss, _DISCUSSED),
    "resolve_thread": (
        _resolve_and_reopen,
        [
            *_DISCUSSED,
            ("alice", "resolve", "thread", None, True),
            ("alice", "reopen", "thread", None, True),
        ],
    ),
    "mark_thread_read": (lambda w: mark_thread_read(w.lead, _discuss(w).pk), _DISCUSSED),
    "propose_code_from_thread": (
        lambda w: propose_code_from_thread(w.lead, _discuss(w).pk, name="Debt"),
        [
            *_DISCUSSED,
            ("alice", "propose", "proposal", None, True),
            ("alice", "propose", "thread", None, True),
        ],
    ),
    "add_comment": (
        lambda w: add_comment(w.lead, _discuss(w).pk, text="The minister."),
        [*_DISCUSSED, ("alice", "create", "comment", None, True)],
    ),
    "edit_comment": (
        lambda w: _reword(w, "Who said so?"),
        [*_DISCUSSED, ("alice", "change", "comment", None, True)],
    ),
    "edit_comment to the same": (lambda w: _reword(w, "Who says so?"), _DISCUSSED),
    "delete_comment": (
        _delete_only_comment,
        [
            *_DISCUSSED,
            ("alice", "delete", "comment", None, True),
            ("alice", "delete", "thread", None, True),
        ],
    ),
    # One reader alone agrees with nobody.
    "adopt_agreed_places": (_adopt_nothing, [_FINISHED]),
    "save_consensus": (
        _save_consensus,
        [("ada", "create", "decision", None, True)],
    ),
    "open_decisions": (
        lambda w: open_decisions(w.lead),
        [("alice", "open", "decision", None, False)],
    ),
    "open_decisions of a source": (
        lambda w: open_decisions(w.lead, [w.shared.pk]),
        [("alice", "open", "decision", None, True)],
    ),
    "hand_on_source": (
        lambda w: hand_on_source(w.scope(w.ada), w.shared.pk, "alice"),
        [("ada", "hand_on", "decision", None, True)],
    ),
    "create_project": (
        lambda w: create_project(w.dan, name="Third"),
        [("dan", "create", "project", None, False)],
    ),
    "change_project": (
        lambda w: change_project(w.lead, name="Unions", visibility="all"),
        [("alice", "change", "project", None, False)],
    ),
    "change_project to the same": (lambda w: change_project(w.lead, name="Alliances"), []),
    "change_project_settings": (
        lambda w: change_project_settings(w.lead, name="Unions", visibility="all"),
        [("alice", "change", "project", None, False)],
    ),
    "delete_project": (
        lambda w: delete_project(w.lead),
        [("alice", "delete", "project", None, False)],
    ),
    "undelete_project": (
        _delete_and_restore,
        [
            ("alice", "delete", "project", None, False),
            ("alice", "undelete", "project", None, False),
        ],
    ),
    "add_member": (
        lambda w: add_member(w.lead, username="dan", role="viewer"),
        [("alice", "create", "member", "dan", False)],
    ),
    "change_role": (
        lambda w: change_role(w.lead, username="bob", role="viewer"),
        [("alice", "change", "member", "bob", False)],
    ),
    "change_role to the same": (
        lambda w: change_role(w.lead, username="bob", role="annotator"),
        [],
    ),
    "remove_member": (
        lambda w: remove_member(w.lead, username="bob"),
        [("alice", "delete", "member", "bob", False)],
    ),
    "change_role of an owner who has invited": (
        lambda w: (
            change_role(w.lead, username="ada", role="owner"),
            invite(w.scope(w.ada)),
            change_role(w.lead, username="ada", role="viewer"),
        ),
        [
            ("alice", "change", "member", None, False),
            ("ada", "create", "invitation", None, False),
            ("alice", "delete", "invitation", None, False),
            ("alice", "change", "member", None, False),
        ],
    ),
    "remove_member who has invited": (
        lambda w: (
            change_role(w.lead, username="bob", role="owner"),
            invite(w.scope(w.bob)),
            remove_member(w.lead, username="bob"),
        ),
        [
            ("alice", "change", "member", "bob", False),
            ("bob", "create", "invitation", None, False),
            ("alice", "delete", "invitation", None, False),
            ("alice", "delete", "member", "bob", False),
        ],
    ),
    "create_invitation": (
        lambda w: create_invitation(w.lead, role="viewer", note="Erin", days=3),
        [("alice", "create", "invitation", None, False)],
    ),
    "create_results_link": (
        lambda w: create_results_link(_open_results(w), note="Erin", days=3),
        [
            ("alice", "change", "project", None, False),
            ("alice", "create", "results_link", None, False),
        ],
    ),
    "revoke_results_link": (
        lambda w: revoke_results_link(w.lead, create_results_link(_open_results(w))[0].pk),
        [
            ("alice", "change", "project", None, False),
            ("alice", "create", "results_link", None, False),
            ("alice", "delete", "results_link", None, False),
        ],
    ),
    "withdraw_invitation": (
        lambda w: withdraw_invitation(w.lead, invite(w.lead)[0].pk),
        [
            ("alice", "create", "invitation", None, False),
            ("alice", "delete", "invitation", None, False),
        ],
    ),
    "withdraw_invitation twice": (
        lambda w: [withdraw_invitation(w.lead, one.pk) for one in [invite(w.lead)[0]] * 2],
        [
            ("alice", "create", "invitation", None, False),
            ("alice", "delete", "invitation", None, False),
        ],
    ),
    "withdraw_user_invitations": (
        lambda w: (
            invite(w.lead),
            withdraw_user_invitations(w.lead, user_id=w.ada.pk),
            withdraw_user_invitations(w.lead, user_id=w.alice.pk),
        ),
        [
            ("alice", "create", "invitation", None, False),
            ("alice", "delete", "invitation", None, False),
        ],
    ),
    "accept_invitation": (
        lambda w: accept_invitation(w.dan, secret=invite(w.lead)[1]),
        [
            ("alice", "create", "invitation", None, False),
            ("dan", "accept", "invitation", "dan", False),
            ("dan", "create", "member", "dan", False),
        ],
    ),
    "create_source": (
        lambda w: create_source(w.lead, title="New", text="A text."),
        [("alice", "create", "source", None, True)],
    ),
    "change_source": (
        lambda w: change_source(w.lead, w.shared.pk, title="Newer"),
        [("alice", "change", "source", None, True)],
    ),
    "change_source to the same": (lambda w: change_source(w.lead, w.shared.pk, title="Shared"), []),
    "delete_source": (
        lambda w: delete_source(w.lead, w.shared.pk, confirmed=True),
        [("alice", "delete", "source", None, True)],
    ),
    "restore_source": (
        lambda w: (
            delete_source(w.lead, w.shared.pk, confirmed=True),
            restore_source(w.lead, w.shared.pk),
        ),
        [
            ("alice", "delete", "source", None, True),
            ("alice", "restore", "source", None, True),
        ],
    ),
    "add_sources": (
        lambda w: add_sources(w.lead, files=[("a_b.txt", b"One.")], pasted=[("Two", "Two.")]),
        [("alice", "create", "source", None, True)] * 2,
    ),
    "create_code": (
        lambda w: create_code(w.lead, name="New"),
        [("alice", "create", "code", None, False)],
    ),
    "add_codebook": (
        lambda w: add_codebook(
            w.lead,
            [
                {"slug": "failure", "name": "Known"},
                {"slug": "x", "name": "X", "children": [{"slug": "y", "name": "Y"}]},
            ],
            note="Two more",
        ),
        [("alice", "create", "code", None, False)] * 2,
    ),
    "create_codes": (
        lambda w: create_codes(w.lead, [CodeDraft("X"), CodeDraft("Y", below=0)]),
        [("alice", "create", "code", None, False)] * 2,
    ),
    "change_code": (
        lambda w: _plea(w, name="Request"),
        [("alice", "change", "code", None, False)],
    ),
    "change_code to the same": (lambda w: _plea(w, name="Plea"), []),
    "change_code that retires it": (
        lambda w: _plea(w, retired=True),
        [("alice", "retire", "code", None, False)],
    ),
    "change_code that takes it back": (
        lambda w: (_plea(w, retired=True), _plea(w, retired=False)),
        [("alice", "retire", "code", None, False), ("alice", "restore", "code", None, False)],
    ),
    "move_code": (
        lambda w: (create_code(w.lead, name="Next"), move_code(w.lead, "next", by=-1)),
        [("alice", "create", "code", None, False), ("alice", "move", "code", None, False)],
    ),
    "place_code": (
        lambda w: place_code(w.lead, "plea", parent=None, position=0),
        [("alice", "move", "code", None, False)],
    ),
    "place_code where it is": (
        lambda w: place_code(w.lead, "plea", parent="failure", position=0),
        [],
    ),
    "move_code beyond the last": (lambda w: move_code(w.lead, "failure", by=1), []),
    "delete_code": (
        lambda w: (create_code(w.lead, name="New"), delete_code(w.lead, "new")),
        [("alice", "create", "code", None, False), ("alice", "delete", "code", None, False)],
    ),
    "propose_code": (
        _propose,
        [("bob", "propose", "proposal", "bob", True)],
    ),
    "accept_proposal": (
        lambda w: accept_proposal(w.lead, _propose(w).pk, name="Debts", parent="failure"),
        [
            ("bob", "propose", "proposal", "bob", True),
            ("alice", "create", "code", None, False),
            ("alice", "accept", "proposal", "bob", True),
        ],
    ),
    "decline_proposal": (
        lambda w: decline_proposal(w.lead, _propose(w).pk, reason="It is a plea."),
        [
            ("bob", "propose", "proposal", "bob", True),
            ("alice", "decline", "proposal", "bob", True),
        ],
    ),
    "withdraw_proposal": (
        lambda w: withdraw_proposal(w.scope(w.bob), _propose(w).pk),
        [
            ("bob", "propose", "proposal", "bob", True),
            ("bob", "withdraw", "proposal", "bob", True),
        ],
    ),
    "merge_code": (
        lambda w: merge_code(w.lead, "plea", into="failure", stances="carry"),
        [
            ("alice", "retire", "code", None, False),
            ("alice", "change", "annotation", "bob", True),
            ("alice", "change", "annotation", "beth", True),
            ("alice", "merge", "code", None, False),
        ],
    ),
    "merge_speakers": (
        lambda w: merge_speakers(
            w.lead, Speaker.objects.get(name="The minister").key, into=_witness().key
        ),
        [
            ("alice", "change", "annotation", "beth", True),
            ("alice", "change", "annotation", "bob", True),
            ("alice", "merge", "speaker", None, False),
        ],
    ),
    "undo_speaker_merge": (
        _merge_speakers_and_undo,
        [
            ("alice", "change", "annotation", "beth", True),
            ("alice", "change", "annotation", "bob", True),
            ("alice", "merge", "speaker", None, False),
            ("alice", "change", "annotation", "beth", True),
            ("alice", "change", "annotation", "bob", True),
            ("alice", "unmerge", "speaker", None, False),
        ],
    ),
    "assign_source": (
        lambda w: assign_source(w.lead, source_id=w.beths.pk, annotator="bob"),
        [("alice", "create", "assignment", "bob", True)],
    ),
    "assign_source again": (
        lambda w: assign_source(w.lead, source_id=w.shared.pk, annotator="bob"),
        [],
    ),
    "unassign_source": (
        lambda w: unassign_source(w.lead, w.assignments["bob bobs"].pk),
        [("alice", "delete", "assignment", "bob", True)],
    ),
    "change_assignments": (
        lambda w: change_assignments(
            w.lead,
            give=[(w.beths.pk, "bob"), (w.shared.pk, "bob")],
            take=[(w.bobs.pk, "bob"), (w.bobs.pk, "beth")],
        ),
        [
            ("alice", "create", "assignment", "bob", True),
            ("alice", "delete", "assignment", "bob", True),
        ],
    ),
    "assign_all_sources": (
        lambda w: assign_all_sources(w.lead, annotators=["bob", "beth"]),
        [
            ("alice", "create", "assignment", "beth", True),
            ("alice", "create", "assignment", "bob", True),
        ],
    ),
    "set_assignment_state": (
        lambda w: set_assignment_state(w.scope(w.bob), w.assignments["bob bobs"].pk, "done"),
        [("bob", "change", "assignment", "bob", True)],
    ),
    "set_assignment_state to the same": (
        lambda w: set_assignment_state(w.scope(w.bob), w.assignments["bob bobs"].pk, "todo"),
        [],
    ),
    "apply_plan": (
        lambda w: apply_plan(w.lead, PlanDraft(("bob",), each=1)),
        [("alice", "create", "assignment", "bob", True), ("alice", "create", "plan", None, False)],
    ),
    "extend_plan": (
        lambda w: extend_plan(w.lead, _plan(w).pk, sources=[w.beths.pk]),
        [
            ("alice", "create", "plan", None, False),
            ("alice", "create", "assignment", "bob", True),
            ("alice", "change", "plan", None, False),
        ],
    ),
    "hand_on_sources": (
        lambda w: hand_on_sources(w.lead, "bob"),
        [
            ("alice", "delete", "assignment", "bob", True),
            ("alice", "create", "assignment", "beth", True),
        ],
    ),
    "set_deadlines": (
        lambda w: set_deadlines(w.lead, BoardFilter(annotator="bob"), date(2030, 1, 31)),
        [("alice", "change", "assignment", "bob", True)] * 2,
    ),
    "reopen_assignments": (
        lambda w: (finish(w.scope(w.bob), w.shared), reopen_assignments(w.lead, BoardFilter())),
        [
            ("bob", "change", "assignment", "bob", True),
            ("alice", "change", "assignment", "bob", True),
        ],
    ),
    "take_assignments": (
        lambda w: take_assignments(w.lead, BoardFilter(annotator="bob", state="todo")),
        [("alice", "delete", "assignment", "bob", True)],
    ),
    "give_matching_sources": (
        lambda w: give_matching_sources(w.lead, BoardFilter(state="todo"), ["beth"]),
        [("alice", "create", "assignment", "beth", True)],
    ),
    "create_round": (
        lambda w: create_round(w.lead, name="Pilot"),
        [("alice", "create", "round", None, False)],
    ),
    "change_round": (
        lambda w: change_round(w.lead, create_round(w.lead, name="Pilot").pk, name="Main"),
        [("alice", "create", "round", None, False), ("alice", "change", "round", None, False)],
    ),
    "change_round to the same": (
        lambda w: change_round(w.lead, create_round(w.lead, name="Pilot").pk, name="Pilot"),
        [("alice", "create", "round", None, False)],
    ),
    "change_round by its sources": (
        lambda w: change_round(w.lead, create_round(w.lead, name="Pilot").pk, add=[w.bobs.pk]),
        [("alice", "create", "round", None, False), ("alice", "change", "round", None, False)],
    ),
    "delete_round": (
        lambda w: delete_round(w.lead, create_round(w.lead, name="Pilot").pk),
        [("alice", "create", "round", None, False), ("alice", "delete", "round", None, False)],
    ),
    "save_annotation": (
        lambda w: save_annotation(w.scope(w.bob), NEW, _draft(w, voice="The minister")),
        [("bob", "create", "annotation", "bob", True)],
    ),
    "save_annotation as the source's first": (
        lambda w: save_annotation(w.scope(w.bob), NEW, _draft(w, source=w.bobs.pk)),
        [
            ("bob", "create", "annotation", "bob", True),
            ("bob", "change", "assignment", "bob", True),
        ],
    ),
    "save_annotation again": (
        lambda w: [save_annotation(w.scope(w.bob), NEW, _draft(w)) for _ in range(3)],
        [("bob", "create", "annotation", "bob", True)],
    ),
    "save_annotation with a change": (
        _change_own,
        [("bob", "change", "annotation", "bob", True)],
    ),
    "save_annotations": (
        lambda w: save_annotations(
            w.scope(w.bob),
            [(uuid.uuid4(), _draft(w, source=w.bobs.pk)), (NEW, _draft(w))],
        ),
        [
            ("bob", "create", "annotation", "bob", True),
            ("bob", "create", "annotation", "bob", True),
            ("bob", "change", "assignment", "bob", True),
        ],
    ),
    "delete_annotation": (
        lambda w: delete_annotation(w.scope(w.bob), w.said["bob failure"]["id"]),
        [("bob", "delete", "annotation", "bob", True)],
    ),
    "add_listed_speaker": (
        lambda w: add_listed_speaker(w.lead, name="The queen"),
        [("alice", "create", "speaker", None, False)],
    ),
    "change_speaker": (
        lambda w: change_speaker(w.lead, _witness().key, name="A witness"),
        [("alice", "change", "speaker", None, False)],
    ),
    "change_speaker to the same": (
        lambda w: change_speaker(w.lead, _witness().key, name="A silent witness"),
        [],
    ),
}


# Those that are parts of others, or belong to no project.
WITHOUT_EVENTS = {
    "build_code_snapshot",
    "begin_assignment",
    "begin_assignments",
    "begin_restoration",
    "change_assignment_state",
    "check_project_slug",
    "count_attempt",
    "create_token",
    "build_source_details",
    "discard_restoration",
    "lock_assignments",
    "remove_assignments",
    "store_new_assignments",
    "ensure_user",
    "build_decision_event",
    "build_event",
    "build_snapshots",
    "carry_decisions",
    "delete_consensus",
    "delete_decisions",
    "ensure_speakers",
    "lock_sources_to_decide",
    "store_decisions",
    "store_states",
    # Parts of what is done to threads.
    "lock_thread",
    "store_comment",
    "note_reading",
    "record_thread_event",
    # A count, without anybody who looks.
    "count_results_visit",
    "lock_coding",
    "begin_consensus",
    "write_states",
    "weigh_consensus",
    "refresh_consensus_states",
    "uncount_attempt",
    "renew_restoration",
    "add_archived_people",
    "record_apart",
    "withdraw_apart",
    "rename_similar_outsiders",
    "reserve_next_revision",
    "finish_restoration",
    "record_token_use",
    "purge_deleted_projects",
    "purge_interrupted_restorations",
    "set_code_parent",
    "retire_restored_codes",
    "record_event",
    "record_events",
    "record_looks",
    "revoke_all_tokens",
    "revoke_token",
    "set_password",
    "store_archive_rows",
    "store_archive_codes",
    "store_code_parents",
    "store_revision",
    # Of restored projects: tests/annotations/test_outsiders.py.
    "tie_outsider",
    "untie_outsider",
}


def test_actions_are_all_listed():
    actions = {
        function.name
        for module in modules()
        if module.holds("actions")
        for function in module.public_functions()
    }
    keys = {name.split()[0] for name in ACTIONS}
    assert actions - keys - WITHOUT_EVENTS == set()


@pytest.mark.parametrize("name", ACTIONS)
def test_action_leaves_exactly_its_events(world, name):
    act, expected = ACTIONS[name]
    names = {user.pk: user.username for user in (world.bob, world.beth, world.dan)}
    with recorded() as events:
        act(world)
    assert [
        (e.actor.username, e.action, e.kind, names.get(e.about_id), e.source_id is not None)
        for e in events
    ] == expected


def test_event_holds_before_and_after(world):
    with recorded() as events:
        _change_own(world)
    (changed,) = events
    after = {
        "source": world.shared.pk,
        "code": "failure",
        "start": 0,
        "end": 31,
        "stance": "",
        "voice": "",
        "note": "Sure",
        "layer": "individual",
        "version": 2,
        "revision": 2,
    }
    assert changed.after == after
    assert changed.before == {**after, "stance": "supports", "note": "", "version": 1}
    assert changed.object == str(world.said["bob failure"]["id"])


def test_events_of_an_invitation_hold_neither_its_secret_nor_for_whom_it_is(world):
    with recorded() as events:
        _, secret = invite(world.lead, note="Erin, erin@example.org", days=3)
        accept_invitation(world.dan, secret=secret)
        other, withdrawn = invite(world.lead, role="viewer")
        withdraw_invitation(world.lead, other.pk)
    assert [(e.before, e.after) for e in events] == [
        (None, {"role": "annotator", "days": 3}),
        (None, {"role": "annotator"}),
        (None, {"role": "annotator"}),
        (None, {"role": "viewer", "days": 14}),
        ({"role": "viewer"}, None),
    ]
    stored = repr([(vars(e)) for e in events])
    for hidden in (secret, hash_token(secret), withdrawn, "Erin"):
        assert hidden not in stored


def test_event_of_deletion_holds_all_that_was_said(world):
    row = world.said["bob plea"]
    with recorded() as events:
        delete_annotation(world.scope(world.bob), row["id"])
    (deleted,) = events
    kept = {name: row[name] for name in row if name in deleted.before}
    assert (deleted.after, deleted.before) == (None, kept)
    assert set(row) - set(kept) == {
        "id",
        "quote",
        "annotator",
        "stale",
        "created_at",
        "updated_at",
    }


def test_events_are_ordered_as_they_happened(world):
    with recorded() as events:
        for number in range(30):
            record_event(world.lead, action="note", kind="project", object_id=number)
    assert [e.object for e in events] == [str(number) for number in range(30)]


def test_events_are_stored_together(world):
    entries = [
        build_event(
            world.lead, action="note", kind="project", object_id=number, after={"n": number}
        )
        for number in range(3)
    ]
    record_events(entries)
    stored = Event.objects.filter(action="note").order_by("pk")
    assert [(e.object, e.after) for e in stored] == [(str(n), {"n": n}) for n in range(3)]


def test_event_of_another_project_has_not_happened_here(world):
    record_event(world.elsewhere, action="load", kind="project", object_id="seeds")
    what = {"action": "load", "kind": "project", "object_id": "seeds"}
    assert has_event(world.elsewhere, **what)
    assert not has_event(world.lead, **what)


def test_refused_action_leaves_no_event(world):
    viewer = world.scope(world.vera)
    attempts = [
        lambda: create_source(viewer, title="New", text="x"),
        lambda: create_code(viewer, name="New"),
        lambda: add_member(viewer, username="dan", role="viewer"),
        lambda: save_annotation(viewer, NEW, _draft(world)),
        lambda: delete_source(world.lead, world.shared.pk),
        lambda: create_code(world.lead, name="New", shortcut="f"),
    ]
    with recorded() as events:
        for attempt in attempts:
            with pytest.raises(Exception, match=r"."):
                attempt()
    assert events == []
