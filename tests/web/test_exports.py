import csv
import html
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.codebook.actions import change_code
from cstoannot.exchange.formats.registry import FORMATS
from cstoannot.projects.permissions import Permission
from tests.builders import add_source, annotate, assign_to, finish
from tests.web.pages import html_of, text_of


def _link(page, words):
    """Where the link with these words leads."""
    for address, inside in re.findall(r'<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.S):
        if words in re.sub(r"<[^>]+>", " ", inside):
            return html.unescape(address)
    raise AssertionError(words)


def test_page_leads_to_the_file_that_it_describes(world, lead, at):
    answer = lead.get(at("export/"))
    page = text_of(answer)
    assert "5 annotations · alliances-annotations-for-scripts.csv" in page
    for said in (*FORMATS["csv"].carries, *FORMATS["csv"].loses):
        assert said in page
    made = lead.get(_link(answer.content.decode(), "Download"))
    assert (
        made["Content-Disposition"]
        == 'attachment; filename="alliances-annotations-for-scripts.csv"'
    )
    table = list(csv.DictReader(io.StringIO(b"".join(made.streaming_content).decode())))
    assert len(table) == 5


def test_filters_and_options_go_with_every_link(world, lead, at):
    query = "?format=csv&flavour=spreadsheets&code=failure&stance=opposes&stance=none&voice=author"
    page = lead.get(at(f"export/{query}"))
    assert "0 annotations · alliances-annotations-for-spreadsheets.csv" in text_of(page)
    query = query.replace("&voice=author", "")
    page = lead.get(at(f"export/{query}")).content.decode()
    assert "<b>1</b> annotations" in page
    file = b"".join(lead.get(_link(page, "Download")).streaming_content)
    (row,) = csv.DictReader(io.StringIO(file.decode("utf-8-sig")))
    assert (row["stance"], row["note"]) == ("opposes", "Secret")
    other = lead.get(at("export/") + _link(page, "JSON Lines")).content.decode()
    assert "<b>1</b> annotations" in other
    flavour = lead.get(at("export/") + _link(page, "spreadsheets where a comma")).content.decode()
    assert "<b>1</b> annotations" in flavour and "for-spreadsheets-semicolon.csv" in flavour


@pytest.mark.parametrize("key", FORMATS)
def test_every_format_has_its_page_and_file(world, lead, at, key):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    answer = lead.get(at(f"export/?format={key}"))
    assert FORMATS[key].readers in text_of(answer)
    made = lead.get(_link(answer.content.decode(), "Download"))
    assert (made.status_code, made["Content-Type"]) == (200, FORMATS[key].media_type)
    assert len(b"".join(made.streaming_content)) > 100


def test_what_cannot_be_made_says_why_instead_of_a_button(world, lead, at):
    page = lead.get(at("export/?format=units"))
    assert "None of the selected sources is finished by two" in text_of(page)
    assert " download>" not in page.content.decode()
    assert lead.get(at("export/units/")).status_code == 422


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("updated_since=soon", "enter a date such as 2026-01-31"),
        ("source=x", "source must be the number of a source"),
        (f"source={'9' * 400}", "source must be the number of a source"),
        ("stance=maybe", "stance must be one of"),
        ("layer=both", "layer must be one of"),
        ("format=csv&flavour=excel", "flavour is one of"),
        ("q=%00", "without NUL"),
    ],
)
def test_what_cannot_be_asked_is_said_on_the_page(world, lead, at, query, said):
    answer = lead.get(at(f"export/?{query}"))
    assert answer.status_code == 422
    assert said in text_of(answer) and "5 annotations" in text_of(answer)
    assert lead.get(at(f"export/csv/?{query.removeprefix('format=csv&')}")).status_code == 422


def test_unknown_formats_are_not_there(world, lead, at):
    assert lead.get(at("export/?format=docx")).status_code == 404
    assert lead.get(at("export/docx/")).status_code == 404


def test_each_reader_is_offered_what_they_may_have(world, client_for, at):
    for user, may in (
        (world.bob, "your own annotations"),
        (world.vera, "consensus of the team"),
    ):
        client = client_for(user)
        page = text_of(client.get(at("export/")))
        assert may in page
        kept = [one for one in FORMATS.values() if one.permission is Permission.SEE_ALL_CODING]
        for format in kept:
            assert format.title not in page
            assert client.get(at(f"export/?format={format.key}")).status_code == 403
            assert client.get(at(f"export/{format.key}/")).status_code == 403
        assert "beth" not in page


def test_page_takes_as_many_queries_however_many_rows(world, lead, at):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            lead.get(at("export/"))
        return len(captured)

    few = queries()
    for number in range(5):
        source = add_source(world.lead, f"More {number}")
        assign_to(world.lead, source, world.bob)
        annotate(world.scope(world.bob), source, "alliance", voice=f"Voice {number}")
    assert queries() == few


def test_navigation_leads_there(world, lead, at):
    page = lead.get(at()).content.decode()
    assert _link(page, "Export") == at("export/")


@pytest.mark.parametrize("name", ["author", "speaker:author", "everyone"])
def test_speaker_is_not_taken_for_what_a_word_stands_for(world, lead, at, name):
    said = annotate(world.scope(world.bob), world.shared, "Nobody", "plea", voice=name)
    page = html_of(lead.get(at("export/")))
    (word,) = re.findall(rf'name="voice" value="([^"]*)">{name}<', page)
    answer = lead.get(at(f"export/csv/?voice={word}"))
    table = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["id"], row["voice"]) for row in table] == [(str(said["id"]), name)]
    again = html_of(lead.get(at(f"export/?voice={word}")))
    assert f'value="{word}" checked>{name}<' in again
    assert f"voice={word.replace(':', '%3A')}" in _link(again, "Download")


def test_current_meaning_is_a_filter(world, lead, at):
    change_code(world.lead, "failure", definition="Only of the alliance.")
    page = lead.get(at("export/?format=csv&meaning=current"))
    assert "2 annotations" in text_of(page)
    assert "3 outdated annotations, made before" in text_of(page)
    link = _link(page.content.decode(), "Download")
    assert "meaning=current" in link
    table = csv.DictReader(io.StringIO(b"".join(lead.get(link).streaming_content).decode()))
    assert {row["code"] for row in table} == {"plea"}
    assert "2 annotations" in text_of(lead.get(at("export/?format=csv&stale=false")))
