"""Stretches on which a team let several readings stand."""

from collections.abc import Collection
from dataclasses import dataclass

from cstoannot.decisions.models import Decision, Outcome
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class PluralStretch:
    """Where several readings stand, with the slugs of their codes."""

    source: int
    start: int
    end: int
    codes: frozenset[str]


def load_plural_stretches(scope: Scope, source_ids: Collection[int]) -> list[PluralStretch]:
    """Return the plural places of these sources: there, the consensus takes no side."""
    found = Decision.objects.filter(
        project_id=scope.project_id, outcome=Outcome.PLURAL, apart=False
    ).order_by()
    rows = found.values_list("source_id", "start", "end", "readings")
    wanted = set(source_ids)
    return [
        PluralStretch(
            source,
            start,
            end,
            frozenset(one["code"] for reading in readings for one in reading["passages"]),
        )
        for source, start, end, readings in rows
        if source in wanted
    ]
