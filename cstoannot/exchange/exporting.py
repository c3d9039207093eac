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

from cstoannot.accounts.queries import usernames_of
from cstoannot.annotations.characters import (
    Characters,
    characters_of_ids,
    characters_of_moments,
    side_by_side,
)
from cstoannot.annotations.columns import Gathered
from cstoannot.annotations.keys import keyed, keyed_pairs, numbers, runs
from cstoannot.annotations.looks.queries import ids_after_look_on
from cstoannot.annotations.queries import names_of_speakers
from cstoannot.database.release import release_pooled_connection
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.exchange.queries import (
    LAST_START,
    START,
    Columns,
    Place,
    code_facts,
    gather_after,
    gather_at,
    source_facts,
    source_facts_from,
)
from cstoannot.exchange.rows import Joined, Names, Page, Row, named
from cstoannot.projects.scope import Scope

PAGE = 10_000  # rows at most
FIRST = 100  # rows of the first page: it leaves early, and tells how long passages are
FULL = 16 * 1024 * 1024  # bytes of passages and notes that make a page full, about
KEPT = 4 * 1024 * 1024  # bytes of the largest piece of memory that comes with each page, about
AHEAD = 1_000  # sources of which the facts are read at once
CHUNK = 256 * 1024  # bytes of a finished file that are sent at once


def pages(asked: Asked) -> Iterator[Page]:
    """All rows by source, start and id.

    A page ends where a source ends, so that each source is read in one statement and stands in
    the file as it was at one moment, though people go on coding: nothing of it is there twice,
    and nothing that was there all the time is missing. Only a source with more rows than a page
    may have is read in several. The longer passages are, the fewer rows are read at once.
    """
    _keep_freed_memory()
    names, place, size = Names(), START, min(FIRST, PAGE)
    read = gather_after(asked.scope, asked.filters)
    while gathered := read(place, size):
        full = gathered.rows == size
        page = _page(asked.scope, names, gathered, full=full)
        release_pooled_connection()  # whoever takes the page may be slow
        whole = page.count < gathered.rows
        if full and not whole and size < PAGE:
            size = min(PAGE, 2 * size)
            continue
        yield page
        if not full:
            return
        place = _after_its_last_source(page) if whole else _its_last_row(page)
        size = _rows_that_fill_a_page(gathered)


def _keep_freed_memory() -> None:
    """Have the C library keep what a page frees for the next one, not ask for it anew.

    glibc gives back by itself whatever exceeds twice the largest piece that was freed so far.
    """
    bytes(KEPT)


def _rows_that_fill_a_page(like: Gathered) -> int:
    columns = Columns(*like.columns)
    return min(PAGE, 1 + FULL * like.rows // (len(columns.quotes) + len(columns.notes)))


def _after_its_last_source(page: Page) -> Place:
    return page.sources[-1][0], LAST_START, UUID(int=0)


def _its_last_row(page: Page) -> Place:
    start = int(page.starts.each()[-1])
    return page.sources[-1][0], start, UUID(page.ids[-1].tobytes().decode())


def rows_of(asked: Asked) -> Iterator[Row]:
    """The same rows with names, one by one."""
    return chain.from_iterable(map(named, pages(asked)))


def rows_at(asked: Asked, first: int, count: int) -> list[Row]:
    """So many rows, from the one with this number (from 0) on."""
    gathered = gather_at(asked.scope, asked.filters, first, count)
    return list(named(_page(asked.scope, Names(), gathered))) if gathered else []


def _page(scope: Scope, names: Names, gathered: Gathered, *, full: bool = False) -> Page:
    """Rows of which `names` come to know what their keys stand for; a full page's end is cut."""
    columns = Columns(*gathered.columns)
    sources = runs(numbers(columns.sources))
    if full and len(sources) > 1:
        sources.pop()
    count = sum(rows for _, rows in sources)
    created = characters_of_moments(columns.created, gathered.rows)[:count]
    unchanged = columns.updated == columns.created
    ids = characters_of_ids(columns.ids)[:count]
    page = Page(
        count=count,
        ids=ids,
        sources=sources,
        meanings=keyed_pairs(numbers(columns.meanings)[:count]),
        starts=Joined(columns.starts, b"\n", count),
        ends=Joined(columns.ends, b"\n", count),
        quotes=Joined(columns.quotes, gathered.mark, count),
        stances=columns.stances.split(b"\n")[:count],
        voices=keyed(numbers(columns.voices)[:count]),
        notes=Joined(columns.notes, gathered.mark, count),
        authors=keyed_pairs(numbers(columns.authors)[:count]),
        created=created,
        updated=created
        if unchanged
        else characters_of_moments(columns.updated, gathered.rows)[:count],
        after_look=_after_look(scope, ids, sources),
        names=names,
    )
    _learn(scope, page)
    return page


def _after_look(
    scope: Scope, ids: Characters, sources: Iterable[tuple[int, int]]
) -> frozenset[int]:
    """The places of rows that were saved after their annotator had seen others' coding."""
    seen = {str(one).encode() for one in ids_after_look_on(scope, (key for key, _ in sources))}
    if not seen:
        return frozenset()
    return frozenset(place for place, id in enumerate(side_by_side([ids])) if id in seen)


def _learn(scope: Scope, page: Page) -> None:
    """What the page's keys stand for. The sources of earlier rows are forgotten.

    Whatever a row that is stored refers to is stored too, so every key has its name.
    """
    names, sources = page.names, {key for key, _ in page.sources}
    if not names.sources.keys() >= sources:
        names.sources = source_facts_from(scope, min(sources), AHEAD)
        names.sources |= source_facts(scope, sources - names.sources.keys())
    if not names.codes.keys() >= {code for code, _ in page.meanings.keys}:
        names.codes = code_facts(scope)
    if voices := set(page.voices.keys) - names.voices.keys():
        names.voices.update(names_of_speakers(scope, voices))
    if people := {annotator for annotator, _ in page.authors.keys} - names.annotators.keys():
        names.annotators.update(usernames_of(people))


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
