"""Annotations leave page by page, in flat memory; a file leaves whole, or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import IO, Any, BinaryIO
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from cstoannot.accounts.queries import usernames_of
from cstoannot.annotations.columns import id_texts, moment_texts
from cstoannot.annotations.queries import names_of_speakers
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.exchange.queries import code_facts, export_rows, source_facts
from cstoannot.exchange.rows import Names, Page, Raw, Row, named
from cstoannot.projects.scope import Scope

PAGE = 5_000
CHUNK = 256 * 1024  # bytes of a finished file that are sent at once
# Where these stand in a raw row.
ID, SOURCE, CODE, START, VOICE, ANNOTATOR, CREATED, UPDATED = 0, 1, 2, 3, 6, 8, 11, 12


def pages(asked: Asked) -> Iterator[Page]:
    """All rows by source, start and id.

    A page ends where a source ends, so that each source is read in one statement and stands in
    the file as it was at one moment, though people go on coding: nothing of it is there twice,
    and nothing that was there all the time is missing. Only a source with more rows than a page
    has is read in several.
    """
    found = export_rows(asked.scope, asked.filters)
    names = Names()
    for rows in _in_pages(found):
        page = _page(asked.scope, names, rows)
        _let_go_of_the_database()
        yield page


def _let_go_of_the_database() -> None:
    """Give a pooled connection back before the page is sent: whoever reads it may be slow."""
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()


def rows_of(asked: Asked) -> Iterator[Row]:
    """The same rows with names, one by one."""
    return chain.from_iterable(map(named, pages(asked)))


def rows_at(asked: Asked, first: int, count: int) -> list[Row]:
    """So many rows, from the one with this number (from 0) on."""
    raws = _fetched(export_rows(asked.scope, asked.filters)[first : first + count])
    return list(named(_page(asked.scope, Names(), raws))) if raws else []


def _in_pages(found: QuerySet[Any, Raw]) -> Iterator[list[Raw]]:
    after = Q()
    while True:
        rows = _fetched(found.filter(after)[:PAGE])
        if len(rows) < PAGE:
            break
        last = rows[-1][SOURCE]
        if rows[0][SOURCE] == last:
            start = rows[-1][START]
            (id,) = map(UUID, map(bytes.decode, id_texts([rows[-1][ID]])))
            further = Q(start__gt=start) | Q(start=start, id__gt=id)
            after = Q(source_id__gte=last) & (Q(source_id__gt=last) | further)
        else:
            while rows[-1][SOURCE] == last:
                rows.pop()
            after = Q(source_id__gt=rows[-1][SOURCE])
        yield rows
    if rows:
        yield rows


def _fetched(found: QuerySet[Any, Raw]) -> list[Raw]:
    """The rows as the database driver gives them: nothing in them needs Django's conversions."""
    try:
        statement, parameters = found.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _page(scope: Scope, names: Names, rows: list[Raw]) -> Page:
    """A page of these rows; `names` come to know what their keys stand for.

    The sources of earlier rows are forgotten. Whatever a row that is stored refers to is stored
    too, so every key has its name.
    """
    names.sources = source_facts(scope, {row[SOURCE] for row in rows})
    if not names.codes.keys() >= {row[CODE] for row in rows}:
        names.codes = code_facts(scope)
    voices = {row[VOICE] for row in rows} - names.voices.keys() - {None}
    if voices:
        names.voices.update(names_of_speakers(scope, voices))
    annotators = {row[ANNOTATOR] for row in rows} - names.annotators.keys() - {None}
    if annotators:
        names.annotators.update(usernames_of(annotators))
    created = moment_texts([row[CREATED] for row in rows])
    updated = _updated(created, [row[UPDATED] for row in rows])
    return Page(rows, id_texts([row[ID] for row in rows]), created, updated, names)


def _updated(created: list[bytes], stored: list[bytes | None]) -> list[bytes]:
    """Most annotations were never changed after they were made."""
    changed = iter(moment_texts([moment for moment in stored if moment is not None]))
    return [
        made if moment is None else next(changed)
        for made, moment in zip(created, stored, strict=True)
    ]


@dataclass(frozen=True)
class Export:
    """A file on its way out. `length` in bytes, where it is known before the end."""

    name: str
    media_type: str
    chunks: Iterator[bytes]
    length: int | None = None


def export(format: Format, asked: Asked) -> Export:
    """The file, ready to be sent: its first bytes are made, so what can be refused has been.

    Who may see what was decided when the scope was opened. Raises Forbidden for a member who may
    not have this format, and whatever the format's own check raises.
    """
    asked.scope.require(format.permission)
    format.check(asked)
    ready = partial(Export, format.file_name(asked), format.media_type)
    if format.stream:
        chunks = format.stream(asked)
        return ready(chain([next(chunks, b"")], chunks))
    assert format.write
    return ready(*_finished(format.write, asked))


def _finished(
    write: Callable[[Asked, BinaryIO], None], asked: Asked
) -> tuple[Iterator[bytes], int]:
    """A file that has to stand before it is sent, and its length; gone once it is sent."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write(asked, file)
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        stack.pop_all()
    return _sent(file), length


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
