"""Networks of a project: the worked values, what counts, what makes an edge, who may see it."""

from itertools import combinations

import pytest

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.network import build_network
from cstoannot.comparison.network_drawing import MOST_NODES, build_network_drawing
from cstoannot.comparison.network_edges import build_edge_report
from cstoannot.comparison.network_query import (
    NETWORKS,
    NORMALISATIONS,
    NetworkQuery,
    check_network_query,
)
from cstoannot.core.errors import Forbidden, Invalid, NotFound
from cstoannot.projects.scope import open_project
from cstoannot.sources.actions import change_source
from tests.agreement.demo import CODERS, Codings, demo
from tests.builders import annotate, finish
from tests.comparison.networked import add_article, worked_project
from tests.comparison.test_rights import decide
from tests.stats import slow_networks as slow
from tests.stats.comparison.test_networks import DENOMINATORS, PAIRS, WEIGHTS


@pytest.fixture
def lead(db):
    return worked_project()


@pytest.fixture
def coder(lead):
    return open_project(lead.project.memberships.get(user__username="cara").user, "worked")


def weights(found):
    """By the names of both, in their order."""
    names = [node.name for node in found.nodes]
    return {names[one.first] + names[one.second]: one.weight for one in found.listed()}


def keys(found):
    return {node.name: node.key for node in found.nodes}


def build_raw_query(**asked):
    """Every passage counts, and weights are not normalised, unless asked for."""
    return NetworkQuery(**{"repeats": "all", "normalisation": "none", **asked})


def test_default_counts_a_claim_once_for_each_source_by_average_activity(lead):
    """A says p twice, q, r once; B p, q once, s thrice: 3 and 3 count, of which p and q are shared.

    They agree on p and differ on q, which cancels out: a contested edge, not none.
    """
    found = build_network(lead, NetworkQuery())
    assert (found.asked.repeats, found.asked.normalisation) == ("source", "average_activity")
    edges = weights(found)
    assert edges["AB"] == 0.0
    assert edges["AC"] == pytest.approx((-1 + 1) / 3)
    listed = {(e.first, e.second): e for e in found.listed()}
    assert (listed[0, 1].congruence, listed[0, 1].conflict) == (1, 1)


@pytest.mark.parametrize("by", DENOMINATORS)
@pytest.mark.parametrize("kind", WEIGHTS)
def test_worked_example(lead, kind, by):
    found = build_network(lead, build_raw_query(network=kind, normalisation=by))
    wanted = {
        pair: weight / below
        for pair, weight, below in zip(PAIRS, WEIGHTS[kind], DENOMINATORS[by], strict=True)
        if weight or (kind == "subtract" and WEIGHTS["co_mention"][PAIRS.index(pair)])
    }
    assert weights(found) == pytest.approx(wanted)


def test_worked_example_with_claims(lead):
    found = build_network(lead, build_raw_query(network="two_mode_subtract"))
    assert weights(found) == {
        **{"AP": 2, "AQ": -1, "AR": 1},
        **{"BP": 1, "BQ": 1, "BS": 3},
        **{"CP": -2, "CR": 1, "CS": -1},
        "DQ": 0,
    }
    totals = {node.name: node.total for node in found.nodes}
    assert totals == {"A": 4, "B": 5, "C": 4, "D": 2, "P": 5, "Q": 4, "R": 2, "S": 4}


def test_edges_say_what_they_share(lead):
    found = build_network(lead, build_raw_query())
    edge = found.listed(0, 1)[0]
    assert (edge.weight, edge.congruence, edge.conflict, edge.shared) == (-5, 0, 5, 2)


def test_threshold_leaves_out_and_counts(lead):
    found = build_network(lead, build_raw_query(threshold=3))
    assert weights(found) == {"BC": -5, "AC": -3}
    assert found.edges.passing == 2


def test_most_edges_are_held_and_the_rest_is_counted(lead, monkeypatch):
    monkeypatch.setattr("cstoannot.comparison.network.MOST_EDGES", 2)
    found = build_network(lead, build_raw_query())
    assert (len(found.edges), found.edges.passing, found.cut) == (2, 5, 3)


def test_mixed_counts_in_the_middle_of_three_levels(lead, coder):
    add_article(lead, coder, "E", [("p", "mixed"), ("p", "")])
    two, three = (
        build_network(lead, build_raw_query()),
        build_network(lead, build_raw_query(levels=3)),
    )
    assert (two.said.mixed, two.said.without_stance, two.said.silent) == (1, 1, 1)
    assert "E" not in keys(two)
    edges = {
        three.nodes[e.first].name: e for e in three.listed() if three.nodes[e.second].name == "E"
    }
    assert {edge.weight for edge in edges.values()} == {0}
    assert (edges["A"].congruence, edges["A"].conflict) == (1, 1)
    report = build_edge_report(
        lead, build_raw_query(levels=3), *(keys(three)[name] for name in "AE")
    )
    assert (report.congruence, report.conflict, report.raw) == (1, 1, 0)


@pytest.mark.parametrize(
    ("repeats", "left"),
    [("all", 0), ("source", 4), ("week", 4), ("month", 5), ("year", 6), ("range", 8)],
)
def test_repeats_of_a_publisher(lead, coder, repeats, left):
    """A and B appear in one month, C in the next one, D some time in another year."""
    days = ("2020-11-02", "2020-11-25", "2020-12-24", "2021")
    for source, day in zip(lead.project.sources.order_by("pk"), days, strict=True):
        change_source(lead, source.pk, publisher="P", published=day)
    found = build_network(
        lead, build_raw_query(question=ComparisonQuery(by="publisher"), repeats=repeats)
    )
    assert len(found.said.repeats) == left
    assert len(found.said.rows) == 15 - left


def test_first_by_date_counts_where_stance_is_ignored(db):
    lead = worked_project({"A": "2021", "B": "2020-11-25", "C": "2020-11-03"})
    for source in lead.project.sources.order_by("pk"):
        change_source(lead, source.pk, publisher="P")
    asked = build_raw_query(
        question=ComparisonQuery(by="publisher", codes=("p",)),
        network="two_mode_subtract",
        repeats="range",
        ignore_stance=True,
    )
    assert weights(build_network(lead, asked)) == {"PP": -1}  # what C, the earliest, says


def test_source_without_the_date_that_repeats_ask_for_is_said(lead):
    found = build_network(lead, build_raw_query(repeats="month"))
    assert found.said.undated == 4


def test_sources_without_a_group_are_one_actor(lead):
    found = build_network(lead, build_raw_query(question=ComparisonQuery(by="group")))
    assert [(one.key, one.name, one.total) for one in found.nodes] == [
        ("none", "without a group", 15)
    ]
    assert sorted(source.title for source in found.said.unnamed) == ["A", "B", "C", "D"]


# --- what makes an edge


def test_edge_report_of_the_worked_example(lead):
    names = keys(build_network(lead, build_raw_query()))
    found = build_edge_report(
        lead, build_raw_query(normalisation="jaccard"), names["A"], names["C"]
    )
    assert (found.raw, found.divisor, found.weight) == (-3, 7, -3 / 7)
    assert [(p.claim.slug, p.first, p.second, p.weight) for p in found.parts] == [
        ("p", (0, 2), (2, 0), -4),
        ("r", (0, 1), (0, 1), 1),
    ]
    assert (found.total, found.carrying) == (6, 0)
    assert [(s.actor, s.place.claim.slug, s.place.quote) for s in found.stretches] == [
        (0, "p", "w0"),
        (0, "p", "w1"),
        (1, "p", "w0"),
        (1, "p", "w1"),
        (0, "r", "w3"),
        (1, "r", "w2"),
    ]
    assert [s.passages[0].left for s in found.stretches] == [-1, -1, -1, -1, -4, -4]


def test_passages_that_carry_an_edge(lead):
    """A and B: p supported by both twice and once, q opposed and supported once."""
    names = keys(build_network(lead, build_raw_query()))
    found = build_edge_report(lead, build_raw_query(), names["A"], names["B"], carrying=True)
    assert (found.raw, found.total, found.carrying) == (1, 3, 3)
    left = {(s.actor, s.place.claim.slug): s.passages[0].left for s in found.stretches}
    assert left == {(0, "p"): 0, (1, "p"): -1}
    assert build_network(lead, build_raw_query()).listed()[2].carried


def test_edges_say_whether_one_passage_carries_them(lead):
    for kind in NETWORKS:
        asked = build_raw_query(network=kind)
        found = build_network(lead, asked)
        for edge in found.listed():
            ends = (found.nodes[edge.first].key, found.nodes[edge.second].key)
            assert edge.carried == (build_edge_report(lead, asked, *ends).carrying > 0)


def test_removing_a_repeat_changes_nothing_and_the_next_stands_in(lead, coder):
    asked = build_raw_query(repeats="source")
    names = keys(build_network(lead, asked))
    found = build_edge_report(lead, asked, names["A"], names["C"])
    assert found.raw == -1 + 1
    shown = [(s.actor, p.repeat, p.left) for s in found.stretches for p in s.passages]
    # Which of two at one date comes first, their identifiers say.
    assert sorted(shown[:4]) == [(0, False, 0), (0, True, 0), (1, False, 0), (1, True, 0)]
    assert shown[4:] == [(0, False, -1), (1, False, -1)]


def test_edge_between_actor_and_claim(lead):
    asked = build_raw_query(network="two_mode_combine")
    names = keys(build_network(lead, asked))
    found = build_edge_report(lead, asked, names["D"], "q")
    assert (found.raw, found.second.slug, found.total, found.carrying) == (3, "q", 2, 2)
    assert sorted(s.passages[0].left for s in found.stretches) == [1, 2]


def test_passages_come_in_parts(lead):
    names = keys(build_network(lead, build_raw_query()))
    ends = (names["A"], names["C"])
    whole = build_edge_report(lead, build_raw_query(), *ends)
    parts = [build_edge_report(lead, build_raw_query(), *ends, offset=n, limit=4) for n in (0, 4)]
    assert [len(part.stretches) for part in parts] == [4, 2]
    listed = [one.passages for part in parts for one in part.stretches]
    assert listed == [one.passages for one in whole.stretches]


@pytest.mark.parametrize("ends", [("1000000", "1000001"), ("", ""), ("A", "A")])
def test_edge_of_who_has_no_part_is_not_found(lead, ends):
    with pytest.raises(NotFound):
        build_edge_report(lead, build_raw_query(), *ends)
    own = next(iter(keys(build_network(lead, build_raw_query())).values()))
    with pytest.raises(NotFound):
        build_edge_report(lead, build_raw_query(), own, own)


# --- the demonstration, a second time from its files


@pytest.mark.parametrize("levels", [2, 3])
@pytest.mark.parametrize("kind", WEIGHTS)
def test_demonstration_against_its_files(db, kind, levels):
    scope, scale = demo(), {2: (-1, 1), 3: (-1, 0, 1)}[levels]
    codings, value = Codings(), {"opposes": -1, "mixed": 0, "supports": 1}
    claims = {claim.slug for claim in build_network(scope, build_raw_query()).said.claims}
    passages = [
        (source, row["code"], value[row["stance"]])
        for coder in CODERS[:1]
        for source in range(5)
        for row in codings.said[coder][source]
        if row["code"] in claims and not row["voice"] and value.get(row["stance"]) in scale
    ]
    question = ComparisonQuery(annotators=CODERS[:1])
    asked = build_raw_query(
        question=question, network=kind, levels=levels, normalisation="average_activity"
    )
    found = build_network(scope, asked)
    place = {node.key: codings.pks.index(int(node.key)) for node in found.nodes}
    got = {
        (place[found.nodes[e.first].key], place[found.nodes[e.second].key]): e.weight
        for e in found.listed()
    }
    how = (kind, "average_activity")
    wanted = {
        pair: weight
        for pair in combinations(range(5), 2)
        if (weight := slow.normalised(passages, scale, how, *pair))
    }
    assert got == pytest.approx(wanted)


# --- rights


def test_annotator_has_a_network_of_own_coding_and_consensus_alone(world):
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), world.shared)
    own = build_network(world.scope(world.bob), build_raw_query(network="two_mode_count"))
    assert {node.name: node.total for node in own.nodes} == {"Shared": 1, "Failure": 1}
    with pytest.raises(Forbidden):
        build_network(
            world.scope(world.bob), build_raw_query(question=ComparisonQuery(annotators=("beth",)))
        )


def test_viewer_has_a_network_of_the_consensus_alone(world):
    finish(world.scope(world.bob), world.shared)
    vera = world.scope(world.vera)
    assert build_network(vera, build_raw_query()).nodes == []
    decide(world, world.shared, "Nobody came.", "opposes")
    found = build_network(vera, build_raw_query(network="two_mode_subtract"))
    assert {node.name: node.opposes for node in found.nodes} == {"Shared": 1, "Failure": 1}
    with pytest.raises(Forbidden):
        build_network(vera, build_raw_query(question=ComparisonQuery(layer="individual")))


def test_network_moves_on_with_the_history(world):
    bob = world.scope(world.bob)
    finish(bob, world.shared)
    asked = build_raw_query(network="two_mode_count")
    before = build_network(world.lead, asked)
    annotate(bob, world.shared, "Nobody came.", stance="supports")
    after = build_network(world.lead, asked)
    assert (len(before.said.rows), len(after.said.rows)) == (1, 2)


# --- drawing


def test_drawing_is_the_same_for_the_same_data(lead):
    one, other = (build_network_drawing(build_network(lead, build_raw_query())) for _ in range(2))
    assert one.places == other.places
    near = {node.name: place for node, place in zip(one.nodes, one.places, strict=True)}

    def apart(first, second):
        return sum((a - b) ** 2 for a, b in zip(near[first], near[second], strict=True)) ** 0.5

    assert apart("A", "B") < apart("A", "C")
    assert apart("A", "B") < apart("B", "C")


def test_drawing_holds_the_strongest_and_says_what_it_leaves(lead, coder):
    for number in range(MOST_NODES):
        add_article(lead, coder, f"More {number}", [("p", "supports")])
    whole = build_network(lead, build_raw_query())
    found = build_network_drawing(whole)
    assert len(found.nodes) <= MOST_NODES
    assert found.left_nodes == MOST_NODES + 4 - len(found.nodes)
    assert found.left_edges == whole.edges.passing - len(found.edges)
    sizes = [abs(edge.weight) for edge in found.edges]
    assert sizes == sorted(sizes, reverse=True)


# --- what cannot be asked


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (NetworkQuery(network="star"), "network"),
        (NetworkQuery(normalisation="prominence"), "normalisation"),
        (NetworkQuery(network="two_mode_count", normalisation="jaccard"), "normalisation"),
        (NetworkQuery(network="two_mode_combine", normalisation="activity"), "normalisation"),
        (NetworkQuery(levels=4), "levels"),
        (NetworkQuery(repeats="day"), "repeats"),
        (NetworkQuery(threshold=-1.0), "threshold"),
        (NetworkQuery(threshold=float("nan")), "threshold"),
        (NetworkQuery(threshold=float("inf")), "threshold"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, field):
    with pytest.raises(Invalid) as refused:
        check_network_query(asked)
    assert refused.value.field == field


def test_every_network_with_every_normalisation_it_has(lead):
    for kind, ones in NORMALISATIONS.items():
        for name, one in NETWORKS.items():
            if type(one).__name__.lower() == kind.replace("_", "") and "combine" not in name:
                for by in ones:
                    assert build_network(
                        lead, NetworkQuery(network=name, normalisation=by)
                    ).listed()


def test_address_holds_what_does_not_go_without_saying():
    asked = NetworkQuery(
        ComparisonQuery(by="publisher"), network="conflict", ignore_stance=True, threshold=0.5
    )
    wanted = "by=publisher&network=conflict&ignore_stance=true&threshold=0.5&page=2"
    assert asked.address(page=2) == wanted
    assert NetworkQuery().address() == ""
