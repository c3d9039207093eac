"""Who is shown whose annotations, under each visibility."""

import uuid

import pytest
from django.utils import timezone

from cstoannot.annotations.counts import count_by_code, count_by_source
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.annotations.queries import (
    AnnotationFilter,
    complete_annotation_row,
    filter_annotations,
    select_annotation_values,
    visible_annotations,
    visible_events,
    visible_speakers,
)
from cstoannot.assignments.actions import assign_source, set_assignment_state
from cstoannot.assignments.models import SourceConsensus
from cstoannot.assignments.queries import load_visible_consensus_states, visible_assignments
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Visibility
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope
from tests.builders import World, add_source, annotate, assign_to, show_decisions
from tests.builders import finish as finish_source

OWN = {"bob failure", "bob plea"}
SHARED = {"beth failure", "beth plea"}
ALL = {*OWN, *SHARED, "beth own"}


def seen(world: World, scope: Scope) -> set[str]:
    names = {row["id"]: name for name, row in world.said.items()}
    return {
        names.get(pk, "consensus") for pk in visible_annotations(scope).values_list("pk", flat=True)
    }


def decide(world: World) -> None:
    """The team decides on one passage of the shared source."""
    now = timezone.now()
    Annotation.objects.create(
        id=uuid.uuid4(),
        project=world.lead.project,
        source=world.shared,
        code=world.codes["failure"],
        annotator=None,
        layer=Layer.CONSENSUS,
        start=4,
        end=12,
        quote="alliance",
        revision=2,
        created_at=now,
        updated_at=now,
    )


def both_finish(world: World) -> None:
    finish_source(world.scope(world.bob), world.shared)
    finish_source(world.scope(world.beth), world.shared)


@pytest.mark.parametrize("visibility", Visibility.values)
@pytest.mark.parametrize("name", ["alice", "ada"])
def test_leaders_see_all_coding(world, name, visibility):
    change_project(world.lead, visibility=visibility)
    decide(world)
    assert seen(world, world.scope(getattr(world, name))) == {*ALL, "consensus"}


@pytest.mark.parametrize("visibility", Visibility.values)
def test_viewer_sees_the_consensus_only(world, visibility):
    change_project(world.lead, visibility=visibility)
    both_finish(world)
    viewer = world.scope(world.vera)
    assert seen(world, viewer) == set()
    decide(world)
    assert seen(world, viewer) == {"consensus"}
    assert list(visible_speakers(viewer)) == []
    told = {(event.kind, event.about) for event in visible_events(viewer)}
    everybodys = {("project", None), ("source", None), ("code", None)}
    assert told == {*everybodys, ("member", world.vera)}


def test_viewer_sees_no_consensus_of_a_source_under_way(world):
    decide(world)
    row = SourceConsensus.objects.create(
        source=world.shared, project=world.lead.project, state="under_way"
    )
    viewer = world.scope(world.vera)
    assert seen(world, viewer) == set()
    assert load_visible_consensus_states(viewer) == {(world.shared.pk, False)}
    row.state = "decided"
    row.save()
    assert seen(world, viewer) == {"consensus"}
    assert load_visible_consensus_states(viewer) == {(world.shared.pk, True)}


@pytest.mark.parametrize("visibility", Visibility.values)
def test_coder_sees_the_consensus_once_it_is_opened(world, visibility):
    change_project(world.lead, visibility=visibility)
    decide(world)
    both_finish(world)
    own = OWN if visibility == Visibility.OWN else {*OWN, *SHARED}
    assert seen(world, world.scope(world.bob)) == own
    row = SourceConsensus.objects.create(
        source=world.shared, project=world.lead.project, state="decided"
    )
    assert seen(world, world.scope(world.bob)) == own
    assert load_visible_consensus_states(world.scope(world.bob)) == set()
    row.opened_at = timezone.now()
    row.save()
    assert seen(world, world.scope(world.bob)) == {*own, "consensus"}
    assert load_visible_consensus_states(world.scope(world.bob)) == {(world.shared.pk, True)}
    set_assignment_state(world.scope(world.bob), world.assignments["bob shared"].pk, "started")
    assert "consensus" not in seen(world, world.scope(world.bob))


def test_coder_sees_own_and_consensus_when_blind(world):
    decide(world)
    both_finish(world)
    show_decisions(world.lead)
    assert seen(world, world.scope(world.bob)) == {*OWN, "consensus"}


def test_coder_sees_the_consensus_of_own_sources_only(world):
    decide(world)
    show_decisions(world.lead)
    finish_source(world.scope(world.beth), world.beths)
    Annotation.objects.filter(layer=Layer.CONSENSUS).update(source=world.beths)
    assert seen(world, world.scope(world.bob)) == OWN
    assert seen(world, world.scope(world.beth)) == {*SHARED, "beth own", "consensus"}


def test_coder_sees_a_source_once_all_have_finished_it(world):
    change_project(world.lead, visibility=Visibility.DONE)
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    shown = [seen(world, bob)]
    finish_source(bob, world.shared)
    shown.append(seen(world, bob))
    finish_source(beth, world.shared)
    shown.append(seen(world, bob))
    set_assignment_state(bob, world.assignments["bob shared"].pk, "started")
    shown.append(seen(world, bob))
    assert shown == [OWN, OWN, {*OWN, *SHARED}, OWN]


def test_source_closes_again_when_another_coder_is_assigned(world):
    change_project(world.lead, visibility=Visibility.DONE)
    both_finish(world)
    assign_source(world.lead, source_id=world.shared.pk, annotator="ada")
    assert seen(world, world.scope(world.bob)) == OWN


def test_source_that_only_the_other_finished_stays_closed(world):
    """Bob is not assigned to it; that everyone who is has finished does not open it to him."""
    change_project(world.lead, visibility=Visibility.DONE, open_sources=True)
    finish_source(world.scope(world.beth), world.beths)
    assert seen(world, world.scope(world.bob)) == OWN


def test_coder_sees_all_coding_of_the_sources_they_may_read(world):
    change_project(world.lead, visibility=Visibility.ALL)
    assert seen(world, world.scope(world.bob)) == {*OWN, *SHARED}
    change_project(world.lead, open_sources=True)
    assert seen(world, world.scope(world.bob)) == ALL


def test_what_goes_with_coding_opens_with_it(world):
    """Assignments, speakers, history and members follow the same rule."""

    def told() -> tuple[set[str], set[str], set[str], set[str]]:
        bob = world.scope(world.bob)
        return (
            {a.annotator.username for a in visible_assignments(bob)},
            {speaker.name for speaker in visible_speakers(bob)},
            {e.actor.username for e in visible_events(bob) if e.kind == "annotation"},
            {member.user.username for member in visible_members(bob)},
        )

    leaders = {"alice", "ada", "bob"}
    blind = ({"bob"}, {"The minister"}, {"bob"}, leaders)
    opened = ({"bob", "beth"}, {"The minister", "A silent witness"}, {"bob", "beth"})
    assert told() == blind
    change_project(world.lead, visibility=Visibility.DONE)
    assert told() == blind
    both_finish(world)
    assert told() == (*opened, leaders)
    change_project(world.lead, visibility=Visibility.ALL)
    assert told() == (*opened, {*leaders, "beth", "vera"})


def test_counts_are_those_of_what_is_seen(world):
    code, source = world.codes["failure"].pk, world.shared.pk
    ids = [world.shared.pk, world.beths.pk]
    bob = world.scope(world.bob)
    assert dict(count_by_code(bob)) == {code: 1, world.codes["plea"].pk: 1}
    assert dict(count_by_source(bob, sources=ids)) == {source: 2}
    assert dict(count_by_code(world.lead)) == {code: 3, world.codes["plea"].pk: 2}
    assert dict(count_by_code(world.lead, source_id=source)) == {code: 2, world.codes["plea"].pk: 2}
    assert dict(count_by_source(world.lead, sources=ids)) == {source: 4, world.beths.pk: 1}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ALL),
        ({"codes": ["plea"]}, {"bob plea", "beth plea"}),
        ({"codes": ["failure"]}, {"bob failure", "beth failure", "beth own"}),
        ({"codes": ["failure"], "descendants": True}, ALL),
        ({"codes": ["strange"]}, set()),
        ({"codes": ["strange"], "descendants": True}, set()),
        ({"annotators": ["beth"]}, {*SHARED, "beth own"}),
        ({"annotators": ["bob", "charlie"]}, OWN),
        ({"layer": "consensus"}, set()),
        ({"stances": ["opposes", "mixed"]}, SHARED),
        ({"stances": [""]}, {"bob plea"}),
        ({"voices": ["The minister"]}, {"bob plea", "beth failure"}),
        ({"voices": ["THE\u00a0Minister"]}, {"bob plea", "beth failure"}),
        ({"voices": [""]}, {"bob failure", "beth own"}),
        ({"voices": ["", "A silent witness"]}, {"bob failure", "beth own", "beth plea"}),
        ({"voices": ["A stranger"]}, set()),
        ({"q": "ALLIANCE"}, {"bob failure", "beth failure"}),
        ({"q": "secret"}, {"beth failure"}),
        ({"q": "%"}, set()),
        ({"stale": True}, set()),
        ({"stale": False}, ALL),
        ({"annotators": ["beth"], "q": "alliance", "stances": ["opposes"]}, {"beth failure"}),
    ],
)
def test_filter_leaves_what_it_names(world, filters, expected):
    names = {row["id"]: name for name, row in world.said.items()}
    found = filter_annotations(world.lead, AnnotationFilter(**filters))
    assert {names[pk] for pk in found.values_list("pk", flat=True)} == expected


def test_filter_by_foreign_source_finds_nothing(world):
    assert not filter_annotations(
        world.lead, AnnotationFilter(sources=[world.foreign_source.pk])
    ).exists()
    assert filter_annotations(world.lead, AnnotationFilter(sources=[world.beths.pk])).count() == 1


def test_rows_are_read_in_one_query_and_shown_as_they_were_saved(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        shown = {
            row["id"]: complete_annotation_row(row)
            for row in select_annotation_values(visible_annotations(world.lead))
        }
    assert shown == {row["id"]: row for row in world.said.values()}


@pytest.mark.parametrize("q", ["éCOLE", "École", "ärger", "ÄRGER", "Ж.(", "שָ"])
def test_words_are_found_in_whatever_case_in_any_script(world, q):
    text = "Une école. ж.( שָׁלוֹם Nobody."
    source = add_source(world.lead, "L'École", text)
    assign_to(world.lead, source, world.bob)
    said = annotate(world.scope(world.bob), source, text, note="Großer Ärger")
    found = filter_annotations(world.scope(world.bob), AnnotationFilter(q=q))
    assert [one.pk for one in found] == [said["id"]]
    assert not filter_annotations(world.scope(world.bob), AnnotationFilter(q=f"{q}x")).exists()
