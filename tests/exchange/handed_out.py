"""What a team divides and decides, in a project of a few sources."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from cstoannot.annotations.models import Annotation, CodeProposal, Layer
from cstoannot.assignments.models import Assignment, ConsensusState, Plan, Round, SourceConsensus
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.exchange.archive.layout import move_place
from cstoannot.history.actions import record_event
from cstoannot.sources.models import Source
from cstoannot.threads.models import Comment, Thread, ThreadKind, ThreadRead
from tests.builders import add_source, annotate, assign_to

AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT_PLACE = {"start": 12, "end": 31}
PLACE = UUID("00000000-0000-8000-8000-0000000000ce")


def hand_out(world: Any) -> None:
    """A round, a plan, and a source that Bob codes for practice."""
    lead = world.lead
    mine = {"project": lead.project, "created_at": AT}
    one = Round.objects.create(**mine, name="Pilot", note="The first ones.\nAll of us.", revision=1)
    plan = Plan.objects.create(
        **mine,
        name="All twice",
        seed=7,
        annotators=[world.bob.pk, world.beth.pk],
        made_by=world.ada,
        deadline=date(2027, 1, 31),
    )
    Source.objects.filter(pk=world.shared.pk).update(round=one)
    given = Assignment.objects.filter(annotator=world.bob, source=world.shared)
    given.update(plan=plan, rank=3, deadline=date(2027, 1, 15))
    practise(world, add_source(lead, "For practice", world.shared.text))


def practise(world: Any, source: Source) -> None:
    """Bob codes a source to learn."""
    assign_to(world.lead, source, world.bob)
    Assignment.objects.filter(source=source).update(practice=True)
    annotate(world.scope(world.bob), source, "Nobody came.")


def decide(world: Any) -> Decision:
    """A decision that adopted Bob's passage, one of an adjudicator apart, and their events."""
    lead, shared = world.lead, world.shared
    made = Annotation.objects.create(
        id=UUID("00000000-0000-4000-8000-00000000dec1"),
        project=lead.project,
        source=shared,
        code=world.codes["failure"],
        layer=Layer.CONSENSUS,
        **AT_PLACE,
        quote=shared.text[12:31],
        revision=1,
        created_at=AT,
        updated_at=AT,
    )
    said = {"code": "failure", **AT_PLACE, "stance": "supports", "voice": ""}
    weighed = {**said, "id": str(made.pk), "version": 1, "annotator": world.bob.pk}
    readings = [
        {"reading": 1, "annotators": [world.bob.pk], "passages": [weighed]},
        {"reading": 2, "annotators": [world.beth.pk], "passages": []},
    ]
    place = {
        "project": lead.project,
        "source": shared,
        "place": move_place(PLACE, shared.pk),
        **AT_PLACE,
        "readings": readings,
        "at": AT,
    }
    decision = Decision.objects.create(
        **place,
        outcome=Outcome.ADOPTED,
        reason="It says so.",
        rule="Whatever is said counts.",
        chosen=[1],
        passages=[str(made.pk)],
        by=world.ada,
    )
    Decision.objects.create(
        **place, outcome=Outcome.EDITED, passages=[said], apart=True, by=world.ada
    )
    SourceConsensus.objects.create(
        project=lead.project,
        source=shared,
        state=ConsensusState.UNDER_WAY,
        opened_at=AT,
        adjudicator=world.ada,
    )
    told = {"source": shared.pk, "place": str(decision.place), "readings": readings, **AT_PLACE}
    record_event(
        world.scope(world.ada),
        action="create",
        kind="decision",
        object_id=decision.pk,
        after={**told, "outcome": "adopted", "passages": [said]},
        source_id=shared.pk,
    )
    return decision


def discuss(world: Any, decision: Decision) -> None:
    """A thread of each kind, one of them with comments, mentions and marks of reading."""
    lead, shared = world.lead, world.shared
    mine = {"project": lead.project, "created_at": AT}
    placed = {"source": shared, **AT_PLACE, "quote": shared.text[12:31]}
    place = Thread.objects.create(
        **mine,
        **placed,
        kind=ThreadKind.PLACE,
        opened_by=world.bob,
        resolved_by=world.ada,
        resolved_at=AT,
        proposal=CodeProposal.objects.filter(project=lead.project).first(),
    )
    Thread.objects.create(**mine, kind=ThreadKind.SOURCE, source=shared)
    Thread.objects.create(**mine, kind=ThreadKind.CODE, code=world.codes["failure"])
    Thread.objects.create(
        **mine, **placed, kind=ThreadKind.DECISION, decision=decision, asks_again=True
    )
    first = Comment.objects.create(
        thread=place, author=world.bob, text="@ada, why?", created_at=AT, edited_at=AT
    )
    first.mentions.set([world.ada, world.beth])
    Comment.objects.create(thread=place, author=world.ada, text="Read it.", created_at=AT)
    ThreadRead.objects.create(thread=place, user=world.bob, read_at=AT, number=1)
    ThreadRead.objects.create(thread=place, user=world.ada, read_at=AT)
    record_event(
        world.scope(world.bob),
        action="create",
        kind="comment",
        object_id=first.pk,
        after={"thread": str(place.pk), "text": first.text},
        source_id=shared.pk,
    )
