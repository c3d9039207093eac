"""Trees of codes, over random forests."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from cstoannot.codebook.tree import (
    build_code_tree,
    collect_descendants,
    compute_code_depth,
    compute_code_height,
    would_cycle,
)


@dataclass(frozen=True)
class Node:
    pk: int
    parent_id: int | None


@st.composite
def forests(draw: st.DrawFn) -> list[Node]:
    """Nodes in any order; each one's parent was drawn before it, so that there is no circle."""
    size = draw(st.integers(0, 12))
    parents = [
        draw(st.none() | st.integers(1, n - 1)) if n > 1 else None for n in range(1, size + 1)
    ]
    return draw(st.permutations([Node(n, p) for n, p in enumerate(parents, 1)]))


def _parents(nodes: list[Node]) -> dict[int, int | None]:
    return {node.pk: node.parent_id for node in nodes}


@given(forests())
def test_order_holds_every_code_once_below_its_parent(nodes):
    places = build_code_tree(nodes)
    order = [place.code.pk for place in places]
    assert sorted(order) == sorted(node.pk for node in nodes)
    for place in places:
        parent = place.code.parent_id
        assert place.depth == compute_code_depth(_parents(nodes), place.code.pk) - 1
        assert place.has_children == any(node.parent_id == place.code.pk for node in nodes)
        if parent is not None:
            inside = order[order.index(parent) + 1 : order.index(place.code.pk)]
            assert set(inside) <= collect_descendants(_parents(nodes), parent)


@given(forests())
def test_order_keeps_siblings_as_given(nodes):
    order = [place.code for place in build_code_tree(nodes)]
    for parent in {node.parent_id for node in nodes}:
        given_order = [node for node in nodes if node.parent_id == parent]
        assert [node for node in order if node.parent_id == parent] == given_order


@given(forests())
def test_descendants_are_those_whose_way_up_leads_there(nodes):
    parents = _parents(nodes)
    for root in parents:
        expected = set()
        for child in parents:
            way: list[int | None] = [child]
            while way[-1] is not None:
                way.append(parents[way[-1]])
            if root in way:
                expected.add(child)
        assert collect_descendants(parents, root) == expected


@given(forests())
def test_circle_is_seen_before_it_is_made(nodes):
    parents = _parents(nodes)
    for child in parents:
        assert not would_cycle(parents, child=child, parent=None)
        for parent in parents:
            below = parent in collect_descendants(parents, child)
            assert would_cycle(parents, child=child, parent=parent) is below


@given(forests())
def test_height_is_that_of_the_deepest_below(nodes):
    parents = _parents(nodes)
    for root in parents:
        below = [child for child in parents if parents[child] == root]
        assert compute_code_height(parents, root) == 1 + max(
            (compute_code_height(parents, c) for c in below), default=0
        )


def test_code_whose_parent_is_missing_stands_as_a_root():
    places = build_code_tree([Node(2, 1), Node(3, 2)])
    assert [(place.code.pk, place.depth) for place in places] == [(2, 0), (3, 1)]


def test_deep_tree_needs_no_deep_stack():
    nodes = [Node(n, n - 1 or None) for n in range(1, 5_001)]
    assert build_code_tree(nodes)[-1].depth == 4_999
    assert len(collect_descendants(_parents(nodes), 1)) == 5_000
