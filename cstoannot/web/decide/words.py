"""Words for what differs at a place, for outcomes, and for states."""

from collections.abc import Iterable

from cstoannot.assignments.models import ConsensusState
from cstoannot.decisions.models import Outcome
from cstoannot.decisions.places import DecidablePlace, DecisionRecord, PlaceState

_KINDS = {
    "boundary": "bounds",
    "different_stance": "stance",
    "different_voice": "voice",
    "different_code": "code",
}
_NUMBERS = ("nobody", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
OUTCOMES = {
    Outcome.ADOPTED: "adopted",
    Outcome.MAJORITY: "adopted",
    Outcome.EDITED: "edited",
    Outcome.NOTHING: "nothing here",
    Outcome.PLURAL: "plural",
}
CONSENSUS_WORDS = {
    ConsensusState.NOT_BEGUN: "not begun",
    ConsensusState.UNDER_WAY: "under way",
    ConsensusState.DECIDED: "decided",
    ConsensusState.AGAIN: "to be looked at again",
}


def spell_number(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def join_words(words: Iterable[str]) -> str:
    """Join words: "bounds, stance and voice"."""
    *first, last = list(words) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def count_missing(place: DecidablePlace) -> int:
    """Return how many readers have not marked a code of the place, for the one most missed."""
    codes = {one.code for reading in place.readings for one in reading.passages}
    return max(
        (
            sum(
                reading.coders
                for reading in place.readings
                if code not in {one.code for one in reading.passages}
            )
            for code in codes
        ),
        default=0,
    )


def _list_kind_words(place: DecidablePlace) -> list[str]:
    return [word for kind, word in _KINDS.items() if kind in place.kinds]


def describe_difference(place: DecidablePlace) -> str:
    """Describe in short what differs: "bounds, stance", "voice, missed by one"."""
    if place.agreed:
        return "all agree"
    words = _list_kind_words(place)
    missing = count_missing(place)
    if "missed" in place.kinds and missing:
        words.append(f"missed by {spell_number(missing)}")
    return ", ".join(words) or "marked alike"


def describe_difference_in_full(place: DecidablePlace) -> str:
    """Describe what differs in a heading: "bounds and stance differ, missed by one"."""
    words = _list_kind_words(place)
    parts = [f"{join_words(words)} {'differ' if len(words) > 1 else 'differs'}"] if words else []
    if words == ["bounds"]:
        parts = ["bounds differ"]
    missing = count_missing(place)
    if "missed" in place.kinds and missing:
        parts.append(f"missed by {spell_number(missing)}")
    return ", ".join(parts) or ("all agree" if place.agreed else "marked alike")


def describe_place_state(place: DecidablePlace, *, called: bool = False) -> str:
    """Describe in short how far a place is, for the queue; `called`: to look at again."""
    if called:
        return "look again: somebody asks"
    if place.state == PlaceState.AGAIN:
        return "look again: a passage changed"
    if place.state == PlaceState.DIFFERS:
        return "two decided differently"
    if place.decision is None:
        return describe_difference(place)
    outcome = OUTCOMES[Outcome(place.decision.outcome)]
    waits = ", the other has not decided" if place.state == PlaceState.WAITING else ""
    return f"{outcome}{waits}"


def describe_record(record: DecisionRecord) -> str:
    """Describe what a decision chose: "the majority’s reading", "readings 1 and 2 stand"."""
    numbers = join_words(str(number) for number in record.reading_numbers)
    return {
        Outcome.ADOPTED: f"reading {numbers}",
        Outcome.MAJORITY: "the majority’s reading",
        Outcome.EDITED: "edited",
        Outcome.NOTHING: "nothing here",
        Outcome.PLURAL: f"plural, readings {numbers} stand",
    }[Outcome(record.outcome)]
