"""A project as an archive."""

import hashlib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby, pairwise
from typing import Any, BinaryIO

from cstoannot.codebook.actions import TEXTS
from cstoannot.exchange.archives import entry
from cstoannot.exchange.archiving import queries
from cstoannot.exchange.archiving.layout import (
    BOUNDS,
    FORMAT,
    KINDS,
    MANIFEST,
    OPTIONAL_KINDS,
    SOURCE_FACTS,
    VERSION,
    file_of,
    line,
    moment,
)
from cstoannot.exchange.moment import one_moment
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.text.bounds import unpack

Row = dict[str, Any]


@dataclass(frozen=True)
class Keys:
    """What keys of the database are called in the archive."""

    people: dict[int, str]
    sources: dict[int, int]

    def person(self, key: int | None) -> str | None:
        return None if key is None else self.people[key]


def write_archive(scope: Scope, file: BinaryIO) -> None:
    """Everything in the project, as it stands at this moment. Only its owners may."""
    scope.require(Permission.MANAGE)
    with one_moment(), zipfile.ZipFile(file, "w") as archive:
        numbers = {key: number for number, key in enumerate(queries.source_keys(scope), 1)}
        keys = Keys(queries.people(scope), numbers)
        told = {
            file_of(kind): _write(archive, file_of(kind), _ROWS[kind](scope, keys))
            for kind in (*KINDS, *(OPTIONAL_KINDS if queries.has_proposals(scope) else ()))
        }
        manifest = {"format": FORMAT, "version": VERSION, "files": told}
        archive.writestr(entry(MANIFEST), line(manifest))


def _write(archive: zipfile.ZipFile, name: str, rows: Iterator[Row]) -> Row:
    """Write one file; returns what the manifest says of it."""
    digest, size, count = hashlib.sha256(), 0, 0
    with archive.open(entry(name), "w", force_zip64=True) as part:
        for row in rows:
            written = line(row)
            part.write(written)
            digest.update(written)
            size, count = size + len(written), count + 1
    return {"bytes": size, "lines": count, "sha256": digest.hexdigest()}


def _project(scope: Scope, keys: Keys) -> Iterator[Row]:
    project = queries.project_row(scope)
    plain = ("slug", "name", "about", "guidelines", "visibility", "open_sources", "version")
    said = {name: getattr(project, name) for name in plain}
    if project.counts_after_look:
        said["counts_after_look"] = True
    yield {**said, "created_at": moment(project.created_at)}


def _people(scope: Scope, keys: Keys) -> Iterator[Row]:
    """Everybody who is named anywhere; whoever is no longer a member has no role."""
    members, tied = queries.memberships(scope), queries.load_outsider_links(scope)
    for key, username in sorted(keys.people.items(), key=lambda pair: pair[1]):
        if key in tied:
            continue  # the member stands for both
        role, since = members.get(key, (None, None))
        yield {"username": username, "role": role, "created_at": moment(since)}


def _sources(scope: Scope, keys: Keys) -> Iterator[Row]:
    for key, position, version, created, deleted, sha256, text, *rest in queries.sources(scope):
        facts, bounds = rest[: len(SOURCE_FACTS)], rest[len(SOURCE_FACTS) :]
        yield {
            "number": keys.sources[key],
            "position": position,
            "version": version,
            "created_at": moment(created),
            "deleted_at": moment(deleted),
            "sha256": sha256,
            "text": text,
            **dict(zip(SOURCE_FACTS, facts, strict=True)),
            **{n: _steps(unpack(bytes(b)).flat) for n, b in zip(BOUNDS, bounds, strict=True)},
        }


def _steps(flat: Sequence[int]) -> list[int]:
    """From each bound to the next; small numbers, of which a long text has millions."""
    return [after - before for before, after in pairwise(chain((0,), flat))]


def _codes(scope: Scope, keys: Keys) -> Iterator[Row]:
    plain = ("slug", "name", "colour", "shortcut", *TEXTS, "position")
    revisions = ("meaning_revision", "added_revision", "version")
    for code in queries.codes(scope):
        yield {
            **{name: getattr(code, name) for name in (*plain, *revisions)},
            "parent": code.parent.slug if code.parent else None,
            "retired_at": moment(code.retired_at),
        }


def _revisions(scope: Scope, keys: Keys) -> Iterator[Row]:
    for number, at, by, note, changes in queries.revisions(scope):
        said = {"number": number, "at": moment(at), "by": keys.person(by)}
        yield {**said, "note": note, "changes": changes}


def _speakers(scope: Scope, keys: Keys) -> Iterator[Row]:
    for key, name, note, listed, created in sorted(queries.speakers(scope), key=lambda row: row[1]):
        said = {"key": str(key), "name": name, "note": note, "listed": listed}
        yield {**said, "created_at": moment(created)}


def _proposals(scope: Scope, keys: Keys) -> Iterator[Row]:
    names = ("parent", "code", "name", "claim", "start", "end", "quote", "state", "reason")
    for id, proposed, decided, source, *said, created, decided_at in queries.proposals(scope):
        yield {
            "id": str(id),
            "proposed_by": keys.person(proposed),
            "decided_by": keys.person(decided),
            "source": None if source is None else keys.sources[source],
            **dict(zip(names, said, strict=True)),
            "created_at": moment(created),
            "decided_at": moment(decided_at),
        }


def _assignments(scope: Scope, keys: Keys) -> Iterator[Row]:
    for source, rows in groupby(queries.assignments(scope), key=lambda row: row[1]):
        for id, _, annotator, state, created, done in sorted(
            rows, key=lambda row: keys.people[row[2]]
        ):
            yield {
                "id": str(id),
                "source": keys.sources[source],
                "annotator": keys.people[annotator],
                "state": state,
                "created_at": moment(created),
                "done_at": moment(done),
            }


def _annotations(scope: Scope, keys: Keys) -> Iterator[Row]:
    names = ("layer", "start", "end", "quote", "stance", "voice", "note", "version", "revision")
    for id, source, code, annotator, *said, created, updated in queries.annotations(scope):
        yield {
            "id": str(id),
            "source": keys.sources[source],
            "code": code,
            "annotator": keys.person(annotator),
            **dict(zip(names, said, strict=True)),
            "created_at": moment(created),
            "updated_at": moment(updated),
        }


def _events(scope: Scope, keys: Keys) -> Iterator[Row]:
    for id, actor, action, kind, about_what, about, source, *states, at in queries.events(scope):
        before, after = (_state(state, keys) for state in states)
        of_source = kind == "source" and about_what.isdigit()
        yield {
            "id": str(id),
            "actor": keys.person(actor),
            "action": action,
            "kind": kind,
            "object": str(keys.sources.get(int(about_what), 0)) if of_source else about_what,
            "about": keys.person(about),
            "source": None if source is None else keys.sources[source],
            "before": before,
            "after": after,
            "at": moment(at),
        }


def _state(state: Row | None, keys: Keys) -> Row | None:
    """What an entry of the history keeps of a row, with the source's number."""
    if state is None or "source" not in state:
        return state
    return {**state, "source": keys.sources.get(state["source"], 0)}


_ROWS: dict[str, Callable[[Scope, Keys], Iterator[Row]]] = {
    "annotations": _annotations,
    "assignments": _assignments,
    "codes": _codes,
    "events": _events,
    "people": _people,
    "project": _project,
    "proposals": _proposals,
    "revisions": _revisions,
    "sources": _sources,
    "speakers": _speakers,
}
