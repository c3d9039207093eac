"""The frame of every page under Compare: its views, its filters, and refusals beside them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from cstoannot.agreement.coding import Annotator
from cstoannot.annotations.models import Layer
from cstoannot.comparison.coding import Claim, Compared, Source
from cstoannot.comparison.keeping import compared_of
from cstoannot.comparison.question import (
    ACTORS,
    AUTHOR,
    EVERYONE,
    NAMED,
    Question,
    allowed,
    read_question,
)
from cstoannot.core.errors import Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page

# The pages, by the name of their address, in the order in which they are offered.
VIEWS = {
    "compare": "Matrix",
    "compare_omissions": "Left out",
    "compare_passages": "Passages",
    "compare_reading": "Side by side",
    "compare_network": "Network",
}
MOST_CHOICES = 100  # offered as a list of ticks
MOST_VOICES = 500

Page = Callable[[Scope, Question], tuple[str, dict[str, Any]]]


@dataclass(frozen=True)
class Offered:
    """What the filters can choose from."""

    layers: Sequence[tuple[str, str]]
    voices: Sequence[tuple[str, str]]
    actors: Iterable[tuple[str, str]]
    claims: Sequence[Claim]
    annotators: Sequence[Annotator]
    sources: Sequence[Source]
    groups: Sequence[str]
    publishers: Sequence[str]

    @property
    def lists_sources(self) -> bool:
        return len(self.sources) <= MOST_CHOICES


def comparing(request: SignedInRequest, project: str, view: str, page: Page) -> HttpResponse:
    """A page under Compare: `page` gives its template and context for the question asked.

    What the question cannot mean is said beside the filters, which keep what was typed.
    """
    scope = open_project(request.user, project)
    try:
        question = allowed(scope, read_question(dict(request.GET.lists())))
        template, context = page(scope, question)
    except Invalid as wrong:
        typed = {name: request.GET.get(name, "")[:20] for name in ("since", "until")}
        context = {"error": wrong, "typed": typed, **chrome(scope, Question(), view)}
        template = "comparison/refused.html"
        return project_page(request, scope, template, context, place="compare", status=422)
    context = {**chrome(scope, question, view), **context}
    return project_page(request, scope, template, context, place="compare")


def chrome(scope: Scope, question: Question, view: str) -> dict[str, Any]:
    """What `comparison/views.html` and `comparison/filters.html` show."""
    query = question.address()
    return {
        "question": question,
        "address": query,
        "offered": offered(scope, compared_of(scope).compared),
        "filtered": bool(replace(question, layer="", voice=AUTHOR, by="source").address()),
        "views": [
            (title, f"{reverse(name, args=[scope.project.slug])}?{query}", name == view)
            for name, title in VIEWS.items()
        ],
        "whole": reverse(view, args=[scope.project.slug]),
    }


def offered(scope: Scope, compared: Compared) -> Offered:
    sources = compared.sources
    return Offered(
        layers=_layers(scope),
        voices=voices(compared),
        actors=[(key, f"by {key}") for key in ACTORS],
        claims=compared.claims,
        annotators=compared.annotators if scope.can(Permission.SEE_ALL_CODING) else (),
        sources=sources,
        groups=sorted({source.group for source in sources} - {""})[:MOST_CHOICES],
        publishers=sorted({source.publisher for source in sources} - {""})[:MOST_CHOICES],
    )


def _layers(scope: Scope) -> Sequence[tuple[str, str]]:
    consensus = (str(Layer.CONSENSUS), "consensus only")
    if scope.can(Permission.SEE_ALL_CODING):
        each = (str(Layer.INDIVIDUAL), "individual coding")
        return [("", "consensus, else individual"), each, consensus]
    if scope.can(Permission.ANNOTATE):
        own = (str(Layer.INDIVIDUAL), "my own coding")
        return [("", "consensus, else my own"), own, consensus]
    return [consensus]


def voices(compared: Compared) -> Sequence[tuple[str, str]]:
    """Values of `voice` with their titles."""
    names = compared.voices[1 : MOST_VOICES + 1]
    return [
        (AUTHOR, "the authors’ own"),
        (EVERYONE, "everyone"),
        *((value_of_voice(name), name) for name in names),
    ]


def value_of_voice(name: str) -> str:
    """How a question names a speaker."""
    taken = name in {AUTHOR, EVERYONE} or name.startswith(NAMED)
    return f"{NAMED}{name}" if taken else name
