"""Comments: written, changed, deleted, read; and what the history keeps of them."""

import pytest

from cstoannot.annotations.look_queries import load_ids_after_look_on_sources
from cstoannot.annotations.proposal_queries import require_proposal
from cstoannot.codebook.actions import delete_code
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from cstoannot.core.fields import expect_version
from cstoannot.history.models import LOOK, Event
from cstoannot.projects.models import Project
from cstoannot.threads.actions import (
    ThreadDraft,
    mark_thread_read,
    open_thread,
    propose_code_from_thread,
    resolve_thread,
)
from cstoannot.threads.comment_actions import add_comment, delete_comment, edit_comment
from cstoannot.threads.models import Thread
from cstoannot.threads.queries import (
    ThreadFilter,
    count_open_threads_by_code,
    filter_threads,
    find_visible_proposal,
    list_asked_again,
    list_comments,
    load_thread_digests,
    require_thread,
)
from tests.builders import add_code, annotate, finish, recorded
from tests.threads.builders import decide, on_place


@pytest.fixture
def thread(world):
    return open_thread(world.lead, ThreadDraft("code", "What is a plea, @ada?", code="plea"))


def ids(threads):
    return [one.pk for one in threads]


def test_history_keeps_what_was_written(world, thread):
    bob = world.scope(world.bob)
    with recorded() as events:
        mine = add_comment(bob, thread.pk, text="A request.")
        edit_comment(bob, thread.pk, mine.pk, text="An urgent request.")
        delete_comment(bob, thread.pk, mine.pk)
    told = [(e.kind, e.action, e.before, e.after) for e in events]
    first, second = (
        {"thread": str(thread.pk), "text": text} for text in ("A request.", "An urgent request.")
    )
    assert told == [
        ("comment", "create", None, first),
        ("comment", "change", first, second),
        ("comment", "delete", second, None),
    ]
    assert {e.object for e in events} == {str(mine.pk)}


def test_edited_comment_says_so(world, thread):
    (comment,) = list_comments(world.lead, thread.pk)
    same = edit_comment(world.lead, thread.pk, comment.pk, text=comment.text)
    assert same.edited_at is None
    changed = edit_comment(world.lead, thread.pk, comment.pk, text="What?")
    assert changed.edited_at is not None
    assert not changed.mentions.all(), "mentions follow the text"


def test_comments_of_others_are_neither_changed_nor_deleted(world, thread):
    (comment,) = list_comments(world.lead, thread.pk)
    for user in (world.bob, world.ada):
        with pytest.raises(Forbidden):
            edit_comment(world.scope(user), thread.pk, comment.pk, text="No.")
        with pytest.raises(Forbidden):
            delete_comment(world.scope(user), thread.pk, comment.pk)


def test_thread_ends_with_its_last_comment(world, thread):
    bob = world.scope(world.bob)
    (first,) = list_comments(world.lead, thread.pk)
    answer = add_comment(bob, thread.pk, text="A request.")
    assert not delete_comment(world.lead, thread.pk, first.pk)
    with recorded() as events:
        assert delete_comment(bob, thread.pk, answer.pk)
    assert [(e.kind, e.action) for e in events] == [("comment", "delete"), ("thread", "delete")]
    assert not Thread.objects.exists()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001, "a\x00b", "a\ud800b"])
def test_comment_that_cannot_be_one_is_refused(world, thread, text):
    with pytest.raises(Invalid) as refused:
        add_comment(world.lead, thread.pk, text=text)
    assert list(refused.value.errors) == ["text"]


def test_longest_comment_and_a_storm_of_mentions_are_taken(world, thread):
    comment = add_comment(world.lead, thread.pk, text=("@ada @bob " * 1_000)[:10_000])
    assert sorted(user.username for user in comment.mentions.all()) == ["ada", "bob"]


def test_unread_is_what_others_wrote_since(world, thread):
    ada = world.scope(world.ada)
    assert require_thread(world.lead, thread.pk).unread_count == 0
    found = require_thread(ada, thread.pk)
    assert (found.unread_count, found.is_called) == (1, True)
    (first,) = list_comments(ada, thread.pk)
    add_comment(world.scope(world.bob), thread.pk, text="A request.")
    found = mark_thread_read(ada, thread.pk, until=first.pk)
    assert (found.unread_count, found.is_called) == (1, False)
    assert mark_thread_read(ada, thread.pk).unread_count == 0
    assert mark_thread_read(ada, thread.pk, until=first.pk).unread_count == 0
    assert require_thread(world.lead, thread.pk).unread_count == 1
    add_comment(world.lead, thread.pk, text="Good.")
    assert require_thread(world.lead, thread.pk).unread_count == 0, "who answers has read"


def test_digest_counts_what_each_may_see(world, thread):
    on_place(world, world.alice, text="@bob?")
    scopes = {name: world.scope(getattr(world, name)) for name in ("alice", "ada", "bob", "vera")}
    key = world.lead.project_id

    def digest(name):
        found = load_thread_digests([scopes[name]]).get(key)
        return (found.unread, found.mentions) if found else None

    assert {name: digest(name) for name in scopes} == {
        "alice": None,
        "ada": (2, 1),
        "bob": (1, 0),
        "vera": None,
    }
    finish(scopes["bob"], world.shared)
    assert digest("bob") == (2, 0), "Alice could not mention him yet"
    assert load_thread_digests([]) == {}


def test_thread_is_resolved_and_opened_again(world, thread):
    bob, ada = world.scope(world.bob), world.scope(world.ada)
    with pytest.raises(Forbidden):
        resolve_thread(bob, thread.pk, resolved=True)
    done = resolve_thread(ada, thread.pk, resolved=True, expected=expect_version(1))
    assert (done.resolved_by, done.version) == (world.ada, 2)
    assert resolve_thread(ada, thread.pk, resolved=True).version == 2
    with pytest.raises(Stale):
        resolve_thread(world.lead, thread.pk, resolved=False, expected=expect_version(1))
    assert ids(filter_threads(bob, ThreadFilter(state="open"))) == []
    assert ids(filter_threads(bob, ThreadFilter(state="resolved"))) == [thread.pk]
    assert resolve_thread(world.lead, thread.pk, resolved=False).resolved_at is None


def test_filters(world, thread):
    place = on_place(world, world.ada, text="@alice, look.")
    for filters, found in [
        (ThreadFilter(), [place.pk, thread.pk]),
        (ThreadFilter(unread=True), [place.pk]),
        (ThreadFilter(unread=False), [thread.pk]),
        (ThreadFilter(mine=True), [thread.pk]),
        (ThreadFilter(mentions=True), [place.pk]),
        (ThreadFilter(kinds=["place"]), [place.pk]),
        (ThreadFilter(sources=[world.shared.pk]), [place.pk]),
        (ThreadFilter(codes=["plea"]), [thread.pk]),
        (ThreadFilter(at=(30, 40)), [place.pk]),
        (ThreadFilter(at=(31, 40)), []),
        (ThreadFilter(asks_again=True), []),
    ]:
        assert ids(filter_threads(world.lead, filters)) == found, filters
    assert count_open_threads_by_code(world.lead) == {world.codes["plea"].pk: 1}


def test_coder_asks_to_look_at_a_decision_again(world):
    bob = world.scope(world.bob)
    decision = decide(world, 0, 31)
    Project.objects.update(decisions_opened=True)
    finish(bob, world.shared)
    bob = world.scope(world.bob)
    draft = ThreadDraft("decision", "It is a request.", decision=decision.pk)
    asked = open_thread(bob, draft, asks_again=True)
    assert (asked.start, asked.end, asked.quote) == (0, 31, world.shared.text[:31])
    with pytest.raises(Conflict):
        open_thread(bob, draft, asks_again=True)
    assert ids(list_asked_again(world.lead)) == ids(list_asked_again(bob)) == [asked.pk]
    resolve_thread(world.lead, asked.pk, resolved=True)
    assert not list_asked_again(world.lead).exists()
    decision.delete()
    assert require_thread(bob, asked.pk).decision is None, "a withdrawn decision leaves its threads"


def test_thread_becomes_a_proposal_with_its_place(world):
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    for coder in (bob, beth):
        finish(coder, world.shared)
    place = on_place(world, world.bob)
    proposal = propose_code_from_thread(bob, place.pk, name="Betrayal", parent="failure")
    found = require_proposal(world.lead, proposal.pk)
    assert (found.source_id, found.start, found.end) == (world.shared.pk, 0, 31)
    with pytest.raises(Conflict):
        propose_code_from_thread(bob, place.pk, name="Betrayal")
    shown = [
        find_visible_proposal(scope, require_thread(scope, place.pk))
        for scope in (bob, beth, world.lead)
    ]
    assert shown == [proposal, None, proposal], "proposals of others are not shown to coders"


def test_code_that_is_discussed_is_not_deleted(world):
    code = add_code(world.lead, "Debt")
    open_thread(world.lead, ThreadDraft("code", "Needed?", code="debt"))
    with pytest.raises(Conflict):
        delete_code(world.lead, code.slug)


def test_thread_is_not_read_by_those_who_may_not(world):
    place = on_place(world, world.alice)
    bob = world.scope(world.bob)
    (comment,) = list_comments(world.lead, place.pk)
    assert not list_comments(bob, place.pk).exists()
    for act in (
        lambda: add_comment(bob, place.pk, text="Hello"),
        lambda: edit_comment(bob, place.pk, comment.pk, text="Hello"),
        lambda: delete_comment(bob, place.pk, comment.pk),
        lambda: mark_thread_read(bob, place.pk),
        lambda: resolve_thread(bob, place.pk, resolved=True),
        lambda: propose_code_from_thread(bob, place.pk, name="Debt"),
    ):
        with pytest.raises(NotFound):
            act()


def test_coder_who_has_read_what_others_wrote_is_no_longer_blind(world):
    """As after seeing the coding of others: it is marked, once, for what is saved after it."""
    bob = world.scope(world.bob)
    finish(bob, world.shared)
    own = on_place(world, world.bob)
    looks = Event.objects.filter(kind=LOOK)
    assert not looks.exists()
    add_comment(world.lead, own.pk, text="Indeed?")
    mark_thread_read(bob, own.pk)
    mark_thread_read(bob, own.pk)
    look = looks.get()
    assert (look.about, look.source, look.action) == (world.bob, world.shared, "read")
    said = annotate(bob, world.shared, "hopes", "plea")
    assert load_ids_after_look_on_sources(world.lead, [world.shared.pk]) == {said["id"]}
