"""One small project, the same down to its last number, with all that formats have to carry."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from cstoannot.assignments.models import SourceConsensus
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.models import Code
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.exchange.archive.layout import move_place
from cstoannot.models import Annotation
from cstoannot.projects.models import Role
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.threads.models import Comment, Thread
from tests.access.twins import Clock, named, stopped_clock, undone
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    join,
    make_project,
    make_user,
)
from tests.exchange.reading import ODD

TEXT = (
    "The alliance failed its member.\n\n"
    "“We asked for help,” the minister said. Nobody came.\n\n"
    "Naïve 🙂 hopes, cafe\u0301s and all."
)
PLACE = UUID("00000000-0000-8000-8000-0000000000ce")
CONSENSUS = UUID("00000000-0000-4000-8000-00000000c0de")


@contextmanager
def small_project() -> Iterator[Scope]:
    """Its lead's scope. Nothing of it is left after the block, and the numbers begin anew."""
    with stopped_clock() as clock, undone():
        clock.at(1)
        lead = make_project(make_user("alice"), "Small")
        bob, beth = (join(lead, make_user(name), Role.ANNOTATOR) for name in ("bob", "beth"))
        first, odd = _sources(lead)
        _codes(lead)
        for source in (first, odd):
            assign_to(lead, source, bob.user, beth.user)
        _bob_codes(clock, bob, first, odd)
        _beth_codes(clock, beth, first)
        clock.at(30)
        change_code(lead, "plea", definition="Somebody asks for help.")
        _decide(lead, first)
        clock.at(40)
        for coder in (bob, beth):
            finish(coder, first)
        finish(bob, odd)
        # After all that casts doubt on it: the numbers of the formats are those of the consensus.
        SourceConsensus.objects.create(project=lead.project, source=first, state="decided")
        clock.at(1000)
        yield lead


def _sources(lead: Scope) -> tuple[Source, Source]:
    first = add_source(
        lead,
        "What the alliance did",
        TEXT,
        publisher="The Paper",
        author="Ann; Ben",
        published="2020-11",
        url="https://example.org/a?b=1&c=2",
        language="en",
        group="press",
    )
    return first, add_source(lead, "=SUM(1) “odd” <&>", ODD, publisher="+1", published="2021")


def _codes(lead: Scope) -> None:
    add_code(lead, "Alliance", definition="What binds its members.")
    add_code(
        lead,
        "Failure",
        parent="alliance",
        claim="The alliance failed.",
        definition="It did not do what it is for.",
        include="Silence, delay.",
        exclude="Failures of a member.",
        example="Nobody came.",
        shortcut="f",
        colour="#aa3344",
    )
    add_code(lead, "Plea", parent="alliance", claim="A member asked for help.")
    add_code(lead, 'Odd, "code" <&>', claim="It is odd.")


def _bob_codes(clock: Clock, bob: Scope, first: Source, odd: Source) -> None:
    clock.at(10)
    said = [
        (first, "The alliance failed its member.", "failure", {"stance": "supports"}),
        (first, "We asked for help", "plea", {"voice": "The minister", "stance": "supports"}),
        (first, "🙂 hopes", "failure", {"stance": "mixed", "note": 'unsure; "really"?\nAsk.'}),
        (odd, ODD, "odd-code", {"stance": "opposes", "voice": "-minus", "note": "=1+1"}),
        (odd, "cafe\u0301", "odd-code", {}),
        (odd, "שָׁלוֹם עולם", "failure", {"stance": "supports", "note": "\tעברית"}),
    ]
    for number, (source, quote, code, more) in enumerate(said):
        clock.at(10 + number)
        annotate(bob, source, quote, code, id=named("small", "bob", number), **more)


def _beth_codes(clock: Clock, beth: Scope, first: Source) -> None:
    said = [
        ("alliance failed", "failure", {"stance": "opposes"}),
        ("We asked for help,” the minister said.", "plea", {"voice": "The minister"}),
        ("Nobody came.", "failure", {"stance": "supports"}),
    ]
    for number, (quote, code, more) in enumerate(said):
        clock.at(20 + number)
        annotate(beth, first, quote, code, id=named("small", "beth", number), **more)


def _decide(lead: Scope, first: Source) -> None:
    """The team's decision about Bob's first passage, and what was said about it."""
    decided = Annotation.objects.get(pk=named("small", "bob", 0))
    decided.pk, decided.annotator, decided.layer = CONSENSUS, None, "consensus"
    decided.save(force_insert=True)
    place = {"source": first, "start": 0, "end": decided.end}
    decision = Decision.objects.create(
        **place,
        id=named("small", "decision", 0),
        project=lead.project,
        place=move_place(PLACE, first.pk),
        outcome=Outcome.ADOPTED,
        reason="=It says so, “clearly”;\nwithout a doubt.",
        rule="Whole sentences.",
        readings=_weighed(lead),
        chosen=[1],
        passages=[str(CONSENSUS)],
        by=lead.user,
        at=decided.created_at,
    )
    _discuss(lead, decision)


def _weighed(lead: Scope) -> list[dict[str, Any]]:
    found = Annotation.objects.filter(
        pk__in=[named("small", "bob", 0), named("small", "beth", 0)]
    ).select_related("code")
    return [
        {
            "reading": number,
            "annotators": [one.annotator_id],
            "passages": [
                {
                    "id": str(one.pk),
                    "version": one.version,
                    "annotator": one.annotator_id,
                    "code": one.code.slug,
                    "start": one.start,
                    "end": one.end,
                    "stance": one.stance,
                    "voice": "",
                }
            ],
        }
        for number, one in enumerate(found.order_by("start"), 1)
    ]


def _discuss(lead: Scope, decision: Decision) -> None:
    """What the lead and Bob say about the decision, the first source and a code."""
    at = decision.at
    for number, about in enumerate(
        (
            {"kind": "decision", "source": decision.source, "decision": decision},
            {"kind": "source", "source": decision.source},
            {"kind": "code", "code": Code.objects.get(project=lead.project, slug="failure")},
        )
    ):
        placed = {"start": 4, "end": 12, "quote": "alliance"} if number == 0 else {}
        thread = Thread.objects.create(
            **about,
            **placed,
            id=named("small", "thread", number),
            project=lead.project,
            opened_by=lead.user,
            created_at=at,
        )
        Comment.objects.create(
            id=named("small", "comment", number),
            thread=thread,
            author=lead.user,
            text=f"Is it <so>, {number}?",
            created_at=at,
        )
