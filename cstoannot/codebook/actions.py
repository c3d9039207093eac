from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.db.models import Max
from django.utils import timezone

from cstoannot.codebook.colours import check_colour, choose_colour
from cstoannot.codebook.deltas import compute_changed_fields
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.codebook.names import NamedCode, check_sibling_name, clean_code_slug, clean_shortcut
from cstoannot.codebook.queries import load_current_revision, require_code, visible_codes
from cstoannot.codebook.tree import compute_code_height, would_cycle
from cstoannot.core.errors import Conflict, Invalid, Stale
from cstoannot.core.fields import (
    ExpectedVersion,
    build_slug_stem,
    choose_free_slug,
    clean_line,
    clean_text,
)
from cstoannot.history.actions import record_event
from cstoannot.projects.models import Project
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

DEEPEST = 6
_ANCESTORS = "__".join(["parent"] * (DEEPEST - 1))
TEXTS = ("claim", "definition", "include", "exclude", "example")
MEANING = ("claim", "definition", "include", "exclude")


def build_code_snapshot(code: Code, parent: str | None) -> dict[str, Any]:
    """Return a code as revisions and the history store it."""
    return {
        "slug": code.slug,
        "parent": parent,
        "name": code.name,
        "colour": code.colour,
        "shortcut": code.shortcut,
        **{field: getattr(code, field) for field in TEXTS},
        "position": code.position,
        "retired": code.retired_at is not None,
    }


def reserve_next_revision(scope: Scope) -> int:
    """Return the next revision's number; lock the project until the transaction ends.

    Read codes afterwards. Rows that refer to the project need not wait (`no_key`).
    """
    Project.objects.select_for_update(no_key=True).get(pk=scope.project_id)
    return load_current_revision(scope) + 1


def store_revision(scope: Scope, number: int, note: str, **changes: Any) -> None:
    """Store a revision; `changes` in the format of `deltas`."""
    CodebookRevision.objects.create(
        project_id=scope.project_id,
        number=number,
        at=timezone.now(),
        by_id=scope.user_id,
        note=note[:300],
        changes=changes,
    )


def _check_shortcut(scope: Scope, value: str, *, but: int | None = None) -> str:
    value = clean_shortcut(value)
    if not value:
        return ""
    same_key = visible_codes(scope).filter(shortcut=value, retired_at=None)
    other = same_key.exclude(pk=but or 0).first()
    if other:
        raise Conflict(f"“{other.name}” already has the key {value}.", field="shortcut")
    return value


def _check_code_slug(scope: Scope, slug: str) -> str:
    slug = clean_code_slug(slug)
    if visible_codes(scope).filter(slug=slug).exists():
        raise Conflict(f"The codebook already has a code “{slug}”.", field="slug")
    return slug


def _choose_code_slug(scope: Scope, name: str) -> str:
    stem = build_slug_stem(name, "code")
    if not visible_codes(scope).filter(slug=stem).exists():
        return stem
    taken = visible_codes(scope).filter(slug__startswith=stem).values_list("slug", flat=True)
    return choose_free_slug(stem, set(taken))


def _find_parent_code(scope: Scope, slug: str | None) -> Code | None:
    if not slug:
        return None
    found = visible_codes(scope).select_related(_ANCESTORS)
    parent = found.filter(slug=slug).first() if "\x00" not in slug else None
    if parent is None:
        raise Invalid(f"The codebook has no code “{slug[:80]}”.", field="parent")
    return parent


def _load_sibling_names(scope: Scope, parent: Code | None) -> Iterable[NamedCode]:
    """Load only what checks of names need: there may be many codes."""
    found = visible_codes(scope).filter(parent=parent)
    return found.values_list("name", "parent_id", "retired_at", named=True)


def _choose_default_colour(scope: Scope, parent: Code | None) -> str:
    siblings = visible_codes(scope).filter(parent=parent, retired_at=None)
    colours = list(siblings.values_list("colour", flat=True))
    return choose_colour(colours, parent.colour if parent else None)


def _load_parent_ids(scope: Scope) -> dict[int, int | None]:
    return dict(visible_codes(scope).values_list("pk", "parent_id"))


def _check_nesting_depth(parent: Code | None, *, levels: int = 1) -> None:
    """Raise if `levels` more levels of codes below this one would be too deep."""
    depth = 0
    while parent:
        depth, parent = depth + 1, parent.parent
    if depth + levels > DEEPEST:
        raise Invalid(f"Codes can be nested at most {DEEPEST} levels deep.", field="parent")


@project_action
def create_code(
    scope: Scope,
    *,
    name: str,
    slug: str = "",
    parent: str | None = None,
    colour: str = "",
    shortcut: str = "",
    note: str = "",
    **texts: str,
) -> Code:
    """Create a code. `texts`: claim, definition, include, exclude, example; `note`: the reason."""
    scope.require(Permission.EDIT_CODEBOOK)
    number = reserve_next_revision(scope)
    name = clean_line(name, field="name", longest=100, required=True)
    slug = _check_code_slug(scope, slug) if slug else _choose_code_slug(scope, name)
    above = _find_parent_code(scope, parent)
    _check_nesting_depth(above)
    check_sibling_name(name, _load_sibling_names(scope, above))
    last = visible_codes(scope).filter(parent=above).aggregate(last=Max("position"))["last"]
    code = Code.objects.create(
        project_id=scope.project_id,
        parent=above,
        slug=slug,
        name=name,
        colour=check_colour(colour) if colour else _choose_default_colour(scope, above),
        shortcut=_check_shortcut(scope, shortcut),
        position=0 if last is None else last + 1,
        meaning_revision=number,
        added_revision=number,
        **{f: clean_text(v, field=f, longest=5_000) for f, v in texts.items()},
    )
    after = build_code_snapshot(code, above.slug if above else None)
    store_revision(scope, number, note or f"Added “{code.name}”", added=[after])
    record_event(scope, action="create", kind="code", object_id=code.slug, after=after)
    return code


@project_action
def change_code(
    scope: Scope,
    slug: str,
    *,
    expected: ExpectedVersion | None = None,
    note: str = "",
    **changes: Any,
) -> Code:
    """Change a code: name, parent, colour, shortcut, position, retired, and its texts.

    `expected`: the version edited. A change of meaning (claim, definition, include, exclude) makes
    earlier annotations stale.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    number = reserve_next_revision(scope)
    code = require_code(scope, slug)
    if expected is not None and not expected.fits(code.version):
        raise Stale("Somebody changed this code after you loaded it.", current=code)
    before = build_code_snapshot(code, code.parent.slug if code.parent else None)
    _apply_code_changes(scope, code, changes)
    after = build_code_snapshot(code, code.parent.slug if code.parent else None)
    if before == after:
        return code
    if any(before[field] != after[field] for field in MEANING):
        code.meaning_revision = number
    code.version += 1
    code.save()
    changed = {slug: compute_changed_fields(before, after)}
    store_revision(scope, number, note or f"Changed “{code.name}”", changed=changed)
    record_event(
        scope,
        action=_classify_code_change(before, after),
        kind="code",
        object_id=slug,
        before=before,
        after=after,
    )
    return code


def _classify_code_change(before: dict[str, Any], after: dict[str, Any]) -> str:
    if before["retired"] != after["retired"]:
        return "retire" if after["retired"] else "restore"
    return "change"


def _apply_code_changes(scope: Scope, code: Code, changes: dict[str, Any]) -> None:
    plain: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: clean_line(value, field="name", longest=100, required=True),
        "colour": check_colour,
        "position": int,
        **{field: partial(clean_text, field=field, longest=5_000) for field in TEXTS},
    }
    name, parent, retired = code.name, code.parent_id, code.retired_at is not None
    for field in plain.keys() & changes.keys():
        setattr(code, field, plain[field](changes[field]))
    if "retired" in changes:
        code.retired_at = (code.retired_at or timezone.now()) if changes["retired"] else None
    if code.retired_at is None or "shortcut" in changes:
        shortcut = changes.get("shortcut", code.shortcut)
        code.shortcut = _check_shortcut(scope, shortcut, but=code.pk)
    if "parent" in changes:
        set_code_parent(scope, code, changes["parent"])
    moved = (code.name, code.parent_id) != (name, parent)
    if moved or (retired and code.retired_at is None):
        siblings = visible_codes(scope).filter(parent_id=code.parent_id).exclude(pk=code.pk)
        check_sibling_name(code.name, siblings if moved else siblings.filter(retired_at=None))


def set_code_parent(scope: Scope, code: Code, parent_slug: str | None) -> None:
    """Set the code's parent without saving; raise Invalid for an impossible parent."""
    parent = _find_parent_code(scope, parent_slug)
    parents = _load_parent_ids(scope)
    if would_cycle(parents, child=code.pk, parent=parent.pk if parent else None):
        raise Invalid("A code cannot be its own parent or descendant.", field="parent")
    _check_nesting_depth(parent, levels=compute_code_height(parents, code.pk))
    code.parent = parent


@project_action
def delete_code(scope: Scope, slug: str, *, expected: ExpectedVersion | None = None) -> None:
    """Delete a code to which nothing refers; retire one with annotations or children instead.

    Raises Conflict for those, and Stale if the version named is no longer current.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    number = reserve_next_revision(scope)
    code = require_code(scope, slug)
    if expected is not None and not expected.fits(code.version):
        raise Stale("Somebody changed this code after you loaded it.", current=code)
    # A concurrent save of an annotation comes before this, or finds no code.
    Code.objects.select_for_update().filter(pk=code.pk).order_by().first()
    if code.annotations.exists():
        raise Conflict(
            f"“{code.name}” has annotations: it cannot be deleted, only retired.", field="slug"
        )
    if code.children.exists():
        raise Conflict(f"“{code.name}” has child codes: move them first.", field="slug")
    if code.threads.exists():
        raise Conflict(
            f"“{code.name}” is discussed in threads: it cannot be deleted, only retired.",
            field="slug",
        )
    parent = code.parent.slug if code.parent else None
    before = build_code_snapshot(code, parent)
    code.delete()
    store_revision(scope, number, f"Deleted “{before['name']}”", removed=[slug])
    record_event(scope, action="delete", kind="code", object_id=slug, before=before)
