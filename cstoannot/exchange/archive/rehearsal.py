"""The first pass of a restore: everything is checked, and nothing stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, cast
from uuid import UUID

from cstoannot.annotations.models import Annotation, CodeProposal, Speaker
from cstoannot.assignments.models import Assignment, Plan, Round, SourceConsensus
from cstoannot.codebook.models import Code
from cstoannot.core.errors import Invalid
from cstoannot.decisions.models import Decision
from cstoannot.exchange.archive.actions import Row
from cstoannot.exchange.archive.progress import ScratchDatabase
from cstoannot.history.models import Event
from cstoannot.sources.models import Source
from cstoannot.threads.models import Comment, Thread

KINDS_WITH_IDS: dict[type, str] = {
    Annotation: "annotations",
    Assignment: "assignments",
    CodeProposal: "proposals",
    Comment: "comments",
    Decision: "decisions",
    Event: "events",
    Plan: "plans",
    Round: "rounds",
    Speaker: "speakers",
    Thread: "threads",
}


def _list_assignment_pair(row: Assignment) -> Iterator[str]:
    yield f"{row.source_id} {row.annotator_id}"


def _list_decided_places(row: Decision) -> Iterator[str]:
    yield f"{row.source_id} {row.place} {row.by_id if row.apart else 'team'}"


def _list_passages_left(row: Decision) -> Iterator[str]:
    yield from () if row.apart else row.passages


def _list_consensus_source(row: SourceConsensus) -> Iterator[str]:
    yield str(row.source_id)


UNIQUE: Mapping[type, Sequence[tuple[str, Callable[[Any], Iterator[str]]]]] = {
    Assignment: [("a source is given twice to the same person", _list_assignment_pair)],
    Decision: [
        ("a place is decided twice", _list_decided_places),
        ("a passage is left by two decisions", _list_passages_left),
    ],
    SourceConsensus: [("a source stands twice in its consensus", _list_consensus_source)],
}
"""What may stand only once in an archive, with the words for an archive where it stands twice."""


class RehearsalSink:
    """A sink for the check: stores ids and texts, numbers rows with keys, and drops the rest.

    `has_consensus`: whether annotations of that layer have come.
    """

    def __init__(self, scratch: ScratchDatabase) -> None:
        self._scratch = scratch
        self._keys, self._sources = count(1), count(1)
        self.has_consensus = False

    def put(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if isinstance(row, Source):
                row.pk = next(self._sources)
                self._scratch.keep_text(row.pk, row.text)
            elif isinstance(row, Speaker):
                row.pk = next(self._keys)
        self._note_consensus([row for row in rows if isinstance(row, Annotation)])
        self._check_ids(rows)
        for row in rows if rows and type(rows[0]) in UNIQUE else ():
            for why, list_keys in UNIQUE[type(row)]:
                if not self._scratch.keep_ids(why, (key.encode() for key in list_keys(row))):
                    raise build_contradiction_error(why)

    def _check_ids(self, rows: Sequence[Row]) -> None:
        if not rows or (kind := KINDS_WITH_IDS.get(type(rows[0]))) is None:
            return
        if not self._scratch.keep_ids(kind, map(_encode_row_id, rows)):
            raise build_contradiction_error(f"an id stands twice among its {kind}")
        for row in rows:
            if isinstance(row, Decision):
                self._scratch.keep_ids(f"decisions {row.source_id}", (row.pk.bytes,))

    def _note_consensus(self, rows: Sequence[Annotation]) -> None:
        for row in rows:
            if row.annotator_id is None:
                self.has_consensus = True
                self._scratch.keep_ids(f"consensus {row.source_id}", (row.pk.bytes,))

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        by_slug = {code.slug: code for code in codes}
        keys = [code.shortcut for code in codes if code.shortcut and not code.retired_at]
        if len(set(keys)) < len(keys):
            raise build_contradiction_error("two codes have the same key")
        for code in codes:
            code.pk = next(self._keys)
            code.parent = by_slug[parents[code.slug] or ""] if parents[code.slug] else None

    def retire(self, codes: Sequence[Code]) -> None:
        pass


def build_contradiction_error(why: str = "its rows do not fit together") -> Invalid:
    return Invalid(f"The archive contradicts itself: {why}. Nothing was restored.", field="archive")


def _encode_row_id(row: Row) -> bytes:
    return cast(UUID, row.key if isinstance(row, Speaker) else row.pk).bytes
