"""A pasted list becomes codes: looked at first, then added as one revision."""

import re

import pytest

from cstoannot.codebook.queries import (
    list_revisions,
    load_code_tree,
    load_current_revision,
    require_code,
)
from tests.builders import add_code
from tests.web.pages import errors_of, text_of

LINES = """Duties; They are owed.
    Mutual defence; ; Help against an attack; ; ; ; m
    Consultation
Reputation; ; ; ; ; ; ; #123456"""


@pytest.fixture
def page(at):
    return at("codebook/new-list/")


def _key(response):
    found = re.search(r'name="accept" value="(\w+)"', response.content.decode())
    return found and found[1]


def _tree(world):
    return [(place.depth, place.code.name) for place in load_code_tree(world.lead)]


def test_list_is_looked_at_then_added(world, lead, page, at):
    assert "Add codes" in text_of(lead.get(at("codebook/")))
    body = {"lines": LINES.replace("\n", "\r\n"), "parent": "plea", "note": "Pilot"}
    shown = lead.post(page, body)
    assert "4 codes with parent code “Plea”" in text_of(shown)
    assert "definition Help" not in text_of(shown)
    assert 'fill="#123456"' in shown.content.decode()
    assert load_current_revision(world.lead) == 2
    added = lead.post(page, {**body, "accept": _key(shown)})
    assert added.url == at("codebook/")
    assert "4 codes were added to the codebook" in text_of(lead.get(added.url))
    assert _tree(world) == [
        (0, "Failure"),
        (1, "Plea"),
        (2, "Duties"),
        (3, "Mutual defence"),
        (3, "Consultation"),
        (2, "Reputation"),
    ]
    newest = list_revisions(world.lead)[0]
    assert (newest.number, newest.note) == (3, "Pilot")
    code = require_code(world.lead, "mutual-defence")
    assert (code.definition, code.shortcut) == ("Help against an attack", "m")


def test_what_was_not_looked_at_is_not_added(world, lead, page):
    key = _key(lead.post(page, {"lines": "One"}))
    for body in ({"lines": "One\nTwo"}, {"lines": "One", "parent": "plea"}):
        shown = lead.post(page, {**body, "accept": key})
        assert shown.status_code == 200
        assert _key(shown) not in (None, key)
    assert load_current_revision(world.lead) == 2


def test_problems_are_named_by_line_and_the_list_is_kept(world, lead, page):
    lines = "Fine\n\n  Deeper\n Between\nfailure\nFINE; ; ; ; ; ; j; red"
    shown = lead.post(page, {"lines": lines})
    assert shown.context["preview"].problems[0][0] == 4
    assert [line for line, _ in shown.context["preview"].problems] == [4, 5, 6, 6, 6]
    text = text_of(shown)
    assert "Line 5 : “Failure” already exists at this level" in text
    assert shown.context["form"]["lines"].value() == lines
    assert _key(shown) is None
    forced = lead.post(page, {"lines": lines, "accept": shown.context["preview"].key})
    assert forced.status_code == 200
    assert load_current_revision(world.lead) == 2


def test_codebook_that_has_changed_since_is_looked_at_again(world, lead, page):
    key = _key(lead.post(page, {"lines": "Praise"}))
    add_code(world.lead, "Praise")
    shown = lead.post(page, {"lines": "Praise", "accept": key})
    assert "Line 1 : “Praise” already exists at this level" in text_of(shown)


def test_lists_without_codes_or_with_too_many_are_refused(world, lead, page):
    assert "The list is empty" in text_of(lead.post(page, {"lines": " \n;;"}))
    assert errors_of(lead.post(page, {"lines": ""})) == {"lines": ["This field is required."]}
    many = "\n".join(f"C{n}" for n in range(2_001))
    assert errors_of(lead.post(page, {"lines": many})) == {
        "__all__": ["2,001 codes are too many at once: add at most 2,000."]
    }
    assert load_current_revision(world.lead) == 2
