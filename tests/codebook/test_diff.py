from cstoannot.codebook.diff import (
    CodeChange,
    FieldChange,
    SiblingReorder,
    compare_snapshots,
    compare_words,
)


def entry(slug, position=0, **changes):
    empty = ("colour", "shortcut", "claim", "definition", "include", "exclude", "example")
    return {
        "slug": slug,
        "parent": None,
        "name": slug.capitalize(),
        "position": position,
        "retired": False,
        **dict.fromkeys(empty, ""),
        **changes,
    }


def test_same_snapshots_do_not_differ():
    snapshot = [entry("a"), entry("b", 1)]
    difference = compare_snapshots(snapshot, snapshot)
    assert not difference
    assert difference.codes == difference.orders == ()


def test_added_and_deleted_codes():
    difference = compare_snapshots([entry("a")], [entry("b")])
    assert difference.codes == (CodeChange("added", "b", "B"), CodeChange("deleted", "a", "A"))


def test_changed_fields_are_named_and_parents_by_their_names():
    before = [entry("a"), entry("b", 1), entry("c", parent="a", shortcut="x")]
    after = [entry("a"), entry("b", 1), entry("c", parent="b", name="Cause")]
    (change,) = compare_snapshots(before, after).codes
    assert change == CodeChange(
        "changed",
        "c",
        "Cause",
        (
            FieldChange("name", "C", "Cause"),
            FieldChange("parent", "A", "B"),
            FieldChange("shortcut", "x", ""),
        ),
    )


def test_changed_text_says_where():
    (change,) = compare_snapshots(
        [entry("a", definition="What it is.")], [entry("a", definition="What it was.")]
    ).codes
    (field,) = change.fields
    assert field.pieces == (("same", "What it "), ("gone", "is"), ("new", "was"), ("same", "."))


def test_retired_and_restored():
    there, gone = [entry("a")], [entry("a", retired=True)]
    assert compare_snapshots(there, gone).codes == (CodeChange("retired", "a", "A"),)
    assert compare_snapshots(gone, there).codes == (CodeChange("restored", "a", "A"),)


def test_other_order_is_told_once_per_parent():
    before = [entry("a"), entry("b", 0, parent="a"), entry("c", 1, parent="a")]
    after = [entry("a"), entry("b", 1, parent="a"), entry("c", 0, parent="a")]
    difference = compare_snapshots(before, after)
    assert difference.codes == ()
    assert difference.orders == (SiblingReorder("A", ("B", "C"), ("C", "B")),)


def test_added_sibling_is_no_other_order():
    difference = compare_snapshots(
        [entry("a"), entry("b", 1)], [entry("c"), entry("a", 1), entry("b", 2)]
    )
    assert difference.orders == ()


def test_words_of_long_texts_are_not_compared_one_by_one():
    before, after = "a " * 2_000, "b " * 2_000
    assert compare_words(before, after) == [("gone", before), ("new", after)]


def test_text_from_nothing_is_new():
    assert compare_words("", "New text") == [("new", "New text")]
