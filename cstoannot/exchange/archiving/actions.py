"""Rows of an archive into a project that is being restored; they are checked already."""

from collections.abc import Sequence

from django.db.models import Model

from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.proposals.models import CodeProposal
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.database.retry import atomic_with_retry
from cstoannot.history.models import Event
from cstoannot.projects.restoring.actions import keep_restoring
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source

AT_ONCE = 500
Row = Annotation | Assignment | CodeProposal | CodebookRevision | Event | Source | Speaker


@atomic_with_retry
def store(scope: Scope, rows: Sequence[Row]) -> None:
    """Store rows of one kind, with the moments at which they came to be where they came from."""
    keep_restoring(scope)
    model: type[Model] = type(rows[0])
    made = {id(row): getattr(row, "created_at", None) for row in rows}
    for row in rows:
        row.project_id = scope.project_id
    model._default_manager.bulk_create(rows, batch_size=AT_ONCE)
    if isinstance(rows[0], Source | Speaker | Assignment):
        for row in rows:
            row.created_at = made[id(row)]  # type: ignore[union-attr] # storing has set it to now
        model._default_manager.bulk_update(rows, ["created_at"], batch_size=AT_ONCE)


@atomic_with_retry
def store_codes(scope: Scope, codes: Sequence[Code]) -> None:
    """Store codes, which stand at the top until `store_parents`.

    Retired codes are stored as in use and without a key, so that they take their annotations:
    `retire_codes` comes after these.
    """
    keep_restoring(scope)
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
def store_parents(scope: Scope, codes: Sequence[Code]) -> None:
    """Put codes that are stored under others that are."""
    keep_restoring(scope)
    Code.objects.bulk_update(codes, ["parent"], batch_size=AT_ONCE)


@atomic_with_retry
def retire_codes(scope: Scope, codes: Sequence[Code]) -> None:
    """Retire those that `store_codes` has stored and that were retired where they came from."""
    keep_restoring(scope)
    Code.objects.bulk_update(codes, ["retired_at", "shortcut"], batch_size=AT_ONCE)
