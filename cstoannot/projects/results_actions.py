"""Links to a project's results: create, revoke, and count their visits."""

import uuid
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from knox.crypto import create_token_string, hash_token

from cstoannot.core.errors import Conflict, Invalid, NotFound
from cstoannot.core.fields import clean_line
from cstoannot.history.actions import record_event
from cstoannot.projects.models import Results, ResultsLink
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

USUAL_LINK_DAYS = 90
LONGEST_LINK_DAYS = 730
LONGEST_LINK_NOTE = 100


@project_action
def create_results_link(
    scope: Scope, *, note: str = "", days: int = USUAL_LINK_DAYS
) -> tuple[ResultsLink, str]:
    """Create a link to the results; return it and its secret, which is not stored.

    `note` says for whom; it is not in the history, which cannot be deleted.
    """
    scope.require(Permission.MANAGE)
    if scope.project.results != Results.LINK:
        raise Conflict(
            "Results are not open to readers by link. Open them in the project's settings first.",
            code="results_closed",
        )
    note = clean_line(note, field="note", longest=LONGEST_LINK_NOTE)
    if not 1 <= days <= LONGEST_LINK_DAYS:
        raise Invalid(f"A link can be valid for 1 to {LONGEST_LINK_DAYS} days.", field="days")
    now, secret = timezone.now(), create_token_string()
    link = ResultsLink.objects.create(
        project_id=scope.project_id,
        note=note,
        digest=hash_token(secret),
        made_by=scope.user,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    record_event(
        scope, action="create", kind="results_link", object_id=link.pk, after={"days": days}
    )
    return link, secret


@project_action
def revoke_results_link(scope: Scope, link_id: uuid.UUID) -> None:
    """Revoke a link; again without effect."""
    scope.require(Permission.MANAGE)
    mine = ResultsLink.objects.select_for_update().filter(project_id=scope.project_id)
    link = mine.filter(pk=link_id).first()
    if link is None:
        raise NotFound("This link does not exist.")
    if not link.revoked_at:
        ResultsLink.objects.filter(pk=link.pk).update(revoked_at=timezone.now())
        record_event(scope, action="delete", kind="results_link", object_id=link.pk)


def count_results_visit(scope: Scope, link_id: uuid.UUID) -> None:
    """Count a visit by a link. The caller decides which of a reader's requests begin a visit."""
    found = ResultsLink.objects.filter(project_id=scope.project_id, pk=link_id)
    found.update(visits=F("visits") + 1, last_visit_at=timezone.now())
