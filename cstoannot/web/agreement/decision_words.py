"""The sentences of the methods paragraph on how the team decided."""

from collections.abc import Iterator

from cstoannot.agreement.decision_queries import DecisionSummary
from cstoannot.decisions.models import Outcome
from cstoannot.projects.models import AgreedBounds
from cstoannot.web.agreement.number_words import (
    capitalise_first,
    format_number,
    format_small_count,
    join_words,
)

_OUTCOMES = {
    Outcome.MAJORITY: "the majority’s reading was adopted",
    Outcome.ADOPTED: "one coder’s or a minority’s reading",
    Outcome.EDITED: "an edited reading",
    Outcome.NOTHING: "nothing was found",
    Outcome.PLURAL: "several readings stand",
}
_BOUNDS = {
    AgreedBounds.SENTENCE: "begin in the same sentence and end in the same sentence",
    AgreedBounds.MAJORITY: "lie within the stretch that most coders marked",
}


def describe_decisions(found: DecisionSummary, *, named: bool) -> Iterator[str]:
    """Yield the sentences; `named`: with the words of rules, in which people may be named."""
    if found.decided or found.begun:
        yield _describe_decided_sources(found)
    if found.brought_in:
        sources = format_small_count(found.brought_in, "source")
        yield (
            f"The consensus on {sources} was made elsewhere and brought in; how it was decided is "
            "not recorded."
        )
    if found.places:
        yield _describe_outcomes(found)
        yield from _describe_rules(found, named=named)
    if found.by_people:
        yield from _describe_deciding(found)


def _describe_decided_sources(found: DecisionSummary) -> str:
    parts = []
    if found.decided:
        parts.append(format_small_count(found.decided, "source"))
    if found.begun:
        parts.append(f"a part of {format_number(found.begun)}{' more' if found.decided else ''}")
    words = join_words(parts)
    if not found.decided:
        words += " source" if found.begun == 1 else " sources"
    return f"The team decided {words}."


def _describe_outcomes(found: DecisionSummary) -> str:
    shown = [
        f"{words} at {format_number(found.outcomes[outcome])}"
        for outcome, words in _OUTCOMES.items()
        if found.outcomes.get(outcome)
    ]
    said = f"Of {format_small_count(found.places, 'decided place')}, {join_words(shown)}"
    left = [format_small_count(found.undecided, "place")] if found.undecided else []
    if left:
        said += f"; {left[0]} {'is' if found.undecided == 1 else 'are'} still open"
    if found.again:
        places = format_small_count(found.again, "place")
        said += f"; the coding of {places} changed after the decision"
    return f"{said}."


def _describe_rules(found: DecisionSummary, *, named: bool) -> Iterator[str]:
    for rule, count in found.rules.items():
        which = "All of them" if count == found.places else capitalise_first(format_number(count))
        were = "was" if count == 1 else "were"
        words = f": {rule}" if named and rule else "."
        yield f"{which} {were} decided by a rule for all places alike, not one by one{words}"
    if found.elsewhere:
        were = "was" if found.elsewhere == 1 else "were"
        number = capitalise_first(format_number(found.elsewhere))
        yield f"{number} {were} decided in another program and brought in."


def _describe_deciding(found: DecisionSummary) -> Iterator[str]:
    people = [format_small_count(count, role) for role, count in sorted(found.deciders.items())]
    if people:
        rest = "the others" if found.by_people < found.places else "the places"
        yield f"{capitalise_first(join_words(people))} decided {rest}."
    names: dict[tuple[bool, ...], str] = {
        (False,): "Whoever decided a place did not know which coder had marked what.",
        (True,): "Whoever decided a place knew which coder had marked what.",
    }
    yield names.get(
        found.named, "For a part of the time, whoever decided a place knew who had marked what."
    )
    if found.apart != (False,):
        when = "" if found.apart == (True,) else "For a part of the time, "
        words = (
            "two people decided each place without knowing of each other’s decision, and where "
            "they differed, it was decided again."
        )
        yield capitalise_first(f"{when}{words}")
    else:
        yield "Each place was decided by one person."
    if found.agreed:
        places = format_small_count(found.agreed, "place")
        yield (
            f"At {places}, all coders had marked the same codes with the same stance and voice, "
            f"and bounds that {_BOUNDS[AgreedBounds(found.bounds)]}; what they agreed on was "
            "adopted."
        )
