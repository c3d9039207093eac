"""Create many codes as one revision: all of them or none."""

from collections.abc import Mapping, Sequence
from typing import Any

from cstoannot.codebook.actions import (
    TEXTS,
    build_code_snapshot,
    reserve_next_revision,
    store_revision,
)
from cstoannot.codebook.bulk_plan import (
    CodebookPlan,
    CodeDraft,
    Faults,
    check_code_count,
    plan_codes,
)
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Invalid
from cstoannot.history.actions import build_event, record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

ROWS_AT_ONCE = 500  # in one statement


@project_action
def create_codes(scope: Scope, drafts: Sequence[CodeDraft], *, note: str = "") -> list[Code]:
    """Create many codes as one revision, all or none; return them in the order of the drafts.

    Raises Invalid, with errors by index, if any cannot be created; TooLarge for too many.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    check_code_count(len(drafts))
    if not drafts:
        return []
    number = reserve_next_revision(scope)
    plan = plan_codes(list(visible_codes(scope)), drafts)
    _check_code_faults(plan.faults, len(drafts))
    return _store_planned_codes(scope, plan, number, note or _describe_added_codes(plan))


@project_action
def add_codebook(scope: Scope, entries: Sequence[Mapping[str, Any]], *, note: str) -> int:
    """Add a whole tree (nested `children`) as one revision; return how many codes are new.

    Existing codes stay as they are. Similar names are allowed, because other codebooks have them.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    number = reserve_next_revision(scope)
    book = list(visible_codes(scope))
    drafts: dict[str, CodeDraft] = {}
    _collect_code_drafts(entries, None, {code.slug for code in book}, drafts)
    if not drafts:
        return 0
    plan = plan_codes(book, list(drafts.values()), doubles=True)
    _check_code_faults(plan.faults, len(drafts))
    return len(_store_planned_codes(scope, plan, number, note))


def _collect_code_drafts(
    entries: Sequence[Mapping[str, Any]],
    parent: str | None,
    known: set[str],
    drafts: dict[str, CodeDraft],
) -> None:
    """Add new entries and their children to `drafts`, by slug."""
    for entry in entries:
        slug = entry["slug"]
        if slug not in known and slug not in drafts:
            drafts[slug] = CodeDraft(
                name=entry["name"],
                slug=slug,
                parent=parent,
                colour=entry.get("colour", ""),
                shortcut=entry.get("shortcut", ""),
                texts={text: entry[text] for text in TEXTS if text in entry},
            )
        _collect_code_drafts(entry.get("children", []), slug, known, drafts)


def _check_code_faults(faults: Faults, total: int) -> None:
    """Raise one error that holds all faults by index, if there are any."""
    if not faults:
        return
    errors = {
        str(index): [
            f"{field}: {text}" if field else text
            for fault in faults[index]
            for field, texts in (fault.errors or {"": [fault.message]}).items()
            for text in texts
        ]
        for index in faults
    }
    first = min(faults)
    raise Invalid(
        f"Nothing was added: {len(faults)} of {total} codes are not valid. Index {first}: "
        f"{faults[first][0].message}",
        code="invalid_items",
        errors=errors,
    )


def _describe_added_codes(plan: CodebookPlan) -> str:
    count = len(plan.codes)
    return f"Added “{plan.codes[0].name}”" if count == 1 else f"Added {count:,} codes"


def _store_planned_codes(scope: Scope, plan: CodebookPlan, number: int, note: str) -> list[Code]:
    """Store planned codes, parents before children, with their revision and events."""
    made: dict[int, Code] = {}
    for level in plan.levels():
        new = {index: _build_planned_code(scope, plan, index, made, number) for index in level}
        Code.objects.bulk_create(new.values(), batch_size=ROWS_AT_ONCE)
        made |= new
    added = [
        build_code_snapshot(code, code.parent.slug if code.parent else None)
        for code in made.values()
    ]
    store_revision(scope, number, note, added=added)
    record_events(
        [
            build_event(scope, action="create", kind="code", object_id=after["slug"], after=after)
            for after in added
        ]
    )
    return [made[index] for index in range(len(plan.codes))]


def _build_planned_code(
    scope: Scope, plan: CodebookPlan, index: int, made: Mapping[int, Code], number: int
) -> Code:
    planned = plan.codes[index]
    above: Any = made[planned.above] if isinstance(planned.above, int) else planned.above
    return Code(
        project_id=scope.project_id,
        parent=above,
        slug=planned.slug,
        name=planned.name,
        colour=planned.colour,
        shortcut=planned.shortcut,
        position=planned.position,
        meaning_revision=number,
        added_revision=number,
        **planned.texts,
    )
