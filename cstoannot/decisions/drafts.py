"""A decision as sent, and what it means at its place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from cstoannot.annotations.models import Stance
from cstoannot.annotations.serialization import LONGEST_VOICE, check_quote
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.fields import clean_choice, clean_line, clean_text
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.places import DecidablePlace, ProposedPassage, WeighedReading
from cstoannot.text.spans import check_span

LONGEST_REASON = 10_000
LONGEST_RULE = 10_000
MOST_PASSAGES = 100
"""Passages that one decision may leave."""


@dataclass(frozen=True)
class PassageDraft:
    """A passage as an adjudicator edits it; offsets in code points, half-open.

    `quote`, if given, must be the source's text there.
    """

    code: str
    start: int
    end: int
    stance: str = ""
    voice: str = ""
    quote: str | None = None


@dataclass(frozen=True)
class DecisionDraft:
    """A decision as sent.

    `reading`: the one that is adopted; `readings`: those that stand in a plural decision;
    `annotations`: what an edited one leaves. `rule`: what the codebook should say from now on.
    """

    outcome: str
    reading: int | None = None
    readings: Sequence[int] = ()
    annotations: Sequence[PassageDraft] = ()
    reason: str = ""
    rule: str = ""


@dataclass(frozen=True)
class ResolvedDecision:
    """A decision that has been checked: what it leaves, and the numbers of the readings chosen."""

    outcome: str
    passages: tuple[ProposedPassage, ...]
    chosen: tuple[int, ...] = ()
    reason: str = ""
    rule: str = ""
    elsewhere: bool = False


@dataclass(frozen=True)
class DecisionGround:
    """What a draft is checked against: the source's text, and which codes are retired, by slug."""

    text: str
    retired: Mapping[str, bool]


def resolve_decision(
    place: DecidablePlace, draft: DecisionDraft, ground: DecisionGround
) -> ResolvedDecision:
    """Return what the draft decides at the place; raise Invalid, or Conflict for a retired code."""
    outcome = clean_choice(draft.outcome, field="outcome", choices=Outcome.values)
    _check_unused_fields(outcome, draft)
    chosen, passages = _choose_passages(place, outcome, draft, ground)
    found = ResolvedDecision(
        outcome=outcome,
        passages=passages,
        chosen=chosen,
        reason=clean_text(draft.reason, field="reason", longest=LONGEST_REASON).strip(),
        rule=clean_text(draft.rule, field="rule", longest=LONGEST_RULE).strip(),
    )
    if not found.reason and place.needs_reason(outcome, passages):
        raise Invalid(
            "Say why: several readings stand."
            if outcome == Outcome.PLURAL
            else "Say why: this goes against what most coders marked.",
            field="reason",
            code="reason_needed",
        )
    _check_codes_in_use(passages, ground)
    return found


def _check_unused_fields(outcome: str, draft: DecisionDraft) -> None:
    """Raise Invalid for what this outcome does not take: the sender meant something else."""
    given = {
        "reading": draft.reading is not None and outcome != Outcome.ADOPTED,
        "readings": bool(draft.readings) and outcome != Outcome.PLURAL,
        "annotations": bool(draft.annotations) and outcome != Outcome.EDITED,
    }
    for field, wrong in given.items():
        if wrong:
            raise Invalid(f"The outcome {outcome} takes no {field}.", field=field)


def _choose_passages(
    place: DecidablePlace, outcome: str, draft: DecisionDraft, ground: DecisionGround
) -> tuple[tuple[int, ...], tuple[ProposedPassage, ...]]:
    """Return the numbers of the readings chosen, and the passages that the decision leaves."""
    if outcome == Outcome.ADOPTED:
        return _choose_adopted(place, draft)
    if outcome == Outcome.PLURAL:
        return _choose_plural(place, draft), ()
    if outcome == Outcome.MAJORITY:
        return choose_majority(place), place.majority
    if outcome == Outcome.EDITED:
        return (), _resolve_edited(place, draft.annotations, ground)
    return (), ()


def _choose_adopted(
    place: DecidablePlace, draft: DecisionDraft
) -> tuple[tuple[int, ...], tuple[ProposedPassage, ...]]:
    reading = _require_reading(place, draft.reading, field="reading")
    if not reading.passages:
        raise Invalid(
            "In this reading nothing is marked: decide “nothing” instead.", field="reading"
        )
    return (reading.number,), tuple(strip_passage(one) for one in reading.passages)


def _choose_plural(place: DecidablePlace, draft: DecisionDraft) -> tuple[int, ...]:
    numbers = tuple(sorted(set(draft.readings)))
    for number in numbers:
        _require_reading(place, number, field="readings")
    if len(numbers) < 2:
        raise Invalid("Name at least two readings that stand.", field="readings")
    return numbers


def choose_majority(place: DecidablePlace) -> tuple[int, ...]:
    """Return the numbers of the readings that are the majority's; raise Invalid if it is empty."""
    if not place.majority:
        raise Invalid("Most coders marked nothing here: decide “nothing” instead.", field="outcome")
    return tuple(one.number for one in place.readings if place.is_majority(one.passages))


def _require_reading(place: DecidablePlace, number: int | None, *, field: str) -> WeighedReading:
    reading = None if number is None else place.reading(number)
    if reading is None:
        known = ", ".join(str(one.number) for one in place.readings)
        raise Invalid(f"The readings of this place are: {known}.", field=field)
    return reading


def strip_passage(one: ProposedPassage) -> ProposedPassage:
    """Return what a weighed passage says, without its annotation."""
    return ProposedPassage(one.code, one.start, one.end, one.quote, one.stance, one.voice)


def _resolve_edited(
    place: DecidablePlace, drafts: Sequence[PassageDraft], ground: DecisionGround
) -> tuple[ProposedPassage, ...]:
    if not drafts:
        raise Invalid("Name at least one passage, or decide “nothing”.", field="annotations")
    if len(drafts) > MOST_PASSAGES:
        raise Invalid(f"At most {MOST_PASSAGES} passages.", field="annotations")
    found = dict.fromkeys(_resolve_passage(one, ground) for one in drafts)
    for one in found:
        if one.end <= place.start or one.start >= place.end:
            raise Invalid(
                f"The passage from {one.start} to {one.end} does not touch the place, which goes "
                f"from {place.start} to {place.end}.",
                field="annotations",
            )
    return tuple(sorted(found, key=lambda one: one.content))


def _resolve_passage(draft: PassageDraft, ground: DecisionGround) -> ProposedPassage:
    start, end = check_span(draft.start, draft.end, len(ground.text))
    if draft.code not in ground.retired:
        raise Invalid(f"The codebook has no code “{draft.code[:80]}”.", field="code")
    quote = ground.text[start:end]
    check_quote(draft, quote)
    return ProposedPassage(
        code=draft.code,
        start=start,
        end=end,
        quote=quote,
        stance=clean_choice(draft.stance, field="stance", choices=Stance.values),
        voice=clean_line(draft.voice, field="voice", longest=LONGEST_VOICE),
    )


def _check_codes_in_use(passages: Iterable[ProposedPassage], ground: DecisionGround) -> None:
    for one in passages:
        if ground.retired[one.code]:
            raise Conflict(
                f"The code “{one.code}” is retired: edit the passage, and choose another one.",
                field="code",
            )


def spell_voices(decision: ResolvedDecision, names: Mapping[str, str]) -> ResolvedDecision:
    """Return the decision with the speakers' names as the project spells them."""
    return replace(
        decision,
        passages=tuple(
            replace(one, voice=names.get(one.voice, one.voice)) for one in decision.passages
        ),
    )
