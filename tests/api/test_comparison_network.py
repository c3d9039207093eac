"""`comparison/network/`: the worked values by their names, edges with what makes them, refusals."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.comparison import project_cache
from cstoannot.projects.scope import open_project
from tests.api.hostile import assert_problem
from tests.builders import annotate, finish
from tests.comparison.networked import add_article, worked_project
from tests.stats.comparison.test_networks import PAIRS, WEIGHTS


@pytest.fixture
def lead(db):
    return worked_project()


@pytest.fixture
def ask(lead, api):
    client = api(lead.user)

    def get(query="", status=200):
        answer = client.get(f"/api/v1/projects/worked/comparison/network/{query}")
        assert answer.status_code == status
        return answer.json() if status == 200 else answer

    return get


RAW = "normalisation=none&repeats=all"


def names(found):
    return {node["key"]: node["name"] for node in found["nodes"]}


def ends(found, pair):
    keys = {name: key for key, name in names(found).items()}
    return f"first={keys[pair[0]]}&second={keys[pair[1]]}"


@pytest.mark.parametrize("kind", WEIGHTS)
def test_worked_example(ask, kind):
    found = ask(f"?network={kind}&{RAW}")
    by = names(found)
    got = {by[one["first"]] + by[one["second"]]: one["weight"] for one in found["edges"]}
    contested = ("AD", "BD") if kind == "subtract" else ()
    weights = dict(zip(PAIRS, WEIGHTS[kind], strict=True))
    assert got == {pair: w for pair, w in weights.items() if w or pair in contested}
    assert found["passing"] == len(got)


def test_answer_says_how_it_was_made_and_what_it_leaves_out(ask):
    found = ask("?levels=3&repeats=month&ignore_stance=true&threshold=0.5&normalisation=cosine")
    edges, nodes = found.pop("edges"), found.pop("nodes")
    assert list(edges[0]) == [
        *("first", "second", "weight", "congruence", "conflict", "shared_claims", "carried")
    ]
    assert nodes[0] == {
        **{"key": nodes[0]["key"], "name": "A", "kind": "actor"},
        **{"passages": 3, "supports": 2, "opposes": 1, "mixed": 0},
    }
    left = {"without_stance": 0, "mixed": 0, "repeats": 5}
    assert found == {
        **{"network": "subtract", "normalisation": "cosine", "levels": 3, "repeats": "month"},
        **{"ignore_stance": True, "threshold": 0.5, "by": "source", "voice": ["author"]},
        **{"passages": 10, "passing": len(edges), "unnamed": 0},
        **{"meaning": "any", "stale": 0, "read_before": 0},
        "left_out": {**left, "undated_sources": 4, "silent": 0, "pending": 0, "partly_read": 0},
    }


def test_edges_come_with_what_each_claim_adds(ask):
    edge = ask(f"?claims=true&limit=2&{RAW}")["edges"][1]
    assert edge["claims"] == [
        {
            **{"code": "p", "first": [0, 2], "second": [2, 0]},
            **{"congruence": 0, "conflict": 4, "weight": -4},
        },
        {
            **{"code": "r", "first": [0, 1], "second": [0, 1]},
            **{"congruence": 1, "conflict": 0, "weight": 1},
        },
    ]


def test_one_edge_comes_with_its_passages_and_what_each_carries(ask):
    whole = ask(f"?{RAW}")
    edge = ask(f"?{RAW}&{ends(whole, 'AB')}&passages=true")["edges"][0]
    assert (edge["weight"], edge["carried"], edge["passages_total"]) == (1, True, 5)
    carrying = [one for one in edge["passages"] if one["carries"]]
    assert [(one["code"], one["quote"], one["left"]) for one in carrying] == [
        ("p", "w0", 0),
        ("p", "w1", 0),
        ("p", "w0", -1),
    ]
    assert {one["actor"] for one in edge["passages"]} == {edge["first"], edge["second"]}
    assert carrying[0]["annotator"] == "cara"  # alone, so that the majority is her coding


def test_one_edge_without_passages_has_its_claims(ask):
    edge = ask(f"?{ends(ask(), 'AB')}")["edges"][0]
    assert [claim["code"] for claim in edge["claims"]] == ["p", "q"]
    assert "passages" not in edge


def test_two_mode_edge_names_actor_and_code(ask):
    found = ask("?network=two_mode_subtract&normalisation=activity&repeats=all")
    edge = found["edges"][0]
    assert (names(found)[edge["first"]], edge["second"], edge["weight"]) == ("B", "s", 3 / 5)
    assert (edge["congruence"], edge["conflict"]) == (3, 0)
    assert [node["kind"] for node in found["nodes"]] == ["actor"] * 4 + ["claim"] * 4


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("network=star", 400, "network"),
        ("levels=4", 400, "levels"),
        ("repeats=day", 400, "repeats"),
        ("ignore_stance=perhaps", 400, "ignore_stance"),
        ("threshold=much", 400, "threshold"),
        ("threshold=-1", 422, "threshold"),
        ("threshold=nan", 400, "threshold"),
        ("limit=0", 400, "limit"),
        ("limit=100000", 400, "limit"),
        ("claims=true&limit=501", 422, "limit"),
        ("normalisation=prominence", 422, "normalisation"),
        ("network=two_mode_combine&normalisation=activity", 422, "normalisation"),
        ("first=1", 422, "second"),
        ("passages=true", 422, "passages"),
        ("by=colour", 400, "by"),
        ("source=7000", 422, "source"),
        ("nothing=1", 400, "nothing"),
    ],
)
def test_question_that_cannot_be_asked_is_refused_with_a_sentence(ask, query, status, field):
    answer = ask(f"?{query}", status)
    assert_problem(answer, status)
    assert list(answer.json()["errors"]) == [field]


def test_edge_of_who_has_no_part_is_not_found(ask):
    assert_problem(ask("?first=one&second=other", 404), 404)


def test_annotator_is_told_of_own_coding_alone(world, api):
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), world.shared)
    path = f"{world.api}comparison/network/?network=two_mode_count"
    before = api(world.bob).get(path).json()
    assert before["passages"] == 1
    annotate(world.scope(world.beth), world.shared, "Nobody came.", stance="supports")
    assert api(world.bob).get(path).json() == before
    assert api(world.bob).get(f"{path}&annotator=beth").status_code == 403
    assert api(world.vera).get(f"{path}&layer=individual").status_code == 403


def test_queries_do_not_grow_with_sources_or_edges(lead, api):
    client, counts = api(lead.user), []
    coder = lead.project.memberships.get(user__username="cara").user

    def queries(query):
        project_cache.clear_comparison_cache()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/api/v1/projects/worked/comparison/network/{query}")
        assert answer.status_code == 200
        return len(captured)

    for number in (1, 4):
        for n in range(number):
            said = [("p", "supports"), ("q", "opposes")]
            add_article(lead, open_project(coder, "worked"), f"More {number} {n}", said)
        first, second = (node["key"] for node in _nodes(client)[:2])
        counts.append(
            (queries("?claims=true"), queries(f"?first={first}&second={second}&passages=true"))
        )
    assert counts[0] == counts[1]


def _nodes(client):
    return client.get("/api/v1/projects/worked/comparison/network/").json()["nodes"]
