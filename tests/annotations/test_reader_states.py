"""What a reader may know of, asked of the database with few values."""

import pytest
from django.db import connection

from cstoannot.annotations.reader_queries import load_changed_sources, load_reader_state
from cstoannot.projects.actions import change_project
from tests.builders import add_source, annotate, assign_to, finish


def _most_values(act):
    """The most values that any statement of it sends."""
    sent = [0]

    def count(execute, sql, params, many, context):
        sent.append(len(params or ()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        found = act()
    return max(sent), found


@pytest.mark.parametrize("visibility", ["done", "all"])
def test_many_open_sources_are_not_sent_as_values(world, visibility):
    change_project(world.lead, visibility=visibility)
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    for user in (bob, beth):
        finish(user, world.shared)
    few, before = _most_values(lambda: load_reader_state(bob))
    for number in range(20):
        source = add_source(world.lead, f"Source {number}")
        assign_to(world.lead, source, world.bob, world.beth)
        finish(bob, source)
        finish(beth, source)
    many, after = _most_values(lambda: load_reader_state(bob))
    opened = 1 if visibility == "done" else 2
    assert (len(before.opened), len(after.opened)) == (opened, opened + 20)
    assert few == many
    annotate(beth, source, "Nobody came.", "plea")
    now = load_reader_state(bob)
    sent, changed = _most_values(lambda: load_changed_sources(bob, after, now))
    assert sent <= few + 8
    assert changed == {source.pk}
