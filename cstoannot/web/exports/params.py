"""Parses the export filter from a URL, and formats it as a query string."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from cstoannot.annotations.models import Layer, Stance
from cstoannot.annotations.queries import (
    AnnotationFilter,
    visible_speakers,
)
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.codebook.meaning import ANY, choose_stale_filter
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import load_code_tree
from cstoannot.codebook.tree import TreeNode
from cstoannot.comparison.comparison_query import AUTHOR, format_voice, parse_voice
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources

MOST_CHOICES = 100  # sources and speakers offered as a list
LONGEST = 500
STANCES = {stance: stance or "none" for stance in Stance.values}
FLAGS = {"true": True, "false": False}


@dataclass(frozen=True)
class ExportChoices:
    """Choices of the filters. `sources` is None if there are too many for a list.

    `voices` are speakers' names, each after its value in a URL.
    """

    codes: list[TreeNode[Code]]
    annotators: list[str]
    sources: list[Source] | None
    voices: list[tuple[str, str]]
    rounds: list[str]


def load_export_choices(scope: Scope) -> ExportChoices:
    sources = list(visible_sources(scope)[: MOST_CHOICES + 1])
    speakers = visible_speakers(scope).values_list("name", flat=True)[:MOST_CHOICES]
    return ExportChoices(
        codes=load_code_tree(scope),
        annotators=_list_exportable_annotators(scope),
        sources=sources if len(sources) <= MOST_CHOICES else None,
        voices=[(format_voice(name), name) for name in speakers],
        rounds=list(visible_rounds(scope).values_list("name", flat=True)),
    )


def _list_exportable_annotators(scope: Scope) -> list[str]:
    """List the annotators whose coding this member may export."""
    if scope.can(Permission.SEE_ALL_CODING):
        return [member.user.username for member in visible_members(scope)]
    return [scope.user.username] if scope.can(Permission.ANNOTATE) else []


def parse_export_filter(query: QueryDict) -> AnnotationFilter:
    """Parse the filter; raises Invalid for values that nothing can match."""
    if any(
        "\x00" in value or len(value) > LONGEST for name in query for value in query.getlist(name)
    ):
        raise Invalid(f"Enter at most {LONGEST} characters, without NUL.")
    named = {stance: value for value, stance in STANCES.items()}
    return AnnotationFilter(
        sources=_parse_source_numbers(query),
        codes=[code for code in query.getlist("code") if code],
        descendants="descendants" in query,
        annotators=[name for name in query.getlist("annotator") if name],
        layer=_parse_optional_word(query, "layer", Layer.values),
        stances=[named[_check_known_word(one, "stance", named)] for one in query.getlist("stance")],
        voices=["" if one == AUTHOR else parse_voice(one) for one in query.getlist("voice") if one],
        stale=choose_stale_filter(
            FLAGS.get(_parse_optional_word(query, "stale", FLAGS)), query.get("meaning") or ANY
        ),
        q=query.get("q", "").strip(),
        updated_since=_parse_changed_since(query.get("updated_since", "").strip()),
        round=query.get("round", ""),
    )


def _parse_source_numbers(query: QueryDict) -> list[int]:
    given = [parse_whole_number(one) for one in query.getlist("source") if one]
    numbers = [number for number in given if number is not None]
    if len(numbers) < len(given):
        raise Invalid("source must be the number of a source.", field="source")
    return numbers


def _parse_optional_word(
    query: QueryDict, name: str, known: Mapping[str, object] | list[str]
) -> str:
    value = query.get(name, "")
    return _check_known_word(value, name, known) if value else ""


def _check_known_word(value: str, name: str, known: Mapping[str, object] | list[str]) -> str:
    if value not in known:
        raise Invalid(f"{name} must be one of: {', '.join(known)}.", field=name)
    return value


def _parse_changed_since(value: str) -> datetime | None:
    """Parse a day (its midnight in the reader's zone) or a time; without a zone it is UTC."""
    if not value:
        return None
    try:
        day = parse_date(value)
        if day:
            midnight = datetime.combine(day, time(), timezone.get_current_timezone())
            return midnight.astimezone(UTC)
        found = parse_datetime(value)
        if found is not None:
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid("Changed since: enter a date such as 2026-01-31.", field="updated_since")


def format_export_filter(
    filters: AnnotationFilter, options: Mapping[str, str] | None = None, format: str = ""
) -> str:
    """Format the filters as a query string, without defaults."""
    query = QueryDict(mutable=True)
    lists = {
        "code": filters.codes,
        "annotator": filters.annotators,
        "source": [] if filters.round else [str(pk) for pk in filters.sources],
        "stance": [STANCES[stance] for stance in filters.stances],
        "voice": [format_voice(voice) if voice else AUTHOR for voice in filters.voices],
    }
    for name, values in lists.items():
        query.setlist(name, list(values))
    since = filters.updated_since.isoformat() if filters.updated_since else ""
    singles = {
        "descendants": "true" if filters.descendants else "",
        "layer": filters.layer,
        "stale": "true" if filters.stale else "",
        "meaning": "" if filters.meaning == ANY else filters.meaning,
        "q": filters.q,
        "round": filters.round,
        "updated_since": since,
        "format": format,
        **(options or {}),
    }
    for name, value in singles.items():
        if value:
            query[name] = value
    return query.urlencode()
