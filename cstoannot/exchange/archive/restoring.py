"""Restores a project from an archive.

The first pass checks everything and stores nothing; the second pass stores, while others can save.
"""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from django.db import DatabaseError, DataError, IntegrityError

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import load_users_by_name
from cstoannot.annotations.models import Annotation
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.likeness import build_comparison_key
from cstoannot.database.statistics import update_statistics
from cstoannot.exchange.archive.actions import DatabaseSink
from cstoannot.exchange.archive.layout import RESTORED, WITHOUT_DECISIONS
from cstoannot.exchange.archive.progress import AT_ONCE, RestoreProgress, ScratchDatabase
from cstoannot.exchange.archive.queries import IdHolder, load_id_holder
from cstoannot.exchange.archive.reader import ArchiveReader, open_archive
from cstoannot.exchange.archive.rehearsal import (
    KINDS_WITH_IDS,
    RehearsalSink,
    build_contradiction_error,
)
from cstoannot.exchange.archive.schema import build_row_error, check_archive_row
from cstoannot.exchange.archive.steps import STEPS
from cstoannot.projects.actions import check_project_slug
from cstoannot.projects.models import Role
from cstoannot.projects.outsider_names import choose_outsider_name
from cstoannot.projects.purge_actions import discard_restoration, purge_interrupted_restorations
from cstoannot.projects.restore_actions import (
    ArchivedPerson,
    add_archived_people,
    begin_restoration,
    finish_restoration,
)
from cstoannot.projects.scope import Scope

MOST_PEOPLE = 1_000


@dataclass
class RestoreResult:
    """The restored project, with the people who are members and those who are outsiders."""

    scope: Scope
    members: list[str]
    outsiders: list[str]
    counts: dict[str, int]


def restore_archive(
    file: IO[bytes],
    *,
    by: User | None,
    slug: str = "",
    mine: bool = False,
    same_people: bool = False,
    largest: int | None = None,
) -> RestoreResult:
    """Restore an archive as the same project, or under another `slug`.

    `by` becomes its owner; without it, as from the command line, the owners stay. No accounts are
    created: people of the archive become outsiders, whom an owner can tie to members. With `mine`,
    the person with the user name of `by` is `by`. With `same_people`, all people are the users with
    their names here; only the operator can know that this is true.

    Everything is checked before anything is stored, and nobody sees the project before it is
    complete. Raises Invalid, TooLarge or Conflict and then leaves nothing behind. `largest`:
    maximal number of bytes after unpacking.
    """
    with open_archive(file, largest) as archive, ScratchDatabase() as scratch:
        project, people = _read_archived_project(archive), _read_archived_people(archive)
        sink = RehearsalSink(scratch)
        rehearsal = RestoreProgress(archive, scratch, sink, _number_archived_people(people))
        for step in STEPS:
            step(rehearsal)
        if archive.version in WITHOUT_DECISIONS:
            project["decisions_opened"] = sink.has_consensus
        slug = slug or project["slug"]
        check_project_slug(slug)
        purge_interrupted_restorations()
        renew = _find_renewal_namespace(scratch, slug)
        persons = _identify_archived_people(people, by, mine=mine, same_people=same_people)
        owner = by or _require_archived_owner(persons)
        scope = begin_restoration(owner, **{**project, "slug": slug})
        try:
            keys = add_archived_people(scope, persons)
            restoring = RestoreProgress(archive, scratch, DatabaseSink(scope), keys, renew)
            for step in STEPS:
                step(restoring)
            update_statistics(Annotation)
            left = [keys[one.name] for one in persons if one.role is None]
            done = finish_restoration(scope, slug=slug, left=left, told=RESTORED)
        except BaseException as error:
            with suppress(DatabaseError):
                discard_restoration(scope)
            if isinstance(error, IntegrityError | DataError):
                raise build_contradiction_error() from error
            raise
    named = {one.name for one in persons if one.account}
    return RestoreResult(done, sorted(named), sorted(people.keys() - named), restoring.counts)


def _read_archived_project(archive: ArchiveReader) -> dict[str, Any]:
    version, found = archive.version, []
    for number, row in archive.rows("project"):
        if number > 1:
            break
        found.append(check_archive_row("project", number, row, version=version))
    if len(found) != 1 or number != 1:
        raise build_row_error("project", 1, "there is one project in an archive")
    return found[0]


def _read_archived_people(archive: ArchiveReader) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, given in archive.rows("people"):
        row = check_archive_row("people", number, given, version=archive.version)
        if number > MOST_PEOPLE:
            raise build_row_error("people", number, f"more than {MOST_PEOPLE} people")
        if row["username"] in found or (row["role"] is None) != (row["created_at"] is None):
            raise build_row_error("people", number, "named twice, or half a member")
        found[row["username"]] = row
    return found


def _number_archived_people(people: Mapping[str, Any]) -> dict[str, int]:
    return {name: number for number, name in enumerate(people, 1)}


def _identify_archived_people(
    people: Mapping[str, Any], by: User | None, *, mine: bool, same_people: bool
) -> list[ArchivedPerson]:
    """Return the key of each of the archive's people, and the names of outsiders."""
    accounts = load_users_by_name(people) if same_people else {}
    if by and mine:
        accounts[by.username] = by
    members = {one.username for one in (*accounts.values(), *([by] if by else []))}
    keys, taken = set(map(build_comparison_key, members)), members | set(people)
    found = []
    for name, row in people.items():
        account, shown = accounts.get(name), name
        if account is None and build_comparison_key(name) in keys:
            shown = choose_outsider_name(name, taken)
            taken.add(shown)
        found.append(ArchivedPerson(name, row["role"], row["created_at"], account, shown))
    return found


def _require_archived_owner(people: Sequence[ArchivedPerson]) -> User:
    owners = [one.account for one in people if one.role == Role.OWNER and one.account]
    if not owners:
        raise Invalid(
            "None of the owners in the archive is known to have an account here. Choose an owner "
            "for the project.",
            field="owner",
        )
    return owners[0]


def _find_renewal_namespace(scratch: ScratchDatabase, slug: str) -> uuid.UUID | None:
    """Return the namespace of new ids if any of the archive's ids is in use here."""
    for kind in KINDS_WITH_IDS.values():
        for batch in scratch.ids(kind, AT_ONCE):
            holder = load_id_holder(kind, batch)
            if holder is IdHolder.UNFINISHED:
                raise Conflict(
                    "The same archive is being restored. Try again in a minute.",
                    field="archive",
                )
            if holder is IdHolder.PROJECT:
                return uuid.uuid5(uuid.NAMESPACE_URL, slug)
    return None
