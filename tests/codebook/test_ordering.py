"""Moving codes: compared with a plain list of lists, and refused where a code cannot stand."""

import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.codebook.actions import DEEPEST, change_code
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.models import CodebookRevision
from cstoannot.codebook.order_actions import place_code
from cstoannot.codebook.queries import (
    load_code_tree,
    load_current_revision,
    require_code,
    require_revision,
    visible_codes,
)
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from cstoannot.core.fields import expect_version
from tests.builders import add_code, recorded


def _family(world, parent=None):
    found = visible_codes(world.lead).filter(parent__slug=parent)
    return [code.slug for code in found]


def _many(world, number):
    entries = [{"slug": f"c{n}", "name": f"Code {n}"} for n in range(number)]
    add_codebook(world.lead, entries, note="Many")


class Model:
    """The codebook as lists: who stands below whom, in which order."""

    def __init__(self, world):
        self.below = {None: []}
        self.retired = set()
        for place in load_code_tree(world.lead):
            code = place.code
            self.below[code.slug] = []
            self.below[code.parent.slug if code.parent else None].append(code.slug)
            if code.retired_at:
                self.retired.add(code.slug)
        for family in self.below.values():
            family.sort(key=lambda slug: slug in self.retired)

    def parent(self, slug):
        return next(parent for parent, family in self.below.items() if slug in family)

    def depth(self, slug):
        return 0 if slug is None else 1 + self.depth(self.parent(slug))

    def tree(self, slug):
        return [slug, *(one for child in self.below[slug] for one in self.tree(child))]

    def levels(self, slug):
        return 1 + max((self.levels(child) for child in self.below[slug]), default=0)

    def allows(self, slug, parent):
        same = self.parent(slug) == parent
        if slug in self.retired or (not same and parent in self.retired):
            return False
        if parent is not None and parent in self.tree(slug):
            return False
        return same or self.depth(parent) + self.levels(slug) <= DEEPEST

    def place(self, slug, parent, position):
        self.below[self.parent(slug)].remove(slug)
        family = self.below[parent]
        in_use = [one for one in family if one not in self.retired]
        in_use.insert(position, slug)
        self.below[parent] = in_use + [one for one in family if one in self.retired]


@pytest.mark.parametrize("seed", range(4))
def test_moves_do_what_they_do_to_lists(world, seed):
    chance = random.Random(seed)
    _many(world, 12)
    for slug in ("c3", "c7"):
        change_code(world.lead, slug, retired=True)
    model = Model(world)
    slugs = [place.code.slug for place in load_code_tree(world.lead)]
    refused = 0
    for _ in range(60):
        slug, parent = chance.choice(slugs), chance.choice([None, *slugs])
        position = chance.randrange(6)
        before = {family: list(codes) for family, codes in model.below.items()}
        number = load_current_revision(world.lead)
        if model.allows(slug, parent):
            model.place(slug, parent, position)
            place_code(world.lead, slug, parent=parent, position=position)
        else:
            refused += 1
            with pytest.raises((Conflict, Invalid)):
                place_code(world.lead, slug, parent=parent, position=position)
        now = Model(world).below
        assert now == model.below
        assert load_current_revision(world.lead) - number == (now != before)
    assert 0 < refused < 60
    snapshot = require_revision(world.lead, load_current_revision(world.lead)).snapshot
    stored = [(entry["slug"], entry["parent"], entry["position"]) for entry in snapshot]
    assert stored == [
        (code.slug, code.parent.slug if code.parent else None, code.position)
        for code in visible_codes(world.lead).select_related("parent")
    ]


def test_a_move_is_one_revision_of_what_changed_and_one_entry(world):
    _many(world, 40)
    place_code(world.lead, "c0", parent=None, position=0)  # numbers them all
    place_code(world.lead, "c0", parent=None, position=1)
    with recorded() as events:
        place_code(world.lead, "c5", parent=None, position=4)
    newest = CodebookRevision.objects.get(number=load_current_revision(world.lead))
    assert newest.note == "Moved “Code 5”"
    moved = {"c5": 4, "c3": 5, "c4": 6}
    assert newest.changes == {"changed": {slug: {"position": n} for slug, n in moved.items()}}
    (entry,) = events
    assert (entry.action, entry.object) == ("move", "c5")
    assert (entry.before, entry.after) == (
        {"parent": None, "place": 6},
        {"parent": None, "place": 4},
    )


def test_a_move_costs_the_same_queries_in_a_large_codebook(world):
    def cost(slug, position):
        with CaptureQueriesContext(connection) as captured:
            place_code(world.lead, slug, parent="failure", position=position)
        return len(captured)

    _many(world, 3)
    few = cost("c0", 0)
    entries = [{"slug": f"d{n}", "name": f"Other {n}"} for n in range(60)]
    add_codebook(world.lead, [{"slug": "failure", "name": "", "children": entries}], note="More")
    assert cost("c1", 0) == few
    assert len(json.dumps(CodebookRevision.objects.first().changes)) < 4_000


def test_a_move_takes_along_what_stands_below(world):
    add_code(world.lead, "Family")
    moved = place_code(world.lead, "failure", parent="family", position=0)
    assert [(p.code.slug, p.depth) for p in load_code_tree(world.lead)] == [
        ("family", 0),
        ("failure", 1),
        ("plea", 2),
    ]
    assert (moved.parent.slug, moved.version, moved.meaning_revision) == ("family", 2, 1)


def test_an_edit_begun_before_the_move_does_not_take_it_back(world):
    place_code(world.lead, "plea", parent=None, position=0)
    with pytest.raises(Stale):
        change_code(world.lead, "plea", parent="failure", expected=expect_version(1))
    with pytest.raises(Stale):
        place_code(world.lead, "plea", parent="failure", position=0, expected=expect_version(1))


@pytest.mark.parametrize(
    ("slug", "parent", "kind", "words"),
    [
        ("failure", "failure", Invalid, "its own parent"),
        ("failure", "plea", Invalid, "its own parent"),
        ("family", "level-6", Invalid, "deep"),
        ("family", "nothing", Invalid, "no code"),
        ("family", "strange", Invalid, "no code"),
        ("family", "x\x00", Invalid, "no code"),
        ("double", "old", Conflict, "would be hidden"),
        ("old", None, Conflict, "restore it first"),
        ("double", "failure", Conflict, "already exists at this level"),
    ],
)
def test_what_cannot_stand_there_stays(world, slug, parent, kind, words):
    add_code(world.lead, "Family")
    add_code(world.lead, "PLEA ", slug="double")
    add_code(world.lead, "Old")
    change_code(world.lead, "old", retired=True)
    above = "family"
    for level in range(2, DEEPEST + 1):
        above = add_code(world.lead, f"Level {level}", parent=above).slug
    if slug == "family" and parent == "level-6":
        slug = "failure"
    before = [(p.code.slug, p.depth) for p in load_code_tree(world.lead)]
    number = load_current_revision(world.lead)
    with pytest.raises(kind, match=words):
        place_code(world.lead, slug, parent=parent, position=0)
    assert [(p.code.slug, p.depth) for p in load_code_tree(world.lead)] == before
    assert load_current_revision(world.lead) == number


def test_only_those_who_edit_the_codebook_move(world):
    with pytest.raises(Forbidden):
        place_code(world.scope(world.bob), "plea", parent=None, position=0)
    with pytest.raises(NotFound):
        place_code(world.lead, "strange", parent=None, position=0)
    assert require_code(world.lead, "plea").parent.slug == "failure"


def test_a_move_back_is_where_it_was(world):
    _many(world, 5)
    before = _family(world)
    place_code(world.lead, "c1", parent="plea", position=0)
    assert _family(world, "plea") == ["c1"]
    place_code(world.lead, "c1", parent=None, position=2)
    assert _family(world) == before
