"""Keys on every keyboard: layouts, Caps Lock, dead keys, and what the fields make of them."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from cstoannot.assignments.models import Assignment
from tests.browser.test_annotate import (
    Desk,
    _database_beside_playwright,
    make_team,
    open_desk,
)
from tests.builders import add_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["_database_beside_playwright", "make_team", "open_desk"]


def type_key(desk: Desk, key: str, code: str, **state: Any) -> bool:
    """Press a key as a keyboard of another layout does; whether the page took it for itself."""
    return desk.page.evaluate(
        """([key, code, { altGraph = false, ...state }]) => {
          const event = new KeyboardEvent("keydown", {
            key, code, bubbles: true, cancelable: true, modifierAltGraph: altGraph, ...state,
          });
          return !(document.activeElement ?? document.body).dispatchEvent(event);
        }""",
        [key, code, state],
    )


KEYBOARDS = [
    pytest.param("f", "KeyF", False, id="latin"),
    pytest.param("F", "KeyF", False, id="caps-lock"),
    pytest.param("а", "KeyF", False, id="russian"),
    pytest.param("А", "KeyF", False, id="russian-caps-lock"),
    pytest.param("φ", "KeyF", False, id="greek"),
    pytest.param("כ", "KeyF", False, id="hebrew"),
    pytest.param("ب", "KeyF", False, id="arabic"),
    pytest.param("ㄹ", "KeyF", False, id="korean"),
    pytest.param("Process", "KeyF", False, id="input-method"),
    pytest.param("Unidentified", "KeyF", False, id="unidentified"),
    pytest.param("Dead", "KeyF", False, id="dead-key"),
    pytest.param("f", "KeyY", False, id="dvorak"),
]


@pytest.mark.parametrize(("key", "code", "shift"), KEYBOARDS)
def test_code_is_given_on_any_keyboard(make_team, open_desk, key, code, shift):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    assert type_key(desk, key, code, shiftKey=shift)
    desk.saved()
    assert team.codings() == [("failure", "the member called")]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        pytest.param("F", "KeyF", id="latin"),
        pytest.param("f", "KeyF", id="caps-lock"),
        pytest.param("А", "KeyF", id="russian"),
        pytest.param("[", "KeyF", id="arabic"),
    ],
)
def test_shift_alone_decides_that_a_code_is_replaced(make_team, open_desk, key, code):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("4")
    if key == "[":
        type_key(desk, "ش", "KeyA")  # the keyboard has shown that its letters are not Latin
    type_key(desk, key, code, shiftKey=True)
    desk.saved()
    assert team.codings() == [("failure", "the member called")]


@pytest.mark.parametrize(
    ("key", "shift"),
    [("'", False), ("4", True), ("4", False), ("è", False), ("٤", False), ("'", False)],
)
def test_digits_are_given_with_and_without_shift(make_team, open_desk, key, shift):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    type_key(desk, key, "Digit4", shiftKey=shift)
    desk.saved()
    assert team.codings() == [("treaty", "the member called")]


def test_caps_lock_undoes_and_does_not_redo(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f")
    type_key(desk, "Z", "KeyZ")
    expect(desk.page.locator("#count")).to_have_text("0 annotations")
    type_key(desk, "z", "KeyZ", shiftKey=True)
    expect(desk.page.locator("#count")).to_have_text("1 annotation")
    type_key(desk, "Z", "KeyZ", ctrlKey=True)
    expect(desk.page.locator("#count")).to_have_text("0 annotations")
    type_key(desk, "Я", "KeyZ", ctrlKey=True, shiftKey=True)
    expect(desk.page.locator("#count")).to_have_text("1 annotation")
    type_key(desk, "я", "KeyZ")
    expect(desk.page.locator("#count")).to_have_text("0 annotations")


def test_commands_work_with_russian_letters(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    type_key(desk, "а", "KeyF")
    type_key(desk, "х", "BracketLeft")  # [
    type_key(desk, "Ъ", "BracketRight", shiftKey=True)  # }
    desk.saved()
    assert team.codings() == [("failure", "member")]
    type_key(desk, "-", "Minus")
    type_key(desk, "м", "KeyV")
    expect(desk.page.locator("[name=voice]")).to_be_focused()
    desk.press("Escape")
    type_key(desk, "М", "KeyV", shiftKey=True)
    expect(desk.page.locator("[name=note]")).to_be_focused()
    desk.press("Escape")
    type_key(desk, "ч", "KeyX")
    desk.saved()
    assert team.codings() == []


def test_character_of_ours_wins_over_the_place_of_its_key(make_team, open_desk):
    """AZERTY has A where others have Q, and its minus on the 6; Dvorak's Q is others' X."""
    team = make_team()
    add_code(team.lead, "Quorum", shortcut="q")
    add_code(team.lead, "Aid", shortcut="a")
    add_code(team.lead, "Six", shortcut="6", claim="It is so.")
    desk = open_desk(team)
    desk.drag("the member called")
    type_key(desk, "q", "KeyX")
    type_key(desk, "a", "KeyQ")
    type_key(desk, "6", "Digit6", shiftKey=True)
    type_key(desk, "-", "Digit6")
    desk.saved()
    said = sorted((row["code"], row["stance"]) for row in team.said())
    assert said == [("aid", ""), ("quorum", ""), ("six", "opposes")]


@pytest.mark.parametrize(("key", "code"), [("y", "KeyZ"), ("q", "KeyX"), ("o", "KeyS")])
def test_letter_means_itself_and_never_the_place_of_its_key(make_team, open_desk, key, code):
    """A German Y must not undo, nor a Dvorak Q delete; the page says that it is no key."""
    team = make_team()
    add_code(team.lead, "Support", shortcut="s")
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f")
    assert not type_key(desk, key, code)
    expect(desk.page.locator("#toast")).to_contain_text(f"has the key {key.upper()}")
    desk.saved()
    assert team.codings() == [("failure", "the member called")]


def test_alt_graph_types_characters_and_no_codes(make_team, open_desk):
    team = make_team()
    add_code(team.lead, "Quorum", shortcut="q")
    desk = open_desk(team)
    desk.drag("the member called")
    type_key(desk, "f", "KeyF")
    type_key(desk, "@", "KeyQ", altGraph=True, ctrlKey=True, altKey=True)
    type_key(desk, "[", "Digit8", altGraph=True, ctrlKey=True, altKey=True)
    desk.saved()
    assert team.codings() == [("failure", "the member")]
    assert not type_key(desk, "f", "KeyF", altKey=True)


LAYOUT = """
  const layout = new Map(Object.entries(%s));
  Object.defineProperty(navigator, "keyboard", {
    value: { getLayoutMap: () => Promise.resolve(layout) },
  });
"""
RUSSIAN = {"KeyF": "а", "KeyJ": "о", "KeyZ": "я", "BracketLeft": "х", "Digit4": "4", "Slash": "."}
FRENCH = {"KeyF": "f", "KeyJ": "j", "KeyW": "z", "KeyZ": "w", "Digit4": "'", "Digit6": "-"}


def keys_shown(desk: Desk, layout: dict[str, str]) -> dict[str, str]:
    desk.page.add_init_script(LAYOUT % json.dumps(layout))
    desk.reload()
    desk.press("?")
    rows = desk.page.locator("#keys dl > div")
    expect(rows.first).to_be_visible()
    return {row.locator("dd").inner_text(): row.locator("dt").inner_text() for row in rows.all()}


def test_list_of_keys_shows_what_stands_on_the_readers_keyboard(make_team, open_desk):
    team = make_team()
    add_code(team.lead, "Six", shortcut="6")
    desk = open_desk(team)
    russian = keys_shown(desk, RUSSIAN)
    assert russian["Failure"] == "А"
    assert russian["next, previous passage"].startswith("О")
    assert russian["undo · redo"] == "Я · Shift Я"
    assert russian["move its start by a word"].startswith("Shift Х")
    assert russian["Treaty"] == "4"
    assert desk.page.locator("#codes [data-slug=failure] kbd").text_content() == "А"


def test_list_of_keys_says_where_a_digit_takes_shift(make_team, open_desk):
    team = make_team()
    add_code(team.lead, "Six", shortcut="6")
    french = keys_shown(open_desk(team), FRENCH)
    shown = (french["Failure"], french["Treaty"], french["Six"], french["undo · redo"])
    assert shown == ("F", "4", "Shift 6", "Z · Shift Z")


def test_enter_in_voice_accepts_and_leaves(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f", "v")
    desk.page.keyboard.type("The minister")
    desk.press("Enter")
    expect(desk.page.locator("#text")).to_be_focused()
    desk.press("v")
    expect(desk.page.locator("[name=voice]")).to_have_value("The minister")
    desk.press("Escape")
    desk.saved()
    assert [row["voice"] for row in team.said()] == ["The minister"]


@pytest.mark.parametrize("pause", [0, 1200])
def test_escape_gives_back_what_was_there(make_team, open_desk, pause):
    """Also when what was typed has been saved meanwhile."""
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f", "v")
    desk.page.keyboard.type("The minister")
    desk.press("Enter", "Shift+V")
    desk.page.keyboard.type("Seen")
    desk.press("Control+Enter")
    for key, name, before in (("v", "voice", "The minister"), ("Shift+V", "note", "Seen")):
        desk.press(key, "End")
        desk.page.keyboard.type(" twice")
        desk.page.wait_for_timeout(pause)
        desk.press("Escape")
        expect(desk.page.locator("#text")).to_be_focused()
        expect(desk.page.locator(f"[name={name}]")).to_have_value(before)
    desk.saved()
    assert [(row["voice"], row["note"]) for row in team.said()] == [("The minister", "Seen")]


def test_note_takes_lines_and_is_accepted_without_marking_as_done(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f", "Shift+V")
    desk.page.keyboard.type("one")
    desk.press("Enter")
    desk.page.keyboard.type("two")
    desk.press("Control+Enter")
    expect(desk.page.locator("#text")).to_be_focused()
    desk.saved()
    assert [row["note"] for row in team.said()] == ["one\ntwo"]
    assert Assignment.objects.get(source=team.source).state == "started"


def test_voice_and_note_have_visible_labels(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f")
    for words in ("Voice", "Note"):
        label = desk.page.locator("#inspector-body label", has_text=words)
        expect(label.locator("span")).to_be_visible()
        expect(desk.page.get_by_label(words, exact=True)).to_be_visible()
