"""The comparison matrix with its CSV file and figure, and the page of omissions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.comparison.comparison_query import (
    EVERYONE,
    ComparisonQuery,
    limit_query_to_scope,
    read_comparison_query,
)
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.omissions import (
    OmittedClaims,
    list_omitted_claims,
    sort_actors_by_omissions,
)
from cstoannot.comparison.passages import READER_COUNTS, collect_reader_counts, count_early_readers
from cstoannot.comparison.reports import (
    ORDERS,
    ComparisonReport,
    build_comparison_report,
    list_alpha_limits,
    sort_actors,
    sort_claims,
)
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.web import downloads
from cstoannot.web.base import SignedInRequest, paginate_rows, sign_in_required
from cstoannot.web.cell_words import SIGNS, build_state_legend
from cstoannot.web.compare.frame import (
    ComparisonChoices,
    describe_comparison,
    render_comparison_page,
)
from cstoannot.web.compare.pair_presenters import build_pair_rows
from cstoannot.web.compare.presenters import (
    build_actor_heads,
    build_claim_rows,
    build_matrix_grid,
    format_claim_query,
)
from cstoannot.web.downloads import svg_response
from cstoannot.web.figures.claim_matrix import render_claim_matrix

# Largest number of cells of a plain table; for more, a script draws the visible ones.
MOST_PLAIN = 1_500
MOST_COLUMNS = 500  # drawn by the script at once
FEWEST_COLUMNS = 5
SILENT_ON_A_PAGE = 50
ORDER_TITLES = {
    "divergence": "most divergent first",
    "codebook": "as in the codebook",
    "likeness": "similar ones together",
}
CELL_HEAD = (
    *("code", "name", "claim", "verdict", "tentative"),
    *("alpha", "alpha_low", "alpha_high", "stance_alpha", "stance_alpha_low", "stance_alpha_high"),
    *("actor", "title", "published", "state"),
    *("supports", "opposes", "mixed", "mentioned", "balance"),
    *(f"coders_{name}" for name in READER_COUNTS),
    *("coders_read_before", "stale", "read_before"),
)


@require_safe
@sign_in_required
def show_comparison_matrix(request: SignedInRequest, project: str) -> HttpResponse:
    def page(scope: Scope, question: ComparisonQuery) -> tuple[str, dict[str, Any]]:
        found = build_comparison_report(scope, question)
        return "comparison/matrix.html", _build_matrix_context(request, scope, found)

    def asking(question: ComparisonQuery, offered: ComparisonChoices) -> dict[str, Any]:
        order, verdicts = _parse_matrix_order(request)
        return {
            "asking": "comparison/order.html",
            "orders": ORDER_TITLES.items(),
            "order": order,
            "verdict": "".join(set(verdicts) & set(Verdict)),
        }

    return render_comparison_page(request, project, "compare", page, asking)


@require_safe
@sign_in_required
def show_omissions(request: SignedInRequest, project: str) -> HttpResponse:
    """Show which actors are silent on what others say."""

    def page(scope: Scope, question: ComparisonQuery) -> tuple[str, dict[str, Any]]:
        found = build_comparison_report(scope, question)
        shown = paginate_rows(request, sort_actors_by_omissions(found), SILENT_ON_A_PAGE)
        silent = list_omitted_claims(found, list(shown.object_list))
        context = {
            "found": found,
            "page": shown,
            "rows": list(_iterate_omission_rows(scope.project.slug, found, silent)),
            "about": describe_comparison(found),
        }
        return "comparison/omissions.html", context

    return render_comparison_page(request, project, "compare_omissions", page)


@require_safe
@sign_in_required
def download_matrix_csv(request: SignedInRequest, project: str) -> HttpResponseBase:
    """Stream a row for each cell."""
    scope, found = _load_requested_comparison(request, project)
    order, verdicts = _parse_matrix_order(request)
    rows = _iterate_matrix_csv_rows(
        found, sort_claims(found, order, verdicts), sort_actors(found, order)
    )
    return downloads.stream_csv_download(f"{scope.project.slug}-comparison", CELL_HEAD, rows)


@require_safe
@sign_in_required
def serve_matrix_figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _load_requested_comparison(request, project)
    order, verdicts = _parse_matrix_order(request)
    drawn = render_claim_matrix(
        found,
        sort_claims(found, order, verdicts),
        sort_actors(found, order),
        describe_comparison(found),
        closed=scope.results_closed,
    )
    return svg_response(drawn, f"{scope.project.slug}-comparison.svg")


def _load_requested_comparison(
    request: SignedInRequest, project: str
) -> tuple[Scope, ComparisonReport]:
    scope = open_project(request.user, project)
    question = limit_query_to_scope(scope, read_comparison_query(dict(request.GET.lists())))
    return scope, build_comparison_report(scope, question)


def _parse_matrix_order(request: HttpRequest) -> tuple[str, Sequence[str]]:
    """Return the order and the selected verdicts."""
    verdict = request.GET.get("verdict", "")
    return request.GET.get("order") or ORDERS[0], [verdict] if verdict else ()


def _build_matrix_context(
    request: HttpRequest, scope: Scope, found: ComparisonReport
) -> dict[str, Any]:
    order, verdicts = _parse_matrix_order(request)
    claims, actors = sort_claims(found, order, verdicts), sort_actors(found, order)
    small = len(claims) * len(actors) <= MOST_PLAIN
    plain = small or request.GET.get("plain") == "1"
    fitting = max(FEWEST_COLUMNS, MOST_PLAIN // max(1, len(claims)))
    size = max(1, len(actors)) if small else fitting if plain else MOST_COLUMNS
    page = paginate_rows(request, actors, size)
    window = list(page.object_list)
    return {
        "found": found,
        "about": describe_comparison(found),
        "page": page,
        "order": order,
        "orders": ORDER_TITLES.items(),
        "verdict": "".join(verdicts),
        "divergent": sum(verdict is Verdict.DIVERGE for verdict in found.verdicts),
        "states": [
            (state, SIGNS[state], meaning)
            for state, meaning in build_state_legend(found.layer).items()
        ],
        "claims": len(claims),
        **_build_matrix_links(found.question, order, verdicts, plain=plain and not small),
        **_build_matrix_body(scope, found, claims, window, plain),
    }


def _build_matrix_body(
    scope: Scope, found: ComparisonReport, claims: Sequence[int], window: Sequence[int], plain: bool
) -> dict[str, Any]:
    """Build the table, or the data from which the script draws it."""
    slug, closed = scope.project.slug, scope.results_closed
    carrying = find_pivotal_passages(found).by_claim
    if not plain:
        grid = build_matrix_grid(slug, found, claims, window, carrying=carrying, closed=closed)
        return {"virtual_grid": grid}
    heads = build_actor_heads(slug, found, window)
    rows = build_claim_rows(slug, found, claims, window, heads, carrying=carrying, closed=closed)
    in_order = sorted(zip(window, heads, strict=True), key=lambda pair: pair[0])
    pairs = build_pair_rows(slug, found, [head for _, head in in_order])
    return {
        "heads": heads,
        "rows": rows,
        "pairs": pairs,
        "paired": [head for _, head in in_order],
    }


def _build_matrix_links(
    question: ComparisonQuery, order: str, verdicts: Sequence[str], *, plain: bool
) -> Mapping[str, str]:
    """Build links to the matrix's files, to diverging claims only, and to everything."""
    kept = order if order != ORDERS[0] else ""
    more = {"order": kept, "verdict": list(verdicts)}
    part = "1" if plain else ""
    return {
        "files": question.address(**more),
        "only": question.address(order=kept, verdict=Verdict.DIVERGE.value, plain=part),
        "every": question.address(order=kept, plain=part),
        "against": _format_speakers_query(question, kept),
        "as_table": question.address(**more, plain="1"),
        "as_virtual_grid": question.address(**more) if plain else "",
    }


def _format_speakers_query(question: ComparisonQuery, order: str) -> str:
    """Return the query that compares the authors with all who are quoted; empty if it does."""
    asked = replace(question, by="speaker", voices=(EVERYONE,))
    return "" if question == asked else asked.address(order=order)


def _iterate_omission_rows(
    slug: str, found: ComparisonReport, every: Sequence[OmittedClaims]
) -> Iterator[Mapping[str, Any]]:
    heads = build_actor_heads(slug, found, [one.actor for one in every])
    at = reverse("compare_passages", args=[slug])
    for one, head in zip(every, heads, strict=True):
        yield {
            "head": head,
            "claims": [
                {
                    "claim": found.claims[place],
                    "supports": int(found.sides.supports[place]),
                    "opposes": int(found.sides.opposes[place]),
                    "link": f"{at}?{format_claim_query(found.question, found.claims[place])}",
                }
                for place in one.claims
            ],
        }


def _iterate_matrix_csv_rows(
    found: ComparisonReport, claims: Sequence[int], actors: Sequence[int]
) -> Iterator[Sequence[downloads.Field]]:
    cells = found.matrix
    by_source = found.question.by == "source"
    for place in claims:
        claim, agreement = found.claims[place], found.agreement[place]
        said: tuple[downloads.Field, ...] = (
            *(claim.slug, claim.name, claim.claim, str(found.verdicts[place])),
            " ".join(found.tentative[place]),
            *list_alpha_limits(agreement.alpha),
            *list_alpha_limits(agreement.stance),
        )
        for number in actors:
            actor, balance = found.actors[number], float(cells.balance[number, place])
            readers = collect_reader_counts(found, number, place)
            yield (
                *said,
                *(actor.key, actor.name),
                found.members[number][0].published if by_source else None,
                CellState(int(cells.state[number, place])).name.lower(),
                *(int(part[number, place]) for part in (cells.supports, cells.opposes)),
                *(int(part[number, place]) for part in (cells.mixed, cells.mentioned)),
                None if isnan(balance) else balance,
                *(readers.get(name) for name in READER_COUNTS),
                count_early_readers(found, number, place) if by_source else None,
                *(found.stale[place], found.read_before[place]),
            )
