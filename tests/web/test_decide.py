"""Deciding by pages alone, without scripts: what the queue shows, and what a form does."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cstoannot.decisions.actions import open_decisions
from cstoannot.decisions.models import Decision
from cstoannot.decisions.places import DecidablePlace, PlaceState
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.projects.actions import change_project
from cstoannot.threads.actions import ThreadDraft, open_thread, resolve_thread
from cstoannot.threads.models import Thread
from tests.builders import World, annotate, assign_to, finish
from tests.threads.builders import on_place
from tests.web.pages import html_of, text_of


@pytest.fixture
def world(world: World) -> World:
    """Bob and Beth have read the shared source, and differ at two places."""
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), world.shared)
    return world


@pytest.fixture
def page(at: Callable[[str], str], world: World) -> str:
    return at(f"decide/{world.shared.pk}/")


def places_of(world: World) -> list[DecidablePlace]:
    return list_decidable_places(world.scope(world.alice), world.shared.pk)


def decide(client: Client, page: str, place: DecidablePlace, act: str, **said: Any) -> HttpResponse:
    posted = {"place": place.id, "version": place.version, "act": act, **said}
    return client.post(page, posted, follow=True)


def test_start_leads_to_the_first_source_that_waits(lead, at, page):
    assert lead.get(at("decide/"))["Location"] == page


def test_start_says_what_to_do_if_nothing_waits(world, lead, at, page):
    for place in places_of(world):
        decide(lead, page, place, "nothing", reason="Neither.")
    words = text_of(lead.get(at("decide/")))
    assert "Nothing waits for a decision" in words
    assert "Shared decided" in words


def test_place_is_shown_with_its_readings_and_no_names(world, lead, page):
    words = text_of(lead.get(page))
    assert "Place 1 of 2: bounds, stance and voice differ" in words
    assert "Both coders marked this place. Readings are shuffled; names follow the decision." in (
        words
    )
    assert "without “The” and “its member.”" in words or "with “The” and “its member.”" in words
    assert not re.search(r"\bbob\b|\bbeth\b", words.replace("Bob", ""))


def test_names_are_shown_if_the_owner_allows_them(world, lead, page):
    change_project(world.lead, names_while_deciding=True)
    words = text_of(lead.get(page))
    assert re.search(r"Reading \d bob ", words)


def test_text_is_that_of_the_source_with_a_lane_for_each_reading(world, lead, page):
    html = lead.get(page).content.decode()
    (paragraph,) = re.findall(r'<p\s+data-start="0"\s*>(.*?)</p>', html, re.S)
    assert re.sub(r"<[^>]+>", "", paragraph) == "The alliance failed its member."
    assert set(re.findall(r'data-lane="(\d)"', paragraph)) == {"1", "2"}


def test_reading_is_adopted_with_a_reason_and_the_next_place_opens(world, lead, page):
    first, second = places_of(world)
    number = next(one.number for one in first.readings if one.passages[0].stance == "supports")
    response = decide(lead, page, first, f"reading-{number}", reason="It says so.")
    words = text_of(response)
    assert "Place 2 of 2" in words
    assert f"Place 1 decided: reading {number}, Failure supports" in words
    assert response.redirect_chain[0][0] == f"{page}?place={second.id}&done={first.id}"
    place = places_of(world)[0]
    assert (place.state, place.decision.reason) == (PlaceState.DECIDED, "It says so.")


def test_decision_against_the_majority_asks_for_its_reason(world, lead, page):
    first, _ = places_of(world)
    response = decide(lead, page, first, "reading-1")
    assert response.status_code == 422
    assert "Say why" in text_of(response)
    assert Decision.objects.count() == 0


def test_rule_is_what_the_reason_says(world, lead, page):
    first, _ = places_of(world)
    decide(lead, page, first, "reading-1", reason="Whole sentences.", as_rule="yes")
    words = text_of(lead.get(f"{page}?place={first.id}"))
    assert "Rule Whole sentences." in words
    assert "Rules Whole sentences." in words


def test_record_has_names_and_can_be_undone(world, lead, page):
    first, _ = places_of(world)
    decide(lead, page, first, "nothing", reason="Neither.")
    words = text_of(lead.get(f"{page}?place={first.id}"))
    assert "Decided: nothing here" in words
    assert re.search(r"Readings 1 bo?b?(eth)? · 2 b", words)
    decide(lead, page, places_of(world)[0], "withdraw")
    assert [one.state for one in places_of(world)] == [PlaceState.UNDECIDED] * 2


def test_several_readings_stand(world, lead, page):
    first, _ = places_of(world)
    asked = text_of(lead.get(f"{page}?place={first.id}&mode=plural"))
    assert "These readings stand" in asked
    decide(lead, page, first, "plural", stands=["1", "2"], reason="Both can be said.")
    decision = places_of(world)[0].decision
    assert (decision.outcome, decision.reading_numbers) == ("plural", (1, 2))


def test_edit_finds_words_in_the_text(world, lead, page):
    first, _ = places_of(world)
    form = html_of(lead.get(f"{page}?place={first.id}&mode=edit&from=1"))
    assert 'name="quote-0"' in form
    typed = {"code-0": "failure", "start-0": "0", "end-0": "5", "quote-0": "failed its member"}
    typed |= {"stance-0": "mixed", "voice-0": "", "keep-0": "yes", "code-1": "", "quote-1": ""}
    decide(lead, page, first, "edited", reason="Neither is right.", **typed)
    (passage,) = places_of(world)[0].decision.passages
    assert (passage.quote, passage.stance) == ("failed its member", "mixed")


def test_edit_with_words_that_are_not_there_keeps_what_was_typed(world, lead, page):
    first, _ = places_of(world)
    typed = {"code-0": "failure", "quote-0": "never written", "keep-0": "yes"}
    response = decide(lead, page, first, "edited", reason="Because.", **typed)
    assert response.status_code == 422
    words = text_of(response)
    assert "The text does not read “never written”." in words
    assert 'value="Because."' in html_of(response)


def test_place_that_changed_is_not_decided(world, lead, page):
    first, _ = places_of(world)
    annotate(world.scope(world.bob), world.shared, "failed", stance="mixed")
    response = decide(lead, page, first, "nothing", reason="Neither.")
    assert response.status_code == 409
    assert Decision.objects.count() == 0


def test_changed_passage_brings_the_place_back(world, lead, page):
    first, _ = places_of(world)
    decide(lead, page, first, "nothing", reason="Neither.")
    annotate(world.scope(world.bob), world.shared, "failed its member", stance="mixed")
    words = text_of(lead.get(f"{page}?at={first.start}-{first.end}"))
    assert "to be looked at again" in words
    assert "Decided before: nothing here" in words
    assert "1 to look at again" in words


def test_adjudicator_who_coded_is_told_so(world, client_for, page):
    ada = client_for(world.ada)
    assert "You coded this source yourself" not in text_of(ada.get(page))
    assign_to(world.lead, world.shared, world.ada)
    finish(world.scope(world.ada), world.shared)
    assert "You coded this source yourself" in text_of(ada.get(page))


def test_source_is_handed_on(world, lead, at):
    page = at(f"decide/{world.shared.pk}/hand-on/")
    assert "ada" in text_of(lead.get(page))
    lead.post(page, {"username": "ada"})
    assert "handed on to ada" in text_of(lead.get(at(f"decide/{world.shared.pk}/")))
    response = lead.post(page, {"username": "bob"})
    assert response.status_code == 422


def test_agreed_places_are_adopted_after_a_preview(world, lead, at):
    for coder in (world.bob, world.beth):
        annotate(world.scope(coder), world.shared, "Nobody came.", stance="supports")
    page = at(f"decide/{world.shared.pk}/adopt/")
    assert "1 place on which all coders agree" in text_of(lead.get(page))
    assert "1 place adopted, with 1 passage." in text_of(lead.post(page, follow=True))
    assert "There is nothing left to adopt here." in text_of(lead.get(page))


def test_what_hangs_on_a_place(world, lead, page):
    first, _ = places_of(world)
    words = text_of(lead.get(f"{page}weight/?place={first.id}"))
    assert "Failure now no side taken" in words
    assert "one source by" in words


def test_decisions_are_listed_by_code_source_and_outcome(world, lead, page, at):
    first, second = places_of(world)
    decide(lead, page, first, "nothing", reason="Neither.")
    decide(lead, page, second, "reading-1", reason="The first.")
    every = text_of(lead.get(at("decide/decisions/")))
    assert "2 decisions" in every
    assert "Reason Neither." in every
    for query, number in (
        ("code=failure", 1),
        ("code=plea", 1),
        ("outcome=nothing", 1),
        (f"source={world.shared.pk}", 2),
        (f"source={world.bobs.pk}", 0),
        ("ruled=yes", 0),
    ):
        found = text_of(lead.get(at(f"decide/decisions/?{query}")))
        assert f"{number} decision" in found, query


def test_orders_of_the_queue(world, lead, page):
    for order in ("text", "code", "verdict"):
        assert "Place 1 of 2" in text_of(lead.get(f"{page}?order={order}")), order


def test_state_of_the_decisions_stands_beside_the_coding(world, lead, page, at):
    assert "not begun : decisions on Shared" in text_of(lead.get(at()))
    decide(lead, page, places_of(world)[0], "nothing", reason="Neither.")
    assert "under way : decisions on Shared" in text_of(lead.get(at()))
    assert "under way : decisions on Shared" in text_of(lead.get(at("assignments/")))


def test_disagreements_lead_to_their_place(world, lead, client_for, at):
    link = f"{at('decide/')}{world.shared.pk}/?at="
    assert link in lead.get(at("disagreements/")).content.decode()
    assert "decide/" not in client_for(world.bob).get(at("disagreements/")).content.decode()


def test_discussion_of_a_place_has_no_names_before_it_is_decided(world, lead, page):
    first, _ = places_of(world)
    on_place(world, world.bob, text="It takes half of it back.")
    words = text_of(lead.get(page))
    assert "Discussion · 1 open It takes half of it back. coder 1," in words
    decide(lead, page, first, "nothing", reason="Neither.")
    assert "It takes half of it back. bob," in text_of(lead.get(f"{page}?place={first.id}"))


def test_two_who_decide_apart_see_each_other_once_they_differ(world, lead, client_for, page):
    change_project(world.lead, decide_apart=True)
    ada, (first, _) = client_for(world.ada), places_of(world)
    decide(lead, page, first, "nothing", reason="Neither.")
    assert "You have decided this place." in text_of(lead.get(f"{page}?place={first.id}"))
    assert "Neither." not in text_of(ada.get(f"{page}?place={first.id}"))
    decide(ada, page, first, "reading-1", reason="The first.")
    for client in (lead, ada):
        words = text_of(client.get(f"{page}?order=differs"))
        assert "two adjudicators differ" in words
        assert "alice: nothing here" in words
        assert "ada: reading 1" in words


def ask_again(world: World, place: DecidablePlace) -> Thread:
    """Bob asks to look at the decision again."""
    assert place.decision is not None
    draft = ThreadDraft(kind="decision", text="The headline says it.", decision=place.decision.id)
    return open_thread(world.scope(world.bob), draft, asks_again=True)


def test_decision_that_a_coder_asks_about_comes_to_be_looked_at_again(world, lead, page, at):
    for place in places_of(world):
        decide(lead, page, place, "nothing", reason="Neither.")
    open_decisions(world.lead)
    first, second = places_of(world)
    thread = ask_again(world, second)
    assert lead.get(at("decide/"))["Location"] == page
    words = text_of(lead.get(page))
    assert "Place 2 of 2: decided, to be looked at again" in words
    assert "Somebody asks to look at this decision again: thread of" in words
    assert "1 of 2 places decided 0 left, 1 to look at again" in words
    assert "look again: somebody asks" in words
    assert at(f"threads/{thread.pk}/") in html_of(lead.get(page))
    assert "Next undecided" in text_of(lead.get(f"{page}?place={first.id}"))
    decide(lead, page, second, "majority", reason="The headline does say it.")
    assert "look again" not in text_of(lead.get(page))


def test_resolved_thread_asks_no_more(world, lead, page, at):
    for place in places_of(world):
        decide(lead, page, place, "nothing", reason="Neither.")
    open_decisions(world.lead)
    thread = ask_again(world, places_of(world)[0])
    resolve_thread(world.lead, thread.pk, resolved=True)
    assert "look again" not in text_of(lead.get(page))
    assert "Nothing waits for a decision" in text_of(lead.get(at("decide/")))


def test_agreed_place_comes_into_the_queue_if_a_coder_asks(world, lead, page, at):
    for coder in (world.bob, world.beth):
        annotate(world.scope(coder), world.shared, "Nobody came.", stance="supports")
    lead.post(at(f"decide/{world.shared.pk}/adopt/"))
    open_decisions(world.lead)
    ask_again(world, next(one for one in places_of(world) if one.decision))
    assert "0 of 3 places decided 2 left, 1 to look at again" in text_of(lead.get(page))


@pytest.mark.parametrize("path", ["decide/{}/", "decide/decisions/", "decide/{}/adopt/"])
def test_queries_are_as_many_for_any_number_of_places(world, lead, page, at, path):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert lead.get(at(path.format(world.shared.pk))).status_code == 200
        return len(queries)

    def differ(quote: str) -> None:
        for coder, stance in ((world.bob, "supports"), (world.beth, "opposes")):
            annotate(world.scope(coder), world.shared, quote, stance=stance)

    open_decisions(world.lead)
    differ("and all")
    decide(lead, page, places_of(world)[-1], "nothing", reason="Neither.")  # a like case
    ask_again(world, places_of(world)[-1])
    lead.get(page)  # once, so that what is kept is kept
    few = count()
    differ("Nobody came.")
    differ("hopes")
    decide(lead, page, places_of(world)[-1], "nothing", reason="Neither.")
    decide(lead, page, places_of(world)[-2], "nothing", reason="Neither.")
    ask_again(world, places_of(world)[-2])
    assert count() == few
