"""Links of the overview to what this member learns, or lets others learn."""

from django.urls import reverse

from cstoannot.decisions.own_queries import load_told_sources
from cstoannot.decisions.practice_queries import visible_practice
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


def list_learning_links(scope: Scope) -> list[tuple[str, str]]:
    """Return URLs and titles; a coder is told of nothing that is not open to them."""
    if not scope.can(Permission.ANNOTATE):
        return []
    slug = scope.project.slug
    if scope.can(Permission.DECIDE):
        return [
            (reverse("decisions_opened", args=[slug]), "Open decisions to coders"),
            (reverse("practice", args=[slug]), "Practice"),
        ]
    links = []
    if load_told_sources(scope):
        links.append((reverse("decisions_mine", args=[slug]), "What was decided"))
    if visible_practice(scope).exists():
        links.append((reverse("practice", args=[slug]), "Practice"))
    return links
