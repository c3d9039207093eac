"""List the people of an archive, with their annotation counts and members of the same name."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from cstoannot.annotations.models import Annotation
from cstoannot.core.errors import NotFound
from cstoannot.core.likeness import build_comparison_key
from cstoannot.projects.models import Membership, Outsider
from cstoannot.projects.outsider_names import strip_archive_suffix
from cstoannot.projects.queries import select_outsiders, visible_members
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class OutsiderSummary:
    """An outsider, their annotation count, and the member of the same name, if any."""

    outsider: Outsider
    annotations: int
    member: Membership | None


def list_outsiders(scope: Scope) -> list[OutsiderSummary]:
    """Return the project's outsiders by name, tied ones last; only for owners."""
    people = list(select_outsiders(scope))
    alike = _index_members_by_name(list(visible_members(scope)) if people else [])
    counts = dict(
        Annotation.objects.filter(
            project_id=scope.project_id, annotator__in=[one.user_id for one in people]
        )
        .order_by()
        .values_list("annotator")
        .annotate(Count("pk"))
    )
    return [
        OutsiderSummary(
            one,
            counts.get(one.user_id, 0),
            None
            if one.tied_to_id
            else alike.get(build_comparison_key(strip_archive_suffix(one.name))),
        )
        for one in sorted(people, key=lambda one: one.tied_to_id is not None)
    ]


def require_outsider_summary(scope: Scope, name: str) -> OutsiderSummary:
    """Return the outsider of this name; raise NotFound."""
    found = next((one for one in list_outsiders(scope) if one.outsider.name == name), None)
    if found is None:
        raise NotFound("This project’s archive contains nobody with this name.")
    return found


def _index_members_by_name(members: Sequence[Membership]) -> dict[str, Membership]:
    return {build_comparison_key(one.user.username): one for one in members}
