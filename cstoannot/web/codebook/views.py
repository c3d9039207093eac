"""The codebook page, its revisions, and sibling codes with similar names or colours."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from cstoannot.annotations.counts import count_by_code
from cstoannot.annotations.models import CodeProposal, ProposalState
from cstoannot.annotations.proposal_queries import filter_proposals
from cstoannot.codebook.actions import DEEPEST, change_code
from cstoannot.codebook.colours import choose_distant_colour, list_near_siblings
from cstoannot.codebook.diff import CodebookDifference, compare_snapshots
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.codebook.names import choose_distinct_name, group_similar_names
from cstoannot.codebook.queries import (
    list_revisions,
    load_codebook_before,
    load_current_revision,
    require_code,
    visible_codes,
)
from cstoannot.codebook.tree import TreeNode, build_code_tree
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import is_blind
from cstoannot.projects.scope import Scope, open_project
from cstoannot.threads.queries import count_open_threads_by_code
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)

MOST_SHOWN = 20  # of each kind; the others are only counted


@dataclass(frozen=True)
class LookalikeCode:
    code: Code
    beside: Code
    proposal: str


def build_lookalike_context(codes: Sequence[Code]) -> dict[str, Any]:
    """Find siblings in use with similar names, and pairs with similar colours."""
    families: dict[int | None, list[Code]] = defaultdict(list)
    for code in codes:
        if code.retired_at is None:
            families[code.parent_id].append(code)
    alike = [
        LookalikeCode(other, group[0], choose_distinct_name(other.name, families[other.parent_id]))
        for group in group_similar_names(codes)
        for other in group[1:]
    ]
    near = list_near_siblings(codes)
    return {
        "alike": alike[:MOST_SHOWN],
        "more_alike": max(0, len(alike) - MOST_SHOWN),
        "near": near[:MOST_SHOWN],
        "more_near": max(0, len(near) - MOST_SHOWN),
    }


@require_safe
@sign_in_required
def show_lookalike_codes(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    return _render_lookalike_page(request, scope)


def _render_lookalike_page(
    request: SignedInRequest, scope: Scope, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    """`typed`: refused names by slug, which stay in their fields."""
    context = build_lookalike_context(list(visible_codes(scope)))
    context["alike"] = [
        replace(one, proposal=(typed or {}).get(one.code.slug, one.proposal))
        for one in context["alike"]
    ]
    return render_project_page(
        request, scope, "codebook/told_apart.html", context, place="codebook"
    )


@require_safe_or_post
@sign_in_required
def recolour_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    """Give a code the colour that differs most from its siblings'."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        changed = change_code(
            scope, code, colour=_choose_distinct_colour(scope, require_code(scope, code))
        )
        messages.success(request, f"“{changed.name}” has a new colour.")
    return redirect("codes_told_apart", project)


def _choose_distinct_colour(scope: Scope, code: Code) -> str:
    siblings = visible_codes(scope).filter(parent_id=code.parent_id, retired_at=None)
    colours = list(siblings.exclude(pk=code.pk).values_list("colour", flat=True))
    return choose_distant_colour(colours, code.parent.colour if code.parent else None)


@require_safe_or_post
@sign_in_required
def rename_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        try:
            changed = change_code(scope, code, name=request.POST.get("name", ""))
            messages.success(request, f"The code was renamed to “{changed.name}”.")
        except (Conflict, Invalid) as error:
            messages.error(request, error.message)
            return _render_lookalike_page(
                request, scope, typed={code: request.POST.get("name", "")}
            )
    return redirect("codes_told_apart", project)


REVISIONS_ON_A_PAGE = 20
WAITING_PROPOSALS = 200  # the API lists the others; decisions shorten the list
OWN_PROPOSALS = 100


@dataclass(frozen=True)
class CodebookEntry:
    """A code on the page. `level` is that of its heading: 2 for roots, at most 6.

    `threads`: open ones that the member may see.
    """

    code: Code
    depth: int
    level: int
    count: int
    above: str
    threads: int


@require_safe
@sign_in_required
def show_codebook(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    codes = list(visible_codes(scope))
    counts = count_by_code(scope)
    active = build_code_tree([code for code in codes if code.retired_at is None])
    retired = [TreeNode(c, 0, False) for c in codes if c.retired_at]
    names = {code.pk: code.name for code in codes}
    threads = count_open_threads_by_code(scope)
    context = {
        "entries": list(_iterate_codebook_entries(active, counts, threads, {})),
        "retired": list(_iterate_codebook_entries(retired, counts, threads, names)),
        "revision": load_current_revision(scope),
        "deepest": DEEPEST,
        "whose": _describe_counted_coding(scope),
        "proposals": _load_listed_proposals(scope),
        **(build_lookalike_context(codes) if scope.can(Permission.EDIT_CODEBOOK) else {}),
    }
    return render_project_page(request, scope, "codebook/page.html", context, place="codebook")


def _load_listed_proposals(scope: Scope) -> list[CodeProposal]:
    """Load pending proposals for those who can decide, and the member's own for others."""
    if scope.can(Permission.EDIT_CODEBOOK):
        return list(filter_proposals(scope, state=[ProposalState.WAITING])[:WAITING_PROPOSALS])
    if scope.can(Permission.ANNOTATE):
        return list(filter_proposals(scope, own=True)[:OWN_PROPOSALS])
    return []


def _iterate_codebook_entries(
    places: Sequence[TreeNode[Code]],
    counts: Mapping[int, int],
    threads: Mapping[int, int],
    names: Mapping[int, str],
) -> Iterable[CodebookEntry]:
    for place in places:
        code = place.code
        above = names.get(code.parent_id or 0, "")
        level = min(place.depth + 2, 6)
        count, open_threads = counts.get(code.pk, 0), threads.get(code.pk, 0)
        yield CodebookEntry(code, place.depth, level, count, above, open_threads)


def _describe_counted_coding(scope: Scope) -> str:
    """Describe whose annotations this page counts."""
    if scope.can(Permission.SEE_ALL_CODING):
        return "of all coders"
    if not scope.can(Permission.ANNOTATE):
        return "in the consensus"
    return "of yours" if is_blind(scope) else "of all coders"


@dataclass(frozen=True)
class RevisionStep:
    revision: CodebookRevision
    difference: CodebookDifference


@require_safe
@sign_in_required
def show_codebook_revisions(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    page = paginate_rows(request, list_revisions(scope), REVISIONS_ON_A_PAGE)
    shown = list(page.object_list)
    state = load_codebook_before(scope, shown[-1].number if shown else 0)
    before = state.snapshot()
    steps = []
    for revision in reversed(shown):
        state.apply(revision.changes)
        after = state.snapshot()
        steps.append(RevisionStep(revision, compare_snapshots(before, after)))
        before = after
    context = {"page": page, "steps": reversed(steps)}
    return render_project_page(request, scope, "codebook/revisions.html", context, place="codebook")
