"""What revisions cost: what changed, however large the codebook is."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.codebook.actions import (
    build_code_snapshot,
    change_code,
    create_code,
    delete_code,
)
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.deltas import FIELDS
from cstoannot.codebook.models import CodebookRevision
from cstoannot.codebook.order_actions import move_code
from cstoannot.codebook.queries import list_revisions, require_revision, visible_codes
from cstoannot.decisions.merge_actions import merge_code

TREE = [
    {"slug": f"g{n}", "name": f"Group {n}", "children": [{"slug": f"g{n}-{m}", "name": f"{m}"}]}
    for n in range(3)
    for m in range(2)
]


def _now(scope):
    """The codebook as revisions kept it when they held all of it."""
    codes = visible_codes(scope).select_related("parent")
    return [build_code_snapshot(code, code.parent.slug if code.parent else None) for code in codes]


def test_each_revision_reads_as_the_codebook_stood(world):
    lead = world.lead
    steps = [
        lambda: add_codebook(lead, TREE, note="Groups"),
        lambda: create_code(lead, name="Late", parent="g1"),
        lambda: move_code(lead, "late", by=-1),
        lambda: move_code(lead, "g2", by=-2),
        lambda: change_code(lead, "g1", parent="g0", name="Under", claim="C", note="Why"),
        lambda: change_code(lead, "g0", position=7),
        lambda: change_code(lead, "g2-1", retired=True),
        lambda: change_code(lead, "g2-1", retired=False, shortcut="2"),
        lambda: merge_code(lead, "plea", into="g2"),
        lambda: delete_code(lead, "late"),
        lambda: create_code(lead, name="Late", slug="late"),
        lambda: move_code(lead, "late", by=-1),
    ]
    kept = {2: _now(lead)}
    for number, step in enumerate(steps, 3):
        step()
        kept[number] = _now(lead)
    assert list_revisions(lead).first().number == max(kept)
    for number, snapshot in kept.items():
        assert require_revision(lead, number).snapshot == snapshot
        assert all(tuple(one) == FIELDS for one in require_revision(lead, number).snapshot)


def test_code_knows_in_which_revision_it_was_added(world):
    add_codebook(world.lead, TREE, note="Groups")
    create_code(world.lead, name="Late")
    delete_code(world.lead, "late")
    create_code(world.lead, name="Late")
    added = dict(visible_codes(world.lead).values_list("slug", "added_revision"))
    assert (added["failure"], added["plea"], added["g1-0"], added["late"]) == (1, 2, 3, 6)


def _cost(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_change_costs_as_many_queries_and_as_much_room_in_a_large_codebook(world):
    lead = world.lead

    def changes():
        create_code(lead, name="New", parent="plea", claim="c")
        change_code(lead, "new", claim="d")
        delete_code(lead, "new")

    def room():
        found = list_revisions(lead).values_list("changes", flat=True)[:3]
        return [len(json.dumps(one)) for one in found]

    few, small = _cost(changes), room()
    entries = [{"slug": f"c{n}", "name": f"Code {n}", "claim": "x" * 500} for n in range(60)]
    add_codebook(lead, entries, note="Many")
    assert (_cost(changes), room()) == (few, small)


def test_codes_added_one_by_one_take_room_for_themselves_alone(world):
    for number in range(40):
        create_code(world.lead, name=f"Code {number}", definition="x" * 1_000)
    found = CodebookRevision.objects.filter(project=world.lead.project, number__gt=2)
    sizes = {len(json.dumps(one.changes)) for one in found}
    assert max(sizes) < 1_400


@pytest.mark.parametrize("page", ["", "?page=2"])
def test_pages_of_revisions_cost_a_constant_number_of_queries(world, client_for, page):
    alice = client_for(world.alice)
    path = f"/projects/{world.slug}/codebook/revisions/{page}"

    def make(count):
        for number in range(count):
            change_code(world.lead, "plea", example=f"{number} of {count}")

    make(25)
    alice.get(path)
    few = _cost(lambda: alice.get(path))
    make(12)
    assert _cost(lambda: alice.get(path)) == few
