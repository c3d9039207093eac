"""What the pages about agreement show is what the reports say, and no more."""

import csv
import io
import re
from xml.etree import ElementTree

import pytest

from cstoannot.agreement.disagreements import (
    DisagreementFilter,
    compute_mixed_codes,
    list_disagreements,
)
from cstoannot.agreement.places import list_disputed_places
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.codebook.actions import change_code
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Role
from cstoannot.stats.results import EXPLANATIONS
from cstoannot.web.coefficient_display import format_coefficient, format_interval
from cstoannot.web.downloads import render_csv_download
from tests.builders import add_code, add_source, annotate, assign_to, finish, join, make_user
from tests.web.pages import html_of, text_of

LINK = re.compile(r'<a href="([^"]*agreement/evidence/[^"]*)"[^>]*>(?:<[^>]*>)*([\d,.]+)')
PARTS = (
    "agreement/",
    "agreement/card/",
    "agreement/diagnostics/",
    "agreement/mixed/",
    "agreement/evidence/",
    "agreement/counted/",
    "agreement/counted/?of=coders",
    "agreement/counted/?of=finished",
    "agreement/figure.svg",
    "agreement/codes.csv",
    "agreement/figure.svg?of=mixed",
    "agreement/figure.svg?of=pairs",
    "agreement/mixed.csv",
    "agreement/pairs.csv",
    "agreement/sources.csv",
    "agreement/precision/",
    "agreement/precision/?of=coders&first=bob&second=bob",
    "agreement/precision.csv",
    "agreement/profiles/",
    "agreement/profiles.csv",
    "agreement/tables/",
    "agreement/tables/?by=coder",
    "agreement/tables/?by=source&sort=-0",
    "agreement/tables.csv",
    "disagreements/",
    "disagreements/1/",
)


def both_finish(world, source=None):
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), source or world.shared)


def more_sources(world, count):
    """Sources that both coders finished, not in all of them alike."""
    for number in range(count):
        source = add_source(world.lead, f"More {number}")
        assign_to(world.lead, source, world.bob, world.beth)
        annotate(world.scope(world.bob), source, "Nobody came.", "plea", stance="supports")
        other = "failure" if number % 2 else "plea"
        annotate(world.scope(world.beth), source, "Nobody came", other, stance="opposes")
        both_finish(world, source)


def evidence_links(response):
    html = html_of(response).replace("&amp;", "&")
    return [(link, shown) for link, shown in LINK.findall(html) if "." not in shown]


def heading_number(page):
    return int(re.search(r"<h1>([\d,]+)", html_of(page))[1].replace(",", ""))


def read_csv(response):
    text = response.content.decode("utf-8-sig")
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text)))


def test_page_shows_what_the_report_says(world, lead, at):
    both_finish(world)
    more_sources(world, 3)
    found = build_agreement_report(world.lead, AgreementQuery())
    page = text_of(lead.get(at("agreement/")))
    interval = found.overall.interval
    low, high = map(format_coefficient, (interval.low, interval.high))
    value = format_coefficient(found.overall.value)
    assert f"Krippendorff’s α {value} 95\xa0% interval".replace("\xa0", " ") in page
    assert f"interval {low} to {high} (jackknife over 4 sources) · n =" in page
    reported = "We report Krippendorff’s α for nominal data (Krippendorff, 2019), pooled over codes"
    assert f"{reported} and pooled over sources: {value}" in page
    assert "Two coders (beth and bob) took part; the four sources" in page
    assert "Krippendorff, K. (2019). Content analysis" in page


@pytest.mark.parametrize(
    "query", ["", "measure=f1_overlap", "measure=stance_alpha", "unit=paragraph&code=plea"]
)
def test_every_n_opens_as_many_units_or_passages(world, lead, at, query):
    both_finish(world)
    more_sources(world, 2)
    links = evidence_links(lead.get(f"{at('agreement/')}?{query}"))
    assert len(links) >= 6
    for link, shown in links:
        assert heading_number(lead.get(link)) == int(shown), link


def test_evidence_is_paged_and_leads_into_the_text(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.agreement.evidence_views.ITEMS_ON_A_PAGE", 2)
    both_finish(world)
    total = build_agreement_report(world.lead, AgreementQuery()).overall.n
    seen = []
    for number in range(1, -(-total // 2) + 1):
        html = lead.get(f"{at('agreement/evidence/')}?show=all&page={number}").content.decode()
        seen += re.findall(r"/sources/\d+/#at=(\d+-\d+)", html)
    assert len(seen) == total
    assert len(set(seen)) == total
    beyond = lead.get(f"{at('agreement/evidence/')}?show=all&page=999")
    assert f"{total - 1} to {total} of {total}" in text_of(beyond)
    assert "blockquote" in beyond.content.decode()


def test_evidence_opens_where_coders_differ(world, lead, at):
    both_finish(world)
    more_sources(world, 3)
    path = f"{at('agreement/evidence/')}?unit=sentence"
    page = html_of(lead.get(path))
    links = re.findall(r'<a href="(\?[^"]*)"[^>]*><b>(\d+)</b>([\w ]+)', page)
    counts = {words: int(count) for _, count, words in links}
    assert set(counts) == {"marked", "coders differ", "all alike", "nobody marked", "all"}
    assert counts["all"] == heading_number(lead.get(path))
    for link, count, words in links:
        listed = lead.get(at("agreement/evidence/") + link.replace("&amp;", "&"))
        assert html_of(listed).count("<blockquote") == int(count), words
        assert heading_number(listed) == counts["all"]
    cards = page.split("<blockquote")[1:]
    said = [
        [re.findall(r'data-code="(\w+)"', li) for li in card.split("<b>")[1:]] for card in cards
    ]
    differ = [one[0] != one[1] for one in said]
    assert differ == sorted(differ, reverse=True)
    assert sum(differ) == counts["coders differ"] > 0
    assert len(cards) == counts["coders differ"] + counts["all alike"]
    assert lead.get(f"{path}&show=some").status_code == 422
    assert "aria-current" not in html_of(lead.get(f"{path}&measure=f1_exact")).split("<main")[1]


def test_cards_are_fetched_or_opened_by_their_links(world, lead, at):
    both_finish(world)
    html = lead.get(at("agreement/")).content.decode()
    parts = re.findall(r'data-part="([^"]+)"', html)
    assert [re.search(r"measure=(\w+)", part)[1] for part in parts] == [
        "u_alpha",
        "f1_overlap",
        "stance_alpha",
        "voice_alpha",
    ]
    card = text_of(lead.get(parts[1]))
    value = build_agreement_report(world.lead, AgreementQuery(measure="f1_overlap")).overall.value
    assert f"F1, any overlap {value:.2f}" in card
    assert "F1, same bounds: 0.00" in card


def test_large_projects_are_shown_part_by_part(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.agreement.views.FEW_SOURCES", 0)
    both_finish(world)
    html = lead.get(at("agreement/")).content.decode()
    assert f'data-part="{at("agreement/mixed/")}?"' in html
    assert "Codes mixed up with each other" not in html
    assert "Codes mixed up with each other" not in text_of(lead.get(at("agreement/diagnostics/")))
    assert "Where coders disagree" in text_of(lead.get(at("agreement/mixed/")))
    assert "What a reviewer will ask" in text_of(lead.get(at("agreement/diagnostics/")))
    assert "What a reviewer will ask" in text_of(lead.get(f"{at('agreement/')}?whole=1"))


def test_undefined_values_say_why(world, lead, at):
    add_code(world.lead, "Praise")
    both_finish(world)
    found = {
        one.code.slug: one.result
        for one in build_agreement_report(world.lead, AgreementQuery()).codes
    }
    assert found["praise"].value is None
    page = text_of(lead.get(at("agreement/")))
    assert f"Praise undefined {EXPLANATIONS[found['praise'].reason]}" in page
    assert "nan" not in page.lower().split()


def test_unit_of_another_measure_is_left_out(world, lead, at):
    both_finish(world)
    assert lead.get(f"{at('agreement/')}?measure=u_alpha&unit=sentence").status_code == 200
    assert lead.get(f"{at('agreement/')}?measure=nonsense").status_code == 422
    assert lead.get(f"{at('agreement/')}?source=x").status_code == 422


@pytest.mark.parametrize("query", ["code=nothing", "annotator=nobody", "source=99", "measure=x"])
def test_what_does_not_exist_is_said_above_the_form(world, lead, at, query):
    both_finish(world)
    answer = lead.get(f"{at('agreement/')}?unit=token&{query}")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "<option selected>token</option>" in page


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ("gwet", ("95 % Gwet’s analytic intervals (Gwet, 2014)", "Gwet, K. L. (2014).")),
        (
            "krippendorff",
            (
                "95 % Krippendorff’s bootstrap intervals (Hayes & Krippendorff, 2007), over pairs "
                "of values taken as independent, of 2,000 replicates",
                "Hayes, A. F., & Krippendorff, K. (2007).",
            ),
        ),
        (
            "bootstrap",
            (
                "95 % percentile bootstrap intervals (Efron & Tibshirani, 1993), drawing sources, "
                "of 2,000 replicates",
                "Efron, B., & Tibshirani, R. J. (1993).",
            ),
        ),
        (
            "jackknife",
            (
                "95 % delete-one-source jackknife intervals (Efron & Tibshirani, 1993; Hughes, "
                "2022)",
                "Hughes, J. (2022).",
            ),
        ),
    ],
)
def test_kind_of_interval_is_chosen_named_and_cited(world, lead, at, interval, said):
    both_finish(world)
    more_sources(world, 9)
    path = f"{at('agreement/')}?interval={interval}"
    response = lead.get(path)
    html, page = response.content.decode(), text_of(response)
    assert f'<option value="{interval}" selected>' in html
    assert f"Intervals are {said[0]}" in page
    assert said[1] in page
    found = build_agreement_report(world.lead, AgreementQuery(interval=interval))
    plea = next(one.result for one in found.codes if one.code.slug == "plea")
    low, high = map(format_coefficient, (plea.interval.low, plea.interval.high))
    assert f"{low} to {high}" in page
    pooled = "a value pooled over several has none"
    assert (pooled in page) == (interval in {"gwet", "krippendorff"})
    assert pooled not in text_of(lead.get(f"{path}&code=plea"))


def test_no_interval_is_named_where_there_is_none(world, lead, at):
    both_finish(world)
    page = text_of(lead.get(f"{at('agreement/')}?interval=none"))
    assert "No interval was asked for. · n =" in page
    assert "Intervals are" not in page
    assert "Efron" not in page


def test_interval_that_the_measure_does_not_have_is_said_to_be_left_out(world, lead, at):
    both_finish(world)
    response = lead.get(f"{at('agreement/')}?measure=u_alpha&interval=gwet")
    page = text_of(response)
    assert "Krippendorff’s uα, pooled over codes has no “Gwet’s analytic” interval" in page
    assert '<option value="gwet"' not in response.content.decode()
    assert lead.get(f"{at('agreement/')}?interval=nonsense").status_code == 422
    html = lead.get(f"{at('agreement/')}?interval=gwet").content.decode()
    parts = re.findall(r'data-part="([^"]+)"', html)
    assert [lead.get(part.replace("&amp;", "&")).status_code for part in parts] == [200] * 4


def test_selection_is_undone_without_the_rest_of_the_choice(world, lead, at):
    both_finish(world)
    html = lead.get(f"{at('agreement/')}?unit=paragraph&interval=gwet&code=plea").content.decode()
    link = re.search(r'href="(\?[^"]*)">All codes, coders and sources', html)[1]
    assert link.replace("&amp;", "&") == "?unit=paragraph&interval=gwet"


def test_before_anything_is_shared_the_page_says_so(world, lead, at):
    assert "sources that at least two coders have finished" in text_of(lead.get(at("agreement/")))
    assert "sources that at least two coders have finished" in text_of(
        lead.get(at("disagreements/"))
    )


def test_codes_mixed_up_lead_to_those_disagreements(world, lead, at):
    both_finish(world)
    more_sources(world, 4)
    html = html_of(lead.get(at("agreement/"))).replace("&amp;", "&")
    cells = re.findall(r'<a class="cell" data-level="\d" href="([^"]+)">(\d+)', html)
    assert cells
    for link, count in cells:
        assert heading_number(lead.get(link)) == int(count), link


def test_disagreements_are_counted_filtered_and_paged(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.agreement.disagreement_views.ON_A_PAGE", 2)
    both_finish(world)
    more_sources(world, 3)
    found = list_disputed_places(world.lead, DisagreementFilter())
    pairs = list_disagreements(world.lead, DisagreementFilter())
    assert found.total < pairs.total
    for query, listed in (("", found), ("by=pair", pairs)):
        at_list = f"{at('disagreements/')}?{query}"
        assert heading_number(lead.get(at_list)) == listed.total
        for kind, count in listed.counts.items():
            assert heading_number(lead.get(f"{at_list}&kind={kind}")) == count
    assert lead.get(f"{at('disagreements/')}?kind=nonsense").status_code == 422
    seen = []
    for number in range(1, -(-found.total // 2) + 1):
        html = lead.get(f"{at('disagreements/')}?page={number}").content.decode()
        seen += re.findall(r'/disagreements/(\d+)/"', html)
    assert seen == [str(number) for number in range(1, found.total + 1)]


def test_disagreement_stands_in_its_text_with_both_lanes(world, lead, at):
    both_finish(world)
    kinds = [one.kind for one in list_disagreements(world.lead, DisagreementFilter()).entries]
    number = kinds.index("boundary") + 1
    response = lead.get(f"{at(f'disagreements/{number}/')}?by=pair")
    html, page = response.content.decode(), text_of(response)
    assert "Boundary: bob and beth" in page or "Boundary: beth and bob" in page
    assert re.search(r'<mark\s+data-code="failure"[^>]*>alliance failed</mark> its member\.', html)
    assert re.search(r"<mark\s[^>]*>The alliance failed its member\.</mark>", html)
    assert "Failure opposes said by The minister" in page
    assert 'rel="next"' in html
    assert f'/sources/{world.shared.pk}/#at=0-31"' in html
    assert lead.get(f"{at(f'disagreements/{len(kinds) + 1}/')}?by=pair").status_code == 404
    assert lead.get(at("disagreements/0/")).status_code == 404


def test_place_shows_who_holds_what_and_where_the_bounds_differ(world, lead, at):
    both_finish(world)
    response = lead.get(at("disagreements/"))
    html, page = html_of(response), text_of(response)
    assert "Boundary, different stance, different voice" in page
    assert "1 of 2 coders beth Failure opposes said by The minister" in page
    assert "<mark>The</mark>alliance failed<mark>its member.</mark>" in html
    lanes = lead.get(at("disagreements/1/"))
    assert "2 readings by 2 coders" in text_of(lanes)
    assert len(re.findall(r'data-main="yes"', html_of(lanes))) == 2


def test_third_coder_is_named_where_two_differ(world, lead, at):
    carl, dora = make_user("carl"), make_user("dora")
    for user in (carl, dora):
        join(world.lead, user, Role.ANNOTATOR)
        assign_to(world.lead, world.shared, user)
    annotate(world.scope(carl), world.shared, "alliance failed its", "plea")
    both_finish(world)
    for user in (carl, dora):
        finish(world.scope(user), world.shared)
    third = "In the same text carl Plea dora nothing"
    for by in ("pair", "place"):
        query = f"by={by}&kind=boundary&annotator=bob&annotator=beth&code=failure"
        assert text_of(lead.get(f"{at('disagreements/')}?{query}")).count(third) == 1
        lanes = lead.get(f"{at('disagreements/1/')}?{query}")
        said = text_of(lanes)
        assert "carl another coder, in the same text Plea" in said
        assert "dora another coder; marked nothing here" in said
        assert re.search(r'data-about="yes"[^>]*>alliance failed its</mark>', html_of(lanes))


def test_values_on_how_much_more_are_those_of_the_agreement_page(world, lead, at):
    both_finish(world)
    more_sources(world, 4)
    response = lead.get(at("agreement/precision/?of=codes&first=plea&second=failure"))
    page = text_of(response)
    assert '<option value="plea" selected>Plea</option>' in html_of(response)
    for one in build_agreement_report(world.lead, AgreementQuery()).codes:
        value, interval = one.result.value, one.result.interval
        shown = f"{format_coefficient(value)} {format_interval(interval)}"
        assert re.search(rf"{one.code.name} [\d–]+ [\d–]+ {re.escape(shown)}", page)


def test_other_code_of_who_has_no_passage_of_the_place_is_named(world):
    carl = make_user("carl")
    join(world.lead, carl, Role.ANNOTATOR)
    assign_to(world.lead, world.shared, carl)
    for coder in (world.bob, world.beth, carl):
        annotate(world.scope(coder), world.shared, "Nobody came.", "plea")
        if coder != carl:
            annotate(world.scope(coder), world.shared, "Nobody came.", "failure")
        finish(world.scope(coder), world.shared)
    places = list_disputed_places(world.lead, DisagreementFilter(kinds=("missed",))).entries
    [place] = [one for one in places if one.third]
    assert [code.slug for code in place.codes] == ["failure"]
    assert [len(one.passages) for one in place.readings] == [1, 0]
    [carls] = place.third
    assert (carls.annotator.username, [one.code.slug for one in carls.passages]) == (
        *("carl", ["plea"]),
    )


def test_agreement_page_counts_the_places_that_it_opens(world, lead, at):
    both_finish(world)
    more_sources(world, 4)
    html = html_of(lead.get(at("agreement/mixed/"))).replace("&amp;", "&")
    [(link, count)] = re.findall(r'href="([^"]+)">Review all ([\d,]+) places?<', html)
    assert heading_number(lead.get(link)) == int(count)


def test_filters_stay_from_one_disagreement_to_the_next(world, lead, at):
    both_finish(world)
    more_sources(world, 2)
    html = lead.get(f"{at('disagreements/1/')}?code=plea&order=size").content.decode()
    after = re.search(r'rel="next" href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert after == f"{at('disagreements/2/')}?code=plea&order=size"


def test_tables_as_csv_hold_the_unrounded_values(world, lead, at):
    both_finish(world)
    add_code(world.lead, "=cmd()")
    more_sources(world, 1)
    found = build_agreement_report(world.lead, AgreementQuery())
    rows = read_csv(lead.get(at("agreement/codes.csv")))
    assert [row["value"] for row in rows] == [
        "" if one.result.value is None else repr(one.result.value) for one in found.codes
    ]
    assert rows[-1]["name"] == "'=cmd()"
    pairs = read_csv(lead.get(at("agreement/pairs.csv")))
    assert [(row["first"], row["second"], row["n"]) for row in pairs] == [
        ("beth", "bob", str(found.overall.n))
    ]
    sources = read_csv(lead.get(at("agreement/sources.csv")))
    assert [row["title"] for row in sources] == ["Shared", "More 0"]


@pytest.mark.parametrize("head", ["=1+1", "＝1+1"])
def test_heading_is_no_formula(head):
    assert f"'{head},n\r\n".encode() in render_csv_download("name", [head, "n"], []).content


def test_figure_is_the_same_for_the_same_data(world, lead, at):
    both_finish(world)
    add_code(world.lead, "Less < & more")
    first = lead.get(at("agreement/figure.svg"))
    assert first["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert first.content == lead.get(at("agreement/figure.svg")).content
    texts = [one.text for one in ElementTree.fromstring(first.content).iter() if one.text]
    assert {"All codes, pooled", "Failure", "Less < & more", ".667", ".800"} <= set(texts)
    assert b"style=" not in first.content
    assert b"nan" not in first.content


@pytest.mark.parametrize(
    ("of", "shown"),
    [
        ("pairs", {"All codes, pooled", "beth, bob"}),
        ("sources", {"All codes, pooled", "Shared"}),
        ("mixed", {"Failure", "Plea", "Codes mixed up with each other", "1"}),
    ],
)
def test_pairs_sources_and_codes_mixed_up_have_figures(world, lead, at, of, shown):
    both_finish(world)
    annotate(world.scope(world.bob), world.shared, "the minister said")
    annotate(world.scope(world.beth), world.shared, "the minister said", code="plea")
    first = lead.get(at(f"agreement/figure.svg?of={of}"))
    assert first.content == lead.get(at(f"agreement/figure.svg?of={of}")).content
    texts = {one.text for one in ElementTree.fromstring(first.content).iter() if one.text}
    assert shown - texts == set()


def test_figure_of_something_else_is_not_found(world, lead, at):
    both_finish(world)
    assert lead.get(at("agreement/figure.svg?of=nothing")).status_code == 404


def test_codes_mixed_up_as_csv_hold_the_matrix(world, lead, at):
    both_finish(world)
    found = compute_mixed_codes(world.lead, DisagreementFilter())
    rows = read_csv(lead.get(at("agreement/mixed.csv")))
    names = [code.name for code in found.codes]
    assert list(rows[0]) == ["code", "name", *names, "missed"]
    assert [(row["code"], row["name"]) for row in rows] == [
        (code.slug, code.name) for code in found.codes
    ]
    assert [[int(cell) for cell in list(row.values())[2:]] for row in rows] == [
        [*counts, missed] for counts, missed in zip(found.matrix, found.missed, strict=True)
    ]


@pytest.mark.parametrize("name", ["code", "name", "missed"])
def test_codes_mixed_up_as_csv_have_each_heading_once(world, lead, at, name):
    change_code(world.lead, "plea", name=name)
    both_finish(world)
    head = lead.get(at("agreement/mixed.csv")).content.decode("utf-8-sig").splitlines()[0]
    assert sorted(head.split(",")) == sorted(
        ["code", "name", "Failure", f"{name} (plea)", "missed"]
    )


def everything(client, at):
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    answers = {path: client.get(at(path)) for path in PARTS}
    return {
        path: (answer.status_code, token.sub("", answer.getvalue().decode()))
        for path, answer in answers.items()
    }


def test_blind_coder_learns_nothing(world, client_for, at):
    client = client_for(world.bob)
    finish(world.scope(world.bob), world.shared)
    before = everything(client, at)
    assert "Coders in this project do not see each other’s coding." in before["agreement/"][1]
    finish(world.scope(world.beth), world.shared)
    more = add_source(world.lead, "Another")
    assign_to(world.lead, more, world.beth)
    annotate(world.scope(world.beth), more, "Nobody came.", voice="Somebody new")
    finish(world.scope(world.beth), more)
    assert everything(client, at) == before
    for _, body in before.values():
        assert "beth" not in body
        assert "A silent witness" not in body


def test_coder_sees_what_the_project_opens(world, client_for, at):
    both_finish(world)
    more_sources(world, 1)
    client = client_for(world.bob)
    change_project(world.lead, visibility="done")
    bob = build_agreement_report(world.scope(world.bob), AgreementQuery())
    assert f"n = {bob.overall.n} units" in text_of(client.get(at("agreement/")))
    assert client.get(at("disagreements/1/")).status_code == 200


def test_outdated_passages_are_named_and_can_be_left_out(world, lead, at):
    both_finish(world)
    assert "outdated" not in text_of(lead.get(at("agreement/")))
    change_code(world.lead, "plea", definition="Only a plea by a government.")
    page = lead.get(at("agreement/"))
    said = "2 outdated passages, coded before the meaning of their code changed, are"
    assert f"{said} counted. Leave them out" in text_of(page)
    method = "Two passages were coded before the meaning of their code last changed, and are"
    assert f"{method} counted." in text_of(page)
    assert 'href="?meaning=current"' in html_of(page)
    current = lead.get(at("agreement/?meaning=current"))
    assert f"{said} left out. Count them" in text_of(current)
    assert f"{method} left out." in text_of(current)
    assert 'value="current" selected' in html_of(current)
    for link, shown in evidence_links(current):
        assert "meaning=current" in link
        assert heading_number(lead.get(link)) == int(shown.replace(",", ""))
    for part in ("codes", "pairs", "sources"):
        rows = read_csv(lead.get(at(f"agreement/{part}.csv?meaning=current")))
        assert sum(int(row["stale"]) for row in rows) == 2
    assert {lead.get(at(f"{path}?meaning=old")).status_code for path in ("agreement/",)} == {422}


def test_codes_added_later_are_named(world, lead, at):
    both_finish(world)
    add_code(world.lead, "Late")
    page = text_of(lead.get(at("agreement/")))
    assert "1 finished source was read before “Late” existed. Coders who finished" in page
    assert "Values over several codes cover the 2 codes that the same coders have read." in page
    rows = read_csv(lead.get(at("agreement/codes.csv")))
    assert {row["code"]: row["read_before"] for row in rows}["late"] == "1"


def test_viewer_is_refused(world, client_for, at):
    both_finish(world)
    assert {client_for(world.vera).get(at(path)).status_code for path in PARTS} == {403}


@pytest.mark.parametrize("more", [0, 3])
def test_queries_are_as_many_for_any_number_of_sources(
    world, lead, at, django_assert_num_queries, more
):
    both_finish(world)
    more_sources(world, 2 + more)  # so that there are some of each kind
    paths = [at(path) for path in ("agreement/", "agreement/evidence/", "disagreements/")]
    for path in paths:
        lead.get(path)
    for path, count in zip(paths, (26, 10, 10), strict=True):
        with django_assert_num_queries(count):
            lead.get(path)
