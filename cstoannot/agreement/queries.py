"""Load the dataset of agreement: finished sources only, and only what the reader may see."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    F,
    Func,
    IntegerField,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Left, Length, Right, StrIndex
from django.db.models.lookups import GreaterThan
from numpy.typing import NDArray
from psycopg import Cursor as ServerCursor
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.postgres import types
from psycopg.pq import Format

from cstoannot.agreement.dataset import (
    ROW,
    STANCES,
    AgreementCode,
    AgreementDataset,
    AgreementSource,
    Annotator,
    Rows,
)
from cstoannot.annotations.look_queries import Pair, load_ids_after_look
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.annotations.queries import visible_annotations, visible_speakers
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.assignments.queries import select_my_study_assignments, visible_assignments
from cstoannot.assignments.round_queries import build_round_column
from cstoannot.codebook.queries import load_code_tree
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources
from cstoannot.stats.agreement.overlaps import argsort_columns
from cstoannot.text.normalise import WHITE_SPACE
from cstoannot.text.spans import unpack_flat_bounds

_PARTS = 16  # of the rows, aggregated and read one after the other, to bound the memory
_ARRAY_HEADER = 20  # bytes before the elements of PostgreSQL's binary arrays


def select_finished_assignments(scope: Scope) -> QuerySet[Assignment]:
    """Select the finished assignments that count for this reader.

    All of them for readers who see all coding. For an annotator, those on sources that they have
    finished themselves, as far as the others' coding is open to them.
    """
    scope.require(Permission.SEE_AGREEMENT)
    done = visible_assignments(scope).filter(state=AssignmentState.DONE)
    if not scope.can(Permission.SEE_ALL_CODING):
        mine = select_my_study_assignments(scope).filter(state=AssignmentState.DONE).order_by()
        done = done.filter(source_id__in=mine.values("source_id"))
    return done.select_related(None).order_by()


def load_agreement_dataset(scope: Scope) -> AgreementDataset:
    """Load the dataset in a constant number of queries."""
    done = list(
        select_finished_assignments(scope).values_list(
            "source_id", "annotator_id", "annotator__username", "finished_under"
        )
    )
    people = sorted({(username, pk) for _, pk, username, _ in done})
    annotators = tuple(Annotator(pk, username) for username, pk in people)
    in_it = {source for source, *_ in done}
    known = visible_sources(scope).values_list("pk", "title", "length", build_round_column(scope))
    sources = tuple(AgreementSource(*row) for row in known if row[0] in in_it)
    rows = load_passage_rows(scope, annotators)
    among = np.isin(rows["source"], [source.pk for source in sources])
    rows = rows if among.all() else rows[among]
    under = np.zeros((len(sources), len(annotators)), np.int64)
    place = {source.pk: number for number, source in enumerate(sources)}
    column = {one.pk: number for number, one in enumerate(annotators)}
    for source, annotator, _, revision in done:
        if source in place:
            under[place[source], column[annotator]] = revision or 0
    after = _mark_rows_after_look(scope, rows, [(source, one) for source, one, *_ in done])
    return AgreementDataset(
        sources=sources,
        annotators=annotators,
        codes=load_dataset_codes(scope, np.unique(rows["code"]).tolist()),
        voices=_load_dataset_speakers(scope),
        finished=under > 0,
        finished_under=under,
        rows=rows,
        after_look=after,
        counts_after_look=scope.project.counts_after_look,
        reader=None if scope.can(Permission.SEE_ALL_CODING) else scope.user_id,
    )


def reload_dataset_sources(
    scope: Scope, coding: AgreementDataset, changed: Iterable[int]
) -> AgreementDataset | None:
    """Return the dataset with these sources reloaded; None if more than their coding changed."""
    wanted = sorted(changed)
    rows_done = select_finished_assignments(scope).filter(source_id__in=wanted)
    columns = rows_done.values_list("source_id", "annotator_id", "finished_under")
    revisions = {(source, annotator): revision or 0 for source, annotator, revision in columns}
    done = set(revisions)
    under = coding.finished_under.copy()
    numbers = {pk: coding.source_number(pk) for pk in wanted}
    for pk, number in numbers.items():
        if number is not None:
            under[number] = [revisions.get((pk, one.pk), 0) for one in coding.annotators]
    finished = under > 0
    # Nobody has finished the other sources, before or now: they are not in the dataset.
    known = [pk for pk, number in numbers.items() if number is not None]
    same_people = {pk for _, pk in done} <= {one.pk for one in coding.annotators}
    if not same_people or not {pk for pk, _ in done} <= set(known):
        return None
    if not finished.any(axis=0).all() or not finished.any(axis=1).all():
        return None
    fresh = load_passage_rows(scope, coding.annotators, known)
    gone = np.isin(coding.rows["source"], known)
    rows = np.concatenate([coding.rows[~gone], fresh])
    after = np.concatenate([coding.after_look[~gone], _mark_rows_after_look(scope, fresh, done)])
    if not _has_same_codes(coding, coding.rows[gone], fresh, rows):
        return None
    if _load_dataset_speakers(scope) != coding.voices:
        return None
    return replace(coding, finished=finished, finished_under=under, rows=rows, after_look=after)


def _mark_rows_after_look(scope: Scope, rows: Rows, done: Collection[Pair]) -> NDArray[np.bool_]:
    """Return (N,): the rows saved after their coder had seen others' coding there."""
    ids = load_ids_after_look(scope, done)
    if not ids:
        return np.zeros(len(rows), bool)
    wanted = np.sort(np.array([one.bytes for one in ids], "V16"))
    return np.isin(rows["id"], wanted)


def _has_same_codes(coding: AgreementDataset, before: Rows, fresh: Rows, rows: Rows) -> bool:
    """Return whether the list of codes stays: no new code, and none that is no longer used."""
    used = set(np.unique(fresh["code"]).tolist())
    unused = np.array(sorted(set(np.unique(before["code"]).tolist()) - used), np.int64)
    there = np.isin(unused, rows["code"]).all()
    return bool(there) and used <= {code.pk for code in coding.codes}


def load_passage_rows(
    scope: Scope, annotators: Sequence[Annotator], sources: Sequence[int] | None = None
) -> Rows:
    """Load the individual annotations, ordered by source, start, end and id."""
    if not annotators or (sources is not None and not sources):
        return np.empty(0, ROW)  # Django builds no SQL for an empty query
    found = visible_annotations(scope).filter(
        layer=Layer.INDIVIDUAL, annotator_id__in=[one.pk for one in annotators]
    )
    if sources is not None:
        found = found.filter(source_id__in=sources)
    return load_ordered_rows(scope, found)


def load_ordered_rows(scope: Scope, found: QuerySet[Annotation]) -> Rows:
    """Load visible annotations, ordered by source, start, end and id.

    Annotations of the consensus have annotator 0.
    """
    big = BigIntegerField()
    columns = found.filter(project_id=scope.project_id).order_by()
    values = columns.values_list(
        Cast("source_id", big),
        Cast(Coalesce(F("annotator_id"), Value(0)), big),
        *(Cast(column, big) for column in ("code_id", "start", "end")),
        Cast(_build_stance_case(), big),
        Cast(_build_voice_column(), big),
        _build_white_space_count("LTRIM", Left("quote", 1)),
        _build_white_space_count("RTRIM", Right("quote", 1)),
        Cast("revision", IntegerField()),
        "id",
    )
    rows = (
        _aggregate_passage_rows(values)
        if connection.vendor == "postgresql"
        else _fetch_passage_rows(values)
    )
    return _sort_passage_rows(rows)


def _sort_passage_rows(rows: Rows) -> Rows:
    """Sort by source, start, end and id; ids are compared only where bounds are equal."""
    rows = rows.take(argsort_columns(rows["source"], rows["start"], rows["end"]))
    same = np.ones(max(len(rows) - 1, 0), bool)
    for name in ("source", "start", "end"):
        same &= np.diff(rows[name]) == 0
    after = np.concatenate([[False], same])
    tied = np.flatnonzero(np.concatenate([same, [False]]) | after)
    some = rows.take(tied)
    high, low = some["id"].copy().view(">u8").astype(np.uint64).reshape(-1, 2).T
    bounds = np.cumsum(~after[tied])
    rows[tied] = some.take(np.lexsort((low, high, bounds)))
    return rows


def _load_dataset_speakers(scope: Scope) -> dict[int, str]:
    """Return the visible speakers' names by primary key."""
    return dict(visible_speakers(scope).values_list("pk", "name"))


def _build_stance_case() -> Case:
    """Map the stance to its index in STANCES."""
    cases = [When(stance=stance, then=Value(place)) for place, stance in enumerate(STANCES)]
    return Case(*cases, output_field=IntegerField())


def _build_voice_column() -> Coalesce:
    """Return the speaker's primary key; 0 for the author."""
    return Coalesce(F("voice_id"), Value(0))


def _build_white_space_count(function: str, outermost: Func) -> Cast:
    """Return how many characters of the quote the SQL function takes off.

    Trimming a million quotes takes seconds: most have no white space at that end.
    """
    trimmed = Func(F("quote"), Value(WHITE_SPACE), function=function, output_field=TextField())
    has_any = GreaterThan(StrIndex(Value(WHITE_SPACE), outermost), 0)
    count = When(has_any, then=Length("quote") - Length(trimmed))
    return Cast(Case(count, default=0), IntegerField())


class _ArrayBytesLoader(Loader):
    """Leaves a binary array as its bytes."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


def _aggregate_passage_rows(columns: QuerySet[Any, Any]) -> Rows:
    """Load the rows as PostgreSQL's arrays of each column: none is null, so sizes are equal.

    Fetching a million rows one by one, or copying them, takes seconds in Python.
    """
    statement, parameters = columns.query.sql_with_params()
    names = ROW.names or ()
    arrays = ", ".join(f'array_agg("{name}")' for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    parts = []
    with connection.cursor() as wrapped:
        composed = wrapped.mogrify(statement, parameters)
    with connection.wrap_database_errors, ServerCursor(connection.connection) as cursor:
        for name in ("int8", "int4", "uuid"):
            cursor.adapters.register_loader(types[name].array_oid, _ArrayBytesLoader)
        query = f"SELECT {arrays} FROM ({composed}) AS rows ({listed}) GROUP BY source % {_PARTS}"
        for part in cursor.stream(query, binary=True):
            parts.append(_read_arrays(part))
    return np.concatenate(parts) if parts else np.empty(0, ROW)


def _read_arrays(arrays: Sequence[bytes]) -> Rows:
    """Put PostgreSQL's binary arrays of the columns together; elements follow their sizes."""
    names = ROW.names or ()
    count = (len(arrays[0]) - _ARRAY_HEADER) // (4 + ROW[0].itemsize)
    rows = np.empty(count, ROW)
    for name, array in zip(names, arrays, strict=True):
        element = np.dtype([("size", ">i4"), ("value", ROW[name].newbyteorder(">"))])
        rows[name] = np.frombuffer(array, element, count, _ARRAY_HEADER)["value"]
    return rows


def _fetch_passage_rows(columns: QuerySet[Any, Any]) -> Rows:
    """Load the rows one by one; ids are UUIDs."""
    found = [(*row[:-1], row[-1].bytes) for row in columns.iterator(chunk_size=5_000)]
    return np.array(found, ROW)


def load_dataset_codes(scope: Scope, used: Sequence[int]) -> tuple[AgreementCode, ...]:
    """Return used and assignable codes in the codebook's order, without mere headings."""
    places = load_code_tree(scope)
    return tuple(
        AgreementCode(
            place.code.pk,
            place.code.slug,
            place.code.name,
            place.code.added_revision,
            place.code.meaning_revision,
        )
        for place in places
        if place.code.pk in used or not (place.has_children or place.code.retired_at)
    )


def load_unit_bounds(scope: Scope, coding: AgreementDataset, unit: str) -> list[NDArray[np.uint32]]:
    """Load each source's bounds of one kind (sentence, paragraph, token), flat and sorted."""
    column = f"{unit}s"
    found = visible_sources(scope).filter(pk__in=[source.pk for source in coding.sources])
    stored = dict(found.order_by().values_list("pk", column))
    return [
        np.frombuffer(unpack_flat_bounds(bytes(stored[source.pk])).flat, dtype=np.uint32)
        for source in coding.sources
    ]
