"""What an address asks for, and the address of a question."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
from django.http import QueryDict

from cstoannot.agreement.coding import Annotator, Code, Source
from cstoannot.agreement.disagreements import KIND_NAMES, ORDERS, Asked
from cstoannot.agreement.keeping import view_of
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    INTERVALS,
    Question,
    intervals_of,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope
from cstoannot.stats.coefficients.registry import MEASURES

LONGEST_NUMBER = 18

# Plain, because a page of 500 codes writes thousands of addresses: a QueryDict takes three times
# as long for each.
Fields = dict[str, list[str]]


@dataclass(frozen=True)
class Choices:
    """What can be chosen from; the sources are those that two coders finished."""

    codes: tuple[Code, ...]
    annotators: tuple[Annotator, ...]
    sources: tuple[Source, ...]


def choices(scope: Scope) -> Choices:
    coding = view_of(scope).coding
    shared = np.flatnonzero(coding.finished.sum(axis=1) >= 2).tolist()
    return Choices(coding.codes, coding.annotators, tuple(coding.sources[n] for n in shared))


def words_of(query: QueryDict, name: str) -> tuple[str, ...]:
    """The values of a parameter, given several times or by commas, each once, in order."""
    given = (word.strip() for value in query.getlist(name) for word in value.split(","))
    return tuple(dict.fromkeys(word for word in given if word))


def numbers_of(query: QueryDict, name: str) -> tuple[int, ...]:
    given = words_of(query, name)
    if not all(word.isdecimal() and len(word) <= LONGEST_NUMBER for word in given):
        raise Invalid(f"{name} is a number.", field=name)
    return tuple(sorted(int(word) for word in given))


def question_of(query: QueryDict) -> Question:
    """A unit or interval that the measure does not have is left out: it was for another one."""
    question = Question(
        measure=query.get("measure") or DEFAULT_MEASURE,
        unit=query.get("unit", ""),
        codes=tuple(sorted(words_of(query, "code"))),
        annotators=tuple(sorted(words_of(query, "annotator"))),
        sources=numbers_of(query, "source"),
        interval=query.get("interval") or INTERVALS[0],
    )
    return fitting(question) if question.measure in MEASURES else question


def fitting(question: Question, measure: str = "") -> Question:
    """The question about a measure, its own if none is named, with what that one has."""
    known = MEASURES[measure or question.measure]
    foreign = question.interval in set(INTERVALS) - set(intervals_of(known))
    return replace(
        question,
        measure=known.key,
        unit=question.unit if question.unit in known.units else "",
        interval=INTERVALS[0] if foreign else question.interval,
    )


def address(question: Question, **more: str | int | Iterable[str]) -> str:
    """The question as a query string, without what goes without saying; `more` after it."""
    query: Fields = {}
    if question.measure != DEFAULT_MEASURE:
        query["measure"] = [question.measure]
    if question.unit and question.unit != MEASURES[question.measure].units[0]:
        query["unit"] = [question.unit]
    if question.interval != INTERVALS[0]:
        query["interval"] = [question.interval]
    _select(query, question.codes, question.annotators, question.sources)
    return _with(query, more)


def asked_of(query: QueryDict) -> Asked:
    return Asked(
        kinds=tuple(kind for kind in KIND_NAMES if kind in _known_kinds(query)),
        codes=tuple(sorted(words_of(query, "code"))),
        annotators=tuple(sorted(words_of(query, "annotator"))),
        sources=numbers_of(query, "source"),
        order=query.get("order") or ORDERS[0],
    )


def _known_kinds(query: QueryDict) -> tuple[str, ...]:
    kinds = words_of(query, "kind")
    if not set(kinds) <= set(KIND_NAMES):
        raise Invalid(f"kind is one of: {', '.join(KIND_NAMES)}.", field="kind")
    return kinds


def asked_address(asked: Asked, **more: str | int | Iterable[str]) -> str:
    query: Fields = {"kind": list(asked.kinds)}
    _select(query, asked.codes, asked.annotators, asked.sources)
    if asked.order != ORDERS[0]:
        query["order"] = [asked.order]
    return _with(query, more)


def _select(
    query: Fields,
    codes: tuple[str, ...],
    annotators: tuple[str, ...],
    sources: tuple[int, ...],
) -> None:
    query["code"] = list(codes)
    query["annotator"] = list(annotators)
    query["source"] = [str(pk) for pk in sources]


def _with(query: Fields, more: dict[str, str | int | Iterable[str]]) -> str:
    for name, value in more.items():
        values = [str(value)] if isinstance(value, str | int) else list(value)
        query[name] = [one for one in values if one]
    return urlencode(query, doseq=True)
