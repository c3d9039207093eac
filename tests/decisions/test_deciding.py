"""Deciding a place, changing and withdrawing the decision, and adopting what all agree on."""

import uuid

import pytest

from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import SourceConsensus
from cstoannot.codebook.actions import change_code
from cstoannot.core.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale
from cstoannot.core.fields import expect_version
from cstoannot.decisions.actions import (
    adopt_agreed_places,
    decide_place,
    hand_on_source,
    open_decisions,
    withdraw_decision,
)
from cstoannot.decisions.drafts import DecisionDraft, PassageDraft
from cstoannot.decisions.merge_actions import merge_code, merge_speakers, undo_speaker_merge
from cstoannot.decisions.models import Decision
from cstoannot.decisions.queries import (
    count_undecided,
    find_first_undecided,
    list_decidable_places,
    load_consensus_states,
    load_decided_source_ids,
    require_decidable_place,
)
from cstoannot.sources.actions import delete_source, restore_source
from tests.builders import annotate, assign_to, finish, recorded

NOTHING = DecisionDraft("nothing")


def places_of(world, source=None):
    return list_decidable_places(world.scope(world.ada), (source or world.shared).pk)


def consensus(world):
    found = Annotation.objects.filter(layer="consensus").order_by("start")
    return [
        (one.source_id, one.code.slug, one.quote, one.stance, one.voice and one.voice.name)
        for one in found
    ]


def reading_of(place, stance):
    return next(one.number for one in place.readings if one.passages[0].stance == stance)


def test_places_gather_what_readers_marked_without_names(finished):
    first, second = places_of(finished)
    assert (first.start, first.end, first.state, first.agreed) == (0, 31, "undecided", False)
    assert (first.kinds, first.read_by, first.version) == (
        ("boundary", "different_stance", "different_voice"),
        2,
        0,
    )
    assert {(one.coders, one.annotators, one.passages[0].quote) for one in first.readings} == {
        (1, (), "The alliance failed its member."),
        (1, (), "alliance failed"),
    }
    assert [(one.code, one.quote, one.stance) for one in first.majority] == [
        ("failure", "alliance failed", "mixed")
    ]
    assert [(one.code, one.quote) for one in second.majority] == [("plea", "We asked")]


def test_names_are_shown_if_the_project_shows_them(finished):
    finished.lead.project.names_while_deciding = True
    finished.lead.project.save()
    (first, _) = places_of(finished)
    assert {one.annotators for one in first.readings} == {("bob",), ("beth",)}


def test_adopted_reading_is_the_consensus(finished):
    first, second = places_of(finished)
    before = list(Annotation.objects.filter(layer="individual").order_by("pk").values())
    with recorded() as events:
        place = decide_place(
            finished.scope(finished.ada),
            first.id,
            DecisionDraft("adopted", reading_of(first, "opposes"), reason="The request is named."),
        )
    assert (place.id, place.state, place.version) == (first.id, "decided", 1)
    assert (place.decision.by, place.decision.outcome) == ("ada", "adopted")
    assert {one.annotators for one in place.readings} == {("bob",), ("beth",)}
    assert consensus(finished) == [
        (finished.shared.pk, "failure", "alliance failed", "opposes", "The minister")
    ]
    assert [(e.action, e.kind, e.about_id, e.source_id) for e in events] == [
        ("create", "decision", None, finished.shared.pk)
    ]
    assert list(Annotation.objects.filter(layer="individual").order_by("pk").values()) == before
    assert load_consensus_states(finished.lead)[finished.shared.pk] == "under_way"
    assert find_first_undecided(finished.scope(finished.ada)) == (finished.shared.pk, second.id)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (DecisionDraft("adopted", reading=9), "reading"),
        (DecisionDraft("adopted"), "reading"),
        (DecisionDraft("majority", reading=1), "reading"),
        (DecisionDraft("plural", readings=[1, 1], reason="Both."), "readings"),
        (DecisionDraft("plural", readings=[1, 3], reason="Both."), "readings"),
        (DecisionDraft("plural", readings=[1, 2]), "reason"),
        (DecisionDraft("edited", reason="So."), "annotations"),
        (DecisionDraft("edited", annotations=[PassageDraft("failure", 0, 10)]), "reason"),
        (DecisionDraft("edited", annotations=[PassageDraft("no", 0, 9)], reason="So."), "code"),
        (DecisionDraft("edited", annotations=[PassageDraft("plea", 9, 9)], reason="So."), "end"),
        (
            DecisionDraft("edited", annotations=[PassageDraft("plea", 40, 50)], reason="So."),
            "annotations",
        ),
        (
            DecisionDraft("edited", annotations=[PassageDraft("plea", 0, 3, quote="Tha")]),
            "quote",
        ),
        (DecisionDraft("nothing"), "reason"),
        (DecisionDraft("nothing", reason=" \n"), "reason"),
        (DecisionDraft("maybe"), "outcome"),
    ],
)
def test_drafts_that_decide_nothing(finished, draft, field):
    first, _ = places_of(finished)
    with recorded() as events, pytest.raises(Invalid) as refused:
        decide_place(finished.scope(finished.ada), first.id, draft)
    assert list(refused.value.errors) == [field]
    assert (events, Decision.objects.count(), consensus(finished)) == ([], 0, [])


@pytest.mark.parametrize(
    ("draft", "quotes"),
    [
        (DecisionDraft("majority"), ["alliance failed"]),
        (
            DecisionDraft(
                "edited",
                annotations=[PassageDraft("failure", 0, 12), PassageDraft("plea", 4, 19)],
                reason="Two things.",
            ),
            ["The alliance", "alliance failed"],
        ),
        (DecisionDraft("nothing", reason="Not here."), []),
        (DecisionDraft("plural", readings=[1, 2], reason="Both stand."), []),
    ],
)
def test_outcomes_leave_what_they_say(finished, draft, quotes):
    first, _ = places_of(finished)
    place = decide_place(finished.scope(finished.ada), first.id, draft)
    assert (place.state, [one.quote for one in place.decision.passages]) == ("decided", quotes)
    assert [quote for _, _, quote, _, _ in consensus(finished)] == quotes


def test_same_decision_again_changes_nothing(finished):
    ada, draft = finished.scope(finished.ada), DecisionDraft("majority", rule="Article 4 asks.")
    first, _ = places_of(finished)
    place = decide_place(ada, first.id, draft)
    with recorded() as events:
        assert decide_place(ada, first.id, draft) == place
        assert decide_place(finished.lead, first.id, draft) == place
    assert events == []


def test_somebody_elses_decision_is_changed_by_its_version(finished):
    first, _ = places_of(finished)
    decide_place(finished.scope(finished.ada), first.id, DecisionDraft("majority"))
    draft = DecisionDraft("nothing", reason="No.")
    with pytest.raises(PreconditionRequired):
        decide_place(finished.lead, first.id, draft)
    with pytest.raises(Stale):
        decide_place(finished.lead, first.id, draft, expect_version(7))
    place = decide_place(finished.lead, first.id, draft, expect_version(1))
    assert (place.version, place.decision.by, consensus(finished)) == (2, "alice", [])
    assert Decision.objects.count() == 1


def test_place_that_changed_meanwhile_is_refused(finished):
    first, _ = places_of(finished)
    annotate(finished.scope(finished.bob), finished.shared, "failed", stance="opposes")
    with pytest.raises(Conflict) as refused:
        decide_place(finished.scope(finished.ada), first.id, DecisionDraft("majority"))
    assert refused.value.code == "place_changed"
    with pytest.raises(NotFound):
        require_decidable_place(finished.lead, uuid.uuid4())


def test_changed_coding_asks_to_look_again_at_its_place_alone(finished):
    ada = finished.scope(finished.ada)
    for place in places_of(finished):
        decide_place(ada, place.id, DecisionDraft("majority"))
    assert load_decided_source_ids(ada) == {finished.shared.pk}
    annotate(finished.scope(finished.bob), finished.shared, "failed", stance="opposes")
    first, second = places_of(finished)
    assert (first.state, second.state) == ("again", "decided")
    assert (first.decision.version, first.version > 2**32) == (1, True)
    assert load_consensus_states(ada)[finished.shared.pk] == "again"
    assert (count_undecided(ada, finished.shared.pk), load_decided_source_ids(ada)) == (1, set())
    again = decide_place(ada, first.id, DecisionDraft("majority"), expect_version(first.version))
    assert (again.id, again.state, again.version) == (first.id, "decided", 2)
    assert len(consensus(finished)) == 2


def test_reopened_source_and_silent_reader_leave_decisions_alone(finished):
    ada = finished.scope(finished.ada)
    for place in places_of(finished):
        decide_place(ada, place.id, DecisionDraft("majority"))
    bob = finished.scope(finished.bob)
    set_assignment_state(bob, finished.assignments["bob shared"].pk, "started")
    assign_to(finished.lead, finished.shared, finished.alice)
    finish(finished.lead, finished.shared)
    assert [one.state for one in places_of(finished)] == ["decided", "decided"]


def test_withdrawn_decision_leaves_nothing_but_the_history(finished):
    ada = finished.scope(finished.ada)
    first, _ = places_of(finished)
    decide_place(ada, first.id, DecisionDraft("majority"))
    with recorded() as events:
        place = withdraw_decision(ada, first.id)
    assert (place, consensus(finished), Decision.objects.count()) == (first, [], 0)
    assert [(e.action, e.kind, e.before["outcome"]) for e in events] == [
        ("delete", "decision", "majority")
    ]
    with pytest.raises(NotFound):
        withdraw_decision(ada, first.id)


def test_agreed_places_are_adopted_at_once(finished):
    bob, beth = finished.scope(finished.bob), finished.scope(finished.beth)
    annotate(bob, finished.shared, "Nobody came.", stance="supports")
    annotate(beth, finished.shared, "Nobody came", stance="supports")
    ada = finished.scope(finished.ada)
    counted = adopt_agreed_places(ada, finished.shared.pk, dry_run=True)
    assert (counted.places, counted.passages, counted.sources) == (1, 1, 1)
    assert [one.agreed for one in counted.listed] == [True]
    assert Decision.objects.count() == 0
    assert adopt_agreed_places(ada) == counted
    assert [quote for _, _, quote, _, _ in consensus(finished)] == ["Nobody came"]
    assert adopt_agreed_places(ada).places == 0
    finished.lead.project.agreed_bounds = "majority"
    finished.lead.project.save()
    assert [one.agreed for one in places_of(finished)] == [False, False, False]


def test_sources_are_opened_and_handed_on(finished):
    open_decisions(finished.lead, [finished.shared.pk])
    row = SourceConsensus.objects.get()
    assert (row.opened_at is not None, row.state) == (True, "not_begun")
    open_decisions(finished.lead)
    assert finished.scope(finished.ada).project.decisions_opened
    hand_on_source(finished.scope(finished.ada), finished.shared.pk, "alice")
    assert SourceConsensus.objects.get().adjudicator == finished.alice
    with pytest.raises(Invalid):
        hand_on_source(finished.lead, finished.shared.pk, "bob")


def test_merges_of_codes_and_speakers_leave_decisions_as_they_are(finished):
    ada = finished.scope(finished.ada)
    for place in places_of(finished):
        decide_place(ada, place.id, DecisionDraft("majority"))
    merge_code(finished.lead, "plea", into="failure", stances="drop")
    minister = Speaker.objects.get(name="The minister").key
    merge_speakers(ada, minister, into=Speaker.objects.get(name="A silent witness").key)
    first, second = places_of(finished)
    assert (first.state, second.state) == ("decided", "decided")
    assert {one.code for one in second.decision.passages} == {"failure"}
    assert {one.code for reading in second.readings for one in reading.passages} == {"failure"}
    undo_speaker_merge(ada, minister)
    assert [one.state for one in places_of(finished)] == ["decided", "decided"]


def test_retired_code_and_removed_source_keep_their_decisions(finished):
    ada = finished.scope(finished.ada)
    for place in places_of(finished):
        decide_place(ada, place.id, DecisionDraft("majority"))
    change_code(finished.lead, "plea", retired=True)
    assert [one.state for one in places_of(finished)] == ["decided", "decided"]
    delete_source(finished.lead, finished.shared.pk, confirmed=True)
    assert (load_decided_source_ids(ada), find_first_undecided(ada)) == (set(), None)
    restore_source(finished.lead, finished.shared.pk)
    assert load_decided_source_ids(ada) == {finished.shared.pk}
    annotate(finished.scope(finished.bob), finished.shared, "asked", "failure")
    places = places_of(finished)
    assert [one.state for one in places] == ["decided", "decided", "undecided"]
    retired = places[1]
    with pytest.raises(Conflict):
        decide_place(ada, retired.id, DecisionDraft("adopted", 1, reason="Still."))
