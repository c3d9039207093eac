"""Annotations leave page by page, in flat memory; a file leaves whole, or not at all."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import IO, BinaryIO
from uuid import UUID

from cstoannot.accounts.queries import load_usernames
from cstoannot.annotations.look_queries import load_ids_after_look_on_sources
from cstoannot.annotations.queries import load_speaker_names
from cstoannot.database.stored_text import (
    Characters,
    format_stored_ids,
    format_stored_timestamps,
    join_character_columns,
)
from cstoannot.database.transactions import release_pooled_connection
from cstoannot.exchange.columnar.columns import GatheredColumns
from cstoannot.exchange.columnar.keys import (
    build_keyed_column,
    build_keyed_pairs,
    compute_run_lengths,
    parse_key_numbers,
)
from cstoannot.exchange.columnar.rows import (
    ExportPage,
    ExportRow,
    JoinedColumn,
    PageNames,
    iterate_named_rows,
)
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest
from cstoannot.exchange.queries import (
    LAST_START,
    START,
    AnnotationColumns,
    Place,
    build_column_reader,
    load_code_facts,
    load_columns_at,
    load_source_facts,
    load_source_facts_from,
)
from cstoannot.projects.scope import Scope

PAGE = 10_000  # rows at most
FIRST = 100  # rows of the first page: it leaves early, and tells how long passages are
FULL = 16 * 1024 * 1024  # bytes of passages and notes that make a page full, about
KEPT = 4 * 1024 * 1024  # bytes of the largest piece of memory that comes with each page, about
AHEAD = 1_000  # sources of which the facts are read at once
CHUNK = 256 * 1024  # bytes of a finished file that are sent at once


def iterate_export_pages(asked: ExportRequest) -> Iterator[ExportPage]:
    """All rows by source, start and id.

    A page ends where a source ends, so that each source is read in one statement and stands in
    the file as it was at one moment, though people go on coding: nothing of it is there twice,
    and nothing that was there all the time is missing. Only a source with more rows than a page
    may have is read in several. The longer passages are, the fewer rows are read at once.
    """
    _reserve_freed_memory()
    names, place, size = PageNames(), START, min(FIRST, PAGE)
    read = build_column_reader(asked.scope, asked.filters)
    while gathered := read(place, size):
        full = gathered.rows == size
        page = _build_export_page(asked.scope, names, gathered, full=full)
        release_pooled_connection()  # whoever takes the page may be slow
        whole = page.count < gathered.rows
        if full and not whole and size < PAGE:
            size = min(PAGE, 2 * size)
            continue
        yield page
        if not full:
            return
        place = _build_position_after_source(page) if whole else _build_position_of_last_row(page)
        size = _compute_page_row_limit(gathered)


def _reserve_freed_memory() -> None:
    """Have the C library keep what a page frees for the next one, not ask for it anew.

    glibc gives back by itself whatever exceeds twice the largest piece that was freed so far.
    """
    bytes(KEPT)


def _compute_page_row_limit(like: GatheredColumns) -> int:
    columns = AnnotationColumns(*like.columns)
    return min(PAGE, 1 + FULL * like.rows // (len(columns.quotes) + len(columns.notes)))


def _build_position_after_source(page: ExportPage) -> Place:
    return page.sources[-1][0], LAST_START, UUID(int=0)


def _build_position_of_last_row(page: ExportPage) -> Place:
    start = int(page.starts.each()[-1])
    return page.sources[-1][0], start, UUID(page.ids[-1].tobytes().decode())


def iterate_export_rows(asked: ExportRequest) -> Iterator[ExportRow]:
    """The same rows with names, one by one."""
    return chain.from_iterable(map(iterate_named_rows, iterate_export_pages(asked)))


def load_export_rows(asked: ExportRequest, first: int, count: int) -> list[ExportRow]:
    """So many rows, from the one with this number (from 0) on."""
    gathered = load_columns_at(asked.scope, asked.filters, first, count)
    return (
        list(iterate_named_rows(_build_export_page(asked.scope, PageNames(), gathered)))
        if gathered
        else []
    )


def _build_export_page(
    scope: Scope, names: PageNames, gathered: GatheredColumns, *, full: bool = False
) -> ExportPage:
    """Rows of which `names` come to know what their keys stand for; a full page's end is cut."""
    columns = AnnotationColumns(*gathered.columns)
    sources = compute_run_lengths(parse_key_numbers(columns.sources))
    if full and len(sources) > 1:
        sources.pop()
    count = sum(rows for _, rows in sources)
    created = format_stored_timestamps(columns.created, gathered.rows)[:count]
    unchanged = columns.updated == columns.created
    ids = format_stored_ids(columns.ids)[:count]
    page = ExportPage(
        count=count,
        ids=ids,
        sources=sources,
        meanings=build_keyed_pairs(parse_key_numbers(columns.meanings)[:count]),
        starts=JoinedColumn(columns.starts, b"\n", count),
        ends=JoinedColumn(columns.ends, b"\n", count),
        quotes=JoinedColumn(columns.quotes, gathered.mark, count),
        stances=columns.stances.split(b"\n")[:count],
        voices=build_keyed_column(parse_key_numbers(columns.voices)[:count]),
        notes=JoinedColumn(columns.notes, gathered.mark, count),
        authors=build_keyed_pairs(parse_key_numbers(columns.authors)[:count]),
        created=created,
        updated=created
        if unchanged
        else format_stored_timestamps(columns.updated, gathered.rows)[:count],
        after_look=_load_places_after_look(scope, ids, sources),
        names=names,
    )
    _load_page_names(scope, page)
    return page


def _load_places_after_look(
    scope: Scope, ids: Characters, sources: Iterable[tuple[int, int]]
) -> frozenset[int]:
    """The places of rows that were saved after their annotator had seen others' coding."""
    seen = {
        str(one).encode()
        for one in load_ids_after_look_on_sources(scope, (key for key, _ in sources))
    }
    if not seen:
        return frozenset()
    return frozenset(place for place, id in enumerate(join_character_columns([ids])) if id in seen)


def _load_page_names(scope: Scope, page: ExportPage) -> None:
    """What the page's keys stand for. The sources of earlier rows are forgotten.

    Whatever a row that is stored refers to is stored too, so every key has its name.
    """
    names, sources = page.names, {key for key, _ in page.sources}
    if not names.sources.keys() >= sources:
        names.sources = load_source_facts_from(scope, min(sources), AHEAD)
        names.sources |= load_source_facts(scope, sources - names.sources.keys())
    if not names.codes.keys() >= {code for code, _ in page.meanings.keys}:
        names.codes = load_code_facts(scope)
    if voices := set(page.voices.keys) - names.voices.keys():
        names.voices.update(load_speaker_names(scope, voices))
    if people := {annotator for annotator, _ in page.authors.keys} - names.annotators.keys():
        names.annotators.update(load_usernames(people))


@dataclass(frozen=True)
class ExportFile:
    """A file on its way out. `length` in bytes, where it is known before the end."""

    name: str
    media_type: str
    chunks: Iterator[bytes]
    length: int | None = None


def prepare_export(format: ExportFormat, asked: ExportRequest) -> ExportFile:
    """The file, ready to be sent: its first bytes are made, so what can be refused has been.

    Who may see what was decided when the scope was opened. Raises Forbidden for a member who may
    not have this format, and whatever the format's own check raises.
    """
    asked.scope.require(format.permission)
    format.check(asked)
    ready = partial(ExportFile, format.file_name(asked), format.media_type)
    if format.stream:
        chunks = format.stream(asked)
        return ready(chain([next(chunks, b"")], chunks))
    assert format.write
    return ready(*_write_temporary_file(format.write, asked))


def _write_temporary_file(
    write: Callable[[ExportRequest, BinaryIO], None], asked: ExportRequest
) -> tuple[Iterator[bytes], int]:
    """A file that has to stand before it is sent, and its length; gone once it is sent."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        write(asked, file)
        length = file.seek(0, os.SEEK_END)
        file.seek(0)
        stack.pop_all()
    return _iterate_file_chunks(file), length


def _iterate_file_chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
