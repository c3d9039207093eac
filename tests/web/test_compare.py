"""The matrix's page and its files show what the comparison says, and no more."""

import csv
import html
import io
import json
import re
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.agreement import project_cache as agreement_keeping
from cstoannot.codebook.actions import change_code
from cstoannot.comparison import project_cache
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.omissions import (
    list_omitted_claims,
    sort_actors_by_omissions,
)
from cstoannot.comparison.reports import (
    build_comparison_report,
    sort_claims,
)
from cstoannot.sources.actions import change_source
from cstoannot.stats.comparison.positions import CellState
from cstoannot.web.cell_words import name_verdict
from cstoannot.web.compare import views as view
from tests.agreement.demo import demo
from tests.builders import add_code, add_source, annotate, assign_to, finish, join, make_user
from tests.web.pages import html_of, text_of

CELL = re.compile(
    r'<a class="stood" data-state="(\w+)" data-level="(\d)" href="([^"]*)"[^>]*aria-label="([^"]*)"'
    r">(.*?)</a>"
)
ROW = re.compile(r"<tr><th scope=\"row\" class=\"lead\".*?</tr>", re.S)
SHEET = re.compile(r'<script id="virtual-grid-data" type="application/json">(.*?)</script>', re.S)


def state(found, actor, claim):
    return CellState(int(found.matrix.state[actor, claim])).name.lower()


def page_states(response):
    """Code → the states of its row."""
    rows = ROW.findall(html_of(response))
    return {
        re.search(r'data-code="([^"]+)"', row)[1]: [cell[0] for cell in CELL.findall(row)]
        for row in rows
    }


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def done(world):
    """A second claim; both coders are done with the shared source."""
    add_code(world.lead, "Duty", claim="There was a duty.")
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


@pytest.fixture
def at(done):
    return f"/projects/{done.slug}/compare/"


@pytest.mark.parametrize("query", ["", "?voice=everyone", "?layer=individual&annotator=coder-a"])
def test_matrix_is_the_comparison_cell_by_cell(db, client_for, query):
    scope = demo()
    asked = {"?voice=everyone": {"voices": ("everyone",)}, "": {}}.get(
        query, {"layer": "individual", "annotators": ("coder-a",)}
    )
    found = build_comparison_report(scope, ComparisonQuery(**asked))
    answer = client_for(scope.user).get(f"/projects/{scope.project.slug}/compare/{query}")
    order = sort_claims(found, "divergence")
    assert page_states(answer) == {
        found.claims[place].slug: [state(found, n, place) for n in range(5)] for place in order
    }
    assert list(page_states(answer)) == [found.claims[place].slug for place in order]
    words = text_of(answer)
    for verdict in found.verdicts:
        assert name_verdict(verdict) in words


def test_each_cell_says_what_it_holds_and_leads_to_its_passages(done, at, client_for):
    answer = client_for(done.alice).get(f"{at}?voice=everyone&code=failure")
    cells = CELL.findall(html_of(answer))
    assert [cell[0] for cell in cells] == ["mixed", "pending", "pending"]
    _, _, link, label, shown = cells[0]
    assert label == "mixed: 1 place (1 mixed). 1 of 2 coders supports, 1 opposes"
    assert shown == "◆ 1<i>≠</i>"
    link = link.replace("&amp;", "&")
    assert link == f"{at}passages/?code=failure&voice=everyone&source={done.shared.pk}"
    passages = client_for(done.alice).get(link)
    assert "alliance failed" in text_of(passages)


def test_one_assignment_changes_exactly_its_cells(done, at, client_for):
    lead = client_for(done.alice)
    before = page_states(lead.get(at))
    assert before == {c: [before[c][0], "pending", "pending"] for c in ("failure", "duty")}
    finish(done.scope(done.bob), done.bobs)
    after = page_states(lead.get(at))
    assert after == {code: [row[0], "silent", "pending"] for code, row in before.items()}


def test_no_two_of_the_empty_states_look_or_read_alike(done, at, client_for):
    finish(done.scope(done.bob), done.bobs)
    add_source(done.lead, "Nobody's")
    answer = client_for(done.alice).get(f"{at}?code=duty")
    cells = CELL.findall(html_of(answer))[1:]
    assert [cell[0] for cell in cells] == ["silent", "pending", "unassigned"]
    assert len({cell[3] for cell in cells}) == len({cell[4] for cell in cells}) == 3
    words = text_of(answer)
    for meaning in ("nothing found in any voice", "not yet read to the end", "not assigned to any"):
        assert meaning in words


def test_viewer_is_told_of_decisions_and_not_of_reading(done, at, client_for):
    words = text_of(client_for(done.vera).get(at))
    assert "unassigned: nothing to decide that you may see" in words
    assert "not assigned to any" not in words


def test_only_divergent_and_orders_are_in_the_address(done, at, client_for):
    lead = client_for(done.alice)
    page = lead.get(at)
    assert 'href="?verdict=diverge"' in page.content.decode()
    assert "No divergent claims" in text_of(lead.get(f"{at}?verdict=diverge"))
    codebook = lead.get(f"{at}?order=codebook")
    assert list(page_states(codebook)) == ["failure", "duty"]
    assert "order=codebook" in codebook.content.decode()


def test_filters_stay_on_the_way_to_other_views(done, at, client_for):
    html = client_for(done.alice).get(f"{at}?voice=everyone&code=failure").content.decode()
    for view_of in ("", "omissions/", "passages/"):
        assert f'href="{at}{view_of}?voice=everyone&amp;code=failure"' in html


def test_groups_and_speakers_are_compared(done, at, client_for):
    change_source(done.lead, done.shared.pk, group="East", publisher="The Times")
    lead = client_for(done.alice)
    groups = lead.get(f"{at}?by=group&voice=everyone")
    assert page_states(groups)["failure"] == ["mixed", "pending"]
    named = "2 sources without a group stand together as “without a group”: Bobs , Beths"
    assert named in text_of(groups)
    rest = CELL.findall(html_of(groups))[1][2].replace("&amp;", "&")
    assert named in text_of(lead.get(rest))
    assert named in text_of(lead.get(f"{at}network/?by=group&voice=everyone"))
    speakers = lead.get(f"{at}?by=speaker")
    assert "The minister" in text_of(speakers)
    link = CELL.findall(html_of(speakers))[0][2].replace("&amp;", "&")
    assert lead.get(link).status_code == 200


def test_what_makes_no_sense_is_said_beside_the_filters(done, at, client_for):
    lead = client_for(done.alice)
    for query, words in (
        ("?since=20", "Enter a year, month or day"),
        ("?source=999999", "The project has no source 999999"),
        ("?order=size", "order is one of"),
        ("?verdict=x", "verdict is one of"),
        ("?group=x", "No source that you may read has the group “x”."),
        ("?publisher=x", "No source that you may read has the publisher “x”."),
    ):
        answer = lead.get(at + query)
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert '<form class="asking"' in answer.content.decode()
    assert 'value="20"' in lead.get(f"{at}?since=20").content.decode()


def test_refused_question_keeps_what_can_be_asked(done, at, client_for):
    page = client_for(done.alice).get(
        f"{at}?since=20&voice=everyone&by=group&code=failure&order=codebook&verdict=agree"
    )
    words = html_of(page)
    for kept in (
        'name="voice" value="everyone" checked',
        '<option value="group" selected>',
        'value="failure" checked',
        '<option value="codebook" selected>',
        'name="verdict" value="agree"',
        "voice: everyone · by group · 1 claim</span>",
    ):
        assert kept in words


def test_rights(done, at, client_for):
    assert client_for(done.vera).get(f"{at}?layer=individual").status_code == 403
    assert client_for(done.bob).get(f"{at}?annotator=beth").status_code == 403
    viewer = client_for(done.vera).get(at)
    assert set(sum(page_states(viewer).values(), [])) == {"unassigned"}  # noqa: RUF017
    bob = client_for(done.bob).get(f"{at}?voice=everyone")
    assert page_states(bob)["failure"] == ["supports", "pending"]
    assert "split: 1" not in text_of(bob)
    assert 'name="annotator"' not in bob.content.decode()


def test_table_of_cells_holds_all_of_them(done, at, client_for):
    answer = client_for(done.alice).get(f"{at}matrix.csv?voice=everyone")
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    found = build_comparison_report(done.lead, ComparisonQuery(voices=("everyone",)))
    assert [(row["code"], row["title"], row["state"]) for row in rows] == [
        (found.claims[place].slug, actor.name, state(found, n, place))
        for place in sort_claims(found, "divergence")
        for n, actor in enumerate(found.actors)
    ]
    first = next(row for row in rows if row["coders_opposes"] == "1")
    assert (first["mixed"], first["coders_supports"], first["balance"]) == ("1", "1", "0.0")
    assert (first["coders_read_by"], first["coders_silent"]) == ("2", "0")
    assert {row["balance"] for row in rows if row["state"] == "silent"} == {""}


@pytest.mark.parametrize("name", ["matrix.svg", "matrix.csv"])
def test_same_data_same_bytes(done, at, client_for, name):
    first = body(client_for(done.alice).get(at + name))
    project_cache.clear_comparison_cache()
    agreement_keeping.clear_agreement_cache()
    assert body(client_for(done.ada).get(at + name)) == first


def test_figure_draws_every_cell(done, at, client_for):
    answer = client_for(done.alice).get(f"{at}matrix.svg?voice=everyone")
    words = "".join(ElementTree.fromstring(answer.content).itertext())
    assert answer["Content-Type"].startswith("image/svg+xml")
    for part in ("Failure", "Duty", "Shared", "◆ 1", "…", "no side taken"):
        assert part in words


def test_figure_of_more_than_can_be_read_says_what_it_leaves_out(done, at, client_for, monkeypatch):
    monkeypatch.setattr("cstoannot.web.figures.claim_matrix.MOST_COLUMNS", 1)
    answer = client_for(done.alice).get(f"{at}matrix.svg")
    assert "Not drawn: 2 more columns." in answer.content.decode()


def test_large_matrix_is_sent_for_the_script_to_draw(done, at, client_for, monkeypatch):
    whole = page_states(client_for(done.alice).get(f"{at}?voice=everyone"))
    monkeypatch.setattr(view, "MOST_PLAIN", 3)
    answer = client_for(done.alice).get(f"{at}?voice=everyone")
    sheet = json.loads(SHEET.search(answer.content.decode())[1])
    assert page_states(answer) == {}
    assert {
        claim["slug"]: [sheet["words"][int(digit)] for digit in row]
        for claim, row in zip(sheet["claims"], sheet["states"], strict=True)
    } == whole
    place = [claim["slug"] for claim in sheet["claims"]].index("failure")
    assert sheet["counts"][place] == [0, 0, 1, 0]
    assert (sheet["levels"][place], sheet["readers"][place]) == ("4", [2, 1, 1, 0, 0, 0])
    assert [head[0] for head in sheet["heads"]] == ["Shared", "Bobs", "Beths"]
    carried = {claim["slug"]: claim["carrying"] for claim in sheet["claims"]}
    scope = done.scope(done.alice)
    found = find_pivotal_passages(
        build_comparison_report(scope, ComparisonQuery(voices=("everyone",)))
    ).by_claim
    assert {slug: number for slug, number in carried.items() if number} == found


def test_large_matrix_can_be_had_in_parts_as_tables(done, at, client_for, monkeypatch):
    monkeypatch.setattr(view, "MOST_PLAIN", 2)
    monkeypatch.setattr(view, "FEWEST_COLUMNS", 2)
    lead = client_for(done.alice)
    parts = [page_states(lead.get(f"{at}?plain=1&page={number}"))["failure"] for number in (1, 2)]
    monkeypatch.undo()
    assert parts[0] + parts[1] == page_states(lead.get(at))["failure"]


def test_left_out_lists_what_others_take_a_side_on(done, at, client_for):
    annotate(done.scope(done.bob), done.bobs, "Nobody came.", stance="opposes")
    for coder, source in ((done.bob, done.bobs), (done.beth, done.beths)):
        finish(done.scope(coder), source)
    found = build_comparison_report(done.lead, ComparisonQuery(annotators=("bob",)))
    assert [one.claims for one in list_omitted_claims(found, sort_actors_by_omissions(found))] == [
        ()
    ] * 3
    lead = client_for(done.alice)
    again = add_source(done.lead, "Quiet")
    assign_to(done.lead, again, done.bob)
    finish(done.scope(done.bob), again)
    answer = lead.get(f"{at}omissions/")
    html = html_of(answer)
    first = html[html.index('class="left-out"') : html.index("</li></ul>")]
    assert "Quiet" in first
    assert 'data-code="failure"' in first
    assert 'data-code="duty"' not in html[html.index('class="left-out"') :]


def test_project_without_claims_says_so(world, client_for):
    lead = client_for(world.charlie)
    answer = lead.get(f"/projects/{world.elsewhere.project.slug}/compare/")
    assert "No code has a claim yet" in text_of(answer)


def test_words_of_users_are_escaped(done, at, client_for):
    name = "</script><b>&'\""
    change_source(done.lead, done.shared.pk, title=name, publisher=name)
    lead = client_for(done.alice)
    for path in ("", "?plain=1", "omissions/"):
        html = lead.get(at + path).content.decode()
        assert "<b>&'" not in html
    ElementTree.fromstring(lead.get(f"{at}matrix.svg").content)


def test_queries_do_not_grow(world, client_for):
    """The same number for few sources and for more, with nothing kept and then again."""
    client = client_for(world.alice)
    coder = join(world.lead, make_user("coder"), "annotator")
    found = []
    for number in range(3):
        source = add_source(world.lead, f"More {number}", publisher=f"P {number}", group="G")
        add_code(world.lead, f"Code {number}", claim=f"Claim {number}.")
        assign_to(world.lead, source, coder.user, world.bob)
        annotate(coder, source, "member", f"code-{number}", voice=f"Voice {number}", stance="mixed")
        finish(coder, source)
        project_cache.clear_comparison_cache()
        agreement_keeping.clear_agreement_cache()
        counts = []
        for path in ("", "", "omissions/", "matrix.svg"):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/projects/{world.slug}/compare/{path}").status_code == 200
            counts.append(len(captured))
        found.append(tuple(counts))
    assert len(set(found)) == 1, found
    assert found[0][1] <= 9


def test_pages_name_outdated_annotations_and_early_readings(done, lead, at):
    change_code(done.lead, "failure", definition="Only of the alliance.")
    add_code(done.lead, "Late", claim="It was late.")
    outdated = "1 outdated annotation"
    matrix = lead.get(at)
    assert f"{outdated} counted" in text_of(matrix)
    assert "1 finished source was read before this code existed" in text_of(matrix)
    assert "2 coders read it before this code existed" in html_of(matrix)
    for part in ("network/", "reading/", "passages/?code=failure", "omissions/"):
        also = "&" if "?" in part else "?"
        assert f"{outdated} counted" in text_of(lead.get(f"{at}{part}")), part
        current = text_of(lead.get(f"{at}{part}{also}meaning=current"))
        assert part == "reading/" or f"{outdated} left out" in current
    current = lead.get(f"{at}?meaning=current")
    assert f"{outdated} left out" in text_of(current)
    assert 'value="current" selected' in html_of(current)
    file = io.StringIO(body(lead.get(f"{at}matrix.csv")).decode("utf-8-sig"))
    told = {(row["code"], row["stale"], row["read_before"]) for row in csv.DictReader(file)}
    assert {("failure", "1", "0"), ("late", "0", "1")} <= told
    assert f"{outdated} counted" in body(lead.get(f"{at}matrix.svg")).decode()
    assert lead.get(f"{at}?meaning=old").status_code == 422


@pytest.mark.parametrize("query", ["", "?voice=everyone", "?annotator=coder-a"])
def test_counts_of_a_verdict_open_as_many_sources(client_for, query):
    client = client_for(demo().user)
    page = html_of(client.get(f"/projects/csto/compare/{query}"))
    links = re.findall(r'<a class="quiet" href="([^"]+/passages/[^"]+)">([\d,]+) \w+</a>', page)
    assert len(links) > 20
    for link, number in links:
        columns = html_of(client.get(html.unescape(link))).count('class="card column"')
        assert columns == int(number), link
