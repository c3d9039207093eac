from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.comparison.carrying import carriers
from cstoannot.comparison.question import Question, allowed, read_question
from cstoannot.comparison.reports import (
    ORDERS,
    Comparison,
    Omitted,
    by_silence,
    compare,
    left_out,
    ordered_actors,
    ordered_claims,
)
from cstoannot.core.plurals import count_of
from cstoannot.projects.scope import Scope, open_project
from cstoannot.stats.matrices import State, Verdict
from cstoannot.web.base import SignedInRequest, page_of, signed_in
from cstoannot.web.comparing.cells import (
    SIGNS,
    claim_address,
    heads_of,
    rows_of,
    sheet_of,
)
from cstoannot.web.comparing.chrome import Offered, comparing
from cstoannot.web.comparing.words import legend
from cstoannot.web.downloads import svg_response
from cstoannot.web.figures.claims import claims_figure
from cstoannot.web.results import tables

# Cells up to which the matrix is a plain table; beyond, a script draws those in view.
MOST_PLAIN = 1_500
MOST_COLUMNS = 500  # drawn by the script at once
FEWEST_COLUMNS = 5
SILENT_ON_A_PAGE = 50
ORDER_TITLES = {
    "divergence": "widest apart first",
    "codebook": "as in the codebook",
    "likeness": "alike ones together",
}
CELL_HEAD = (
    *("code", "name", "claim", "verdict", "tentative", "alpha"),
    *("actor", "title", "published", "state"),
    *("supports", "opposes", "mixed", "mentioned", "balance", "split"),
)


@require_safe
@signed_in
def matrix(request: SignedInRequest, project: str) -> HttpResponse:
    def page(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        found = compare(scope, question)
        return "comparison/matrix.html", _matrix(request, scope.project.slug, found)

    def asking(question: Question, offered: Offered) -> dict[str, Any]:
        order, verdicts = _shown(request)
        return {
            "asking": "comparison/order.html",
            "orders": ORDER_TITLES.items(),
            "order": order,
            "verdict": "".join(set(verdicts) & set(Verdict)),
        }

    return comparing(request, project, "compare", page, asking)


@require_safe
@signed_in
def omissions(request: SignedInRequest, project: str) -> HttpResponse:
    """The reverse view: who leaves out what the others say."""

    def page(scope: Scope, question: Question) -> tuple[str, dict[str, Any]]:
        found = compare(scope, question)
        shown = page_of(request, by_silence(found), SILENT_ON_A_PAGE)
        silent = left_out(found, list(shown.object_list))
        context = {
            "found": found,
            "page": shown,
            "rows": list(_omitted(scope.project.slug, found, silent)),
            "about": about(found),
        }
        return "comparison/omissions.html", context

    return comparing(request, project, "compare_omissions", page)


@require_safe
@signed_in
def matrix_csv(request: SignedInRequest, project: str) -> HttpResponseBase:
    """A row a cell, written as it is sent."""
    scope, found = _asked(request, project)
    order, verdicts = _shown(request)
    rows = _cell_rows(found, ordered_claims(found, order, verdicts), ordered_actors(found, order))
    return tables.streamed(f"{scope.project.slug}-comparison", CELL_HEAD, rows)


@require_safe
@signed_in
def matrix_figure(request: SignedInRequest, project: str) -> HttpResponse:
    scope, found = _asked(request, project)
    order, verdicts = _shown(request)
    drawn = claims_figure(
        found, ordered_claims(found, order, verdicts), ordered_actors(found, order), about(found)
    )
    return svg_response(drawn, f"{scope.project.slug}-comparison.svg")


def _asked(request: SignedInRequest, project: str) -> tuple[Scope, Comparison]:
    scope = open_project(request.user, project)
    question = allowed(scope, read_question(dict(request.GET.lists())))
    return scope, compare(scope, question)


def _shown(request: HttpRequest) -> tuple[str, Sequence[str]]:
    """The order, and the verdicts that are asked for."""
    verdict = request.GET.get("verdict", "")
    return request.GET.get("order") or ORDERS[0], [verdict] if verdict else ()


def _matrix(request: HttpRequest, slug: str, found: Comparison) -> dict[str, Any]:
    order, verdicts = _shown(request)
    claims, actors = ordered_claims(found, order, verdicts), ordered_actors(found, order)
    small = len(claims) * len(actors) <= MOST_PLAIN
    plain = small or request.GET.get("plain") == "1"
    fitting = max(FEWEST_COLUMNS, MOST_PLAIN // max(1, len(claims)))
    size = max(1, len(actors)) if small else fitting if plain else MOST_COLUMNS
    page = page_of(request, actors, size)
    window = list(page.object_list)
    return {
        "found": found,
        "about": about(found),
        "page": page,
        "order": order,
        "orders": ORDER_TITLES.items(),
        "verdict": "".join(verdicts),
        "divergent": sum(verdict is Verdict.DIVERGE for verdict in found.verdicts),
        "states": [(state, SIGNS[state], meaning) for state, meaning in legend(found).items()],
        "claims": len(claims),
        **_links(found.question, order, verdicts, plain=plain and not small),
        **_drawn(slug, found, claims, window, plain),
    }


def _drawn(
    slug: str, found: Comparison, claims: Sequence[int], window: Sequence[int], plain: bool
) -> dict[str, Any]:
    """A table, or what the script draws it from."""
    carrying = carriers(found).by_claim
    if not plain:
        return {"sheet": sheet_of(slug, found, claims, window, carrying=carrying)}
    heads = heads_of(slug, found, window)
    rows = rows_of(slug, found, claims, window, heads, carrying=carrying)
    return {"heads": heads, "rows": rows}


def _links(
    question: Question, order: str, verdicts: Sequence[str], *, plain: bool
) -> Mapping[str, str]:
    """The same matrix otherwise: its files, only what diverges, everything."""
    kept = order if order != ORDERS[0] else ""
    more = {"order": kept, "verdict": list(verdicts)}
    part = "1" if plain else ""
    return {
        "files": question.address(**more),
        "only": question.address(order=kept, verdict=Verdict.DIVERGE.value, plain=part),
        "every": question.address(order=kept, plain=part),
        "as_table": question.address(**more, plain="1"),
        "as_sheet": question.address(**more) if plain else "",
    }


def about(found: Comparison) -> str:
    """What is compared, in a line."""
    layers = {
        "consensus": "Consensus",
        "individual": "Individual coding",
        "both": "Consensus, else individual coding",
    }
    voice = {"author": "the authors’ own voice", "everyone": "every voice"}
    heard = voice.get(found.question.voice, f"{found.question.voice} speaking")
    if found.question.by == "speaker":
        heard = "by those who speak"
    parts = [layers[found.layer], heard, count_of(found.sources, "source")]
    if found.question.by in {"group", "publisher"}:
        parts.append(count_of(len(found.actors), found.question.by))
    parts += [count_of(len(found.claims), "claim"), count_of(found.passages, "passage")]
    return " · ".join(parts)


def _omitted(slug: str, found: Comparison, every: Sequence[Omitted]) -> Iterator[Mapping[str, Any]]:
    heads = heads_of(slug, found, [one.actor for one in every])
    at = reverse("compare_passages", args=[slug])
    for one, head in zip(every, heads, strict=True):
        yield {
            "head": head,
            "claims": [
                {
                    "claim": found.claims[place],
                    "supports": int(found.sides.supports[place]),
                    "opposes": int(found.sides.opposes[place]),
                    "link": f"{at}?{claim_address(found.question, found.claims[place])}",
                }
                for place in one.claims
            ],
        }


def _cell_rows(
    found: Comparison, claims: Sequence[int], actors: Sequence[int]
) -> Iterator[Sequence[tables.Field]]:
    cells = found.matrix
    by_source = found.question.by == "source"
    for place in claims:
        claim, alpha = found.claims[place], found.alphas[place]
        said: tuple[tables.Field, ...] = (
            *(claim.slug, claim.name, claim.claim, str(found.verdicts[place])),
            *("yes" if found.tentative(place) else "no", alpha.value),
        )
        for number in actors:
            actor, balance = found.actors[number], float(cells.balance[number, place])
            yield (
                *said,
                *(actor.key, actor.name),
                found.members[number][0].published if by_source else None,
                State(int(cells.state[number, place])).name.lower(),
                *(int(part[number, place]) for part in (cells.supports, cells.opposes)),
                *(int(part[number, place]) for part in (cells.mixed, cells.mentioned)),
                None if isnan(balance) else balance,
                "yes" if cells.split[number, place] else "no",
            )
