"""Who sees which thread, and under which names."""

import uuid

import pytest
from django.utils import timezone

from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import AssignmentState, SourceConsensus
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.projects.actions import change_project, remove_member
from cstoannot.projects.models import Project
from cstoannot.sources.actions import delete_source
from cstoannot.threads.actions import ThreadDraft, open_thread
from cstoannot.threads.comment_actions import add_comment, delete_comment
from cstoannot.threads.people_queries import load_mentioned, load_thread_people
from cstoannot.threads.queries import (
    list_comments,
    load_thread_readers,
    require_thread,
    visible_threads,
)
from tests.builders import finish
from tests.threads.builders import decide, on_place


def seen_by(world, *users):
    return [
        name
        for name in ("alice", "ada", "bob", "beth", "vera")
        if visible_threads(world.scope(getattr(world, name))).exists()
    ]


def test_thread_on_a_place_is_seen_by_those_who_finished_its_source(world):
    on_place(world, world.alice)
    assert seen_by(world) == ["alice", "ada"]
    finish(world.scope(world.bob), world.shared)
    assert seen_by(world) == ["alice", "ada", "bob"]
    finish(world.scope(world.beth), world.shared)
    assert seen_by(world) == ["alice", "ada", "bob", "beth"]
    bobs = world.assignments["bob shared"].pk
    set_assignment_state(world.scope(world.bob), bobs, AssignmentState.STARTED)
    assert seen_by(world) == ["alice", "ada", "beth"], "a reopened source closes them again"


def test_thread_on_a_code_is_seen_by_all_who_annotate(world):
    open_thread(world.lead, ThreadDraft("code", "What is a plea?", code="plea"))
    assert seen_by(world) == ["alice", "ada", "bob", "beth"]


def test_thread_on_a_decision_opens_with_it_to_those_whose_passages_it_touches(world):
    thread = open_thread(
        world.lead, ThreadDraft("decision", "Why?", decision=decide(world, 0, 31).pk)
    )
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    assert seen_by(world) == ["alice", "ada"]
    SourceConsensus.objects.create(
        source=world.shared, project=world.lead.project, opened_at=timezone.now()
    )
    assert seen_by(world) == ["alice", "ada", "bob", "beth"]
    elsewhere = decide(world, 80, 90)
    open_thread(world.lead, ThreadDraft("decision", "And this?", decision=elsewhere.pk))
    assert [t.pk for t in visible_threads(world.scope(world.bob))] == [thread.pk]
    SourceConsensus.objects.all().delete()
    assert seen_by(world) == ["alice", "ada"]
    Project.objects.update(decisions_opened=True)
    assert seen_by(world) == ["alice", "ada", "bob", "beth"]


def test_those_who_may_be_mentioned_are_those_who_see_it(world):
    """The rule for members and the rule for threads are one."""
    drafts = [
        ThreadDraft("code", "One", code="plea"),
        ThreadDraft("source", "Two", source=world.shared.pk),
        ThreadDraft("place", "Three", source=world.bobs.pk, start=0, end=3),
        ThreadDraft("decision", "Four", decision=decide(world, 0, 31).pk),
    ]
    threads = [open_thread(world.lead, draft) for draft in drafts]
    people = [world.alice, world.ada, world.bob, world.beth, world.vera]

    def compare():
        for thread in threads:
            seeing = {
                user.pk
                for user in people
                if visible_threads(world.scope(user)).filter(pk=thread.pk).exists()
            }
            assert load_thread_readers(world.lead, thread) == seeing

    compare()
    finish(world.scope(world.bob), world.shared)
    compare()
    Project.objects.update(decisions_opened=True)
    compare()
    finish(world.scope(world.beth), world.shared)
    finish(world.scope(world.bob), world.bobs)
    compare()


def test_thread_on_an_unfinished_source_is_not_opened_by_its_coder(world):
    bob = world.scope(world.bob)
    with pytest.raises(Conflict):
        open_thread(bob, ThreadDraft("source", "Hello", source=world.shared.pk))
    assert not visible_threads(world.lead).exists()
    finish(bob, world.shared)
    assert open_thread(bob, ThreadDraft("source", "Hello", source=world.shared.pk)).pk


def test_decision_that_is_not_open_is_as_one_that_does_not_exist(world):
    bob = world.scope(world.bob)
    finish(bob, world.shared)
    messages = []
    for decision in (decide(world, 0, 31).pk, uuid.uuid4()):
        with pytest.raises(Invalid) as refused:
            open_thread(bob, ThreadDraft("decision", "Why?", decision=decision))
        messages.append((refused.value.message, refused.value.errors))
    assert messages[0] == messages[1]


def test_one_of_two_decisions_made_apart_is_not_discussed(world):
    with pytest.raises(Invalid):
        open_thread(
            world.lead, ThreadDraft("decision", "Why?", decision=decide(world, 0, 3, apart=True).pk)
        )


def test_viewer_opens_no_thread(world):
    with pytest.raises(Forbidden):
        open_thread(world.scope(world.vera), ThreadDraft("code", "Hello", code="plea"))


def test_threads_of_a_removed_source_are_gone_with_it(world):
    on_place(world, world.alice)
    delete_source(world.lead, world.shared.pk, confirmed=True)
    assert seen_by(world) == []


def names_for(world, user, thread):
    scope = world.scope(user)
    people = load_thread_people(scope, [thread.pk])
    comments = list_comments(scope, thread.pk)
    return [people.name_in(thread.pk, comment.author) for comment in comments]


@pytest.fixture
def spoken(world):
    """A thread in which Alice, Beth and Bob have written, and Beth is mentioned."""
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    thread = on_place(world, world.alice, text="What does @beth say?")
    add_comment(world.scope(world.beth), thread.pk, text="That is no plea.")
    add_comment(world.scope(world.bob), thread.pk, text="@ada, @beth is right.")
    return thread


def test_coders_do_not_read_the_names_of_others(world, spoken):
    assert names_for(world, world.alice, spoken) == ["alice", "beth", "bob"]
    assert names_for(world, world.bob, spoken) == ["alice", "coder 1", "bob"]
    assert names_for(world, world.beth, spoken) == ["alice", "beth", "coder 2"]


def test_number_of_a_coder_stays_when_their_comments_go(world, spoken):
    beth = world.scope(world.beth)
    (hers,) = list_comments(beth, spoken.pk).filter(author=world.beth)
    delete_comment(beth, spoken.pk, hers.pk)
    assert names_for(world, world.beth, spoken) == ["alice", "coder 2"]


def test_names_are_read_where_coders_see_each_other(world, spoken):
    change_project(world.lead, visibility="all")
    assert names_for(world, world.bob, spoken) == ["alice", "beth", "bob"]


def texts_for(world, user, thread):
    scope = world.scope(user)
    people = load_thread_people(scope, [thread.pk])
    return [people.show_text(one, scope.user_id) for one in list_comments(scope, thread.pk)]


def test_mentions_name_no_coder_to_coders(world, spoken):
    assert texts_for(world, world.alice, spoken)[0] == "What does @beth say?"
    assert texts_for(world, world.bob, spoken)[0] == "What does @coder 1 say?"
    assert texts_for(world, world.beth, spoken)[0] == "What does @beth say?"
    own = texts_for(world, world.bob, spoken)[2]
    assert own == "@ada, @beth is right.", "what Bob wrote himself stays as it is"


def test_coder_mentions_only_whom_they_may_know(world, spoken):
    """Beth gets nothing from Bob's words, which tell him nothing of her."""
    mentioned = [
        [user.username for user in comment.mentions.all()]
        for comment in list_comments(world.lead, spoken.pk)
    ]
    assert mentioned == [["beth"], [], ["ada"]]


def test_nobody_is_mentioned_who_may_not_see_it(world):
    thread = on_place(world, world.alice, text="@bob, @ada and @vera")
    (comment,) = list_comments(world.lead, thread.pk)
    assert [user.username for user in comment.mentions.all()] == ["ada"]
    assert load_mentioned(world.lead, thread, "@alice") == [], "nor the writer"


def test_former_member_keeps_their_number(world, spoken):
    remove_member(world.lead, username="beth")
    assert names_for(world, world.bob, spoken) == ["alice", "coder 1", "bob"]
    with pytest.raises(NotFound):
        require_thread(world.scope(world.vera), spoken.pk)
