"""The network's pages show what the report says, and their files hold it."""

import csv
import io
import re
from xml.etree import ElementTree

import networkx
import pytest

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.network import build_network
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.projects.scope import open_project
from cstoannot.sources.actions import change_source
from tests.builders import finish
from tests.comparison.networked import add_article, worked_project
from tests.web.pages import html_of, text_of

FILES = ("figure.svg", "edges.csv", "nodes.csv", "network.graphml", "network.gexf")
AT = "/projects/worked/compare/network/"


@pytest.fixture
def worked(db):
    return worked_project()


@pytest.fixture
def browser(worked, client_for):
    return client_for(worked.user)


RAW = "normalisation=none&repeats=all"


def keys(worked):
    return {node.name: node.key for node in build_network(worked, NetworkQuery()).nodes}


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def read_csv(response):
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_page_shows_the_worked_example(browser):
    page = text_of(browser.get(f"{AT}?{RAW}"))
    assert "5 edges, strongest first" in page
    for row in ("B C −5 0 5 2", "A C −3 1 4 2", "A B 1 2 1 2"):
        assert row in page
    assert (
        "Subtract on opposes and supports; not normalised; repeats: keep all; 15 passages" in page
    )


def test_page_of_every_network_stands(browser):
    for name in ("congruence", "conflict", "co_mention", "two_mode_count", "two_mode_combine"):
        response = browser.get(f"{AT}?network={name}")
        assert response.status_code == 200
        assert '<svg class="network across"' in response.content.decode()
    assert "only supports" in text_of(response)


def test_choices_stay_in_the_form_and_in_the_links(browser):
    query = "by=publisher&network=conflict&normalisation=jaccard&levels=3&repeats=month"
    query += "&ignore_stance=true&threshold=0.5"
    html = html_of(browser.get(f"{AT}?{query}"))
    for value in ("conflict", "jaccard", "3", "month"):
        assert re.search(rf'<option value="{value}" selected>', html)
    assert 'name="ignore_stance" value="true" checked' in html
    assert 'value="0.5"' in html


def test_links_to_files_and_edges_hold_the_question(browser, worked):
    html = browser.get(f"{AT}?normalisation=cosine&levels=3").content.decode().replace("&amp;", "&")
    for name in FILES:
        assert f"{AT}{name}?normalisation=cosine&levels=3" in html
    names = keys(worked)
    ends = f"first={names['B']}&second={names['C']}"
    assert f'{AT}edge/?normalisation=cosine&levels=3&{ends}"' in html


def test_normalisation_of_another_network_is_left_out(browser):
    page = text_of(browser.get(f"{AT}?network=two_mode_count&normalisation=jaccard"))
    assert "Two-mode, count on opposes and supports; not normalised" in page


@pytest.mark.parametrize(
    "query", ["network=star", "levels=7", "threshold=much", "threshold=-1", "normalisation=x"]
)
def test_what_cannot_be_asked_is_said_on_the_page(browser, query):
    response = browser.get(f"{AT}?{query}")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_refused_network_keeps_its_fields(browser):
    asked = "network=conflict&levels=3&repeats=week&ignore_stance=true&threshold=much"
    page = html_of(browser.get(f"{AT}?{asked}&normalisation=cosine"))
    for kept in ("conflict", "3", "week", "cosine"):
        assert f'<option value="{kept}" selected>' in page
    assert 'name="ignore_stance" value="true" checked' in page
    assert 'value="much"' in page


def test_page_says_what_takes_no_part(worked, browser):
    coder = worked.project.memberships.get(user__username="cara").user
    add_article(worked, open_project(coder, "worked"), "E", [("p", "mixed"), ("p", ""), ("p", "")])
    page = text_of(browser.get(f"{AT}?repeats=week"))
    assert "2 passages without stance are not counted." in page
    assert "1 passage with mixed stance is not counted" in page
    assert "4 passages are not counted (repeats)." in page
    assert "The dates of 4 sources are not precise enough for the rule of repeats" in page
    assert "1 more source has none" in page


def test_more_edges_than_are_drawn_or_held_are_said(browser, monkeypatch):
    monkeypatch.setattr("cstoannot.comparison.network_drawing.MOST_EDGES", 1)
    monkeypatch.setattr("cstoannot.comparison.network.MOST_EDGES", 2)
    page = text_of(browser.get(AT))
    assert "The figure shows the 1 strongest of 5 edges." in page
    assert "files contain the 2 strongest edges; 3 weaker ones are left out." in page


def test_edge_page_shows_claims_passages_and_what_they_carry(worked, browser):
    names = keys(worked)
    page = text_of(browser.get(f"{AT}edge/?{RAW}&first={names['A']}&second={names['B']}"))
    assert "congruence 2, conflict 1 on 2 shared claims" in page
    assert "This edge depends on each of 3 passages" in page
    assert "without it, the sign changes: 1 becomes −1" in page
    assert page.count("without it, there is no edge") == 2
    only = browser.get(f"{AT}edge/?{RAW}&first={names['A']}&second={names['B']}&only=carrying")
    assert only.content.decode().count("<blockquote") == 3


def test_edge_that_nothing_carries_says_so(worked, browser):
    names = keys(worked)
    page = text_of(browser.get(f"{AT}edge/?{RAW}&first={names['B']}&second={names['C']}"))
    assert "This edge does not depend on a single passage" in page


def test_edge_with_a_claim_shows_the_actors_passages(worked, browser):
    names = keys(worked)
    query = f"{RAW}&network=two_mode_subtract&first={names['C']}&second=p"
    page = text_of(browser.get(f"{AT}edge/?{query}"))
    assert "0 supporting, 2 opposing" in page
    assert browser.get(f"{AT}edge/?{query}9").status_code == 404
    assert browser.get(f"{AT}edge/").status_code == 422


def test_figure_stands_alone_and_is_the_same_for_the_same_data(browser):
    one, other = (browser.get(f"{AT}figure.svg?network=two_mode_subtract") for _ in range(2))
    assert one.content == other.content
    assert one["Content-Disposition"] == 'inline; filename="worked-network-two_mode_subtract.svg"'
    root = ElementTree.fromstring(one.content)
    lines = [line for line in root.iter() if line.get("class") == "edge"]
    dashed = {line.get("data-style") for line in lines if line.get("stroke-dasharray")}
    solid = {line.get("data-style") for line in lines if not line.get("stroke-dasharray")}
    assert (dashed, solid) == ({"negative", "contested"}, {"positive"})
    assert "supports the claim" in one.content.decode()


def test_names_are_escaped_wherever_they_stand(worked, browser):
    name = '<script>alert("1")</script> & co'
    for source in worked.project.sources.all():
        change_source(
            worked, source.pk, publisher=f"{name[:-3]}{source.pk}", title=f"=1+{source.pk}"
        )
    for query in ("by=publisher", "by=publisher&network=two_mode_count"):
        assert "<script>alert" not in browser.get(f"{AT}?{query}").content.decode()
        for file in ("figure.svg", "network.graphml", "network.gexf"):
            assert ElementTree.fromstring(body(browser.get(f"{AT}{file}?{query}"))) is not None
    rows = read_csv(browser.get(f"{AT}edges.csv"))
    assert all(row["first_name"].startswith("'=1+") for row in rows)


def test_edges_csv_holds_every_edge(browser, worked):
    rows = read_csv(browser.get(f"{AT}edges.csv?repeats=all"))
    names = keys(worked)
    assert list(rows[0]) == [
        *("first", "second", "first_name", "second_name", "weight", "congruence", "conflict"),
        *("shared_claims", "contested", "carried_by_one_passage"),
    ]
    got = {row["first"] + row["second"]: float(row["weight"]) for row in rows}
    wanted = {"BC": -5 / 4.5, "AC": -3 / 4, "AB": 1 / 4.5, "AD": 0.0, "BD": 0.0}
    assert got == {names[a] + names[b]: weight for (a, b), weight in wanted.items()}
    assert [row["carried_by_one_passage"] for row in rows] == ["no", "no", "yes", "yes", "yes"]
    assert [row["contested"] for row in rows] == ["no", "no", "no", "yes", "yes"]


def test_nodes_csv_has_totals(browser):
    rows = read_csv(browser.get(f"{AT}nodes.csv?{RAW}&network=two_mode_count"))
    assert {row["name"]: row["passages"] for row in rows} == {
        **{"A": "4", "B": "5", "C": "4", "D": "2"},
        **{"P": "5", "Q": "4", "R": "2", "S": "4"},
    }


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_graphs_are_read_back(browser, name):
    data = body(browser.get(f"{AT}network.{name}?{RAW}"))
    reader = {"graphml": networkx.read_graphml, "gexf": networkx.read_gexf}[name]
    found = reader(io.BytesIO(data), **({"version": "1.3"} if name == "gexf" else {}))
    label = {key: node["label"] for key, node in found.nodes(data=True)}
    weight = "weight" if name == "graphml" else "signed_weight"
    got = {"".join(sorted((label[a], label[b]))): e[weight] for a, b, e in found.edges(data=True)}
    assert got == {"BC": -5, "AC": -3, "AB": 1, "AD": 0, "BD": 0}
    assert all(key.startswith("source:") for key in label)


def test_blind_annotator_and_viewer_see_no_others_work(world, client_for, at):
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), world.shared)
    path = at("compare/network/?network=two_mode_count&voice=everyone")
    assert "1 passage of 1 source on 1 claim" in text_of(
        client_for(world.alice).get(f"{path}&levels=3")
    )
    assert "1 passage of 1 source on 1 claim" in text_of(client_for(world.bob).get(path))
    assert "None of the selected passages takes a side" in text_of(client_for(world.vera).get(path))
    for file in FILES:
        assert client_for(world.vera).get(at(f"compare/network/{file}")).status_code == 200
        refused = client_for(world.bob).get(at(f"compare/network/{file}?annotator=beth"))
        assert refused.status_code == 403


def test_speakers_are_joined_by_what_they_are_said_to_say(world, client_for, at):
    finish(world.scope(world.beth), world.shared)
    found = build_network(
        world.lead, NetworkQuery(ComparisonQuery(by="speaker"), network="two_mode_subtract")
    )
    assert [(node.name, node.opposes) for node in found.nodes] == [
        ("The minister", 1),
        ("Failure", 1),
    ]
    page = text_of(client_for(world.alice).get(at("compare/network/?by=speaker&voice=everyone")))
    assert "Network of speakers: subtract" in page
