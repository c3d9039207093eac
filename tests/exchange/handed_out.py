"""What a team divides and decides, in a project of a few sources."""

from datetime import UTC, date, datetime
from typing import Any

from cstoannot.assignments.models import Assignment, Plan, Round
from cstoannot.sources.models import Source
from tests.builders import add_source


def hand_out(world: Any) -> None:
    """A round, a plan, and a copy of a source for coding it once more."""
    lead, at = world.lead, datetime(2026, 1, 1, 12, tzinfo=UTC)
    mine = {"project": lead.project, "created_at": at}
    one = Round.objects.create(**mine, name="Pilot", note="The first ones.\nAll of us.", revision=1)
    plan = Plan.objects.create(
        **mine,
        name="All twice",
        repeated=10,
        seed=7,
        annotators=[world.bob.pk, world.beth.pk],
        made_by=world.ada,
        deadline=date(2027, 1, 31),
    )
    copy = add_source(lead, "Shared again", world.shared.text)
    Source.objects.filter(pk=copy.pk).update(copy_of=world.shared.pk)
    Source.objects.filter(pk=world.shared.pk).update(round=one)
    given = Assignment.objects.filter(annotator=world.bob, source=world.shared)
    given.update(plan=plan, rank=3, deadline=date(2027, 1, 15), practice=True)
