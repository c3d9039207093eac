"""An archive back into a project: all of it, in one transaction, or nothing."""

import uuid
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, islice
from typing import IO, Any, TypeVar

from django.db import DataError, IntegrityError, transaction

from cstoannot.accounts.actions import make_closed_account
from cstoannot.accounts.models import User
from cstoannot.accounts.queries import users_called
from cstoannot.annotations.models import Annotation, Layer, Speaker
from cstoannot.annotations.proposals.models import CodeProposal
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.actions import DEEPEST, as_dict
from cstoannot.codebook.deltas import Changes, CodebookState
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.exchange.archiving.actions import let_go, let_in, retire_codes, store, store_codes
from cstoannot.exchange.archiving.container import Archive, opened
from cstoannot.exchange.archiving.layout import BOUNDS, RESTORED, SOURCE_FACTS
from cstoannot.exchange.archiving.progress import Restoring, known
from cstoannot.exchange.archiving.queries import is_taken, text_of
from cstoannot.exchange.archiving.shapes import check_row, wrong
from cstoannot.history.actions import record
from cstoannot.history.models import Event, time_ordered_uuid
from cstoannot.projects.actions import take_in_project
from cstoannot.projects.models import Role
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.text.bounds import Bounds, pack_bounds
from cstoannot.text.normalise import text_hash
from cstoannot.text.segment import count_words

AT_ONCE = 500
TEXTS_AT_ONCE = 20
MOST_PEOPLE = 1_000
MOST_NAMED = 20  # in a message
_IDS = {
    "annotations": "id",
    "assignments": "id",
    "events": "id",
    "proposals": "id",
    "speakers": "key",
}
T = TypeVar("T")


@dataclass
class Restored:
    """What came out of an archive. `matched` had accounts here already, `made` were given closed
    ones; both leave out whoever restores."""

    scope: Scope
    matched: list[str]
    made: list[str]
    counts: dict[str, int]


def restore(
    file: IO[bytes], *, by: User | None, slug: str = "", same_people: bool = False
) -> Restored:
    """Restore an archive as the project that it was, or under another `slug`.

    `by` becomes its owner; without, as from the command line, it belongs to whom it belonged.
    People of the archive who have an account here are let in only where `same_people` says that
    they are who they are called; whoever has none gets a closed one, without a password. Raises
    Invalid, TooLarge or Conflict, and then nothing is left behind.
    """
    try:
        with opened(file) as archive, transaction.atomic():
            return _restore(archive, by, slug, same_people=same_people)
    except (IntegrityError, DataError) as error:
        raise Invalid(
            "The archive contradicts itself: its rows do not fit together. Nothing was restored.",
            field="archive",
        ) from error


def _restore(archive: Archive, by: User | None, slug: str, *, same_people: bool) -> Restored:
    version = archive.version
    rows = [check_row("project", n, row, version=version) for n, row in archive.rows("project")]
    if len(rows) != 1:
        raise wrong("project", len(rows) or 1, "there is one project in an archive")
    people = _people(archive)
    accounts, made = _accounts(people, by, same_people=same_people)
    owner = by or _an_owner(people, accounts)
    scope = take_in_project(owner, **{**rows[0], "slug": slug or rows[0]["slug"]})
    for name, row in people.items():
        let_in(scope, accounts[name], row["role"] or Role.VIEWER, row["created_at"])
    renew = uuid.uuid5(uuid.NAMESPACE_URL, scope.project.slug) if _clashes(archive, scope) else None
    restoring = Restoring(archive, scope, accounts, renew)
    for step in (
        _revisions,
        _codes,
        _speakers,
        _sources,
        _assignments,
        _annotations,
        _proposals,
        _events,
    ):
        step(restoring)
    let_go(scope, [accounts[name].pk for name, row in people.items() if row["role"] is None])
    record(scope, **RESTORED, object_id=scope.project.slug)
    others = people.keys() - {by.username if by else ""}
    matched = sorted(others - set(made))
    return Restored(scope, matched, sorted(made), restoring.counts)


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


def _accounts(
    people: Mapping[str, Any], by: User | None, *, same_people: bool
) -> tuple[dict[str, User], list[str]]:
    """An account for everybody, and the names of those for whom one was made."""
    accounts = users_called(people)
    here = sorted(accounts.keys() - {by.username if by else ""})
    if here and not same_people:
        names = ", ".join(here[:MOST_NAMED]) + (" …" if len(here) > MOST_NAMED else "")
        raise Conflict(
            f"These people of the archive have accounts here: {names}. Confirm that they are the "
            "same people: they get back their roles, and their coding stands under their names.",
            field="same_people",
        )
    made = sorted(people.keys() - accounts.keys())
    for name in made:
        accounts[name] = make_closed_account(name)
    return accounts, made


def _an_owner(people: Mapping[str, Any], accounts: Mapping[str, User]) -> User:
    names = [name for name, row in people.items() if row["role"] == Role.OWNER]
    if not names:
        raise Invalid("The archive names no owner. Say who shall own the project.", field="owner")
    return accounts[names[0]]


def _clashes(archive: Archive, scope: Scope) -> bool:
    """Whether any id of the archive is in use here: then the project is here, or was copied."""
    return any(
        is_taken(scope, kind, batch)
        for kind, name in _IDS.items()
        for batch in _batches(_ids(archive, kind, name), AT_ONCE)
    )


def _ids(archive: Archive, kind: str, name: str) -> Iterator[uuid.UUID]:
    for number, row in archive.rows(kind):
        try:
            yield uuid.UUID(row[name])
        except (TypeError, KeyError, ValueError, AttributeError):
            raise wrong(kind, number, f"{name}: not a UUID") from None


def _batches(found: Iterable[T], size: int) -> Iterator[list[T]]:
    found = iter(found)
    while batch := list(islice(found, size)):
        yield batch


def _codes(restoring: Restoring) -> None:
    codes, parents = [], dict[str, str | None]()
    added = restoring.codebook.added_revisions
    for number, row in restoring.rows("codes"):
        if row["slug"] in parents:
            raise wrong("codes", number, f"a second code {row['slug']}")
        parents[row["slug"]] = row.pop("parent")
        codes.append(Code(**{"added_revision": added.get(row["slug"], 0), **row}))
    for number, code in enumerate(codes, 1):
        _check_place(parents, code.slug, number)
    store_codes(restoring.scope, codes, parents)
    restoring.codes = {code.slug: code.pk for code in codes}
    restoring.retired = [code for code in codes if code.retired_at]
    _compare_with_newest_revision(restoring.codebook, codes)


def _compare_with_newest_revision(codebook: CodebookState, codes: Sequence[Code]) -> None:
    """The next revision stores what differs from this one, so it must be what the codes are."""
    entries = {entry["slug"]: entry for entry in codebook.snapshot()}
    if len(entries) > len(codes):
        raise wrong("codes", len(codes) or 1, "a code of the newest revision is missing")
    for number, code in enumerate(codes, 1):
        entry = as_dict(code, code.parent.slug if code.parent else None)
        added = codebook.added_revisions.get(code.slug)
        if (entry, code.added_revision) != (entries.get(code.slug), added):
            raise wrong("codes", number, f"{code.slug} is not as in the newest revision")


def _check_place(parents: Mapping[str, str | None], slug: str, number: int) -> None:
    above, levels = parents[slug], 1
    while above is not None:
        levels += 1
        if levels > DEEPEST:
            raise wrong("codes", number, f"{slug} stands below itself, or too deep")
        above = known(parents, above, "codes", number, "code")


def _revisions(restoring: Restoring) -> None:
    batch = []
    for number, row in restoring.rows("revisions"):
        if row["number"] != number:
            raise wrong("revisions", number, "revisions are numbered from 1")
        row["by_id"] = restoring.person("revisions", number, row.pop("by"))
        changes = _advance(restoring.codebook, number, row)
        batch.append(CodebookRevision(**row, changes=changes))
        if len(batch) == TEXTS_AT_ONCE:
            store(restoring.scope, batch)
            batch = []
    store(restoring.scope, batch)


def _advance(codebook: CodebookState, number: int, row: dict[str, Any]) -> Changes:
    """Take out of the row what the revision changed, and go on to it."""
    try:
        if "snapshot" in row:
            return codebook.advance_to(row.pop("snapshot"), {})
        codebook.apply(row["changes"])
    except ValueError as error:
        raise wrong("revisions", number, str(error)) from None
    return row.pop("changes")


def _speakers(restoring: Restoring) -> None:
    for batch in _batches(restoring.rows("speakers"), AT_ONCE):
        speakers = [Speaker(**{**row, "key": restoring.id(row["key"])}) for _, row in batch]
        store(restoring.scope, speakers)
        restoring.voices |= {speaker.name: speaker.pk for speaker in speakers}


def _sources(restoring: Restoring) -> None:
    place = -1
    for batch in _batches(restoring.rows("sources"), TEXTS_AT_ONCE):
        for number, row in batch:
            if row["number"] != number or row["position"] < place:
                raise wrong("sources", number, "sources stand in their order, numbered from 1")
            place = row["position"]
        made = [_source(number, row) for number, row in batch]
        store(restoring.scope, made)
        numbers = [number for number, _ in batch]
        restoring.sources |= {n: one.pk for n, one in zip(numbers, made, strict=True)}


def _source(number: int, row: dict[str, Any]) -> Source:
    text = row["text"]
    if text_hash(text) != row["sha256"]:
        raise wrong("sources", number, "sha256: not that of the text")
    bounds = {name: _bounds(number, name, row[name], len(text)) for name in BOUNDS}
    details = {name: row[name] for name in SOURCE_FACTS}
    kept = ("sha256", "position", "version", "created_at", "deleted_at")
    return Source(
        text=text,
        length=len(text),
        words=count_words(text, bounds["tokens"]),
        **{name: pack_bounds(spans) for name, spans in bounds.items()},
        **details,
        **{name: row[name] for name in kept},
    )


def _bounds(number: int, name: str, steps: list[int], length: int) -> Bounds:
    if sum(steps) > length:
        raise wrong("sources", number, f"{name}: beyond the end of the text")
    if 0 in steps[1::2]:
        raise wrong("sources", number, f"{name}: one of them is empty")
    bounds = Bounds()
    bounds.flat = array("I", accumulate(steps))
    return bounds


def _assignments(restoring: Restoring) -> None:
    for batch in _batches(restoring.rows("assignments"), AT_ONCE):
        made = []
        for number, row in batch:
            here = known(restoring.sources, row.pop("source"), "assignments", number, "source")
            person = known(restoring.people, row.pop("annotator"), "assignments", number, "person")
            row["id"] = restoring.id(row["id"])
            made.append(Assignment(source_id=here, annotator=person, **row))
        store(restoring.scope, made)


def _annotations(restoring: Restoring) -> None:
    last: tuple[Any, ...] = ()
    found = restoring.rows("annotations")
    for source, rows in groupby(found, key=lambda pair: pair[1]["source"]):
        text: str | None = None
        for batch in _batches(rows, AT_ONCE):
            made = []
            for number, row in batch:
                place = (source, row["start"], row["id"])
                if place <= last:
                    raise wrong("annotations", number, "not by source, start and id")
                last = place
                if text is None:
                    here = known(restoring.sources, source, "annotations", number, "source")
                    text = text_of(restoring.scope, here)
                made.append(_annotation(restoring, number, row, text))
            store(restoring.scope, made)
    retire_codes(restoring.scope, restoring.retired)


def _annotation(restoring: Restoring, number: int, row: dict[str, Any], text: str) -> Annotation:
    start, end, quote = row["start"], row["end"], row["quote"]
    if not start < end <= len(text) or text[start:end] != quote:
        raise wrong("annotations", number, f"from {start} to {end} the text does not read so")
    if (row["annotator"] is None) != (row["layer"] == Layer.CONSENSUS):
        raise wrong("annotations", number, "the consensus is nobody's, and nothing else is")
    if row["revision"] > restoring.codebook.number:
        raise wrong("annotations", number, "made under a revision that the codebook has not")
    voice, code = row.pop("voice"), row.pop("code")
    person = restoring.person("annotations", number, row.pop("annotator"))
    return Annotation(
        id=restoring.id(row.pop("id")),
        source_id=restoring.sources[row.pop("source")],
        code_id=known(restoring.codes, code, "annotations", number, "code"),
        voice_id=voice and known(restoring.voices, voice, "annotations", number, "speaker"),
        annotator_id=person,
        **row,
    )


def _proposals(restoring: Restoring) -> None:
    for batch in _batches(restoring.rows("proposals"), AT_ONCE):
        store(restoring.scope, [_proposal(restoring, number, row) for number, row in batch])


def _proposal(restoring: Restoring, number: int, row: dict[str, Any]) -> CodeProposal:
    source = restoring.source("proposals", number, row.pop("source"))
    start, end = row["start"], row["end"]
    text = text_of(restoring.scope, source) if source and start is not None else ""
    if text and text[start:end] != row["quote"]:
        raise wrong("proposals", number, f"from {start} to {end} the text does not read so")
    people = {
        f"{name}_id": restoring.person("proposals", number, row.pop(name))
        for name in ("proposed_by", "decided_by")
    }
    codes = {
        f"{name}_id": slug and known(restoring.codes, slug, "proposals", number, "code")
        for name in ("parent", "code")
        for slug in [row.pop(name)]
    }
    id = restoring.id(row.pop("id"))
    return CodeProposal(id=id, source_id=source, **people, **codes, **row)


def _events(restoring: Restoring) -> None:
    last = uuid.UUID(int=0)
    for batch in _batches(restoring.rows("events"), AT_ONCE):
        made = []
        for number, row in batch:
            if row["id"] <= last:
                raise wrong("events", number, "not in order")
            last = row["id"]
            made.append(_event(restoring, number, row))
        store(restoring.scope, made)


def _event(restoring: Restoring, number: int, row: dict[str, Any]) -> Event:
    kind, thing = row["kind"], row["object"]
    if kind == "source" and thing.isascii() and thing.isdigit():
        thing = str(restoring.sources.get(int(thing), 0))
    elif restoring.renew and kind in ("annotation", "assignment", "proposal", "speaker"):
        thing = _renewed(restoring, thing)
    for name in ("before", "after"):
        state = row[name]
        if state and "source" in state:
            number_there = state["source"]
            here = restoring.sources.get(number_there, 0) if type(number_there) is int else 0
            row[name] = {**state, "source": here}
    return Event(
        id=time_ordered_uuid() if restoring.renew else row["id"],
        actor_id=restoring.person("events", number, row["actor"]),
        about_id=restoring.person("events", number, row["about"]),
        source_id=restoring.source("events", number, row["source"]),
        object=thing,
        **{name: row[name] for name in ("action", "kind", "before", "after", "at")},
    )


def _renewed(restoring: Restoring, thing: str) -> str:
    try:
        return str(restoring.id(uuid.UUID(thing)))
    except ValueError:
        return thing
