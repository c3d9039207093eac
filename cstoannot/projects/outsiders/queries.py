from django.db.models import QuerySet

from cstoannot.projects.models import Outsider
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


def outsiders_of(scope: Scope) -> QuerySet[Outsider]:
    """The people who came with the project's archive, by name; for its owners alone."""
    scope.require(Permission.MANAGE)
    found = Outsider.objects.filter(project_id=scope.project_id)
    return found.select_related("user", "tied_to").order_by("name")
