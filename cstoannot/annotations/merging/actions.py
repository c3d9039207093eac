from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cstoannot.annotations.models import Annotation
from cstoannot.annotations.statements import about, kept
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import get_code, visible_codes
from cstoannot.core.errors import Conflict, Invalid, NotFound
from cstoannot.core.versions import Expected
from cstoannot.history.actions import event, record, record_all
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

ORDER = ("source_id", "start", "annotator_id", "pk")  # the history tells it as the text has it
AT_ONCE = 500


@transaction.atomic
def merge_code(
    scope: Scope, slug: str, *, into: str, note: str = "", expected: Expected | None = None
) -> Code:
    """Give all of a code's annotations to another code, and retire it; returns the other one.

    Each annotation gains a version and an event, and keeps the revision that it was made under.
    Raises Invalid for a code that cannot take them, Conflict if codes stand below the one that
    goes, Stale if a version is named and no longer current.
    """
    scope.require(Permission.EDIT_CODEBOOK)
    old, new = get_code(scope, slug), _taker(scope, into)
    if old.pk == new.pk:
        raise Invalid("A code cannot be merged into itself.", field="into")
    if visible_codes(scope).filter(parent=old).exists():
        raise Conflict(f"Codes stand below “{old.name}”: move them first.", field="slug")
    why = note or f"Merged “{old.name}” into “{new.name}”"
    old = change_code(scope, slug, expected=expected, note=why, retired=True)
    while _move_some(scope, old, new):
        pass
    record(
        scope,
        action="merge",
        kind="code",
        object_id=slug,
        before={"name": old.name},
        after={"name": old.name, "into": new.slug},
    )
    return new


def _taker(scope: Scope, slug: str) -> Code:
    try:
        code = get_code(scope, slug)
    except NotFound as error:
        raise Invalid(error.message, field="into") from None
    if code.retired_at is not None:
        raise Invalid(f"“{code.name}” is retired: take it back into use first.", field="into")
    return code


def _move_some(scope: Scope, old: Code, new: Code) -> int:
    """Move so many annotations as one statement holds; returns how many."""
    left = Annotation.objects.filter(project_id=scope.project_id, code=old).select_related("voice")
    some = list(left.select_for_update(of=("self",)).order_by(*ORDER)[:AT_ONCE])
    now = timezone.now()
    events = []
    for one in some:
        voice = one.voice.name if one.voice else ""
        before = kept(one, old.slug, voice)
        after = {**before, "code": new.slug, "version": one.version + 1}
        events.append(event(scope, action="change", before=before, after=after, **about(one)))
    Annotation.objects.filter(pk__in=[one.pk for one in some]).update(
        code=new, version=F("version") + 1, updated_at=now
    )
    record_all(events)
    return len(some)
