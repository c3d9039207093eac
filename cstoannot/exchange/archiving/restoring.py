"""An archive back into a project: read and checked first, then stored while others save."""

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from django.db import DatabaseError, DataError, IntegrityError

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import users_called
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.likeness import comparison_key
from cstoannot.exchange.archiving.container import Archive, opened
from cstoannot.exchange.archiving.layout import RESTORED
from cstoannot.exchange.archiving.progress import AT_ONCE, Restoring
from cstoannot.exchange.archiving.queries import Holder, holder_of
from cstoannot.exchange.archiving.rehearsal import KINDS_WITH_IDS, Rehearsal, contradiction
from cstoannot.exchange.archiving.scratch import Scratch
from cstoannot.exchange.archiving.shapes import check_row, wrong
from cstoannot.exchange.archiving.steps import STEPS
from cstoannot.exchange.archiving.storing import Storage
from cstoannot.projects.actions import check_slug
from cstoannot.projects.models import Role
from cstoannot.projects.outsiders.naming import free_name
from cstoannot.projects.purging.actions import discard_restoration, purge_interrupted_restorations
from cstoannot.projects.restoring.actions import (
    Person,
    begin_restoring,
    finish_restoring,
    let_people_in,
)
from cstoannot.projects.scope import Scope

MOST_PEOPLE = 1_000


@dataclass
class Restored:
    """What came out of an archive: who of it are members, and who are named outsiders."""

    scope: Scope
    members: list[str]
    outsiders: list[str]
    counts: dict[str, int]


def restore(
    file: IO[bytes],
    *,
    by: User | None,
    slug: str = "",
    mine: bool = False,
    same_people: bool = False,
    largest: int | None = None,
) -> Restored:
    """Restore an archive as the project that it was, or under another `slug`.

    `by` becomes its owner; without, as from the command line, it belongs to whom it belonged. No
    accounts are made: people of the archive become named outsiders, who an owner can tie to
    members. With `mine` whoever is called like `by` is `by`; with `same_people`, which only whoever
    runs the installation can answer for, all who have accounts here under their names are they.

    All of it is checked before anything is stored, and nobody sees the project until all of it is
    there. Raises Invalid, TooLarge or Conflict, and then nothing is left behind. `largest`: how
    many bytes it may unpack to.
    """
    with opened(file, largest) as archive, Scratch() as scratch:
        project, people = _project(archive), _people(archive)
        rehearsal = Restoring(archive, scratch, Rehearsal(scratch), _numbered(people))
        for step in STEPS:
            step(rehearsal)
        slug = slug or project["slug"]
        check_slug(slug)
        purge_interrupted_restorations()
        renew = _renewal(scratch, slug)
        persons = _identified(people, by, mine=mine, same_people=same_people)
        owner = by or _an_owner(persons)
        scope = begin_restoring(owner, **{**project, "slug": slug})
        try:
            keys = let_people_in(scope, persons)
            restoring = Restoring(archive, scratch, Storage(scope), keys, renew)
            for step in STEPS:
                step(restoring)
            left = [keys[one.name] for one in persons if one.role is None]
            done = finish_restoring(scope, slug=slug, left=left, told=RESTORED)
        except BaseException as error:
            with suppress(DatabaseError):
                discard_restoration(scope)
            if isinstance(error, IntegrityError | DataError):
                raise contradiction() from error
            raise
    named = {one.name for one in persons if one.account}
    return Restored(done, sorted(named), sorted(people.keys() - named), restoring.counts)


def _project(archive: Archive) -> dict[str, Any]:
    version, found = archive.version, []
    for number, row in archive.rows("project"):
        if number > 1:
            break
        found.append(check_row("project", number, row, version=version))
    if len(found) != 1 or number != 1:
        raise wrong("project", 1, "there is one project in an archive")
    return found[0]


def _people(archive: Archive) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, given in archive.rows("people"):
        row = check_row("people", number, given, version=archive.version)
        if number > MOST_PEOPLE:
            raise wrong("people", number, f"more than {MOST_PEOPLE} people")
        if row["username"] in found or (row["role"] is None) != (row["created_at"] is None):
            raise wrong("people", number, "named twice, or half a member")
        found[row["username"]] = row
    return found


def _numbered(people: Mapping[str, Any]) -> dict[str, int]:
    return {name: number for number, name in enumerate(people, 1)}


def _identified(
    people: Mapping[str, Any], by: User | None, *, mine: bool, same_people: bool
) -> list[Person]:
    """Who each of the archive's people is here; what outsiders are called."""
    accounts = users_called(people) if same_people else {}
    if by and mine:
        accounts[by.username] = by
    members = {one.username for one in (*accounts.values(), *([by] if by else []))}
    keys, taken = set(map(comparison_key, members)), members | set(people)
    found = []
    for name, row in people.items():
        account, shown = accounts.get(name), name
        if account is None and comparison_key(name) in keys:
            shown = free_name(name, taken)
            taken.add(shown)
        found.append(Person(name, row["role"], row["created_at"], account, shown))
    return found


def _an_owner(people: Sequence[Person]) -> User:
    owners = [one.account for one in people if one.role == Role.OWNER and one.account]
    if not owners:
        raise Invalid(
            "No owner of the archive has an account here who is known to be the same person. Say "
            "who shall own the project.",
            field="owner",
        )
    return owners[0]


def _renewal(scratch: Scratch, slug: str) -> uuid.UUID | None:
    """What makes ids anew, if any of the archive's is in use: the project is here, or a copy."""
    for kind in KINDS_WITH_IDS.values():
        for batch in scratch.ids(kind, AT_ONCE):
            holder = holder_of(kind, batch)
            if holder is Holder.UNFINISHED:
                raise Conflict(
                    "The same archive is being restored, or was until a moment ago. Try again in "
                    "a minute.",
                    field="archive",
                )
            if holder is Holder.PROJECT:
                return uuid.uuid5(uuid.NAMESPACE_URL, slug)
    return None
