from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.annotations.counts import count_by_source
from cstoannot.assignments.models import Assignment, State
from cstoannot.assignments.queries import (
    Progress,
    next_assignment,
    progress_by_annotator,
    visible_assignments,
)
from cstoannot.codebook.queries import visible_codes
from cstoannot.projects.models import Membership
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import is_blind, visible_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.dates import display_date
from cstoannot.sources.models import Source
from cstoannot.sources.queries import find_sources, visible_sources
from cstoannot.web.base import SignedInRequest, page_of, project_page, signed_in

ON_A_PAGE = 100
ORDER_NAMES = {
    "": "as added",
    "newest": "newest first",
    "title": "by title",
    "publisher": "by publisher",
    "date": "by date",
    "longest": "longest first",
}


@dataclass(frozen=True)
class Row:
    """A source in the table, with what this member may know of the work on it."""

    source: Source
    date: str
    assignments: Sequence[Assignment]
    count: int


@dataclass(frozen=True)
class Person:
    member: Membership
    progress: Progress | None


@require_safe
@signed_in
def project(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    q, order = request.GET.get("q", "")[:200], request.GET.get("order", "")
    page = page_of(request, find_sources(scope, q=q, order=order), ON_A_PAGE)
    progress = progress_by_annotator(scope)
    people = list(_people(scope, progress))
    context = {
        "q": q,
        "order": order,
        "orders": ORDER_NAMES.items(),
        "page": page,
        "rows": list(_rows(scope, page)),
        "filtered": bool(q),
        "removed": visible_sources(scope, deleted=True).count(),
        "people": people,
        "blind": is_blind(scope),
        "counted": _what_is_counted(scope),
        "shows_work": scope.can(Permission.ANNOTATE),
        **_next(scope, progress, has_sources=page.paginator.count > 0 or bool(q)),
    }
    return project_page(request, scope, "project/overview.html", context, place="overview")


def _rows(scope: Scope, page: Page[Source]) -> Iterable[Row]:
    sources = list(page.object_list)
    ids = [source.pk for source in sources]
    given: dict[int, list[Assignment]] = {}
    on_page = visible_assignments(scope).filter(source_id__in=ids)
    for assignment in on_page.order_by("annotator__username"):
        given.setdefault(assignment.source_id, []).append(assignment)
    counts = count_by_source(scope, sources=ids)
    for source in sources:
        date = display_date(source.published)
        yield Row(source, date, given.get(source.pk, []), counts.get(source.pk, 0))


def _people(scope: Scope, progress: dict[int, Progress]) -> Iterable[Person]:
    """The members whom this one may know of, with how far they are where that is known whole.

    Of a source that has been opened to a blind coder, the assignments of others are visible; a
    sum of those would look like their whole work, so it is not shown.
    """
    blind = is_blind(scope)
    for member in visible_members(scope):
        known = not blind or member.user_id == scope.user_id
        yield Person(member, progress.get(member.user_id) if known else None)


def _what_is_counted(scope: Scope) -> str:
    if scope.can(Permission.SEE_ALL_CODING):
        return "Annotations"
    if not scope.can(Permission.ANNOTATE):
        return "Consensus"
    return "My annotations" if is_blind(scope) else "Annotations"


def _next(scope: Scope, progress: dict[int, Progress], *, has_sources: bool) -> dict[str, Any]:
    """What is next for this member, and how far they and the team are."""
    codes = visible_codes(scope).filter(retired_at=None).exists()
    coming = next_assignment(scope)
    leads = scope.can(Permission.EDIT_SOURCES)
    return {
        "mine": progress.get(scope.user_id, Progress()),
        "coming": coming,
        "going_on": coming is not None and coming.state == State.STARTED,
        "team": sum(progress.values(), Progress()) if leads else None,
        "needs_sources": leads and not has_sources,
        "needs_codes": leads and not codes,
        "needs_assignments": leads and not progress,
    }
