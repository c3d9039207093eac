"""Rounds: created, renamed, filled and deleted; unknown to all who do not hand out work."""

import pytest

from cstoannot.assignments.models import Round
from cstoannot.assignments.round_actions import (
    change_round,
    create_round,
    delete_round,
)
from cstoannot.assignments.round_queries import (
    list_round_summaries,
    resolve_round,
    visible_rounds,
)
from cstoannot.codebook.actions import change_code
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.sources.models import Source
from tests.builders import finish


def test_round_has_the_current_revision_unless_another_is_named(world):
    assert create_round(world.lead, name="Pilot").revision == 2
    assert create_round(world.lead, name="Earlier", revision=1).revision == 1
    assert [one.name for one in visible_rounds(world.lead)] == ["Pilot", "Earlier"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"name": ""}, Invalid),
        ({"name": " \u3000"}, Invalid),
        ({"name": "a\x00b"}, Invalid),
        ({"name": "x" * 101}, Invalid),
        ({"name": "A", "note": "\ud800"}, Invalid),
        ({"name": "A", "revision": 3}, Invalid),
        ({"name": "A", "revision": -1}, Invalid),
        ({"name": "Pilot"}, Conflict),
    ],
)
def test_what_no_round_can_have_is_refused(world, fields, error):
    create_round(world.lead, name="Pilot")
    with pytest.raises(error):
        create_round(world.lead, **fields)
    other = create_round(world.lead, name="Other")
    with pytest.raises(error):
        change_round(world.lead, other.pk, **fields)
    assert set(Round.objects.values_list("name", flat=True)) == {"Pilot", "Other"}


def test_source_is_in_one_round(world):
    pilot, main = (create_round(world.lead, name=name) for name in ("Pilot", "Main"))
    change_round(world.lead, pilot.pk, add=[world.shared.pk, world.bobs.pk])
    change_round(world.lead, main.pk, add=[world.shared.pk, world.beths.pk])
    assert resolve_round(world.lead, "Pilot") == (world.bobs.pk,)
    assert resolve_round(world.lead, "Main") == (world.shared.pk, world.beths.pk)
    change_round(world.lead, main.pk, remove=[world.shared.pk, world.bobs.pk])
    assert resolve_round(world.lead, "Main") == (world.beths.pk,)
    assert resolve_round(world.lead, "Pilot") == (world.bobs.pk,)


def test_foreign_sources_are_refused(world):
    pilot = create_round(world.lead, name="Pilot")
    for fields in ({"add": [world.foreign_source.pk]}, {"remove": [world.foreign_source.pk]}):
        with pytest.raises(Invalid):
            change_round(world.lead, pilot.pk, **fields)


def test_deleted_round_leaves_its_sources(world):
    pilot = create_round(world.lead, name="Pilot")
    change_round(world.lead, pilot.pk, add=[world.shared.pk])
    delete_round(world.lead, pilot.pk)
    assert Source.objects.get(pk=world.shared.pk).round_id is None


def test_summary_counts_what_was_finished_under_another_revision(world):
    pilot = create_round(world.lead, name="Pilot")
    empty = create_round(world.lead, name="Empty")
    change_round(world.lead, pilot.pk, add=[world.shared.pk])
    finish(world.scope(world.bob), world.shared)
    change_code(world.lead, "plea", definition="Another.")
    finish(world.scope(world.beth), world.shared)
    shown = {
        one.round.pk: (one.sources, one.assigned, one.done, one.elsewhere)
        for one in list_round_summaries(world.lead)
    }
    assert shown == {pilot.pk: (1, 2, 2, 1), empty.pk: (0, 0, 0, 0)}


def test_for_others_there_is_no_round(world):
    pilot = create_round(world.lead, name="Pilot")
    for user in (world.bob, world.vera):
        scope = world.scope(user)
        assert not visible_rounds(scope).exists()
        with pytest.raises(Invalid):
            resolve_round(scope, "Pilot")
        for act in (
            lambda scope=scope: create_round(scope, name="X"),
            lambda scope=scope: change_round(scope, pilot.pk, name="X"),
            lambda scope=scope: change_round(scope, pilot.pk),
            lambda scope=scope: delete_round(scope, pilot.pk),
        ):
            with pytest.raises(Forbidden):
                act()
    with pytest.raises(NotFound):
        change_round(world.elsewhere, pilot.pk, name="X")
