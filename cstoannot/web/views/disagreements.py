from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.disagreements import (
    Asked,
    Context,
    Listing,
    disagreements,
    lanes,
)
from cstoannot.core.errors import NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, signed_in
from cstoannot.web.results.asking import asked_address, asked_of, choices, words_of
from cstoannot.web.results.lanes import Lane, lanes_of
from cstoannot.web.results.listed import KIND_TITLES, MEANINGS, place_of, rows_of
from cstoannot.web.results.parts import part_of
from cstoannot.web.views.agreement import MOST_CHOICES, closed

ON_A_PAGE = 50
LARGEST = 10**9
ORDER_TITLES = {"position": "by place", "size": "longest first"}


@require_safe
@signed_in
def listing(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    asked, mixed = asked_of(request.GET), _mixed(request)
    offered = choices(scope)
    if not offered.sources:
        return closed(request, scope)

    def part(offset: int) -> Listing:
        return _found(scope, asked, mixed, offset=offset, limit=ON_A_PAGE)

    found, page = part_of(request, part, ON_A_PAGE)
    context = {
        "found": found,
        "page": page,
        "rows": list(rows_of(scope, found, mixed)),
        "kinds": list(_kinds(asked, found)),
        "every": sum(found.counts.values()),
        "every_link": f"?{asked_address(replace(asked, kinds=()))}",
        "offered": offered,
        "offers_sources": len(offered.sources) <= MOST_CHOICES,
        "orders": ORDER_TITLES.items(),
        "mixed": [code for code in offered.codes if code.slug in mixed],
        "unmixed": f"?{asked_address(replace(asked, kinds=()))}",
    }
    return project_page(request, scope, "agreement/disagreements.html", context, place="agreement")


@require_safe
@signed_in
def one(request: SignedInRequest, project: str, number: int) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    asked, mixed = asked_of(request.GET), _mixed(request)
    if not 1 <= number <= LARGEST:
        raise NotFound
    found = _found(scope, asked, mixed, offset=number - 1, limit=1)
    if not found.entries:
        raise NotFound("There is no such disagreement any more. Go back to the list.")
    entry = found.entries[0]
    around: Context = lanes(scope, entry)
    drawn: Sequence[Lane] = lanes_of(entry, around)
    query = asked_address(asked, mixed=mixed)
    context = {
        "entry": entry,
        "title": KIND_TITLES[entry.kind],
        "meaning": MEANINGS[entry.kind],
        "number": number,
        "total": found.total,
        "lanes": drawn,
        "query": query,
        "back": f"{reverse('disagreements', args=[scope.project.slug])}?"
        + asked_address(asked, mixed=mixed, page=(number - 1) // ON_A_PAGE + 1),
        "before": place_of(scope, number - 1, query) if number > 1 else "",
        "after": place_of(scope, number + 1, query) if number < found.total else "",
    }
    return project_page(request, scope, "agreement/disagreement.html", context, place="agreement")


def _mixed(request: SignedInRequest) -> tuple[str, ...]:
    """Two codes, if only stretches that were given the one and the other are asked for."""
    codes = words_of(request.GET, "mixed")
    return codes if len(codes) == 2 else ()


def _found(
    scope: Scope, asked: Asked, mixed: tuple[str, ...], *, offset: int, limit: int
) -> Listing:
    """The part of the list that is asked for; with `mixed`, of those between the two codes."""
    if not mixed:
        return disagreements(scope, asked, offset=offset, limit=limit)
    narrower = replace(asked, kinds=("different_code",), between=mixed)
    return replace(disagreements(scope, narrower, offset=offset, limit=limit), asked=asked)


def _kinds(asked: Asked, found: Listing) -> Iterable[dict[str, Any]]:
    for kind, count in found.counts.items():
        yield {
            "key": kind,
            "title": KIND_TITLES[kind],
            "meaning": MEANINGS[kind],
            "count": count,
            "link": f"?{asked_address(replace(asked, kinds=(kind,)))}",
            "chosen": asked.kinds == (kind,),
        }
