"""Threads and decisions for tests."""

import uuid
from typing import Any

from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.threads.actions import ThreadDraft, open_thread
from cstoannot.threads.models import Thread
from tests.builders import World


def on_place(world: World, user: User, *, text: str = "What is this?") -> Thread:
    """A thread on the first sentence of the shared source."""
    draft = ThreadDraft("place", text, source=world.shared.pk, start=0, end=31)
    return open_thread(world.scope(user), draft)


def decide(world: World, start: int, end: int, **fields: Any) -> Decision:
    """A decision on a stretch of the shared source, as it stands in the database."""
    return Decision.objects.create(
        project=world.lead.project,
        source=world.shared,
        place=uuid.uuid4(),
        start=start,
        end=end,
        outcome=Outcome.NOTHING,
        by=world.ada,
        at=timezone.now(),
        **fields,
    )
