"""Deciding in Chromium by keyboard: from a difference to the record, and fifty in a row."""

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from cstoannot.decisions.places import DecidablePlace, PlaceState
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.sources.models import Source
from tests.browser.axe import violations
from tests.browser.test_pages import _database_beside_playwright, faults, open_as
from tests.browser.waiting import eventually, until
from tests.builders import World, add_source, annotate, assign_to, build_world, finish

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HEADING = "() => document.querySelector('h1').innerText.replace(/\\s+/g, ' ').trim()"


def differ(world: World, sentences: int) -> Source:
    """A source on each of whose sentences Bob and Beth differ."""
    said = [f"Sentence number {number} says so." for number in range(1, sentences + 1)]
    source = add_source(world.lead, "Differences", "\n\n".join(said))
    assign_to(world.lead, source, world.bob, world.beth)
    for coder, stance in ((world.bob, "supports"), (world.beth, "opposes")):
        scope = world.scope(coder)
        for sentence in said:
            annotate(scope, source, sentence, stance=stance)
        finish(scope, source)
    return source


@dataclass
class Decider:
    """Alice at a source, by keyboard."""

    world: World
    source: Source
    page: Page
    url: str

    def places(self) -> list[DecidablePlace]:
        return list_decidable_places(self.world.lead, self.source.pk)

    def outcomes(self) -> list[str]:
        return [one.decision.outcome if one.decision else "" for one in self.places()]

    def press(self, key: str, heading: str) -> None:
        """Press a key, and wait for the heading to which it leads."""
        self.page.keyboard.press(key)
        until(self.page, HEADING, equals=heading)


@pytest.fixture
def decider(open_as) -> Iterator[Decider]:
    world = build_world()
    source = differ(world, 4)
    page = open_as(world.alice)
    url = f"/projects/{world.slug}/decide/{source.pk}/"
    page.goto(url)
    yield Decider(world, source, page, url)


def test_readings_are_adopted_undone_and_shown_by_keys(decider):
    page = decider.page
    page.keyboard.press("1")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("It says so.")
    decider.press("Enter", "Place 2 of 4: stance differs")
    assert decider.outcomes() == ["adopted", "", "", ""]
    decider.press("u", "Place 1 of 4: stance differs")
    assert decider.outcomes() == [""] * 4
    decider.press("m", "Place 2 of 4: stance differs")
    assert decider.outcomes() == ["majority", "", "", ""]
    decider.press("k", "Place 1 of 4: decided")
    expect(page.get_by_role("heading", name="Decided: the majority’s reading")).to_be_visible()
    decider.press("n", "Place 2 of 4: stance differs")
    decider.press("j", "Place 3 of 4: stance differs")


def test_several_readings_stand_by_keys(decider):
    page = decider.page
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="These readings stand")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("Both can be said.")
    decider.press("Enter", "Place 2 of 4: stance differs")
    assert decider.outcomes()[0] == "plural"


def test_bounds_stance_and_reason_are_edited_by_keys(decider):
    page = decider.page
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Edit", exact=True)).to_be_visible()
    page.keyboard.press("[")
    page.keyboard.press("-")
    expect(page.locator("[name=quote-0]")).to_have_value("Sentence number 1 says so")
    page.keyboard.press("r")
    page.keyboard.type("So says nothing.")
    decider.press("Control+Enter", "Place 2 of 4: stance differs")
    (passage,) = decider.places()[0].decision.passages
    assert (passage.quote, passage.stance) == ("Sentence number 1 says so", "opposes")


def test_words_selected_in_the_text_become_the_passage(decider):
    page = decider.page
    page.goto(f"{decider.url}?mode=edit")
    expect(page.locator(".editing .hint")).to_be_visible()
    page.locator(".here").first.dblclick(position={"x": 10, "y": 10})
    expect(page.locator("[name=quote-0]")).to_have_value("Sentence")


def test_going_back_shows_the_place_before(decider):
    decider.press("j", "Place 2 of 4: stance differs")
    decider.page.go_back()
    until(decider.page, HEADING, equals="Place 1 of 4: stance differs")


def test_server_that_does_not_answer_is_told(decider):
    page = decider.page
    page.route("**/decide/**", lambda route: route.abort())
    page.keyboard.press("m")
    expect(page.locator("#saved")).to_have_text(
        "Not saved: the server did not answer. Press the key again."
    )
    assert decider.outcomes() == [""] * 4
    page.unroute("**/decide/**")
    decider.press("m", "Place 2 of 4: stance differs")


def test_keys_are_listed(decider):
    decider.page.keyboard.press("?")
    expect(decider.page.locator("#decide-keys")).to_be_visible()
    assert violations(decider.page) == []


def test_pages_have_nothing_for_axe(decider):
    page, start = decider.page, f"/projects/{decider.world.slug}/decide/"
    decider.press("m", "Place 2 of 4: stance differs")
    first = decider.places()[0]
    paths = [
        f"{decider.source.pk}/?done={first.id}",
        f"{decider.source.pk}/?place={first.id}",
        f"{decider.source.pk}/?place={first.id}&mode=change",
        f"{decider.source.pk}/?mode=edit",
        f"{decider.source.pk}/?mode=plural",
        f"{decider.source.pk}/adopt/",
        f"{decider.source.pk}/hand-on/",
        f"{decider.source.pk}/weight/?place={first.id}",
        "decisions/",
    ]
    assert [fault for path in paths for fault in faults(page, start + path)] == []


def test_phone_has_the_keys_under_the_thumb(decider):
    page = decider.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(decider.url)
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    page.locator(".quick").get_by_role("button", name="M majority").click()
    until(page, HEADING, equals="Place 2 of 4: stance differs")
    assert decider.outcomes()[0] == "majority"


def test_fifty_decisions_are_made_by_keys(open_as, capsys):
    world = build_world()
    source = differ(world, 51)
    page = open_as(world.alice)
    page.goto(f"/projects/{world.slug}/decide/{source.pk}/")
    began = time.monotonic()
    for number in range(1, 51):
        page.keyboard.press("m")
        until(page, HEADING, equals=f"Place {number + 1} of 51: stance differs")
    seconds = time.monotonic() - began
    with capsys.disabled():
        sys.stdout.write(
            f"\n50 decisions by keys: {seconds:.1f} s, {1000 * seconds / 50:.0f} ms each\n"
        )

    def count() -> int:
        places = list_decidable_places(world.lead, source.pk)
        return sum(one.state == PlaceState.DECIDED for one in places)

    eventually(page, count, 50)
