"""The frame of every page under Compare: links, filters, and errors next to the filters."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from cstoannot.agreement.dataset import Annotator
from cstoannot.annotations.models import Layer
from cstoannot.codebook.meaning import CURRENT
from cstoannot.comparison.comparison_query import (
    ACTORS,
    AUTHOR,
    CONSENSUS_OR_MAJORITY,
    EVERYONE,
    MAJORITY,
    UNNAMED,
    ComparisonQuery,
    format_name,
    format_voice,
    limit_query_to_scope,
    parse_name,
    read_comparison_query,
    read_valid_parameters,
)
from cstoannot.comparison.dataset import Claim, ComparisonDataset, ComparisonSource
from cstoannot.comparison.project_cache import load_cached_comparison
from cstoannot.comparison.reports import ComparisonReport
from cstoannot.core.errors import Invalid
from cstoannot.core.likeness import find_alike
from cstoannot.core.plurals import count_of
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, render_project_page
from cstoannot.web.cell_words import describe_codebook_changes

# The pages by URL name, in the order of the links.
VIEWS = {
    "compare": "Matrix",
    "compare_omissions": "Left out",
    "compare_passages": "Passages",
    "compare_reading": "Side by side",
    "compare_network": "Network",
}
MOST_CHOICES = 100  # shown as a list of check boxes
MOST_VOICES = 500
TYPED = ("since", "until", "threshold")  # fields that are shown as typed
LONGEST_TYPED = 20

Page = Callable[[Scope, ComparisonQuery], tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class ComparisonChoices:
    """Choices of the filters."""

    layers: Sequence[tuple[str, str]]
    voices: Sequence[tuple[str, str]]
    heard: str
    """The titles of the selected voices."""
    actors: Iterable[tuple[str, str]]
    claims: Sequence[Claim]
    annotators: Sequence[Annotator]
    sources: Sequence[ComparisonSource]
    groups: Sequence[tuple[str, str]]
    publishers: Sequence[tuple[str, str]]
    rounds: Sequence[str]

    @property
    def lists_sources(self) -> bool:
        return len(self.sources) <= MOST_CHOICES


# Returns the context of a page's own fields in the form.
Asking = Callable[[ComparisonQuery, ComparisonChoices], dict[str, Any]]


def render_comparison_page(
    request: SignedInRequest,
    project: str,
    view: str,
    page: Page,
    asking: Asking | None = None,
) -> HttpResponse:
    """Render a page under Compare; `page` returns its template and context for the query.

    Errors in the query appear next to the filters, which keep the valid ones and the dates as
    typed; `asking` returns the context of the page's own fields in the form.
    """
    scope = open_project(request.user, project)
    try:
        question = limit_query_to_scope(scope, read_comparison_query(dict(request.GET.lists())))
        template, context = page(scope, question)
    except Invalid as wrong:
        typed = {name: request.GET.get(name, "")[:LONGEST_TYPED] for name in TYPED}
        frame = build_comparison_frame(
            scope, read_valid_parameters(dict(request.GET.lists())), view
        )
        own = asking(frame["question"], frame["offered"]) if asking else {}
        context = {"error": wrong, "typed": typed, **frame, **own}
        template = "comparison/refused.html"
        return render_project_page(request, scope, template, context, place="compare", status=422)
    context = {**build_comparison_frame(scope, question, view), **context}
    return render_project_page(request, scope, template, context, place="compare")


def build_comparison_frame(scope: Scope, question: ComparisonQuery, view: str) -> dict[str, Any]:
    """Build the context of `comparison/views.html` and `comparison/filters.html`."""
    found = load_comparison_choices(scope, load_cached_comparison(scope).compared, question)
    question = _match_offered_spelling(question, found)
    query = question.address()
    return {
        "question": question,
        "address": query,
        "offered": found,
        "chosen": describe_chosen_filters(question, found),
        "filtered": bool(
            replace(question, layer=CONSENSUS_OR_MAJORITY, voices=(AUTHOR,), by="source").address()
        ),
        "views": [
            (title, f"{reverse(name, args=[scope.project.slug])}?{query}", name == view)
            for name, title in VIEWS.items()
            if name != "compare_reading" or scope.can(Permission.READ_ARTICLES)
        ],
        "whole": reverse(view, args=[scope.project.slug]),
    }


def _match_offered_spelling(
    question: ComparisonQuery, offered: ComparisonChoices
) -> ComparisonQuery:
    """Replace groups and publishers by the spellings in the choices."""
    return replace(
        question,
        groups=_match_name_values(question.groups, offered.groups),
        publishers=_match_name_values(question.publishers, offered.publishers),
    )


def _match_name_values(asked: Sequence[str], offered: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(
        next((value for value, _ in offered if value == one), None)
        or next(
            (value for value, _ in offered if find_alike(parse_name(one), [parse_name(value)])), one
        )
        for one in asked
    )


def describe_chosen_filters(question: ComparisonQuery, offered: ComparisonChoices) -> str:
    """Describe the active filters in one line."""
    parts = [dict(offered.layers).get(question.layer, "")] if len(offered.layers) > 1 else []
    parts += [f"voice: {offered.heard}", f"by {question.by}"]
    counts = {
        "claim": len(question.codes),
        "source": len(question.sources),
        "publisher": len(question.publishers),
        "group": len(question.groups),
        "coder": len(question.annotators),
    }
    parts += [count_of(n, word) for word, n in counts.items() if n]
    if question.round:
        parts.append(f"round {question.round}")
    if question.meaning == CURRENT:
        parts.append("current meaning only")
    if question.since or question.until:
        parts.append(f"{question.since or '…'} – {question.until or '…'}")
    return " · ".join(part for part in parts if part)


def load_comparison_choices(
    scope: Scope, compared: ComparisonDataset, question: ComparisonQuery
) -> ComparisonChoices:
    sources, voices = compared.sources, list_voice_choices(compared)
    titles = dict(voices)
    return ComparisonChoices(
        layers=_list_layer_choices(scope),
        voices=voices,
        heard=", ".join(titles.get(voice, voice) for voice in question.voices),
        actors=[(key, f"by {key}") for key in ACTORS],
        claims=compared.claims,
        annotators=compared.annotators if scope.can(Permission.SEE_ALL_CODING) else (),
        sources=sources,
        rounds=compared.rounds,
        groups=_list_name_choices("group", [source.group for source in sources]),
        publishers=_list_name_choices("publisher", [source.publisher for source in sources]),
    )


def _list_name_choices(field: str, names: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Return the values of `group` or `publisher` with their titles; empty if no source has one."""
    known = sorted(set(names) - {""})
    if not known:
        return []
    unnamed = [(UNNAMED, f"without a {field}")] if "" in names else []
    return [*((format_name(name), name) for name in known[:MOST_CHOICES]), *unnamed]


def _list_layer_choices(scope: Scope) -> Sequence[tuple[str, str]]:
    consensus = (str(Layer.CONSENSUS), "consensus only")
    if scope.can(Permission.SEE_ALL_CODING):
        return [
            (CONSENSUS_OR_MAJORITY, "consensus, else majority"),
            (MAJORITY, "majority only"),
            consensus,
            (str(Layer.INDIVIDUAL), "one coder’s coding"),
        ]
    if scope.can(Permission.SEE_RESULTS):
        return [
            (CONSENSUS_OR_MAJORITY, "consensus, else majority"),
            (MAJORITY, "majority only"),
            consensus,
        ]
    if scope.can(Permission.ANNOTATE):
        own = (str(Layer.INDIVIDUAL), "my own coding")
        return [(CONSENSUS_OR_MAJORITY, "consensus, else my own coding"), own, consensus]
    return [consensus]


def list_voice_choices(compared: ComparisonDataset) -> Sequence[tuple[str, str]]:
    """Return the values of `voice` with their titles."""
    names = [name for _, name in compared.known_voices[:MOST_VOICES]]
    return [
        (AUTHOR, "the authors’ own"),
        (EVERYONE, "everyone"),
        *((format_voice(name), name) for name in names),
    ]


def describe_comparison(found: ComparisonReport) -> str:
    """Describe the compared sources in one line."""
    layers = {
        "consensus": "What the team decided",
        "individual": f"What {' '.join(found.annotators) or 'one coder'} marked",
        "majority": "What most coders marked",
        "consensus_or_majority": "What the team decided, otherwise what most coders marked",
    }
    if len(found.annotators) == 1:
        layers["majority"] = f"What {found.annotators[0]} marked"
    voice = {"author": "the authors’ own voice", "everyone": "all voices"}
    heard = " and ".join(voice.get(one, f"{one} speaking") for one in found.question.voices)
    if found.question.by == "speaker" and found.question.voices == (AUTHOR,):
        heard = "all speakers"
    parts = [layers[found.layer], heard, count_of(found.sources, "source")]
    if found.question.by in {"group", "publisher"}:
        parts.append(count_of(len(found.actors), found.question.by))
    parts += [count_of(len(found.claims), "claim"), count_of(found.passages, "place")]
    one = "this code" if len(found.claims) == 1 else "one of these codes"
    before = int(found.too_early.any(axis=1).sum())
    parts += describe_codebook_changes(sum(found.stale), before, found.question.meaning, one)
    return " · ".join(parts)
