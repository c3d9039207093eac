"""Pages of threads: the list, a thread, what is begun where, and what the start page tells."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.annotations.proposal_queries import visible_proposals
from cstoannot.projects.models import Project
from cstoannot.threads.actions import ThreadDraft, open_thread, resolve_thread
from cstoannot.threads.comment_actions import add_comment
from cstoannot.threads.queries import list_comments, require_thread, visible_threads
from tests.builders import finish
from tests.threads.builders import decide, on_place
from tests.web.pages import text_of


@pytest.fixture
def thread(world):
    return open_thread(world.lead, ThreadDraft("code", "What is a plea, @ada?", code="plea"))


@pytest.fixture
def finished(world):
    """Bob and Beth have finished the shared source."""
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)


def test_list_shows_what_each_may_see(world, client_for, at, thread):
    on_place(world, world.ada, text="Whose member?")
    told = {
        name: text_of(client_for(getattr(world, name)).get(at("threads/")))
        for name in ("alice", "bob")
    }
    assert "Whose member?" in told["alice"] and "1 unread" in told["alice"]
    assert "Whose member?" not in told["bob"]
    assert "What is a plea, @ada?" in told["bob"]


def test_filters_of_the_list(world, lead, at, thread):
    place = on_place(world, world.ada, text="Whose member, @alice?")
    resolve_thread(world.lead, thread.pk, resolved=True)

    def shown(query):
        page = lead.get(at(f"threads/?{query}")).text
        return [one for one in (place, thread) if f"/threads/{one.pk}/" in page]

    assert shown("") == [place]
    assert shown("state=resolved") == [thread]
    assert shown("state=all") == [place, thread]
    assert shown("show=unread") == shown("show=mentions") == [place]
    assert shown("state=all&show=mine") == [thread]
    assert shown(f"source={world.shared.pk}&state=all") == [place]
    assert shown("code=plea&state=all") == [thread]
    assert shown("show=again&state=all") == []
    assert shown("state=%00&show=x&source=x&code=%00") == [place], "nonsense is not said"


def test_page_of_a_thread_marks_it_as_read(world, client_for, at, thread):
    ada = client_for(world.ada)
    page = ada.get(at(f"threads/{thread.pk}/"))
    assert "data-new" in page.text
    assert "data-new" not in ada.get(at(f"threads/{thread.pk}/")).text
    assert require_thread(world.scope(world.ada), thread.pk).unread_count == 0


def test_head_marks_nothing(world, client_for, at, thread):
    client_for(world.ada).head(at(f"threads/{thread.pk}/"))
    assert require_thread(world.scope(world.ada), thread.pk).unread_count == 1


def test_reply_is_stored_as_it_was_typed(world, client_for, at, thread):
    path = at(f"threads/{thread.pk}/")
    answer = client_for(world.bob).post(path, {"text": " A request.\r\nOr?"})
    assert answer["Location"] == f"{path}#end"
    assert [c.text for c in list_comments(world.lead, thread.pk)][1:] == [" A request.\nOr?"]


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "a\x00b"])
def test_reply_that_is_refused_stays_in_its_field(world, lead, at, thread, text):
    page = lead.post(at(f"threads/{thread.pk}/"), {"text": text})
    assert (page.status_code, "Nothing was saved" in page.text) == (200, True)
    assert list_comments(world.lead, thread.pk).count() == 1


def test_text_is_shown_with_lines_and_links_and_no_markup(world, lead, at, thread):
    add_comment(
        world.lead,
        thread.pk,
        text="<b onclick='x'>&amp;</b>\nhttps://example.org/?a=1&b=2 javascript:alert(1) {{ 7 }}",
    )
    page = lead.get(at(f"threads/{thread.pk}/")).text
    assert "&lt;b onclick=&#x27;x&#x27;&gt;&amp;amp;&lt;/b&gt;<br>" in page
    assert re.search(r'<a href="https://example.org/\?a=1&amp;b=2" rel="nofollow">', page)
    assert 'href="javascript' not in page
    assert "{{ 7 }}" in page


def test_coders_have_no_names_on_pages_of_coders(world, client_for, at, thread, finished):
    place = on_place(world, world.beth, text="I read @alice otherwise.")
    add_comment(world.lead, place.pk, text="Why, @beth?")
    bob = client_for(world.bob)
    for path in ("threads/", f"threads/{place.pk}/"):
        page = bob.get(at(path))
        assert "coder 1" in page.text
        assert "beth" not in page.text
    assert "Why, @coder 1?" in text_of(bob.get(at(f"threads/{place.pk}/")))
    assert "Why, @beth?" in text_of(client_for(world.ada).get(at(f"threads/{place.pk}/")))


def test_thread_is_begun_on_what_the_form_says(world, client_for, at, finished):
    bob = client_for(world.bob)
    assert "Choose" in bob.post(at("threads/new/"), {"about": "code", "text": "Hello"}).text
    made = bob.post(
        at("threads/new/"), {"about": f"place:{world.shared.pk}:4-12", "text": "Whose?"}
    )
    found = visible_threads(world.scope(world.bob)).get()
    assert made["Location"] == at(f"threads/{found.pk}/#end")
    assert (found.quote, found.kind) == ("alliance", "place")


@pytest.mark.parametrize(
    "about",
    ["place:1", "place:1:5", "place:1:9-3", "source:x", "code:", "decision:7", "place::", "\x00"],
)
def test_thread_about_nothing_is_refused(world, lead, at, about):
    page = lead.post(at("threads/new/"), {"about": about, "text": "Hello"})
    assert (page.status_code, "Nothing was saved" in page.text) == (200, True)
    assert lead.get(at("threads/new/"), {"about": about}).status_code == 200
    assert not visible_threads(world.lead).exists()


def test_unfinished_source_is_refused_on_the_form(world, client_for, at):
    page = client_for(world.bob).post(
        at("threads/new/"), {"about": f"source:{world.shared.pk}", "text": "Hello"}
    )
    assert "You have not finished this source" in text_of(page)


def test_proposal_in_two_clicks(world, client_for, at, finished):
    place = on_place(world, world.bob, text="Betrayal\nIs this not another code?")
    bob = client_for(world.bob)
    assert at(f"threads/{place.pk}/propose/") in bob.get(at(f"threads/{place.pk}/")).text
    form = bob.get(at(f"threads/{place.pk}/propose/"))
    assert 'value="Betrayal"' in form.text
    bob.post(at(f"threads/{place.pk}/propose/"), {"name": "Betrayal", "parent": "", "claim": ""})
    proposal = visible_proposals(world.lead).get()
    assert (proposal.name, proposal.quote) == ("Betrayal", place.quote)
    assert "Betrayal" in text_of(bob.get(at(f"threads/{place.pk}/")))
    beths = client_for(world.beth).get(at(f"threads/{place.pk}/"))
    assert "Proposed code" not in beths.text
    assert "Propose a code" not in beths.text


def test_panel_of_a_disagreement(world, client_for, lead, at, finished):
    page = lead.get(at("disagreements/1/"))
    assert "Begin a thread here" in page.text
    (about,) = re.findall(r'name="about" value="([^"]+)"', page.text)
    body = {"about": about, "text": "Which of both?", "here": "yes"}
    back = at("disagreements/1/")
    answer = lead.post(at("threads/new/"), body, headers={"Referer": f"http://testserver{back}"})
    assert answer["Location"] == back
    assert "Which of both?" in text_of(lead.get(back))


def test_annotate_page_links_to_the_threads_of_a_finished_source(world, client_for, at):
    on_place(world, world.alice)
    bob, path = client_for(world.bob), at(f"sources/{world.shared.pk}/")
    assert "open thread" not in text_of(bob.get(path))
    assert '"discussUrl": ""' in bob.get(path).text
    finish(world.scope(world.bob), world.shared)
    assert "1 open thread" in text_of(bob.get(path))
    assert f'"discussUrl": "/projects/{world.slug}/threads/new/' in bob.get(path).text


def test_codebook_counts_open_threads(world, client_for, at, thread):
    page = client_for(world.bob).get(at("codebook/"))
    assert "1 open thread" in text_of(page)
    assert at("threads/new/?about=code:failure") in page.text
    viewers = text_of(client_for(world.vera).get(at("codebook/")))
    assert "open thread" not in viewers and "Discuss" not in viewers


def test_start_page_tells_of_unread_threads(world, client_for, thread):
    on_place(world, world.alice)
    assert "2 unread threads , 1 mentions you" in text_of(client_for(world.ada).get("/"))
    assert "1 unread thread" in text_of(client_for(world.bob).get("/"))
    assert "unread" not in text_of(client_for(world.alice).get("/"))
    assert "unread" not in text_of(client_for(world.vera).get("/"))


def test_history_tells_of_threads_to_those_who_see_all(world, client_for, at, finished):
    place = on_place(world, world.beth, text="A secret word")
    add_comment(world.scope(world.bob), place.pk, text="Indeed")
    told = text_of(client_for(world.alice).get(at("history/")))
    assert "beth began a thread in Shared" in told
    assert "bob wrote “Indeed” in a thread in Shared" in told
    assert "thread" not in text_of(client_for(world.bob).get(at("history/"))).replace("Threads", "")


def test_thread_on_a_decision_is_named(world, lead, at):
    draft = ThreadDraft("decision", "Why?", decision=decide(world, 0, 31).pk)
    asked = open_thread(world.lead, draft, asks_again=True)
    page = text_of(lead.get(at(f"threads/{asked.pk}/")))
    assert "Decision in Shared" in page
    assert "Decision on “The alliance failed its member.”" in text_of(lead.get(at("threads/")))
    assert "Asks to look at the decision again" in page
    Project.objects.update(decisions_opened=True)


@pytest.mark.parametrize("path", ["threads/", "disagreements/1/", "codebook/"])
def test_queries_do_not_grow(world, lead, at, finished, path):
    def count():
        lead.get(at(path))  # what is cached is loaded anew after each change
        with CaptureQueriesContext(connection) as captured:
            assert lead.get(at(path)).status_code == 200
        return len(captured)

    def grow(user):
        thread = on_place(world, user, text="@alice and @ada")
        add_comment(world.scope(world.beth), thread.pk, text="@alice")
        open_thread(world.scope(user), ThreadDraft("code", "What?", code="plea"))

    grow(world.bob)
    few = count()
    grow(world.ada)
    grow(world.beth)
    assert count() == few


def test_queries_of_a_thread_do_not_grow_with_its_comments(world, lead, at, thread):
    def count():
        lead.get(at(f"threads/{thread.pk}/"))
        with CaptureQueriesContext(connection) as captured:
            lead.get(at(f"threads/{thread.pk}/"))
        return len(captured)

    add_comment(world.scope(world.bob), thread.pk, text="@alice")
    few = count()
    for user in (world.beth, world.ada, world.bob):
        add_comment(world.scope(user), thread.pk, text="@alice")
    assert count() == few
