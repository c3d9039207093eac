"""Stores the checked rows of an archive in the restored project.

Works in short transactions, so that others can save in between.
"""

import time
from collections.abc import Sequence
from itertools import islice

from django.db import connection
from django.db.models import Model

from cstoannot.annotations.models import Speaker
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.models import Code
from cstoannot.database.transactions import atomic_with_retry
from cstoannot.projects.restore_actions import renew_restoration
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source

AT_ONCE = 500
Row = Model
"""A row of any kind in an archive."""


@atomic_with_retry
def store_archive_rows(scope: Scope, rows: Sequence[Row]) -> None:
    """Store rows of one kind, with their original timestamps."""
    renew_restoration(scope)
    model: type[Model] = type(rows[0])
    made = {id(row): getattr(row, "created_at", None) for row in rows}
    for row in rows:
        row.project_id = scope.project_id  # type: ignore[attr-defined] # unused by comments
    model._default_manager.bulk_create(rows, batch_size=AT_ONCE)
    if isinstance(rows[0], Source | Speaker | Assignment):
        for row in rows:
            row.created_at = made[id(row)]  # type: ignore[attr-defined] # storing has set it to now
        model._default_manager.bulk_update(rows, ["created_at"], batch_size=AT_ONCE)


@atomic_with_retry
def store_archive_codes(scope: Scope, codes: Sequence[Code]) -> None:
    """Store codes at the top level; `store_code_parents` moves them.

    Retired codes are stored as active and without a shortcut, so that their annotations can be
    stored; call `retire_restored_codes` afterwards.
    """
    renew_restoration(scope)
    retired = {code.slug: (code.retired_at, code.shortcut) for code in codes if code.retired_at}
    for code in codes:
        code.project_id = scope.project_id
        if code.slug in retired:
            code.retired_at, code.shortcut = None, ""
    Code.objects.bulk_create(codes, batch_size=AT_ONCE)
    for code in codes:
        if code.slug in retired:
            code.retired_at, code.shortcut = retired[code.slug]


@atomic_with_retry
def store_code_parents(scope: Scope, codes: Sequence[Code]) -> None:
    """Set the parents of stored codes."""
    renew_restoration(scope)
    Code.objects.bulk_update(codes, ["parent"], batch_size=AT_ONCE)


@atomic_with_retry
def retire_restored_codes(scope: Scope, codes: Sequence[Code]) -> None:
    """Retire the codes from `store_archive_codes` that are retired in the archive."""
    renew_restoration(scope)
    Code.objects.bulk_update(codes, ["retired_at", "shortcut"], batch_size=AT_ONCE)


AIM = 0.06  # target seconds of a transaction, for which other writers wait
LEAST, FIRST, MOST = 5, 100, 500  # rows in it


class DatabaseSink:
    """A sink that stores rows in short transactions and lets others save between them.

    On SQLite it then pauses as long as it has held the lock: writers of the same process take
    turns, but those of other processes poll for the lock and must find it free.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope, self._size = scope, FIRST

    def put(self, rows: Sequence[Row]) -> None:
        remaining = iter(rows)
        while some := list(islice(remaining, self._size)):
            began = time.monotonic()
            store_archive_rows(self._scope, some)
            self._pause(len(some), time.monotonic() - began)

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        for place in range(0, len(codes), FIRST):
            store_archive_codes(self._scope, codes[place : place + FIRST])
            self._let_others(AIM)
        by_slug = {code.slug: code for code in codes}
        below = [code for code in codes if parents[code.slug]]
        for code in below:
            code.parent = by_slug[parents[code.slug] or ""]
        for place in range(0, len(below), FIRST):
            store_code_parents(self._scope, below[place : place + FIRST])
            self._let_others(AIM)

    def retire(self, codes: Sequence[Code]) -> None:
        for place in range(0, len(codes), FIRST):
            retire_restored_codes(self._scope, codes[place : place + FIRST])
            self._let_others(AIM)

    def _pause(self, count: int, spent: float) -> None:
        fitting = int(count * AIM / max(spent, 0.001))
        self._size = max(LEAST, min(MOST, fitting, 2 * self._size))
        self._let_others(spent)

    def _let_others(self, spent: float) -> None:
        time.sleep(spent if connection.vendor == "sqlite" else spent / 10)
