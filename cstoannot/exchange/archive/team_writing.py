"""Writes the rows of how a team works and decides."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from cstoannot.exchange.archive import team_queries
from cstoannot.exchange.archive.keys import ArchiveKeys
from cstoannot.exchange.archive.layout import format_archive_time, move_place
from cstoannot.projects.scope import Scope

Row = dict[str, Any]


def _iterate_round_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    names = ("name", "note", "revision", "position")
    for id, *said, created in team_queries.iterate_archived_rounds(scope):
        told = dict(zip(names, said, strict=True))
        yield {"id": str(id), **told, "created_at": format_archive_time(created)}


def _iterate_plan_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    names = ("name", "each", "shared", "seed")
    for id, by, annotators, deadline, created, *said in team_queries.iterate_archived_plans(scope):
        yield {
            "id": str(id),
            "made_by": keys.person(by),
            "annotators": keys.known_people(annotators),
            "deadline": deadline and deadline.isoformat(),
            "created_at": format_archive_time(created),
            **dict(zip(names, said, strict=True)),
        }


def _iterate_decision_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    names = ("start", "end", "outcome", "reason", "rule", "chosen", "elsewhere", "version")
    for (
        id,
        source,
        place,
        by,
        at,
        apart,
        passages,
        readings,
        *said,
    ) in team_queries.iterate_archived_decisions(scope):
        yield {
            "id": str(id),
            "source": keys.sources[source],
            "place": str(move_place(place, keys.sources[source])),
            "by": keys.person(by),
            "at": format_archive_time(at),
            "apart": apart,
            "passages": passages,
            "readings": name_readers(readings, keys),
            **dict(zip(names, said, strict=True)),
        }


def name_readers(readings: Iterable[Mapping[str, Any]], keys: ArchiveKeys) -> list[Row]:
    """Return the readings of a decision with user names; people without an account are left out."""
    return [
        {
            **reading,
            "annotators": keys.known_people(reading["annotators"]),
            "passages": [
                {**passage, "annotator": keys.people[passage["annotator"]]}
                for passage in reading["passages"]
                if passage["annotator"] in keys.people
            ],
        }
        for reading in readings
    ]


def _iterate_consensus_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for source, state, doubtful, opened, by in team_queries.iterate_archived_consensus(scope):
        yield {
            "source": keys.sources[source],
            "state": state,
            "doubtful": doubtful,
            "opened_at": format_archive_time(opened),
            "adjudicator": keys.person(by),
        }


def _iterate_thread_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    names = ("kind", "start", "end", "quote", "asks_again", "version")
    for (
        id,
        source,
        code,
        decision,
        proposal,
        opened_by,
        resolved_by,
        created,
        resolved,
        *said,
        reads,
    ) in team_queries.iterate_archived_threads(scope):
        yield {
            "id": str(id),
            "source": keys.source(source),
            "code": code,
            "decision": _format_optional_id(decision),
            "proposal": _format_optional_id(proposal),
            "opened_by": keys.person(opened_by),
            "resolved_by": keys.person(resolved_by),
            "created_at": format_archive_time(created),
            "resolved_at": format_archive_time(resolved),
            "read": _build_reading_marks(reads, keys),
            **dict(zip(names, said, strict=True)),
        }


def _format_optional_id(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _build_reading_marks(
    reads: Iterable[tuple[int, datetime, int | None]], keys: ArchiveKeys
) -> list[Row]:
    """Return who has read until when, by name; an outsider and their member are one."""
    found: dict[str, Row] = {}
    for user, at, number in sorted(reads, key=lambda mark: mark[1]):
        name = keys.people[user]
        known = found.get(name, {}).get("number") if number is None else number
        found[name] = {"user": name, "read_at": format_archive_time(at), "number": known}
    return [found[name] for name in sorted(found)]


def _iterate_comment_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for (
        id,
        thread,
        author,
        text,
        created,
        edited,
        mentions,
    ) in team_queries.iterate_archived_comments(scope):
        yield {
            "id": str(id),
            "thread": str(thread),
            "author": keys.person(author),
            "text": text,
            "created_at": format_archive_time(created),
            "edited_at": format_archive_time(edited),
            "mentions": sorted(set(keys.known_people(mentions))),
        }


TEAM_ROWS: dict[str, Callable[[Scope, ArchiveKeys], Iterator[Row]]] = {
    "comments": _iterate_comment_rows,
    "consensus": _iterate_consensus_rows,
    "decisions": _iterate_decision_rows,
    "plans": _iterate_plan_rows,
    "rounds": _iterate_round_rows,
    "threads": _iterate_thread_rows,
}
