"""The first reading of an archive: everything is checked, and nothing stored or locked."""

from collections.abc import Sequence
from itertools import count
from typing import cast
from uuid import UUID

from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.proposals.models import CodeProposal
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.models import Code
from cstoannot.core.errors import Invalid
from cstoannot.exchange.archiving.actions import Row
from cstoannot.exchange.archiving.scratch import Scratch
from cstoannot.history.models import Event
from cstoannot.sources.models import Source

KINDS_WITH_IDS: dict[type, str] = {
    Annotation: "annotations",
    Assignment: "assignments",
    CodeProposal: "proposals",
    Event: "events",
    Speaker: "speakers",
}


class Rehearsal:
    """A sink that keeps ids and texts, numbers what has keys, and drops the rest."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._keys, self._sources = count(1), count(1)

    def put(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if isinstance(row, Source):
                row.pk = next(self._sources)
                self._scratch.keep_text(row.pk, row.text)
            elif isinstance(row, Speaker):
                row.pk = next(self._keys)
        if not rows or (kind := KINDS_WITH_IDS.get(type(rows[0]))) is None:
            return
        if not self._scratch.keep_ids(kind, map(_id, rows)):
            raise contradiction(f"an id stands twice among its {kind}")
        given = [row for row in rows if isinstance(row, Assignment)]
        pairs = (f"{row.source_id} {row.annotator_id}".encode() for row in given)
        if not self._scratch.keep_ids("pairs", pairs):
            raise contradiction("a source is given twice to the same person")

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        by_slug = {code.slug: code for code in codes}
        keys = [code.shortcut for code in codes if code.shortcut and not code.retired_at]
        if len(set(keys)) < len(keys):
            raise contradiction("two codes have the same key")
        for code in codes:
            code.pk = next(self._keys)
            code.parent = by_slug[parents[code.slug] or ""] if parents[code.slug] else None

    def retire(self, codes: Sequence[Code]) -> None:
        pass


def contradiction(why: str = "its rows do not fit together") -> Invalid:
    return Invalid(f"The archive contradicts itself: {why}. Nothing was restored.", field="archive")


def _id(row: Row) -> bytes:
    return cast(UUID, row.key if isinstance(row, Speaker) else row.pk).bytes
