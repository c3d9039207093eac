"""The links to a project's results."""

from django.db.models import QuerySet
from django.utils import timezone

from cstoannot.core.errors import NotFound
from cstoannot.projects.models import Results, ResultsLink
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import hash_invitation_secret
from cstoannot.projects.scope import LinkReader, Scope

# One message for all reasons, so that a link that cannot be used discloses nothing.
NOT_USABLE = (
    "It has expired, was withdrawn, or is incomplete. Ask the person from whom you have it for "
    "another one."
)


def list_results_links(scope: Scope) -> QuerySet[ResultsLink]:
    """Return the project's links, latest first; for owners."""
    scope.require(Permission.MANAGE)
    found = ResultsLink.objects.filter(project_id=scope.project_id)
    return found.select_related("made_by").order_by("-created_at", "-id")


def open_results(secret: str) -> LinkReader:
    """Return the reader whom a link makes of anybody; raise NotFound if it cannot be used."""
    digest = hash_invitation_secret(secret)
    found = ResultsLink.objects.filter(
        digest=digest or "",
        revoked_at=None,
        expires_at__gt=timezone.now(),
        project__deleted_at=None,
        project__results=Results.LINK,
    )
    link = found.select_related("project").first()
    if link is None:
        raise NotFound(NOT_USABLE)
    return LinkReader(link)
