"""Two or three articles side by side."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import Claim, ComparisonSource
from cstoannot.comparison.project_cache import load_cached_comparison
from cstoannot.comparison.side_by_side import MOST, SideBySide, load_side_by_side
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.web.base import SignedInRequest, sign_in_required
from cstoannot.web.cell_words import describe_codebook_changes
from cstoannot.web.compare.frame import render_comparison_page
from cstoannot.web.compare.reading_presenters import build_article_column

MOST_CHOICES = 300  # articles in a list; if there are more, search words narrow it
LONGEST_FIND = 100  # characters


@require_safe
@sign_in_required
def show_side_by_side(request: SignedInRequest, project: str) -> HttpResponse:
    """Show two or three whole articles next to each other, scrolled together by claim."""

    def page(scope: Scope, question: ComparisonQuery) -> tuple[str, dict[str, Any]]:
        scope.require(Permission.READ_ARTICLES)
        found = load_side_by_side(scope, question)
        find = request.GET.get("find", "").replace("\x00", " ")[:LONGEST_FIND]
        wanted = request.GET.get("claim", "")
        claim = next((one for one in found.claims if one.slug == wanted), None)
        claim = claim or next(iter(found.claims), None)
        context = {
            **_build_reading_context(scope, found, claim),
            **_build_article_choices(scope, found, find),
        }
        return "comparison/reading.html", context

    return render_comparison_page(request, project, "compare_reading", page)


def _build_reading_context(scope: Scope, found: SideBySide, claim: Claim | None) -> dict[str, Any]:
    slug = scope.project.slug
    columns = [build_article_column(column, found.claims) for column in found.columns]
    place = found.claims.index(claim) if claim else 0
    of_claim = replace(found.question, sources=(), codes=(claim.slug,) if claim else ())
    return {
        "columns": columns,
        "sides": [(one, one.column.cells[claim.slug] if claim else None) for one in columns],
        "claim": claim,
        "claims": found.claims,
        "passages": of_claim.address(),
        "left_out": found.left_out,
        "changes": describe_codebook_changes(
            found.stale, found.read_before, found.question.meaning, "one of these codes"
        ),
        "before": _build_reading_step_url(found, place - 1),
        "after": _build_reading_step_url(found, place + 1),
        "kept": _list_hidden_fields(found.question),
        "config": {
            "claims": [
                {"slug": one.slug, "name": one.name, "claim": one.claim} for one in found.claims
            ],
            "claim": claim.slug if claim else "",
            "sides": {str(one.article.source.pk): one.data(slug, found.claims) for one in columns},
        },
        "question": found.question,
    }


def _build_reading_step_url(found: SideBySide, place: int) -> str:
    if not 0 <= place < len(found.claims):
        return ""
    return f"?{found.question.address(claim=found.claims[place].slug)}"


def _list_hidden_fields(question: ComparisonQuery) -> Iterable[tuple[str, str]]:
    """Return the fields that a form for another claim must preserve."""
    return parse_qsl(question.address())


def _build_article_choices(scope: Scope, found: SideBySide, find: str) -> dict[str, Any]:
    """Return the articles to choose from: all if few, else those with the search words."""
    sources = load_cached_comparison(scope).compared.sources
    chosen = set(found.question.sources)
    many = len(sources) > MOST_CHOICES
    fitting = (
        [one for one in sources if _has_search_words(one, find)] if many and find else list(sources)
    )
    listed = [one for one in sources if one.pk in chosen]
    listed += [one for one in fitting if one.pk not in chosen][:MOST_CHOICES]
    shown_ones: Sequence[int | None] = [*found.question.sources, *[None] * MOST][:MOST]
    return {"choices": listed, "slots": shown_ones, "offers_find": many, "find": find}


def _has_search_words(source: ComparisonSource, find: str) -> bool:
    about = f"{source.title} {source.publisher} {source.group}".casefold()
    return all(word in about for word in find.casefold().split())
