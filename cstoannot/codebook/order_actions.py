"""Move a code among its siblings, or to another place in the tree."""

from collections.abc import Sequence
from typing import Any

from cstoannot.codebook.actions import reserve_next_revision, set_code_parent, store_revision
from cstoannot.codebook.models import Code
from cstoannot.codebook.names import check_sibling_name
from cstoannot.codebook.queries import require_code, visible_codes
from cstoannot.core.errors import Conflict, Stale
from cstoannot.core.fields import ExpectedVersion
from cstoannot.history.actions import record_event
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

AT_ONCE = 500  # rows in one statement


@project_action
def place_code(
    scope: Scope,
    slug: str,
    *,
    parent: str | None,
    position: int,
    expected: ExpectedVersion | None = None,
) -> Code:
    """Move a code below `parent` (None for the top), with its descendants.

    `position` counts the codes in use there, from 0, without the code itself; past the last means
    the end. Raises Conflict for a retired code or parent and for a sibling of a similar name,
    Invalid for an impossible parent, Stale if the version named is no longer current.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    number = reserve_next_revision(scope)
    code = require_code(scope, slug)
    if expected is not None and not expected.fits(code.version):
        raise Stale("Somebody changed this code after you loaded it.", current=code)
    if code.retired_at is not None:
        raise Conflict(f"“{code.name}” is retired: restore it first.", field="slug")
    before = _build_code_place(code, _load_ordered_siblings(scope, code))
    if (parent or None) != before["parent"]:
        _move_under_parent(scope, code, parent)
    return _insert_among_siblings(scope, code, position, before, number)


@project_action
def move_code(scope: Scope, slug: str, *, by: int) -> Code:
    """Move a code among its siblings, one place up (`by` -1) or down (+1)."""
    scope.require(Permission.EDIT_CODEBOOK)
    number = reserve_next_revision(scope)
    code = require_code(scope, slug)
    if code.retired_at is not None:
        return code
    before = _build_code_place(code, _load_ordered_siblings(scope, code))
    return _insert_among_siblings(scope, code, max(0, before["place"] + by), before, number)


def _load_ordered_siblings(scope: Scope, code: Code) -> list[Code]:
    """Return the code and its siblings in order.

    Retired ones come last, so that every move is visible.
    """
    found = list(visible_codes(scope).filter(parent_id=code.parent_id))
    return sorted(found, key=lambda sibling: sibling.retired_at is not None)


def _build_code_place(code: Code, siblings: Sequence[Code]) -> dict[str, Any]:
    return {
        "parent": code.parent.slug if code.parent else None,
        "place": siblings.index(code),
    }


def _move_under_parent(scope: Scope, code: Code, parent: str | None) -> None:
    set_code_parent(scope, code, parent)
    if code.parent and code.parent.retired_at is not None:
        raise Conflict(
            f"“{code.parent.name}” is retired: codes below it would be hidden.",
            field="parent",
        )
    check_sibling_name(code.name, visible_codes(scope).filter(parent_id=code.parent_id))


def _insert_among_siblings(
    scope: Scope, code: Code, position: int, before: dict[str, Any], number: int
) -> Code:
    """Put a code at this position among its siblings, and store the revision.

    The code gets a new version, so that a concurrent move from its former place is refused.
    """
    siblings = [sibling for sibling in _load_ordered_siblings(scope, code) if sibling.pk != code.pk]
    in_use = sum(sibling.retired_at is None for sibling in siblings)
    siblings.insert(min(position, in_use), code)
    after = _build_code_place(code, siblings)
    if after == before:
        return code
    changed = _number_siblings(siblings)
    code.version += 1
    code.save(update_fields=["parent", "version"])
    if after["parent"] != before["parent"]:
        changed.setdefault(code.slug, {})["parent"] = after["parent"]
    store_revision(scope, number, f"Moved “{code.name}”", changed=changed)
    record_event(scope, action="move", kind="code", object_id=code.slug, before=before, after=after)
    return code


def _number_siblings(siblings: Sequence[Code]) -> dict[str, dict[str, Any]]:
    """Number the codes' positions as listed; return the changes by slug."""
    moved = []
    for position, sibling in enumerate(siblings):
        if sibling.position != position:
            sibling.position = position
            moved.append(sibling)
    Code.objects.bulk_update(moved, ["position"], batch_size=AT_ONCE)
    return {sibling.slug: {"position": sibling.position} for sibling in moved}
