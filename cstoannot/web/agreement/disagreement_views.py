"""The list of disagreements and the page of one disagreement."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.agreement.disagreements import (
    DisagreementContext,
    DisagreementEntry,
    DisagreementFilter,
    DisagreementList,
    list_disagreements,
    load_disagreement_context,
)
from cstoannot.agreement.places import PlaceEntry, PlaceList, list_disputed_places
from cstoannot.agreement.stretch_readings import StretchReading, load_stretch_readings
from cstoannot.core.errors import NotFound
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.agreement.closed_page import render_closed_agreement
from cstoannot.web.agreement.disagreement_presenters import (
    KIND_TITLES,
    MEANINGS,
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
from cstoannot.web.agreement.place_presenters import describe_place_kinds, iterate_place_rows
from cstoannot.web.base import (
    SignedInRequest,
    paginate_counted_result,
    render_project_page,
    sign_in_required,
)
from cstoannot.web.threads.presenters import build_discussion

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

    def part(offset: int) -> PlaceList | DisagreementList:
        return _load_disagreement_page(scope, asked, mixed, offset=offset, limit=ON_A_PAGE)

    found, page = paginate_counted_result(request, part, ON_A_PAGE)
    context: dict[str, Any] = {
        "found": found,
        "page": page,
        "kinds": list(_iterate_kind_filters(asked, found)),
        "every_link": f"?{format_disagreement_filter(replace(asked, kinds=()))}",
        "offered": offered,
        "offers_sources": len(offered.sources) <= MOST_CHOICES,
        "orders": ORDER_TITLES.items(),
        "mixed": [code for code in offered.codes if code.slug in mixed],
        "unmixed": f"?{format_disagreement_filter(replace(asked, kinds=()))}",
    }
    context |= _describe_listed_rows(scope, found, mixed)
    return render_project_page(
        request, scope, "agreement/disagreements.html", context, place="agreement"
    )


def _describe_listed_rows(
    scope: Scope, found: PlaceList | DisagreementList, mixed: tuple[str, ...]
) -> dict[str, Any]:
    """Return the rows, the number of all kinds together, and the URL of the other list."""
    other = "pair" if isinstance(found, PlaceList) else "place"
    link = f"?{format_disagreement_filter(replace(found.asked, by=other), mixed=mixed)}"
    if isinstance(found, PlaceList):
        places = list(iterate_place_rows(scope, found, mixed))
        return {"places": places, "every": found.every, "other": link}
    rows = list(iterate_disagreement_rows(scope, found, mixed, names_third=True))
    return {"rows": rows, "every": sum(found.counts.values()), "other": link}


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
    around = load_disagreement_context(
        scope, entry.source.pk, (entry.start, entry.end), asked.meaning
    )
    query = format_disagreement_filter(asked, mixed=mixed)
    context: dict[str, Any] = {
        "entry": entry,
        "number": number,
        "total": found.total,
        "query": query,
        "back": f"{reverse('disagreements', args=[scope.project.slug])}?"
        + format_disagreement_filter(asked, mixed=mixed, page=(number - 1) // ON_A_PAGE + 1),
        "before": build_disagreement_url(scope, number - 1, query) if number > 1 else "",
        "after": build_disagreement_url(scope, number + 1, query) if number < found.total else "",
        "discussion": build_discussion(scope, entry.source.pk, entry.start, entry.end),
    }
    stretch = (entry.source.pk, entry.start, entry.end)
    (everybody,) = load_stretch_readings(scope, [stretch], asked.meaning)
    context |= _describe_disagreement(entry, around, everybody)
    return render_project_page(
        request, scope, "agreement/disagreement.html", context, place="agreement"
    )


def _describe_disagreement(
    entry: PlaceEntry | DisagreementEntry,
    around: DisagreementContext,
    everybody: tuple[StretchReading, ...],
) -> dict[str, Any]:
    """Return the title, its meaning, and a lane of text for each coder."""
    if isinstance(entry, DisagreementEntry):
        about = {passage.annotation_id for passage in entry.passages}
        return {
            "title": f"{KIND_TITLES[entry.kind]}: {entry.first.username} and "
            f"{entry.second.username}",
            "meaning": MEANINGS[entry.kind],
            "lanes": build_coder_lanes((entry.first, entry.second), about, around, everybody),
        }
    inside = {
        (passage.code, passage.start, passage.end)
        for reading in entry.readings
        for passage in reading.passages
    }
    about = {
        passage.annotation_id
        for passage in around.passages
        if (passage.code, passage.start, passage.end) in inside
    }
    readings = len(entry.readings)
    return {
        "title": describe_place_kinds(entry),
        "meaning": f"{readings} readings by {len(entry.coders)} coders",
        "lanes": build_coder_lanes(entry.coders, about, around, everybody),
    }


def _parse_mixed_codes(request: SignedInRequest) -> tuple[str, ...]:
    """Return the two codes to which the list is limited, if any."""
    codes = parse_word_list(request.GET, "mixed")
    return codes if len(codes) == 2 else ()


def _load_disagreement_page(
    scope: Scope, asked: DisagreementFilter, mixed: tuple[str, ...], *, offset: int, limit: int
) -> PlaceList | DisagreementList:
    """Return a part of the list; with `mixed`, only disagreements between the two codes."""
    narrower = replace(asked, kinds=("different_code",), between=mixed) if mixed else asked
    if asked.by == "pair":
        pairs = list_disagreements(scope, narrower, offset=offset, limit=limit)
        return replace(pairs, asked=asked)
    return replace(list_disputed_places(scope, narrower, offset=offset, limit=limit), asked=asked)


def _iterate_kind_filters(
    asked: DisagreementFilter, found: PlaceList | DisagreementList
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
