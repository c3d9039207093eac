"""Nobody holds the one write lock of SQLite for long, whatever they send."""

import time
import uuid

import pytest
from django.db import connection

from cstoannot.annotations import bulk_actions as bulk
from cstoannot.annotations.actions import Draft
from cstoannot.annotations.models import Speaker
from cstoannot.core.errors import TooLarge
from cstoannot.database.sqlite3.base import DatabaseWrapper
from cstoannot.decisions import merge_actions as merging
from cstoannot.sources.actions import add_sources, change_source, create_source
from cstoannot.text.normalise import MAX_LENGTH
from tests.builders import add_code, assign_to

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="SQLite's own lock"),
]
LONGEST = 0.5  # seconds


@pytest.fixture
def held(monkeypatch) -> list[float]:
    """Seconds of this thread's work in each write transaction, so that a busy machine counts
    for nothing."""
    found: list[float] = []
    begin, end = (
        DatabaseWrapper._start_transaction_under_autocommit,
        DatabaseWrapper._end_turn,
    )

    def begin_and_note(self):
        begin(self)
        self.begun = time.thread_time()

    def end_and_note(self):
        if self._has_turn:
            found.append(time.thread_time() - self.begun)
        end(self)

    monkeypatch.setattr(DatabaseWrapper, "_start_transaction_under_autocommit", begin_and_note)
    monkeypatch.setattr(DatabaseWrapper, "_end_turn", end_and_note)
    return found


def test_longest_source(world, held):
    source = create_source(world.lead, title="Long", text="漢" * MAX_LENGTH)
    change_source(world.lead, source.pk, title="Longer")
    add_sources(world.lead, files=[(f"{n}.txt", b"A word. " * 600_000) for n in range(6)])
    assert len(held) == 3
    assert max(held) < LONGEST


def test_annotations_in_the_longest_source(world, held):
    source = create_source(world.lead, title="Long", text="漢" * MAX_LENGTH)
    assign_to(world.lead, source, world.bob)
    scope = world.scope(world.bob)
    most = bulk.MOST_COMPARED // MAX_LENGTH
    code = add_code(world.lead, "One").slug

    def drafts(many: int, length: int = 5) -> list[tuple[uuid.UUID, Draft]]:
        starts = range(MAX_LENGTH - length * many, MAX_LENGTH, length)
        return [(uuid.uuid4(), Draft(source.pk, code, start, start + length)) for start in starts]

    held.clear()
    for _ in range(3):
        bulk.save_annotations(scope, drafts(most))
    merging.merge_code(world.lead, code, into=add_code(world.lead, "Another").slug, stances="carry")
    code = "another"
    assert bulk.save_annotations(scope, drafts(most)).created == most
    with pytest.raises(TooLarge):
        bulk.save_annotations(scope, drafts(most + 1))
    long = [(uuid.uuid4(), Draft(source.pk, code, start, MAX_LENGTH)) for start in (0, 1)]
    with pytest.raises(TooLarge):
        bulk.save_annotations(scope, long)
    assert max(held) < LONGEST
    assert connection.in_atomic_block is False


def _many_passages(world, code: str, **said: str) -> int:
    source = create_source(world.lead, title="Long", text="Nobody came. " * 1_000)
    assign_to(world.lead, source, world.bob)
    many = 4 * bulk.MOST_AT_ONCE
    for first in range(0, many, bulk.MOST_AT_ONCE):
        starts = range(first, first + bulk.MOST_AT_ONCE)
        drafts = [
            (uuid.uuid4(), Draft(source.pk, code, start, start + 6, **said)) for start in starts
        ]
        bulk.save_annotations(world.scope(world.bob), drafts)
    return many


def test_merge_of_a_code_with_many_passages(world, held):
    code = add_code(world.lead, "One").slug
    many = _many_passages(world, code)
    held.clear()
    merging.merge_code(world.lead, code, into=add_code(world.lead, "Another").slug)
    moves = -(-many // merging.AT_ONCE)
    assert len(held) == 1 + 1 + moves + 1  # the other code is made; begun, moved, ended
    assert max(held) < LONGEST


def test_merge_of_a_speaker_with_many_passages(world, held):
    many = _many_passages(world, add_code(world.lead, "One").slug, voice="Somebody")
    old, new = (Speaker.objects.get(name=name).key for name in ("Somebody", "The minister"))
    held.clear()
    merging.merge_speakers(world.lead, old, into=new)
    moves = many // merging.AT_ONCE
    assert len(held) == moves + 1
    merging.undo_speaker_merge(world.lead, old)
    assert len(held) == 2 * moves + 3
    assert max(held) < LONGEST
