"""Writes a project as an archive."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, groupby, pairwise
from typing import Any, BinaryIO
from uuid import UUID

from cstoannot.codebook.actions import TEXTS
from cstoannot.database.snapshot import consistent_read
from cstoannot.exchange.archive import queries
from cstoannot.exchange.archive.keys import ArchiveKeys
from cstoannot.exchange.archive.layout import (
    BOUNDS,
    FORMAT,
    KINDS,
    MANIFEST,
    OPTIONAL_KINDS,
    PROJECT_CHOICES,
    PROJECT_FLAGS,
    SOURCE_FACTS,
    VERSION,
    build_zip_entry,
    format_archive_line,
    format_archive_path,
    format_archive_time,
    is_about_source,
    move_place,
)
from cstoannot.exchange.archive.team_queries import KINDS_WITH_PEOPLE, has_team_rows
from cstoannot.exchange.archive.team_writing import TEAM_ROWS, name_readers
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.text.spans import unpack_flat_bounds

Row = dict[str, Any]


def write_archive(scope: Scope, file: BinaryIO) -> None:
    """Write everything in the project, in the state of one moment. Only owners may."""
    scope.require(Permission.MANAGE)
    with consistent_read(), zipfile.ZipFile(file, "w") as archive:
        numbers = {
            key: number for number, key in enumerate(queries.load_archived_source_keys(scope), 1)
        }
        keys = ArchiveKeys(queries.load_archived_usernames(scope), numbers)
        told = {
            format_archive_path(kind): _write_archive_part(
                archive, format_archive_path(kind), _ROWS[kind](scope, keys)
            )
            for kind in (*KINDS, *_list_optional_kinds(scope))
        }
        manifest = {"format": FORMAT, "version": VERSION, "files": told}
        archive.writestr(build_zip_entry(MANIFEST), format_archive_line(manifest))


def _list_optional_kinds(scope: Scope) -> list[str]:
    return [kind for kind in OPTIONAL_KINDS if has_team_rows(scope, kind)]


def _write_archive_part(archive: zipfile.ZipFile, name: str, rows: Iterator[Row]) -> Row:
    """Write one file; returns its entry in the manifest."""
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(build_zip_entry(name), "w", force_zip64=True) as part:
        for row in rows:
            written = format_archive_line(row)
            part.write(written)
            digest.update(written)
            size, count = size + len(written), count + 1
    return {"bytes": size, "lines": count, "sha256": digest.hexdigest()}


def _iterate_project_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    project = queries.load_archived_project(scope)
    plain = ("slug", "name", "about", "guidelines", "version", *PROJECT_CHOICES, *PROJECT_FLAGS)
    said = {name: getattr(project, name) for name in plain}
    yield {**said, "created_at": format_archive_time(project.created_at)}


def _iterate_people_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    """Yield everybody who is named anywhere; former members have no role."""
    members, tied = queries.load_archived_memberships(scope), queries.load_outsider_links(scope)
    for key, username in sorted(keys.people.items(), key=lambda pair: pair[1]):
        if key in tied:
            continue  # the member's row represents both
        role, since = members.get(key, (None, None))
        yield {"username": username, "role": role, "created_at": format_archive_time(since)}


def _iterate_source_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for (
        key,
        position,
        round_name,
        version,
        created,
        deleted,
        sha256,
        text,
        *rest,
    ) in queries.iterate_archived_sources(scope):
        facts, bounds = rest[: len(SOURCE_FACTS)], rest[len(SOURCE_FACTS) :]
        yield {
            "number": keys.sources[key],
            "position": position,
            "round": round_name,
            "version": version,
            "created_at": format_archive_time(created),
            "deleted_at": format_archive_time(deleted),
            "sha256": sha256,
            "text": text,
            **dict(zip(SOURCE_FACTS, facts, strict=True)),
            **{
                n: _compute_bound_steps(unpack_flat_bounds(bytes(b)).flat)
                for n, b in zip(BOUNDS, bounds, strict=True)
            },
        }


def _compute_bound_steps(flat: Sequence[int]) -> list[int]:
    """Return the differences between bounds: small numbers, of which a long text has millions."""
    return [after - before for before, after in pairwise(chain((0,), flat))]


def _iterate_code_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    plain = ("slug", "name", "colour", "shortcut", *TEXTS, "position")
    revisions = ("meaning_revision", "added_revision", "version")
    for code in queries.load_archived_codes(scope):
        yield {
            **{name: getattr(code, name) for name in (*plain, *revisions)},
            "parent": code.parent.slug if code.parent else None,
            "retired_at": format_archive_time(code.retired_at),
        }


def _iterate_revision_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for number, at, by, note, changes in queries.iterate_archived_revisions(scope):
        said = {"number": number, "at": format_archive_time(at), "by": keys.person(by)}
        yield {**said, "note": note, "changes": changes}


def _iterate_speaker_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for key, name, note, listed, created in sorted(
        queries.iterate_archived_speakers(scope), key=lambda row: row[1]
    ):
        said = {"key": str(key), "name": name, "note": note, "listed": listed}
        yield {**said, "created_at": format_archive_time(created)}


def _iterate_proposal_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    names = ("parent", "code", "name", "claim", "start", "end", "quote", "state", "reason")
    for (
        id,
        proposed,
        decided,
        source,
        *said,
        created,
        decided_at,
    ) in queries.iterate_archived_proposals(scope):
        yield {
            "id": str(id),
            "proposed_by": keys.person(proposed),
            "decided_by": keys.person(decided),
            "source": keys.source(source),
            **dict(zip(names, said, strict=True)),
            "created_at": format_archive_time(created),
            "decided_at": format_archive_time(decided_at),
        }


def _iterate_assignment_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for source, rows in groupby(
        queries.iterate_archived_assignments(scope), key=lambda row: row[1]
    ):
        for id, _, annotator, state, created, done, *planned in sorted(
            rows, key=lambda row: keys.people[row[2]]
        ):
            under, plan, rank, deadline, practice = planned
            yield {
                "id": str(id),
                "source": keys.sources[source],
                "annotator": keys.people[annotator],
                "state": state,
                "created_at": format_archive_time(created),
                "done_at": format_archive_time(done),
                "finished_under": under,
                "plan": plan and str(plan),
                "rank": rank,
                "deadline": deadline and deadline.isoformat(),
                "practice": practice,
            }


def _iterate_annotation_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    names = ("layer", "start", "end", "quote", "stance", "voice", "note", "version", "revision")
    for (
        id,
        source,
        code,
        annotator,
        *said,
        created,
        updated,
    ) in queries.iterate_archived_annotations(scope):
        yield {
            "id": str(id),
            "source": keys.sources[source],
            "code": code,
            "annotator": keys.person(annotator),
            **dict(zip(names, said, strict=True)),
            "created_at": format_archive_time(created),
            "updated_at": format_archive_time(updated),
        }


def _iterate_event_rows(scope: Scope, keys: ArchiveKeys) -> Iterator[Row]:
    for (
        id,
        actor,
        action,
        kind,
        about_what,
        about,
        source,
        *states,
        at,
    ) in queries.iterate_archived_events(scope):
        before, after = (_build_event_state(kind, state, keys) for state in states)
        of_source = is_about_source(kind, about_what, source)
        yield {
            "id": str(id),
            "actor": keys.person(actor),
            "action": action,
            "kind": kind,
            "object": str(keys.sources.get(int(about_what), 0)) if of_source else about_what,
            "about": keys.person(about),
            "source": keys.source(source),
            "before": before,
            "after": after,
            "at": format_archive_time(at),
        }


def _build_event_state(kind: str, state: Row | None, keys: ArchiveKeys) -> Row | None:
    """Return an event's state of a row, with the archive's names of sources and people."""
    if state is None:
        return None
    found = dict(state)
    if "source" in state:
        found["source"] = keys.sources.get(state["source"], 0)
    if kind in KINDS_WITH_PEOPLE and "annotators" in state:
        found["annotators"] = keys.known_people(state["annotators"])
    if kind == "decision":
        if "readings" in state:
            found["readings"] = name_readers(state["readings"], keys)
        if "place" in state:
            found["place"] = str(move_place(UUID(state["place"]), found["source"]))
    return found


_ROWS: dict[str, Callable[[Scope, ArchiveKeys], Iterator[Row]]] = {
    "annotations": _iterate_annotation_rows,
    "assignments": _iterate_assignment_rows,
    "codes": _iterate_code_rows,
    "events": _iterate_event_rows,
    "people": _iterate_people_rows,
    "project": _iterate_project_rows,
    "proposals": _iterate_proposal_rows,
    "revisions": _iterate_revision_rows,
    "sources": _iterate_source_rows,
    "speakers": _iterate_speaker_rows,
    **TEAM_ROWS,
}
