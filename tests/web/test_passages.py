"""Passages in columns, and articles side by side, as pages."""

import csv
import html
import io
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.agreement.project_cache import clear_agreement_cache as forget_agreement
from cstoannot.comparison.project_cache import clear_comparison_cache
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    make_project,
    make_user,
    show_decisions,
)
from tests.comparison.test_rights import decide
from tests.web.pages import html_of, text_of

HOSTILE = "</script><script>alert(\"x\")</script> & 'quoted' 🙂 <b>bold</b>"
RIGHT_TO_LEFT = "قال الوزير إن التحالف فشل 🙂 تماما. لم يأت أحد.\n\nלא בא איש."


@pytest.fixture
def done(world):
    for user, source in (("bob", "shared"), ("beth", "shared"), ("beth", "beths")):
        finish(world.scope(getattr(world, user)), getattr(world, source))
    return world


@pytest.fixture
def passages(at):
    return at("compare/passages/")


@pytest.fixture
def reading(at):
    return at("compare/reading/")


def _quotes(page):
    found = re.findall(r"<blockquote[^>]*><a [^>]*>(.*?)</a>", page.content.decode(), re.S)
    return [html.unescape(one) for one in found]


def test_heading_tells_silent_pending_and_unassigned_apart(done, lead, passages):
    add_source(done.lead, "Nobodys")
    quiet = add_source(done.lead, "Quiet")
    assign_to(done.lead, quiet, done.bob)
    finish(done.scope(done.bob), quiet)
    words = text_of(lead.get(f"{passages}?code=failure"))
    assert (
        "one source, tentative 1 supports · 1 mixed · 1 silent · 1 pending · 1 unassigned" in words
    )
    assert "Silent (read to the end, nothing found in any voice): Quiet" in words
    assert "Pending (not yet read to the end for this claim): Bobs" in words
    assert "Unassigned (not assigned to any of the compared coders): Nobodys" in words


def test_states_of_the_consensus_are_told_in_its_words(done, client_for, lead, passages):
    """A viewer, who knows of no assignments, is not told that nobody was to read."""
    decide(done, done.bobs, "Nobody came.", "opposes")
    words = text_of(client_for(done.vera).get(f"{passages}?code=failure"))
    assert "one source, tentative 1 opposes · 2 unassigned" in words
    assert "Unassigned (nothing to decide that you may see): Shared · Beths" in words
    words = text_of(lead.get(f"{passages}?code=failure&layer=consensus"))
    assert "Pending (not decided yet): Shared · Beths" in words


def test_passages_link_to_their_places(done, lead, passages, at):
    page = lead.get(f"{passages}?code=failure&source={done.shared.pk}&annotator=bob")
    assert _quotes(page) == ["The alliance failed its member."]
    assert f'href="{at("sources/")}{done.shared.pk}/#at=0-31"' in page.content.decode()
    words = text_of(page)
    assert "▲" not in words
    assert "supports · author · bob ¶ 1" in words


def test_citation_says_where_the_words_stand(done, lead, passages):
    known = {"author": "A. Writer", "publisher": "The Paper", "published": "2020-11-25"}
    source = add_source(done.lead, "Cited", url="https://example.org/a?b=1&c=2", **known)
    assign_to(done.lead, source, done.bob)
    annotate(done.scope(done.bob), source, "Nobody came.", stance="opposes")
    finish(done.scope(done.bob), source)
    page = lead.get(f"{passages}?code=failure&source={source.pk}").content.decode()
    (citation,) = re.findall(r'data-citation="([^"]*)"', page)
    start = source.text.index("Nobody")
    assert html.unescape(citation) == (
        "“Nobody came.” (A. Writer, “Cited”, The Paper, 25 Nov 2020, "
        f"https://example.org/a?b=1&c=2, characters {start}–{start + 12})"
    )


def test_claims_before_and_after_keep_the_filters(done, lead, passages):
    add_code(done.lead, "Silence", claim="Nobody spoke.")
    page = lead.get(f"{passages}?code=failure&voice=everyone&by=publisher").content.decode()
    assert 'rel="next" href="?voice=everyone&amp;code=silence&amp;by=publisher"' in page
    assert 'rel="prev"' not in page
    page = lead.get(f"{passages}?code=silence&voice=everyone").content.decode()
    assert 'rel="prev" href="?voice=everyone&amp;code=failure"' in page


def test_several_actors_passages_name_their_articles(done, lead, passages):
    words = text_of(lead.get(f"{passages}?code=failure&by=speaker&voice=everyone"))
    assert "the authors themselves supports 2 places" in words
    assert (
        "alliance failed Shared mixed · author · 2 of 2 coders, stance and voice by a tie" in words
    )
    words = text_of(lead.get(f"{passages}?code=failure&by=speaker&voice=everyone&annotator=beth"))
    assert "The minister opposes 1 place" in words
    assert "alliance failed Shared opposes · said by The minister · beth" in words


def test_csv_has_a_row_for_each_place(done, lead, at):
    answer = lead.get(f"{at('compare/passages.csv')}?code=failure&voice=everyone")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    columns = ("title", "quote", "stance", "layer", "marked_by", "read_by", "tied")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("Shared", "alliance failed", "mixed", "majority", "2", "2", "stance voice"),
        ("Beths", "Nobody came.", "supports", "majority", "1", "1", ""),
    ]
    for row in rows:
        text = done.lead.project.sources.get(pk=row["source"]).text
        assert text[int(row["start"]) : int(row["end"])] == row["quote"]
    assert answer["Content-Disposition"] == (
        'attachment; filename="alliances-passages-failure.csv"'
    )


@pytest.mark.parametrize(
    "query", ["code=nothing", "source=99999", "since=never", "by=planet", "source=x"]
)
@pytest.mark.parametrize("path", ["passages/", "reading/"])
def test_what_cannot_be_asked_is_said_beside_the_filters(lead, at, path, query):
    answer = lead.get(f"{at('compare/')}{path}?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_code_without_a_claim_is_refused_or_leaves_nothing_to_compare(lead, at):
    assert lead.get(at("compare/passages/?code=plea")).status_code == 422
    page = lead.get(at("compare/passages/?code=failure&since=never")).content.decode()
    assert '<option value="failure" selected>' in page
    page = lead.get(at("compare/reading/?code=plea"))
    assert "None of these sources has a passage on the selected claims." in text_of(page)


@pytest.mark.parametrize("page", ["0", "-1", "x", "99", "9" * 40, "²"])
def test_any_page_number_shows_a_page(done, lead, passages, page):
    assert lead.get(f"{passages}?code=failure&page={page}").status_code == 200


def test_codebook_without_claims_says_so(client_for, world):
    scope = make_project(make_user("nora"), "Empty")
    client = client_for(scope.user)
    for path in ("passages/", "reading/"):
        assert client.get(f"/projects/empty/compare/{path}").status_code == 200
    assert client.get("/projects/empty/compare/passages.csv").status_code == 404


def test_others_see_only_what_is_theirs(done, client_for, passages, reading):
    decide(done, done.bobs, "Nobody came.", "opposes")
    finish(done.scope(done.bob), done.bobs)
    show_decisions(done.lead)
    bob, vera = client_for(done.bob), client_for(done.vera)
    for path in (passages, reading):
        for page in (bob.get(f"{path}?voice=everyone"), vera.get(f"{path}?voice=everyone")):
            assert "beth" not in page.content.decode().lower().replace("beths", "")
            assert "alliance failed</a>" not in page.content.decode()
    assert _quotes(bob.get(f"{passages}?code=failure")) == [
        "The alliance failed its member.",
        "Nobody came.",
    ]
    assert _quotes(vera.get(f"{passages}?code=failure")) == ["Nobody came."]
    for query in ("annotator=beth", "layer=individual"):
        assert vera.get(f"{passages}?{query}").status_code == 403
    assert bob.get(f"{reading}?source={done.beths.pk}").status_code == 422


def test_reading_shows_where_each_article_stands(done, lead, reading):
    page = lead.get(f"{reading}?source={done.shared.pk}&source={done.bobs.pk}&code=failure")
    words = text_of(page)
    assert "Shared mixed" in words
    assert "Bobs pending" in words
    body = page.content.decode()
    assert body.count('class="text"') == 2
    for source in (done.shared, done.bobs):
        (article,) = re.findall(
            rf'data-source="{source.pk}".*?<article\s+class="text"[^>]*>(.*?)</article>', body, re.S
        )
        assert html.unescape(re.sub(r"<[^>]+>", "", article)) == source.text


def test_reading_brings_what_scripts_paint_list_and_map(done, lead, at, reading):
    body = lead.get(f"{reading}?source={done.shared.pk}&source={done.beths.pk}").content.decode()
    (config,) = re.findall(r'<script id="reading-config"[^>]*>(.*?)</script>', body, re.S)
    found = json.loads(config)
    assert [claim["slug"] for claim in found["claims"]] == ["failure"]
    side = found["sides"][str(done.beths.pk)]
    start = done.beths.text.index("Nobody came.")
    (passage,) = side["passages"]
    assert (passage["code"], passage["start"], passage["end"]) == ("failure", start, start + 12)
    assert passage["paragraph"] == 2
    assert [who for who, stance, voice in passage["said"]] == ["1 of 1 coder"]
    assert side["cells"]["failure"]["passages"] == 1
    assert side["address"] == at(f"sources/{done.beths.pk}/")


def test_hostile_texts_stay_texts(done, lead, passages, reading):
    source = add_source(done.lead, HOSTILE, HOSTILE + "\n" + RIGHT_TO_LEFT, publisher=HOSTILE)
    assign_to(done.lead, source, done.bob)
    annotate(done.scope(done.bob), source, HOSTILE, stance="supports", voice=HOSTILE)
    annotate(done.scope(done.bob), source, "لم يأت أحد.", stance="opposes")
    finish(done.scope(done.bob), source)
    query = f"code=failure&voice=everyone&source={source.pk}&source={done.shared.pk}"
    for path in (passages, reading):
        page = lead.get(f"{path}?{query}").content.decode()
        assert "<script>alert" not in page
        assert "<b>bold" not in page
    assert _quotes(lead.get(f"{passages}?{query}"))[-2:] == [HOSTILE, "لم يأت أحد."]


def test_right_to_left_is_set_from_the_right(done, lead, passages, reading):
    source = add_source(done.lead, "Arabic", RIGHT_TO_LEFT, language="ar-EG")
    assign_to(done.lead, source, done.bob)
    annotate(done.scope(done.bob), source, "لم يأت أحد.", stance="opposes")
    finish(done.scope(done.bob), source)
    query = f"code=failure&source={source.pk}"
    page = html_of(lead.get(f"{passages}?{query}"))
    assert '<blockquote data-code="failure" lang="ar-EG" dir="rtl">' in page
    assert 'lang="ar-EG" dir="rtl" tabindex="0"' in html_of(lead.get(f"{reading}?{query}"))


@pytest.mark.parametrize("path", ["passages/?code=failure", "reading/?code=failure"])
def test_queries_do_not_grow_with_the_rows(done, lead, at, path):
    bob = done.scope(done.bob)
    counts = []
    for number in range(3):
        source = add_source(done.lead, f"More {number}")
        assign_to(done.lead, source, done.bob)
        for quote in ("Nobody came.", "We asked", "hopes"):
            annotate(bob, source, quote, stance="supports", voice="" if number else "A voice")
        finish(bob, source)
        forget_agreement()
        clear_comparison_cache()
        with CaptureQueriesContext(connection) as captured:
            assert lead.get(f"{at('compare/')}{path}").status_code == 200
        counts.append(len(captured))
    assert len(set(counts)) == 1


def test_words_narrow_a_long_list_of_articles(done, lead, reading, monkeypatch):
    monkeypatch.setattr("cstoannot.web.compare.reading_views.MOST_CHOICES", 2)
    add_source(done.lead, "Something else", publisher="The Paper")
    page = html_of(lead.get(f"{reading}?source={done.shared.pk}&find=paper%20ELSE"))
    offered = re.findall(r'<option value="\d+"[^>]*>([^<]*)</option>', page)
    assert offered[:2] == ["Shared", "Something else · The Paper"]
    assert set(offered) == set(offered[:2])
    assert 'value="paper ELSE"' in page


def test_more_than_three_articles_are_said_to_be_left_out(done, lead, reading):
    more = [add_source(done.lead, f"More {number}").pk for number in range(4)]
    query = "&".join(f"source={pk}" for pk in more)
    assert "the first 3 sources" in text_of(lead.get(f"{reading}?{query}"))


def test_long_lines_of_the_silent_are_cut_and_counted(done, lead, passages, monkeypatch):
    monkeypatch.setattr("cstoannot.web.compare.passage_views.NAMED", 1)
    for number in range(3):
        add_source(done.lead, f"More {number}")
    words = text_of(lead.get(f"{passages}?code=failure"))
    assert "Unassigned (not assigned to any of the compared coders): More 0 · and 2 more" in words


def test_columns_cut_short_lead_to_all_of_their_passages(done, lead, passages, monkeypatch):
    monkeypatch.setattr("cstoannot.comparison.passages.IN_COLUMN", 1)
    source = add_source(done.lead, "Long")
    assign_to(done.lead, source, done.bob)
    for quote in ("Nobody came.", "We asked", "hopes"):
        annotate(done.scope(done.bob), source, quote, stance="supports")
    finish(done.scope(done.bob), source)
    page = lead.get(f"{passages}?code=failure")
    assert "2 more: show all 3" in text_of(page)
    link = f"{passages}?source={source.pk}&code=failure"
    assert page.content.decode().count(f'href="{html.escape(link)}"') == 2
    assert len(_quotes(lead.get(link))) == 3
