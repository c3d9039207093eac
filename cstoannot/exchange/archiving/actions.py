"""Rows of an archive into a project that is being restored; they are checked already."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model

from cstoannot.accounts.models import User
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.proposals.models import CodeProposal
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.history.models import Event
from cstoannot.projects.action import action
from cstoannot.projects.models import Membership, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source

AT_ONCE = 500
Row = Annotation | Assignment | CodeProposal | CodebookRevision | Event | Source | Speaker


@action
def store(scope: Scope, rows: Sequence[Row]) -> None:
    """Store rows of one kind, with the moments at which they came to be where they came from."""
    scope.require(Permission.MANAGE)
    if not rows:
        return
    model: type[Model] = type(rows[0])
    made = {id(row): getattr(row, "created_at", None) for row in rows}
    for row in rows:
        row.project_id = scope.project_id
    model._default_manager.bulk_create(rows, batch_size=AT_ONCE)
    if isinstance(rows[0], Source | Speaker | Assignment):
        for row in rows:
            row.created_at = made[id(row)]  # type: ignore[union-attr] # storing has set it to now
        model._default_manager.bulk_update(rows, ["created_at"], batch_size=AT_ONCE)


@action
def store_codes(scope: Scope, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
    """Store a codebook; `parents` gives the slug of the code above, by slug.

    Retired codes are stored as in use and without a key, so that they take their annotations:
    `retire_codes` comes after these.
    """
    scope.require(Permission.MANAGE)
    retired = {code.slug: (code.retired_at, code.shortcut) for code in codes if code.retired_at}
    for code in codes:
        code.project_id = scope.project_id
        if code.slug in retired:
            code.retired_at, code.shortcut = None, ""
    known = {code.slug: code for code in Code.objects.bulk_create(codes, batch_size=AT_ONCE)}
    for slug, (retired_at, shortcut) in retired.items():
        known[slug].retired_at, known[slug].shortcut = retired_at, shortcut
    below = [code for code in codes if parents[code.slug]]
    for code in below:
        code.parent = known[parents[code.slug] or ""]
    Code.objects.bulk_update(below, ["parent"], batch_size=AT_ONCE)


@action
def retire_codes(scope: Scope, codes: Sequence[Code]) -> None:
    """Retire those that `store_codes` has stored and that were retired where they came from."""
    scope.require(Permission.MANAGE)
    retired = [code for code in codes if code.retired_at]
    Code.objects.bulk_update(retired, ["retired_at", "shortcut"], batch_size=AT_ONCE)


@action
def let_in(scope: Scope, user: User, role: str, since: datetime | None) -> None:
    """Make somebody a member, since then; whoever restores is one already and stays owner."""
    scope.require(Permission.MANAGE)
    member, _ = Membership.objects.get_or_create(
        project_id=scope.project_id, user=user, defaults={"role": role}
    )
    if since is not None:
        Membership.objects.filter(pk=member.pk).update(created_at=since)


@action
def let_go(scope: Scope, users: Sequence[int]) -> None:
    """End what were memberships only while their coding came in: these people have left."""
    scope.require(Permission.MANAGE)
    gone = Membership.objects.filter(project_id=scope.project_id, user_id__in=users)
    gone.exclude(role=Role.OWNER).delete()
