"""What stands beside a place: the project's sources, rules, and like cases."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import Truncator

from cstoannot.decisions.case_queries import (
    CaseFilter,
    DecidedCase,
    filter_decisions,
    load_decided_cases,
)
from cstoannot.decisions.places import DecidablePlace
from cstoannot.decisions.queries import load_consensus_states
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_neighbouring_sources, visible_sources
from cstoannot.web.decide.params import DecideQuery
from cstoannot.web.decide.presenters import SIGNS
from cstoannot.web.decide.words import CONSENSUS_WORDS, describe_record

REACH = 40  # sources offered before and after the shown one
MOST_CASES = 3
MOST_RULES = 10
LONGEST_CASE = 24  # words


@dataclass(frozen=True)
class SourceChoice:
    """A source to decide, and how far it is decided."""

    pk: int
    title: str
    words: str
    state: str
    current: bool


def load_source_choices(scope: Scope, source: Source | None) -> list[SourceChoice]:
    """Return the sources around one, or the project's first ones, with their states."""
    if source is None:
        sources = list(visible_sources(scope)[: 2 * REACH])
    else:
        before, after = load_neighbouring_sources(scope, source, reach=REACH)
        sources = [*before, source, *after]
    states = load_consensus_states(scope, [one.pk for one in sources])
    return [
        SourceChoice(
            one.pk,
            one.title,
            CONSENSUS_WORDS[states[one.pk]],
            states[one.pk],
            current=source is not None and one.pk == source.pk,
        )
        for one in sources
        if one.pk in states
    ]


@dataclass(frozen=True)
class LikeCase:
    """An earlier decision on a code of the place. `readings`: the stances that were weighed."""

    code: str
    quote: str
    title: str
    readings: str
    words: str
    stance: str
    reason: str
    url: str


def load_like_cases(scope: Scope, place: DecidablePlace, slugs: Sequence[str]) -> list[LikeCase]:
    """Return the latest other decisions on the codes of the place, with a reason first."""
    if not slugs:
        return []
    decisions = filter_decisions(scope, CaseFilter(codes=tuple(slugs)))
    latest = decisions.exclude(source_id=place.source, place=place.id)[: 4 * MOST_CASES]
    cases = load_decided_cases(scope, latest)
    cases.sort(key=lambda one: not one.record.reason)
    return [build_like_case(scope, one, slugs) for one in cases[:MOST_CASES]]


def build_like_case(scope: Scope, case: DecidedCase, slugs: Sequence[str]) -> LikeCase:
    """Build a case as one of these codes sees it: the first that it is about."""
    code = next((slug for slug in slugs if slug in case.codes), next(iter(case.codes), ""))
    left = next((one for one in case.record.passages if one.code == code), None)
    stances = (
        next((SIGNS[one.stance] for one in reading.passages if one.code == code), "–")
        for reading in case.record.readings
    )
    return LikeCase(
        code=code,
        quote=Truncator(left.quote if left else case.quote).words(LONGEST_CASE),
        title=case.title,
        readings=" ".join(stances),
        words=describe_record(case.record),
        stance=left.stance if left else "",
        reason=case.record.reason,
        url=DecideQuery(place=case.place).address(scope.project.slug, case.source),
    )


def load_rules(scope: Scope, slugs: Sequence[str]) -> dict[str, list[str]]:
    """Return the rules that decisions on these codes gave, by code, the latest first."""
    if not slugs:
        return {}
    ruled = filter_decisions(scope, CaseFilter(codes=tuple(slugs), ruled=True))[:MOST_RULES]
    rules: dict[str, list[str]] = defaultdict(list)
    for case in load_decided_cases(scope, ruled):
        for code in case.codes:
            if case.record.rule not in rules[code]:
                rules[code].append(case.record.rule)
    return rules
