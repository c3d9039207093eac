from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Max, QuerySet

from cstoannot.codebook.colours import list_near_siblings
from cstoannot.codebook.deltas import CodebookState
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.codebook.tree import TreeNode, build_code_tree, collect_descendants
from cstoannot.core.errors import NotFound
from cstoannot.projects.scope import Scope


def visible_codes(scope: Scope) -> QuerySet[Code]:
    """Return all codes, retired ones included; every member may read them."""
    return Code.objects.filter(project_id=scope.project_id).order_by("position", "id")


def load_code_tree(scope: Scope) -> list[TreeNode[Code]]:
    return build_code_tree(list(visible_codes(scope)))


def require_code(scope: Scope, slug: str) -> Code:
    code = None if "\x00" in slug else visible_codes(scope).filter(slug=slug).first()
    if code is None:
        raise NotFound(f"The codebook has no code “{slug[:80]}”.")
    return code


def load_near_colours(scope: Scope, *, beside: Code | None = None) -> dict[str, list[str]]:
    """Return by slug the siblings whose colours are too similar; codes without are left out.

    `beside` restricts it to one code and its siblings.
    """
    codes = visible_codes(scope).filter(retired_at=None)
    if beside is not None:
        codes = codes.filter(parent_id=beside.parent_id)
    found: dict[str, list[str]] = defaultdict(list)
    for one, other in list_near_siblings(codes.only("slug", "colour", "parent_id", "retired_at")):
        found[one.slug].append(other.slug)
        found[other.slug].append(one.slug)
    return dict(found)


def load_descendant_ids(scope: Scope, slugs: Iterable[str]) -> set[int]:
    """Return the primary keys of these codes and their descendants."""
    wanted = set(slugs)
    rows = list(visible_codes(scope).values_list("pk", "parent_id", "slug"))
    parents = {pk: parent for pk, parent, _ in rows}
    found: set[int] = set()
    for pk, _, slug in rows:
        if slug in wanted:
            found |= collect_descendants(parents, pk)
    return found


def list_revisions(scope: Scope) -> QuerySet[CodebookRevision]:
    return (
        CodebookRevision.objects.filter(project_id=scope.project_id)
        .select_related("by")
        .order_by("-number")
    )


def require_revision(scope: Scope, number: int) -> CodebookRevision:
    revision = list_revisions(scope).filter(number=number).first()
    if revision is None:
        raise NotFound(f"The codebook has no revision {number}.")
    return revision


def load_codebook_before(scope: Scope, number: int) -> CodebookState:
    """Return the codebook before this revision, which can be applied to it next."""
    earlier = list_revisions(scope).filter(number__lt=number).order_by("number")
    return CodebookState(earlier.values_list("changes", flat=True).iterator(500))


def load_current_revision(scope: Scope) -> int:
    """Return the number of the newest revision; 0 before the first code."""
    newest = CodebookRevision.objects.filter(project_id=scope.project_id).aggregate(
        number=Max("number")
    )
    return newest["number"] or 0
