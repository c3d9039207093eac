from collections.abc import Collection, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import find_user
from cstoannot.core.errors import Conflict, Invalid, NotFound, Stale
from cstoannot.core.fields import (
    ExpectedVersion,
    build_slug_stem,
    choose_free_slug,
    clean_choice,
    clean_line,
    clean_text,
)
from cstoannot.database.transactions import atomic_with_retry
from cstoannot.history.actions import record_event
from cstoannot.projects.invitation_actions import (
    rename_similar_outsiders,
    withdraw_user_invitations,
)
from cstoannot.projects.models import (
    KEPT_AFTER_DELETION,
    AgreedBounds,
    Membership,
    Project,
    Results,
    Role,
    Visibility,
)
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import require_member
from cstoannot.projects.scope import Scope, open_new_project, project_action

LONGEST_NAME = 200
LONGEST_TEXT = 20_000
# Words that URLs have in the place of a project's slug.
RESERVED_SLUGS = {"new", "none", "null", "restore", "undefined"}
_CHOICES: Mapping[str, Collection[str]] = {
    "visibility": Visibility.values,
    "agreed_bounds": AgreedBounds.values,
    "results": Results.values,
}
_FLAGS = {
    *("open_sources", "counts_after_look", "names_while_deciding", "decide_apart"),
    *("whole_articles", "decisions_opened"),
}
SETTINGS = ("about", "guidelines", *_CHOICES, *sorted(_FLAGS))
"""What owners can change of a project besides its name."""
_USUAL = {
    "agreed_bounds": AgreedBounds.SENTENCE,
    "names_while_deciding": False,
    "decide_apart": False,
    "results": Results.CLOSED,
    "whole_articles": False,
    "decisions_opened": False,
}


def _choose_project_slug(name: str) -> str:
    stem = build_slug_stem(name, "project")
    taken = Project.objects.filter(slug__startswith=stem).values_list("slug", flat=True)
    return choose_free_slug(stem, RESERVED_SLUGS.union(taken))


def check_project_slug(slug: str) -> None:
    """Raise Invalid for an invalid slug, Conflict for one in use."""
    if slug != slugify(slug) or slug in RESERVED_SLUGS or len(slug) > 60:
        raise Invalid(
            "A slug may contain only a-z, 0-9 and hyphens, and must not be a reserved word such "
            "as new.",
            field="slug",
        )
    if Project.objects.filter(slug=slug).exists():
        raise Conflict(
            f"The slug {slug} is already used by another project. Choose another one.", field="slug"
        )


def _store_owned_project(user: User, project: Project) -> Scope:
    """Store the project and its first owner; return the owner's scope."""
    try:
        with transaction.atomic():
            project.save()
    except IntegrityError as error:
        raise Conflict("Another project has just taken this slug. Try again.", field="slug") from (
            error
        )
    Membership.objects.create(project=project, user=user, role=Role.OWNER)
    return open_new_project(user, project)


@atomic_with_retry
def create_project(
    user: User,
    *,
    name: str,
    slug: str = "",
    **settings: Any,
) -> Scope:
    """Create a project owned by the user, with any of SETTINGS; return the owner's scope."""
    project = Project()
    _set_project_fields(project, {"name": name, **settings})
    if slug:
        check_project_slug(slug)
    project.slug = slug or _choose_project_slug(project.name)
    scope = _store_owned_project(user, project)
    record_event(
        scope,
        action="create",
        kind="project",
        object_id=project.slug,
        after=_build_project_snapshot(project),
    )
    return scope


def _build_project_snapshot(project: Project) -> dict[str, Any]:
    return {
        "name": project.name,
        "about": project.about,
        "guidelines": project.guidelines,
        "visibility": project.visibility,
        "open_sources": project.open_sources,
        "counts_after_look": project.counts_after_look,
        # Projects that never changed these keep the snapshots that they had before them.
        **{
            name: getattr(project, name)
            for name, usual in _USUAL.items()
            if getattr(project, name) != usual
        },
    }


def _set_project_fields(project: Project, changes: Mapping[str, Any]) -> None:
    """Set checked values of the name and any of SETTINGS; others are ignored."""
    if "name" in changes:
        project.name = clean_line(
            changes["name"], field="name", longest=LONGEST_NAME, required=True
        )
    for field in changes.keys() & {"about", "guidelines"}:
        setattr(project, field, clean_text(changes[field], field=field, longest=LONGEST_TEXT))
    for field in changes.keys() & _CHOICES.keys():
        chosen = clean_choice(changes[field], field=field, choices=_CHOICES[field])
        setattr(project, field, chosen)
    for flag in changes.keys() & _FLAGS:
        setattr(project, flag, changes[flag])


@project_action
def change_project(
    scope: Scope, *, expected: ExpectedVersion | None = None, **changes: Any
) -> Project:
    """Change the name or any of SETTINGS.

    `expected`: the version edited. For changes by users, call `change_project_settings`
    (`assignments/actions.py`), which records looks before another visibility closes sources.
    """
    scope.require(Permission.MANAGE)
    project = Project.objects.select_for_update(no_key=True).get(pk=scope.project_id)
    if expected is not None and not expected.fits(project.version):
        raise Stale("Somebody changed these settings after you loaded them.", current=project)
    before = _build_project_snapshot(project)
    _set_project_fields(project, changes)
    after = _build_project_snapshot(project)
    if after != before:
        project.version += 1
        project.save()
        record_event(
            scope,
            action="change",
            kind="project",
            object_id=project.slug,
            before=before,
            after=after,
        )
    return project


@project_action
def delete_project(scope: Scope, *, expected: ExpectedVersion | None = None) -> None:
    """Hide the project from everybody; an owner can restore it for 30 days.

    `expected`: the version that the owner has seen.
    """
    scope.require(Permission.MANAGE)
    if expected is not None and not expected.fits(scope.project.version):
        raise Stale("Somebody changed this project in the meantime.", current=scope.project)
    Project.objects.filter(pk=scope.project_id).update(deleted_at=timezone.now())
    record_event(scope, action="delete", kind="project", object_id=scope.project.slug)


@atomic_with_retry
def undelete_project(scope: Scope) -> None:
    """Restore a deleted project; no effect on one that is not deleted.

    `scope` comes from `open_deleted_projects`. Raises NotFound if the time has just expired.
    """
    # The owner may have been removed after somebody else restored it.
    mine = Membership.objects.select_for_update().filter(project_id=scope.project_id)
    if not mine.filter(user_id=scope.user_id, role=Role.OWNER).order_by().first():
        raise NotFound("There is no such project, or you are not a member of it.")
    project = Project.objects.select_for_update(no_key=True).get(pk=scope.project_id)
    if project.deleted_at is None:
        return
    if project.deleted_at + KEPT_AFTER_DELETION <= timezone.now():
        raise NotFound("This project was deleted more than 30 days ago.")
    Project.objects.filter(pk=scope.project_id).update(deleted_at=None)
    record_event(scope, action="undelete", kind="project", object_id=project.slug)


@project_action
def add_member(scope: Scope, *, username: str, role: str) -> Membership:
    """Give an existing user a role in the project; return the membership."""
    scope.require(Permission.MANAGE)
    role = clean_choice(role, field="role", choices=Role.values)
    user = find_user(clean_line(username, field="username", longest=150, required=True))
    if user is None:
        raise Invalid(
            f"There is no user called “{username}”. Ask your administrator to create the account.",
            field="username",
        )
    rename_similar_outsiders(scope, user)
    member, created = Membership.objects.get_or_create(
        project_id=scope.project_id, user=user, defaults={"role": role}
    )
    if not created:
        raise Conflict(
            f"{username} is already a member with the role {member.role}.", field="username"
        )
    record_event(
        scope,
        action="create",
        kind="member",
        object_id=user.username,
        after={"role": role},
        about_id=user.pk,
    )
    return member


def _check_owner_remains(scope: Scope, member: Membership) -> None:
    """Raise Conflict if the project would have no owner who can log in without this member."""
    owners = Membership.objects.select_for_update(of=("self",)).select_related("user").order_by()
    others = [
        owner
        for owner in owners.filter(project_id=scope.project_id, role=Role.OWNER)
        if owner.pk != member.pk and owner.user.is_active
    ]
    if member.role == Role.OWNER and not others:
        raise Conflict("A project needs an owner: make somebody else an owner first.", field="role")


@project_action
def change_role(scope: Scope, *, username: str, role: str) -> Membership:
    scope.require(Permission.MANAGE)
    role = clean_choice(role, field="role", choices=Role.values)
    member = require_member(scope, username)
    if member.role == role:
        return member
    _check_owner_remains(scope, member)
    withdraw_user_invitations(scope, user_id=member.user_id)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    record_event(
        scope,
        action="change",
        kind="member",
        object_id=username,
        before={"role": before},
        after={"role": role},
        about_id=member.user_id,
    )
    return member


@project_action
def remove_member(scope: Scope, *, username: str) -> None:
    """Delete a membership. What the person has coded stays in the project."""
    scope.require(Permission.MANAGE)
    member = require_member(scope, username)
    _check_owner_remains(scope, member)
    withdraw_user_invitations(scope, user_id=member.user_id)
    member.delete()
    record_event(
        scope,
        action="delete",
        kind="member",
        object_id=username,
        before={"role": member.role},
        about_id=member.user_id,
    )
