"""Each change of the codebook makes a revision, and touches no annotation."""

from itertools import combinations

import pytest

from cstoannot.annotations.models import Annotation
from cstoannot.codebook.actions import (
    DEEPEST,
    change_code,
    create_code,
    delete_code,
)
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.colours import APART, compute_colour_distance
from cstoannot.codebook.models import Code
from cstoannot.codebook.names import RESERVED_KEYS
from cstoannot.codebook.order_actions import move_code
from cstoannot.codebook.queries import (
    list_revisions,
    load_code_tree,
    load_current_revision,
    load_descendant_ids,
    require_code,
    require_revision,
    visible_codes,
)
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from cstoannot.core.fields import expect_version
from tests.builders import add_code


def _tree(world) -> list[tuple[str, int]]:
    return [(place.code.slug, place.depth) for place in load_code_tree(world.lead)]


def test_each_change_is_a_revision_with_the_whole_codebook(world):
    assert load_current_revision(world.lead) == 2
    create_code(world.lead, name="Praise", note="Asked for by Bob")
    change_code(world.lead, "praise", name="Applause")
    delete_code(world.lead, "praise")
    told = [(r.number, r.by.username, r.note) for r in list_revisions(world.lead)]
    assert told == [
        (5, "alice", "Deleted “Applause”"),
        (4, "alice", "Changed “Applause”"),
        (3, "alice", "Asked for by Bob"),
        (2, "alice", "Added “Plea”"),
        (1, "alice", "Added “Failure”"),
    ]
    assert [len(require_revision(world.lead, n).snapshot) for n in range(1, 6)] == [1, 2, 3, 3, 2]
    with pytest.raises(NotFound):
        require_revision(world.elsewhere, 5)


def test_revision_keeps_every_field_of_every_code(world):
    create_code(
        world.lead,
        name="Praise",
        parent="failure",
        colour="#ABCDEF",
        shortcut="P",
        claim="c",
        definition="d",
        include="i",
        exclude="e",
        example="x",
    )
    assert require_revision(world.lead, 3).snapshot[-1] == {
        "slug": "praise",
        "parent": "failure",
        "name": "Praise",
        "colour": "#abcdef",
        "shortcut": "p",
        "claim": "c",
        "definition": "d",
        "include": "i",
        "exclude": "e",
        "example": "x",
        "position": 1,
        "retired": False,
    }


def test_change_to_the_same_makes_no_revision(world):
    change_code(world.lead, "plea", name="Plea", parent="failure", retired=False)
    assert (load_current_revision(world.lead), require_code(world.lead, "plea").version) == (2, 1)


@pytest.mark.parametrize("field", ["claim", "definition", "include", "exclude"])
def test_change_of_meaning_is_marked(world, field):
    code = change_code(world.lead, "plea", **{field: "Otherwise."})
    assert (code.meaning_revision, load_current_revision(world.lead)) == (3, 3)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Request"},
        {"colour": "#000000"},
        {"shortcut": "q"},
        {"example": "x"},
        {"parent": None},
    ],
)
def test_change_of_looks_leaves_the_meaning(world, changes):
    before = list(Annotation.objects.order_by("pk").values())
    code = change_code(world.lead, "plea", **changes)
    assert (code.meaning_revision, code.slug, load_current_revision(world.lead)) == (2, "plea", 3)
    assert list(Annotation.objects.order_by("pk").values()) == before


def test_code_changed_from_an_old_version_is_refused(world):
    change_code(world.lead, "plea", name="A", expected=expect_version(1))
    for act in (
        lambda: change_code(world.lead, "plea", name="B", expected=expect_version(1)),
        lambda: delete_code(world.lead, "plea", expected=expect_version(1)),
    ):
        with pytest.raises(Stale) as refusal:
            act()
        assert refusal.value.current.name == "A"


@pytest.mark.parametrize(
    ("fields", "kind", "field"),
    [
        ({"name": ""}, Invalid, "name"),
        ({"name": "x" * 101}, Invalid, "name"),
        ({"slug": "Not One"}, Invalid, "slug"),
        ({"slug": "failure"}, Conflict, "slug"),
        ({"colour": "red"}, Invalid, "colour"),
        ({"colour": "#12345"}, Invalid, "colour"),
        ({"shortcut": "ab"}, Invalid, "shortcut"),
        ({"shortcut": "-"}, Invalid, "shortcut"),
        ({"shortcut": "F"}, Conflict, "shortcut"),
        ({"parent": "nothing"}, Invalid, "parent"),
        ({"parent": "strange"}, Invalid, "parent"),
        ({"parent": "fail\x00ure"}, Invalid, "parent"),
        ({"claim": "x" * 5_001}, Invalid, "claim"),
        ({"definition": "\x00"}, Invalid, "definition"),
        *(({"shortcut": key}, Invalid, "shortcut") for key in sorted(RESERVED_KEYS)),
    ],
)
def test_code_that_cannot_be_is_refused(world, fields, kind, field):
    with pytest.raises(kind) as refusal:
        create_code(world.lead, **{"name": "New", **fields})
    assert (refusal.value.field, load_current_revision(world.lead)) == (field, 2)


@pytest.mark.parametrize(
    ("name", "slugs"),
    [
        ("Praise", ["praise", "praise-2"]),
        ("Հայ", ["hay", "hay-2"]),
        ("x" * 99, ["x" * 50, "x" * 50 + "-2"]),
        ("???", ["code", "code-2"]),
    ],
)
def test_code_gets_a_free_slug(world, name, slugs):
    made = [create_code(world.lead, name=name, parent=parent).slug for parent in (None, "plea")]
    assert made == slugs


def test_names_in_other_scripts_make_readable_slugs(world):
    names = ["Двусторонность", "Противовес НАТО", "Ընդարձակում", "集体安全"]
    made = [create_code(world.lead, name=name).slug for name in names]
    assert made == ["dvustoronnost", "protivoves-nato", "yndardzakowm", "ji-ti-an-quan"]


def test_code_cannot_stand_below_itself(world):
    add_code(world.lead, "Cry", parent="plea")
    for parent in ("failure", "plea", "cry"):
        with pytest.raises(Invalid) as refusal:
            change_code(world.lead, "failure", parent=parent)
        assert refusal.value.field == "parent"
    assert _tree(world) == [("failure", 0), ("plea", 1), ("cry", 2)]


def test_codes_nest_so_deep_and_no_deeper(world):
    parent = "plea"
    for level in range(3, DEEPEST + 1):
        parent = add_code(world.lead, f"Level {level}", parent=parent).slug
    with pytest.raises(Invalid):
        add_code(world.lead, "Too deep", parent=parent)
    above = add_code(world.lead, "Above")
    with pytest.raises(Invalid):
        change_code(world.lead, "failure", parent=above.slug)
    assert max(depth for _, depth in _tree(world)) == DEEPEST - 1


def test_code_is_moved_among_its_siblings(world):
    for name in ("B", "C", "D"):
        add_code(world.lead, name)
    move_code(world.lead, "d", by=-1)
    move_code(world.lead, "b", by=1)
    move_code(world.lead, "failure", by=-1)
    roots = [slug for slug, depth in _tree(world) if depth == 0]
    assert roots == ["failure", "d", "b", "c"]


def test_code_in_use_is_retired_not_deleted(world):
    with pytest.raises(Conflict, match="retired"):
        delete_code(world.lead, "plea")
    code = change_code(world.lead, "plea", retired=True)
    assert code.retired_at is not None
    assert change_code(world.lead, "plea", retired=False).retired_at is None


def test_code_with_codes_below_is_not_deleted(world):
    add_code(world.lead, "Family")
    add_code(world.lead, "Child", parent="family")
    with pytest.raises(Conflict, match="child codes"):
        delete_code(world.lead, "family")
    delete_code(world.lead, "child")
    delete_code(world.lead, "family")
    assert _tree(world) == [("failure", 0), ("plea", 1)]


def test_shortcut_of_a_retired_code_is_free_until_it_returns(world):
    change_code(world.lead, "failure", retired=True)
    add_code(world.lead, "Fiasco", shortcut="f")
    with pytest.raises(Conflict) as refusal:
        change_code(world.lead, "failure", retired=False)
    assert refusal.value.field == "shortcut"
    change_code(world.lead, "failure", retired=False, shortcut="g")


def test_whole_codebook_is_one_revision_and_adds_what_is_missing(world):
    entries = [
        {"slug": "failure", "name": "Other name", "children": [{"slug": "cry", "name": "Cry"}]},
        {"slug": "praise", "name": "Praise", "claim": "All is well.", "shortcut": "p"},
    ]
    assert add_codebook(world.lead, entries, note="Round two") == 2
    assert add_codebook(world.lead, entries, note="Round two") == 0
    assert load_current_revision(world.lead) == 3
    assert require_code(world.lead, "failure").name == "Failure"
    assert {slug for slug, _ in _tree(world)} == {"failure", "plea", "cry", "praise"}
    assert dict(_tree(world))["cry"] == 1


def test_codes_without_a_colour_are_told_apart_at_two_levels(world):
    """As many as the palette holds below a code, added one by one and at once."""
    for n in range(23):
        add_code(world.lead, f"C{n}", parent="failure")
    entries = [{"slug": f"p-{n}", "name": f"P{n}"} for n in range(24)]
    family = [{"slug": "family", "name": "Family", "children": entries}]
    add_codebook(world.lead, family, note="All at once")
    for parent in ("failure", "family"):
        above = require_code(world.lead, parent)
        colours = [code.colour for code in code_children(world, above)]
        pairs = list(combinations(colours, 2))
        assert (len(colours), len(pairs)) == (24, 276)
        assert min(compute_colour_distance(*pair) for pair in pairs) >= APART
        assert (
            min(compute_colour_distance(above.colour, colour) for colour in colours[:23]) >= APART
        )


def code_children(world, above: Code) -> list[Code]:
    return list(visible_codes(world.lead).filter(parent=above))


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_codebook_is_edited_by_those_who_lead(world, name):
    scope = world.scope(getattr(world, name))
    for act in (
        lambda: create_code(scope, name="New"),
        lambda: add_codebook(scope, [], note=""),
        lambda: change_code(scope, "plea", name="New"),
        lambda: move_code(scope, "plea", by=1),
        lambda: delete_code(scope, "plea"),
    ):
        with pytest.raises(Forbidden):
            act()
    assert [place.code.slug for place in load_code_tree(scope)] == ["failure", "plea"]


def test_code_of_another_project_is_out_of_reach(world):
    for act in (
        lambda: require_code(world.lead, "strange"),
        lambda: change_code(world.lead, "strange", name="Mine"),
        lambda: delete_code(world.lead, "strange"),
        lambda: move_code(world.lead, "strange", by=1),
    ):
        with pytest.raises(NotFound):
            act()
    assert Code.objects.get(slug="strange").name == "Strange"


def test_codes_and_those_below_are_found_in_the_project_only(world):
    both = {world.codes["failure"].pk, world.codes["plea"].pk}
    assert load_descendant_ids(world.lead, ["failure", "strange"]) == both
    assert load_descendant_ids(world.lead, ["plea"]) == {world.codes["plea"].pk}
    assert load_descendant_ids(world.lead, ["strange"]) == set()
