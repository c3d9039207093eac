"""A source that is marked as done is changed only after its annotator has reopened it."""

import pytest
from playwright.sync_api import expect

from cstoannot.annotations.models import Annotation
from cstoannot.assignments.actions import unassign_source
from cstoannot.assignments.models import Assignment
from cstoannot.history.models import Event
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Role
from tests.browser.test_annotate import (  # noqa: F401 (fixtures)
    _database_beside_playwright,
    make_team,
    open_desk,
)
from tests.browser.waiting import eventually
from tests.builders import annotate, finish, join, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUESTION = "This source is marked as done. Reopen it?"


@pytest.fixture
def done(make_team, open_desk):  # noqa: F811
    """Bob's page of a source that he coded and finished."""
    team = make_team()
    annotate(team.bob, team.source, "Nobody came", note="first")
    finish(team.bob, team.source)
    return team, open_desk(team)


def _state(team):
    return Assignment.objects.get(source=team.source, annotator=team.bob.user).state


def _code(desk):
    desk.drag("every member")
    desk.press("4")


def _saved_after_reopening(desk, ask, equals):
    """The change follows the reopening; until then the page says that all is saved, too."""
    expect(desk.page.locator("#finished")).to_be_hidden()
    eventually(desk.page, ask, equals)
    desk.saved()


CHANGES = {
    "code": (_code, [("failure", "Nobody came"), ("treaty", "every member")]),
    "stance": (lambda desk: desk.press("j", "+"), [("failure", "Nobody came")]),
    "another code": (lambda desk: desk.press("j", "Shift+$"), [("treaty", "Nobody came")]),
    "ends": (lambda desk: desk.press("j", "]"), [("failure", "Nobody came when")]),
    "delete": (lambda desk: desk.press("j", "x"), []),
}


@pytest.mark.parametrize("change", CHANGES)
def test_change_asks_first_and_is_done_after_reopening(done, change):
    team, desk = done
    act, after = CHANGES[change]
    before = list(Annotation.objects.values())
    act(desk)
    dialog = desk.page.get_by_role("dialog", name=QUESTION)
    expect(dialog).to_be_visible()
    assert (list(Annotation.objects.values()), _state(team)) == (before, "done")
    desk.press("Enter")
    expect(dialog).to_be_hidden()
    _saved_after_reopening(desk, lambda: (team.codings(), _state(team)), (after, "started"))
    event = Event.objects.filter(kind="assignment").latest("at")
    assert (event.actor, event.before, event.after) == (
        team.bob.user,
        {"state": "done"},
        {"state": "started"},
    )


@pytest.mark.parametrize("change", CHANGES)
def test_change_that_is_declined_changes_nothing(done, change):
    team, desk = done
    before = list(Annotation.objects.values())
    CHANGES[change][0](desk)
    expect(desk.page.get_by_role("dialog", name=QUESTION)).to_be_visible()
    desk.press("Space", "f", "Escape")
    expect(desk.page.get_by_role("dialog", name=QUESTION)).to_be_hidden()
    desk.page.wait_for_timeout(300)
    assert (list(Annotation.objects.values()), _state(team)) == (before, "done")
    desk.saved()


def test_note_that_is_declined_shows_what_is_saved(done):
    team, desk = done
    desk.press("j", "Shift+V")
    desk.page.keyboard.type("other")
    expect(desk.page.get_by_role("dialog", name=QUESTION)).to_be_visible()
    desk.press("Escape")
    expect(desk.page.locator("[name=note]")).to_have_value("first")
    desk.page.wait_for_timeout(1200)
    expect(desk.page.get_by_role("dialog", name=QUESTION)).to_be_hidden()
    assert [row["note"] for row in team.said()] == ["first"]


def test_note_is_saved_after_reopening(done):
    team, desk = done
    desk.press("j", "Shift+V", "End")
    desk.page.keyboard.type(" and second")
    desk.press("Control+Enter")
    desk.page.locator("#reopen").get_by_role("button", name="Reopen").click()
    notes = ["first and second"]
    _saved_after_reopening(desk, lambda: [row["note"] for row in team.said()], notes)


def test_undo_asks_too_and_keeps_its_step(make_team, open_desk):  # noqa: F811
    team = make_team()
    desk = open_desk(team)
    _code(desk)
    desk.saved()
    desk.press("Control+Enter")
    expect(desk.page.locator("#finished")).to_be_visible()
    dialog = desk.page.get_by_role("dialog", name=QUESTION)
    desk.press("z", "Escape", "z")  # at once: the second question is asked anew
    expect(dialog).to_be_visible()
    assert team.codings() == [("treaty", "every member")]
    desk.press("Enter")
    expect(desk.page.locator("#count")).to_have_text("0 annotations")
    _saved_after_reopening(desk, team.codings, [])


def test_key_that_would_change_nothing_asks_nothing(done):
    _, desk = done
    desk.press("f", "z", "j", "j", "/", "Escape")
    expect(desk.page.get_by_role("dialog", name=QUESTION)).to_be_hidden()


def test_changes_that_waited_are_shown_and_sent_after_reopening(make_team, open_desk):  # noqa: F811
    """Coded without network, while the source was marked as done elsewhere."""
    team = make_team()
    desk = open_desk(team)
    desk.page.context.set_offline(True)
    _code(desk)
    finish(team.bob, team.source)
    desk.page.context.set_offline(False)
    dialog = desk.page.locator("#trouble")
    expect(dialog).to_contain_text("Not accepted: the source is marked as done")
    expect(desk.page.locator("#status")).to_have_text(
        "1 change not accepted: the source is marked as done"
    )
    expect(desk.page.locator("#done")).to_contain_text("Reopen")
    assert team.codings() == []
    desk.reload()
    desk.page.locator("#status").click()
    expect(dialog).to_contain_text("Not accepted: the source is marked as done")
    dialog.get_by_role("button", name="Reopen and send").click()
    after = [("treaty", "every member")], "started"
    _saved_after_reopening(desk, lambda: (team.codings(), _state(team)), after)


def test_other_tab_learns_that_the_source_is_done(make_team, open_desk):  # noqa: F811
    team = make_team()
    desk = open_desk(team)
    other = desk.page.context.new_page()
    other.goto(team.url)
    other.wait_for_selector("html[data-ready]", state="attached")
    other.keyboard.press("Control+Enter")
    expect(desk.page.locator("#finished")).to_be_visible()
    _code(desk)
    expect(desk.page.get_by_role("dialog", name=QUESTION)).to_be_visible()
    other.close()


def test_reading_only_says_why_to_a_viewer(make_team, open_desk):  # noqa: F811
    team = make_team()
    page = open_desk(team, team.vera).page
    why = page.locator("#reading-only")
    expect(why).to_contain_text("your role in this project is viewer")
    expect(why).to_contain_text("ask an owner of the project: alice")
    page.get_by_role("link", name="Read only").press("Enter")
    expect(why).to_be_focused()


def test_reading_only_says_whom_an_annotator_asks(make_team, open_desk):  # noqa: F811
    team = make_team()
    change_project(team.lead, open_sources=True)
    unassign_source(team.lead, Assignment.objects.get(source=team.source).pk)
    page = open_desk(team).page
    expect(page.locator("#reading-only")).to_contain_text(
        "this source is not assigned to you. To annotate it, ask an owner of the project: alice."
    )
    expect(page.locator("#reading-only button")).to_have_count(0)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADJUDICATOR])
def test_lead_assigns_the_source_to_themselves_there(make_team, open_desk, role):  # noqa: F811
    team = make_team()
    lead = join(team.lead, make_user("ada"), role)
    desk = open_desk(team, lead)
    expect(desk.page.locator("#reading-only")).to_contain_text("not assigned to you")
    desk.page.get_by_role("button", name="Assign it to me").press("Enter")
    desk.ready()
    _code(desk)
    desk.saved()
    assert Annotation.objects.get().annotator == lead.user
