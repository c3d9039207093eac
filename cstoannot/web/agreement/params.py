"""Reads the agreement query and the disagreement filter from a URL, and writes them back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
from django.http import QueryDict

from cstoannot.agreement.dataset import AgreementCode, AgreementSource, Annotator
from cstoannot.agreement.disagreements import KIND_NAMES, LISTED, ORDERS, DisagreementFilter
from cstoannot.agreement.project_cache import load_cached_agreement
from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    INTERVALS,
    AgreementQuery,
    list_measure_intervals,
)
from cstoannot.codebook.meaning import ANY
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.projects.scope import Scope
from cstoannot.stats.coefficients.registry import MEASURES

MOST_CHOICES = 100  # sources offered as a list of ticks

# A plain dict, because a page of 500 codes writes thousands of URLs: a QueryDict takes three times
# as long for each.
Fields = dict[str, list[str]]


@dataclass(frozen=True)
class AgreementChoices:
    """Choices of the filters; the sources are those that two coders finished.

    `rounds`: names of those with a finished source.
    """

    codes: tuple[AgreementCode, ...]
    annotators: tuple[Annotator, ...]
    sources: tuple[AgreementSource, ...]
    rounds: tuple[str, ...] = ()


def load_agreement_choices(scope: Scope) -> AgreementChoices:
    coding = load_cached_agreement(scope).coding
    shared = np.flatnonzero(coding.finished.sum(axis=1) >= 2).tolist()
    return AgreementChoices(
        coding.codes,
        coding.annotators,
        tuple(coding.sources[n] for n in shared),
        tuple(sorted({source.round for source in coding.sources} - {""})),
    )


def parse_word_list(query: QueryDict, name: str) -> tuple[str, ...]:
    """Return the distinct values of a parameter, given several times or separated by commas."""
    given = (word.strip() for value in query.getlist(name) for word in value.split(","))
    return tuple(dict.fromkeys(word for word in given if word))


def parse_number_list(query: QueryDict, name: str) -> tuple[int, ...]:
    given = [parse_whole_number(word) for word in parse_word_list(query, name)]
    numbers = [number for number in given if number is not None]
    if len(numbers) < len(given):
        raise Invalid(f"{name} must be a number.", field=name)
    return tuple(sorted(numbers))


def parse_agreement_query(query: QueryDict) -> AgreementQuery:
    """Parse the query; ignores units and intervals that the measure does not have.

    They are left over from the choice of another measure.
    """
    question = AgreementQuery(
        measure=query.get("measure") or DEFAULT_MEASURE,
        unit=query.get("unit", ""),
        codes=tuple(sorted(parse_word_list(query, "code"))),
        annotators=tuple(sorted(parse_word_list(query, "annotator"))),
        sources=parse_number_list(query, "source"),
        interval=query.get("interval") or INTERVALS[0],
        meaning=query.get("meaning") or ANY,
        round=query.get("round", ""),
    )
    return fit_query_to_measure(question) if question.measure in MEASURES else question


def fit_query_to_measure(question: AgreementQuery, measure: str = "") -> AgreementQuery:
    """Return the query for a measure, by default its own, without options that it lacks."""
    known = MEASURES[measure or question.measure]
    foreign = question.interval in set(INTERVALS) - set(list_measure_intervals(known))
    return replace(
        question,
        measure=known.key,
        unit=question.unit if question.unit in known.units else "",
        interval=INTERVALS[0] if foreign else question.interval,
    )


def format_agreement_query(question: AgreementQuery, **more: str | int | Iterable[str]) -> str:
    """Format the query without defaults; `more` is appended."""
    query: Fields = {}
    if question.measure != DEFAULT_MEASURE:
        query["measure"] = [question.measure]
    if question.unit and question.unit != MEASURES[question.measure].units[0]:
        query["unit"] = [question.unit]
    if question.interval != INTERVALS[0]:
        query["interval"] = [question.interval]
    _add_selection_fields(query, question)
    return _encode_query_fields(query, more)


def parse_disagreement_filter(query: QueryDict) -> DisagreementFilter:
    return DisagreementFilter(
        kinds=tuple(kind for kind in KIND_NAMES if kind in _parse_disagreement_kinds(query)),
        codes=tuple(sorted(parse_word_list(query, "code"))),
        annotators=tuple(sorted(parse_word_list(query, "annotator"))),
        sources=parse_number_list(query, "source"),
        order=query.get("order") or ORDERS[0],
        by=LISTED[1] if query.get("by") == LISTED[1] else LISTED[0],
        meaning=query.get("meaning") or ANY,
        round=query.get("round", ""),
    )


def _parse_disagreement_kinds(query: QueryDict) -> tuple[str, ...]:
    kinds = parse_word_list(query, "kind")
    if not set(kinds) <= set(KIND_NAMES):
        raise Invalid(f"kind must be one of: {', '.join(KIND_NAMES)}.", field="kind")
    return kinds


def format_disagreement_filter(asked: DisagreementFilter, **more: str | int | Iterable[str]) -> str:
    query: Fields = {"kind": list(asked.kinds)}
    _add_selection_fields(query, asked)
    if asked.order != ORDERS[0]:
        query["order"] = [asked.order]
    if asked.by != LISTED[0]:
        query["by"] = [asked.by]
    return _encode_query_fields(query, more)


def _add_selection_fields(query: Fields, asked: AgreementQuery | DisagreementFilter) -> None:
    query["code"] = list(asked.codes)
    query["annotator"] = list(asked.annotators)
    query["source"] = [str(pk) for pk in asked.sources]
    if asked.meaning != ANY:
        query["meaning"] = [asked.meaning]
    if asked.round:
        query["round"] = [asked.round]


def _encode_query_fields(query: Fields, more: dict[str, str | int | Iterable[str]]) -> str:
    for name, value in more.items():
        values = [str(value)] if isinstance(value, str | int) else list(value)
        query[name] = [one for one in values if one]
    return urlencode(query, doseq=True)
