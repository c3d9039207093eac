"""What arrives at once is stored once, and nothing of it is lost."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from cstoannot.annotations.actions import Draft, delete_annotation, save_annotation
from cstoannot.annotations.bulk_actions import save_annotations
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.assignments.actions import (
    assign_source,
    begin_assignment,
    change_assignments,
    set_assignment_state,
    unassign_source,
)
from cstoannot.core.errors import Conflict, DomainError, Stale
from cstoannot.core.fields import expect_version
from cstoannot.history.models import Event
from cstoannot.sources.actions import delete_source
from cstoannot.sources.models import Source
from tests.builders import World, annotate, build_world

pytestmark = pytest.mark.django_db(transaction=True)
NEW = uuid.UUID("01980000-0000-7000-8000-000000000001")


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returns, or how it is refused, all begun at the same moment in threads.

    Anything else that goes wrong is raised, so that a test tells of it.
    """
    gate = threading.Barrier(len(acts), timeout=20)

    def run(act: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            return act()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts, timeout=60))


def _draft(world: World, **changed: Any) -> Draft:
    return Draft(**{"source": world.shared.pk, "code": "failure", "start": 0, "end": 3, **changed})


def test_annotation_sent_twice_at_once_is_made_once(world):
    bob, draft = world.scope(world.bob), _draft(world)
    answers = at_once(*[lambda: save_annotation(bob, NEW, draft)] * 4)
    rows = [row for row, _ in answers]
    assert sorted(created for _, created in answers) == [False, False, False, True]
    assert rows == [rows[0]] * 4
    assert Annotation.objects.filter(pk=NEW).count() == 1
    assert Event.objects.filter(object=str(NEW)).count() == 1


def test_changes_from_one_version_at_once_leave_one(world):
    bob = world.scope(world.bob)
    save_annotation(bob, NEW, _draft(world))
    answers = at_once(
        *(
            lambda note=note: save_annotation(
                bob, NEW, _draft(world, note=note), expected=expect_version(1)
            )
            for note in "abcd"
        )
    )
    kept = [answer[0] for answer in answers if isinstance(answer, tuple)]
    assert [row["version"] for row in kept] == [2]
    assert [type(a) for a in answers if not isinstance(a, tuple)] == [Stale] * 3
    assert Annotation.objects.get(pk=NEW).note == kept[0]["note"]
    assert Event.objects.filter(object=str(NEW)).count() == 2


def test_new_voice_named_twice_at_once_is_one_speaker(world):
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    draft = _draft(world, voice="The queen")
    answers = at_once(
        *(
            lambda scope=scope: save_annotation(scope, uuid.uuid4(), draft)
            for scope in (bob, beth, bob, beth)
        )
    )
    assert [answer[1] for answer in answers] == [True] * 4
    assert Speaker.objects.filter(name="The queen").count() == 1
    assert Annotation.objects.filter(voice__name="The queen").count() == 4


def test_first_annotations_at_once_start_the_assignment_once(world):
    bob = world.scope(world.bob)
    draft = _draft(world, source=world.bobs.pk)
    answers = at_once(*[lambda: save_annotation(bob, uuid.uuid4(), draft)] * 4)
    assert [answer[1] for answer in answers] == [True] * 4
    assert world.bob.assignments.get(source=world.bobs).state == "started"
    started = Event.objects.filter(kind="assignment", action="change", source=world.bobs)
    assert started.count() == 1


def test_state_set_twice_at_once_is_told_once(world):
    bob, assignment = world.scope(world.bob), world.assignments["bob bobs"].pk
    answers = at_once(*[lambda: set_assignment_state(bob, assignment, "done")] * 4)
    assert [answer.state for answer in answers] == ["done"] * 4
    told = Event.objects.filter(kind="assignment", action="change", object=str(assignment))
    assert told.count() == 1


def test_starting_an_assignment_locks_its_row_alone(world, django_assert_max_num_queries):
    """Joined rows would be locked too, and one account's first saves would block each other."""
    bob = world.scope(world.bob)
    with django_assert_max_num_queries(9) as captured, transaction.atomic():
        begin_assignment(bob, world.assignments["bob bobs"].pk)
    asked = [query["sql"] for query in captured if "cstoannot_assignment" in query["sql"]]
    assert asked
    assert not any("JOIN" in sql for sql in asked)


@pytest.mark.parametrize("round_", range(5))
def test_nothing_is_saved_after_the_source_is_done(world, round_):
    """Creates, lists and deletes beside "done": what is stored is stored before it."""
    bob, assignment = world.scope(world.bob), world.assignments["bob bobs"].pk
    gone = annotate(bob, world.bobs, "Nobody came.")["id"]
    draft = _draft(world, source=world.bobs.pk)
    done, *answers = at_once(
        lambda: set_assignment_state(bob, assignment, "done"),
        *[lambda: save_annotation(bob, uuid.uuid4(), draft)] * 3,
        *[lambda: save_annotations(bob, [(uuid.uuid4(), draft)] * 1)] * 2,
        lambda: delete_annotation(bob, gone),
    )
    assert done.state == "done"
    refused = [answer for answer in answers if isinstance(answer, DomainError)]
    assert [(type(answer), answer.code) for answer in refused] == [(Conflict, "source_done")] * len(
        refused
    )
    told = list(Event.objects.filter(source=world.bobs).order_by("at", "pk"))
    last = max(i for i, e in enumerate(told) if e.kind == "annotation")
    finished = next(i for i, e in enumerate(told) if e.after == {"state": "done"})
    assert last < finished
    kept = Annotation.objects.filter(source=world.bobs, start=0).count()
    assert kept == sum(e.action == "create" for e in told if e.kind == "annotation") - 1


def test_changes_in_both_directions_between_sources_never_block_each_other(world):
    bob = world.scope(world.bob)
    there, back = (
        save_annotation(bob, uuid.uuid4(), _draft(world, source=source.pk))[0]
        for source in (world.shared, world.bobs)
    )
    answers = at_once(
        *(
            lambda row=row, to=to: save_annotation(
                bob, row["id"], _draft(world, source=to.pk), expected=expect_version(1)
            )
            for row, to in ((there, world.bobs), (back, world.shared))
        )
    )
    assert [row["version"] for row, _ in answers] == [2, 2]


def _coded_beside(world: World, act: Callable[[], Any]) -> tuple[Any, int]:
    """What the act answers beside six saves of Beth's, and how many of these were made."""
    Annotation.objects.filter(source=world.beths).delete()
    beth, draft = world.scope(world.beth), _draft(world, source=world.beths.pk)
    answer, *answers = at_once(
        act,
        *[lambda: save_annotation(beth, uuid.uuid4(), draft)] * 4,
        *[lambda: save_annotations(beth, [(uuid.uuid4(), draft)] * 1)] * 2,
    )
    saved = sum(not isinstance(answer, DomainError) for answer in answers)
    assert Annotation.objects.filter(source=world.beths).count() == saved
    return answer, saved


def test_source_deleted_unasked_holds_no_annotation(world):
    for _ in range(6):
        answer, saved = _coded_beside(world, lambda: delete_source(world.lead, world.beths.pk))
        assert isinstance(answer, Conflict) == (saved > 0)
        Source.objects.filter(pk=world.beths.pk).update(deleted_at=None)


def test_source_taken_from_an_annotator_unasked_holds_no_annotation_of_theirs(world):
    for _ in range(6):
        given, _ = assign_source(world.lead, source_id=world.beths.pk, annotator="beth")
        answer, saved = _coded_beside(
            world, lambda given=given: unassign_source(world.lead, given.pk)
        )
        assert isinstance(answer, Conflict) == (saved > 0)
        taken = [(world.beths.pk, "beth")]
        answer, saved = _coded_beside(
            world, lambda taken=taken: change_assignments(world.lead, give=[], take=taken)
        )
        assert isinstance(answer, Conflict) == (saved > 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers take turns")
@pytest.mark.parametrize("act", ["delete", "change"])
def test_annotation_whose_code_and_voice_change_at_once_is_neither_gone_nor_voiceless(world, act):
    """Whoever waits for its lock reads the code and voice that it has then."""
    bob = world.scope(world.bob)
    row = annotate(bob, world.bobs, "Nobody", voice="The minister")
    witness = Speaker.objects.get(name="A silent witness")
    draft = _draft(world, source=world.bobs.pk, code="plea", note="Changed")
    acts = {
        "delete": lambda: delete_annotation(bob, row["id"]),
        "change": lambda: save_annotation(bob, row["id"], draft, expected=expect_version(1)),
    }
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            changed = Annotation.objects.filter(pk=row["id"])
            changed.update(code=world.codes["plea"], voice=witness)
            waiting = pool.submit(lambda: at_once(acts[act]))
            _wait_for_a_lock()
        (answer,) = waiting.result(30)
    assert not isinstance(answer, DomainError), answer
    (told,) = Event.objects.filter(object=str(row["id"]), action=act)
    assert (told.before["code"], told.before["voice"]) == ("plea", "A silent witness")


def _wait_for_a_lock() -> None:
    """Until another connection waits for what this one holds."""
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.05)
    raise AssertionError("nobody waits")
