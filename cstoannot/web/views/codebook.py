from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.annotations.counts import count_by_code
from cstoannot.annotations.proposals.models import CodeProposal, ProposalState
from cstoannot.annotations.proposals.queries import find_proposals
from cstoannot.codebook.actions import DEEPEST
from cstoannot.codebook.diff import Difference, compare
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.codebook.queries import (
    codebook_before,
    current_revision,
    revisions,
    visible_codes,
)
from cstoannot.codebook.tree import Place, in_tree_order
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import is_blind
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, page_of, project_page, signed_in
from cstoannot.web.views.siblings import attention

REVISIONS_ON_A_PAGE = 20
WAITING_PROPOSALS = 200  # the API lists the others; deciding makes room for them
OWN_PROPOSALS = 100


@dataclass(frozen=True)
class Entry:
    """A code on the page. `level` is that of its heading: 2 for roots, never below 6."""

    code: Code
    depth: int
    level: int
    count: int
    above: str


@require_safe
@signed_in
def codebook(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    codes = list(visible_codes(scope))
    counts = count_by_code(scope)
    active = in_tree_order([code for code in codes if code.retired_at is None])
    names = {code.pk: code.name for code in codes}
    context = {
        "entries": list(_entries(active, counts, {})),
        "retired": list(
            _entries([Place(c, 0, False) for c in codes if c.retired_at], counts, names)
        ),
        "revision": current_revision(scope),
        "deepest": DEEPEST,
        "whose": _whose(scope),
        "proposals": _proposals(scope),
        **(attention(codes) if scope.can(Permission.EDIT_CODEBOOK) else {}),
    }
    return project_page(request, scope, "codebook/page.html", context, place="codebook")


def _proposals(scope: Scope) -> list[CodeProposal]:
    """What waits for those who edit the codebook; what became of one's own for others."""
    if scope.can(Permission.EDIT_CODEBOOK):
        return list(find_proposals(scope, state=[ProposalState.WAITING])[:WAITING_PROPOSALS])
    if scope.can(Permission.ANNOTATE):
        return list(find_proposals(scope, own=True)[:OWN_PROPOSALS])
    return []


def _entries(
    places: Sequence[Place[Code]], counts: Mapping[int, int], names: Mapping[int, str]
) -> Iterable[Entry]:
    for place in places:
        code = place.code
        above = names.get(code.parent_id or 0, "")
        level = min(place.depth + 2, 6)
        yield Entry(code, place.depth, level, counts.get(code.pk, 0), above)


def _whose(scope: Scope) -> str:
    """Whose annotations the counts on this page are."""
    if scope.can(Permission.SEE_ALL_CODING):
        return "of all annotators"
    if not scope.can(Permission.ANNOTATE):
        return "that the team decided"
    return "of yours" if is_blind(scope) else "of all annotators"


@dataclass(frozen=True)
class Step:
    revision: CodebookRevision
    difference: Difference


@require_safe
@signed_in
def revision_list(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project)
    page = page_of(request, revisions(scope), REVISIONS_ON_A_PAGE)
    shown = list(page.object_list)
    state = codebook_before(scope, shown[-1].number if shown else 0)
    before = state.snapshot()
    steps = []
    for revision in reversed(shown):
        state.apply(revision.changes)
        after = state.snapshot()
        steps.append(Step(revision, compare(before, after)))
        before = after
    context = {"page": page, "steps": reversed(steps)}
    return project_page(request, scope, "codebook/revisions.html", context, place="codebook")
