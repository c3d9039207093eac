"""Many codes added at once: all or none, one revision, in the order in which they were given."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.codebook.actions import DEEPEST, build_code_snapshot, change_code, create_code
from cstoannot.codebook.bulk_actions import create_codes
from cstoannot.codebook.bulk_plan import MOST_CODES, CodeDraft, preview_codes
from cstoannot.codebook.colours import APART, compute_colour_distance
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import (
    list_revisions,
    load_code_tree,
    load_current_revision,
    require_code,
    require_revision,
    visible_codes,
)
from cstoannot.core.errors import Forbidden, Invalid, TooLarge
from cstoannot.history.models import Event
from tests.builders import recorded


def _tree(world):
    return [(place.depth, place.code.slug) for place in load_code_tree(world.lead)]


def _errors(world, drafts):
    """What is refused, by index; nothing may have been stored."""
    before = Code.objects.count(), Event.objects.count(), load_current_revision(world.lead)
    with pytest.raises(Invalid) as refusal:
        create_codes(world.lead, drafts)
    assert (
        Code.objects.count(),
        Event.objects.count(),
        load_current_revision(world.lead),
    ) == before
    preview = preview_codes(world.lead, drafts)
    assert [str(index) for index in preview.faults] == list(refusal.value.errors)
    return refusal.value.errors


def test_codes_are_one_revision_and_one_event_each(world):
    drafts = [
        CodeDraft("Below", parent="top", colour="#ABCDEF", shortcut=" Q"),
        CodeDraft("Top", slug="top", texts={"claim": "C", "definition": "D\nD"}),
        CodeDraft("Deeper", below=0),
        CodeDraft("Under failure", parent="failure"),
    ]
    with recorded() as events:
        made = create_codes(world.lead, drafts, note="From the pilot")
    assert [code.name for code in made] == [draft.name for draft in drafts]
    assert [code.slug for code in made] == ["below", "top", "deeper", "under-failure"]
    assert _tree(world) == [
        (0, "failure"),
        (1, "plea"),
        (1, "under-failure"),
        (0, "top"),
        (1, "below"),
        (2, "deeper"),
    ]
    below, top = require_code(world.lead, "below"), require_code(world.lead, "top")
    assert (below.colour, below.shortcut, below.position) == ("#abcdef", "q", 0)
    assert (top.claim, top.definition, top.position) == ("C", "D\nD", 1)
    newest = list_revisions(world.lead)[0]
    assert (newest.number, newest.note, newest.by) == (3, "From the pilot", world.alice)
    codes = visible_codes(world.lead).select_related("parent")
    stored = [
        build_code_snapshot(code, code.parent.slug if code.parent else None) for code in codes
    ]
    assert require_revision(world.lead, 3).snapshot == stored
    assert {(code.added_revision, code.meaning_revision) for code in made} == {(3, 3)}
    by_slug = {entry["slug"]: entry for entry in stored}
    told = [(e.actor, e.action, e.kind, e.object, e.after) for e in events]
    assert told == [
        (world.alice, "create", "code", slug, by_slug[slug])
        for slug in ("top", "under-failure", "below", "deeper")
    ]


def test_they_are_what_one_by_one_would_make(world):
    said = [
        {"name": "Ärger", "parent": "failure"},
        {"name": "Ärger", "claim": "C"},
        {"name": "集体", "parent": "plea", "shortcut": "1"},
        {"name": "Praise", "parent": "failure", "colour": "#123456"},
        *({"name": f"Many {n}", "parent": "plea"} for n in range(30)),
    ]
    fields = ("slug", "name", "colour", "shortcut", "claim", "position", "parent_id")
    names = ("name", "parent", "colour", "shortcut")
    drafts = [
        CodeDraft(
            **{name: one[name] for name in names if name in one},
            texts={"claim": one.get("claim", "")},
        )
        for one in said
    ]
    plan = preview_codes(world.lead, drafts)
    single = [create_code(world.lead, **one) for one in said]
    expected = [tuple(getattr(code, name) for name in fields) for code in single]
    assert plan.faults == {}
    assert [(code.slug, code.colour, code.position) for code in plan.codes] == [
        (row[0], row[2], row[5]) for row in expected
    ]
    for code in single:
        code.delete()
    made = create_codes(world.lead, drafts)
    assert [tuple(getattr(code, name) for name in fields) for code in made] == expected


def test_every_fault_stands_by_its_index_and_nothing_is_added(world):
    change_code(world.lead, "failure", shortcut="f")
    errors = _errors(
        world,
        [
            CodeDraft("Fine"),
            CodeDraft(" "),
            CodeDraft("N" * 101),
            CodeDraft("Two\nlines"),
            CodeDraft("FAILURE"),
            CodeDraft("p\u200blea", parent="failure"),
            CodeDraft("fine"),
            CodeDraft("Key", shortcut="F"),
            CodeDraft("Reserved", shortcut="j"),
            CodeDraft("Long key", shortcut="ab"),
            CodeDraft("First", shortcut="1"),
            CodeDraft("Second", shortcut="1"),
            CodeDraft("Red", colour="red"),
            CodeDraft("Orphan", parent="nothing"),
            CodeDraft("Slug", slug="plea"),
            CodeDraft("Bad slug", slug="A b"),
            CodeDraft("One", slug="same"),
            CodeDraft("Other", slug="same"),
            CodeDraft("Text", texts={"include": "x" * 5_001, "exclude": "\x00"}),
            CodeDraft("Both", shortcut="!", colour="blue"),
        ],
    )
    fields = {i: " ".join(text.split(":")[0] for text in texts) for i, texts in errors.items()}
    assert fields == {
        **dict.fromkeys("123456", "name"),
        **dict.fromkeys(["7", "8", "9", "11"], "shortcut"),
        "12": "colour",
        "13": "parent",
        **dict.fromkeys(["14", "15", "17"], "slug"),
        "18": "include exclude",
        "19": "shortcut colour",
    }
    assert errors["5"][0].startswith("name: “Plea” already exists at this level")
    assert errors["6"][0].startswith("name: “Fine” is at the same level in the list")
    assert errors["11"] == ["shortcut: “First” already has the key 1."]


def test_same_name_may_stand_in_two_places(world):
    made = create_codes(
        world.lead,
        [CodeDraft("Actors"), CodeDraft("Other", below=0), CodeDraft("Other", parent="failure")],
    )
    assert [code.slug for code in made] == ["actors", "other", "other-2"]


def test_codes_nest_no_deeper_than_others(world):
    chain = [CodeDraft("C0", parent="plea")]
    chain += [CodeDraft(f"C{n}", below=n - 1) for n in range(1, DEEPEST - 1)]
    errors = _errors(world, chain)
    assert list(errors) == [str(DEEPEST - 2)]
    create_codes(world.lead, chain[:-1])
    assert max(place.depth for place in load_code_tree(world.lead)) == DEEPEST - 1


def test_codes_that_stand_below_each_other_are_refused(world):
    circle = [
        CodeDraft("A", slug="a", parent="b"),
        CodeDraft("B", slug="b", parent="a"),
        CodeDraft("C", parent="b"),
        CodeDraft("Self", slug="self", parent="self"),
        CodeDraft("Fine"),
    ]
    assert list(_errors(world, circle)) == ["0", "1", "2", "3"]


def test_parent_of_another_project_is_out_of_reach(world):
    assert list(_errors(world, [CodeDraft("New", parent="strange")])) == ["0"]


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_codes_are_added_by_those_who_edit_the_codebook(world, name):
    scope = world.scope(getattr(world, name))
    for act in (create_codes, preview_codes):
        with pytest.raises(Forbidden):
            act(scope, [CodeDraft("New")])


def test_too_many_at_once_are_refused(world):
    drafts = [CodeDraft(f"C{n}") for n in range(MOST_CODES + 1)]
    for act in (create_codes, preview_codes):
        with pytest.raises(TooLarge):
            act(world.lead, drafts)
    assert create_codes(world.lead, []) == []
    assert load_current_revision(world.lead) == 2


def test_siblings_are_told_apart_by_colour(world):
    made = create_codes(
        world.lead,
        [
            CodeDraft("Group"),
            *(CodeDraft(f"C{n}", below=0) for n in range(20)),
            CodeDraft("Given", below=0, colour="#000000"),
        ],
    )
    colours = [code.colour for code in made]
    near = [
        (one, other)
        for index, one in enumerate(colours)
        for other in colours[:index]
        if compute_colour_distance(one, other) < APART
    ]
    assert near == []


def test_many_codes_take_as_many_queries_as_few(world):
    def cost(prefix, count):
        tops = [CodeDraft(f"{prefix}{n}") for n in range(count)]
        below = [CodeDraft(f"{prefix}{n}", below=n % count) for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            create_codes(world.lead, [*tops, *below])
        return len(captured)

    assert cost("few", 3) == cost("many", 20)
