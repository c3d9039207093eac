"""Decisions as they are stored, and as the history keeps them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cstoannot.decisions.models import Decision
from cstoannot.decisions.places import (
    DecisionRecord,
    ProposedPassage,
    ReaderPassages,
    WeighedPassage,
    WeighedReading,
    list_contents,
)

Stored = Mapping[str, Any]


def build_reading(
    number: int, held: Sequence[ReaderPassages], names: Mapping[int, str], *, shown: bool
) -> WeighedReading:
    """Build the reading of annotators who marked the same; `shown`: with their names."""
    known = sorted(name for part in held if (name := names.get(part.annotator)))
    return WeighedReading(
        number=number,
        coders=len(held),
        passages=held[0].passages,
        annotators=tuple(known) if shown else (),
        held=tuple(held),
    )


def serialize_reading(reading: WeighedReading) -> dict[str, Any]:
    """Return a reading as a decision stores it: everything that was weighed, without quotes."""
    return {
        "reading": reading.number,
        "annotators": [part.annotator for part in reading.held],
        "passages": [
            {
                "id": str(one.annotation_id),
                "version": one.version,
                "annotator": part.annotator,
                **serialize_passage(one),
            }
            for part in reading.held
            for one in part.passages
        ],
    }


def serialize_passage(passage: ProposedPassage) -> dict[str, Any]:
    """Return what a passage says, without its quote."""
    return {
        "code": passage.code,
        "start": passage.start,
        "end": passage.end,
        "stance": passage.stance,
        "voice": passage.voice,
    }


def parse_passage(stored: Stored, text: str) -> ProposedPassage:
    """Return the passage of `serialize_passage`, with its quote from the source's text."""
    start, end = stored["start"], stored["end"]
    return ProposedPassage(
        stored["code"], start, end, text[start:end], stored["stance"], stored["voice"]
    )


def parse_reading(
    stored: Stored, text: str, names: Mapping[int, str], *, shown: bool
) -> WeighedReading:
    """Return the reading of `serialize_reading`; `shown`: with its annotators' names."""
    marked: dict[int, list[WeighedPassage]] = {one: [] for one in stored["annotators"]}
    for passage in stored["passages"]:
        said = parse_passage(passage, text)
        marked[passage["annotator"]].append(
            WeighedPassage(
                **vars(said),
                annotation_id=uuid.UUID(passage["id"]),
                version=passage["version"],
            )
        )
    held = [ReaderPassages(one, tuple(passages)) for one, passages in marked.items()]
    return build_reading(stored["reading"], held, names, shown=shown)


def parse_decision(
    decision: Decision,
    text: str,
    made: Mapping[uuid.UUID, ProposedPassage],
    names: Mapping[int, str],
    *,
    shown: bool = True,
) -> DecisionRecord:
    """Return what a stored decision says.

    `made`: the passages of the consensus by id; a decision made apart has its own passages.
    `shown`: with the coders' names.
    """
    if decision.apart:
        passages = [parse_passage(one, text) for one in decision.passages]
    else:
        ids = [uuid.UUID(pk) for pk in decision.passages]
        passages = [made[pk] for pk in ids if pk in made]
    return DecisionRecord(
        id=decision.pk,
        outcome=decision.outcome,
        reading_numbers=tuple(decision.chosen),
        passages=order_passages(passages),
        reason=decision.reason,
        rule=decision.rule,
        by=None if decision.by_id is None else names.get(decision.by_id),
        at=decision.at,
        elsewhere=decision.elsewhere,
        version=decision.version,
        readings=tuple(parse_reading(one, text, names, shown=shown) for one in decision.readings),
    )


def order_passages(passages: Iterable[ProposedPassage]) -> tuple[ProposedPassage, ...]:
    """Return the passages in the text's order."""
    return tuple(sorted(passages, key=lambda one: (one.start, one.end, one.content)))


def build_decision_snapshot(
    decision: Decision, passages: Iterable[ProposedPassage]
) -> dict[str, Any]:
    """Return a decision as the history stores it, with the passages that it leaves.

    The readings stand in the decision itself; the history has them once it changes or goes.
    """
    return {
        "source": decision.source_id,
        "place": str(decision.place),
        "start": decision.start,
        "end": decision.end,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "rule": decision.rule,
        "readings": decision.readings,
        "chosen": decision.chosen,
        "passages": [serialize_passage(one) for one in passages],
        "elsewhere": decision.elsewhere,
        "version": decision.version,
    }


def is_same_content(one: Iterable[ProposedPassage], other: Iterable[ProposedPassage]) -> bool:
    """Return whether both say the same, in whatever order."""
    return list_contents(one) == list_contents(other)
