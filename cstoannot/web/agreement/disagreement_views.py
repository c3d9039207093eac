"""The list of disagreements and the page of one disagreement."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.disagreements import (
    DisagreementContext,
    DisagreementFilter,
    DisagreementList,
    list_disagreements,
    load_disagreement_context,
)
from cstoannot.core.errors import NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.agreement.closed_page import render_closed_agreement
from cstoannot.web.agreement.disagreement_presenters import (
    KIND_TITLES,
    MEANINGS,
    CoderLane,
    build_coder_lanes,
    build_disagreement_url,
    iterate_disagreement_rows,
)
from cstoannot.web.agreement.params import (
    MOST_CHOICES,
    format_disagreement_filter,
    load_agreement_choices,
    parse_disagreement_filter,
    parse_word_list,
)
from cstoannot.web.base import (
    SignedInRequest,
    paginate_counted_result,
    render_project_page,
    sign_in_required,
)

ON_A_PAGE = 50
LARGEST = 10**9
ORDER_TITLES = {"position": "by position", "size": "longest first"}


@require_safe
@sign_in_required
def show_disagreements(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    asked, mixed = parse_disagreement_filter(request.GET), _parse_mixed_codes(request)
    offered = load_agreement_choices(scope)
    if not offered.sources:
        return render_closed_agreement(request, scope)

    def part(offset: int) -> DisagreementList:
        return _load_disagreement_page(scope, asked, mixed, offset=offset, limit=ON_A_PAGE)

    found, page = paginate_counted_result(request, part, ON_A_PAGE)
    context = {
        "found": found,
        "page": page,
        "rows": list(iterate_disagreement_rows(scope, found, mixed)),
        "kinds": list(_iterate_kind_filters(asked, found)),
        "every": sum(found.counts.values()),
        "every_link": f"?{format_disagreement_filter(replace(asked, kinds=()))}",
        "offered": offered,
        "offers_sources": len(offered.sources) <= MOST_CHOICES,
        "orders": ORDER_TITLES.items(),
        "mixed": [code for code in offered.codes if code.slug in mixed],
        "unmixed": f"?{format_disagreement_filter(replace(asked, kinds=()))}",
    }
    return render_project_page(
        request, scope, "agreement/disagreements.html", context, place="agreement"
    )


@require_safe
@sign_in_required
def show_disagreement(request: SignedInRequest, project: str, number: int) -> HttpResponse:
    scope = open_project(request.user, project, Permission.SEE_AGREEMENT)
    asked, mixed = parse_disagreement_filter(request.GET), _parse_mixed_codes(request)
    if not 1 <= number <= LARGEST:
        raise NotFound
    found = _load_disagreement_page(scope, asked, mixed, offset=number - 1, limit=1)
    if not found.entries:
        raise NotFound("This disagreement no longer exists. Go back to the list.")
    entry = found.entries[0]
    around: DisagreementContext = load_disagreement_context(scope, entry)
    drawn: Sequence[CoderLane] = build_coder_lanes(entry, around)
    query = format_disagreement_filter(asked, mixed=mixed)
    context = {
        "entry": entry,
        "title": KIND_TITLES[entry.kind],
        "meaning": MEANINGS[entry.kind],
        "number": number,
        "total": found.total,
        "lanes": drawn,
        "query": query,
        "back": f"{reverse('disagreements', args=[scope.project.slug])}?"
        + format_disagreement_filter(asked, mixed=mixed, page=(number - 1) // ON_A_PAGE + 1),
        "before": build_disagreement_url(scope, number - 1, query) if number > 1 else "",
        "after": build_disagreement_url(scope, number + 1, query) if number < found.total else "",
    }
    return render_project_page(
        request, scope, "agreement/disagreement.html", context, place="agreement"
    )


def _parse_mixed_codes(request: SignedInRequest) -> tuple[str, ...]:
    """Return the two codes to which the list is limited, if any."""
    codes = parse_word_list(request.GET, "mixed")
    return codes if len(codes) == 2 else ()


def _load_disagreement_page(
    scope: Scope, asked: DisagreementFilter, mixed: tuple[str, ...], *, offset: int, limit: int
) -> DisagreementList:
    """Return a part of the list; with `mixed`, only disagreements between the two codes."""
    if not mixed:
        return list_disagreements(scope, asked, offset=offset, limit=limit)
    narrower = replace(asked, kinds=("different_code",), between=mixed)
    return replace(list_disagreements(scope, narrower, offset=offset, limit=limit), asked=asked)


def _iterate_kind_filters(
    asked: DisagreementFilter, found: DisagreementList
) -> Iterable[dict[str, Any]]:
    for kind, count in found.counts.items():
        yield {
            "key": kind,
            "title": KIND_TITLES[kind],
            "meaning": MEANINGS[kind],
            "count": count,
            "link": f"?{format_disagreement_filter(replace(asked, kinds=(kind,)))}",
            "chosen": asked.kinds == (kind,),
        }
