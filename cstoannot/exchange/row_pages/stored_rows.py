"""Annotations as they are stored, in pages that fit into memory."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from django.db.models import BooleanField, Func, QuerySet, TextField
from django.db.models.expressions import RawSQL

from cstoannot.annotations.models import Annotation

PAGE = 10_000  # rows at most
FIRST = 100  # rows of the first page, so that the response starts early
FULL = 1_000_000  # approximate characters of quotes and notes that fill a page

StoredRow = tuple[Any, ...]
"""The values of `_COLUMNS`, with database keys of code, voice and annotator."""
SOURCE, START, ID, CODE, VOICE, ANNOTATOR, QUOTE, NOTE = range(8)
"""The indexes of the first columns in a row."""
_LAST_START = 2**31 - 1


class IdText(Func):
    """A UUID in its usual form; the database writes it faster than Python."""

    arity = 1
    output_field = TextField()
    template = "%(expressions)s::text"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        text = " || '-' || ".join(f"SUBSTR(%(expressions)s, {at}, {n})" for at, n in parts)
        return self.as_sql(compiler, connection, template=text, **context)


class TimestampText(Func):
    """A timestamp as the API shows it: ISO 8601 in UTC, without a fraction that is 0."""

    arity = 1
    output_field = TextField()
    template = (
        "REPLACE(TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), '.000000', '')"
    )

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        text = "REPLACE(%(expressions)s, ' ', 'T') || 'Z'"
        return self.as_sql(compiler, connection, template=text, **context)


_COLUMNS = (
    *("source_id", "start", IdText("id"), "code_id", "voice_id", "annotator_id", "quote", "note"),
    *("end", "stance", "version", "revision"),
    *(TimestampText("created_at"), TimestampText("updated_at")),
)


def read_stored_pages(found: QuerySet[Annotation]) -> Iterator[list[StoredRow]]:
    """Yield pages of all rows by source, start and id.

    A page ends where a source ends, so one query reads each source: no row of it is repeated or
    missing while people annotate. Only a source with more than `PAGE` rows takes several queries.
    """
    place, size = (0, 0, ""), min(FIRST, PAGE)
    while rows := select_stored_rows(found.filter(_comes_after(*place)), 0, size):
        complete = rows
        if len(rows) == size:
            complete = rows[: bisect_left(rows, rows[-1][SOURCE], key=itemgetter(SOURCE))]
            if not complete and size < PAGE:
                size = min(PAGE, 2 * size)
                continue
        yield complete or rows
        if len(rows) < size:
            return
        place = (complete[-1][SOURCE], _LAST_START, "") if complete else rows[-1][: ID + 1]
        characters = sum(len(row[QUOTE]) + len(row[NOTE]) for row in rows)
        size = min(PAGE, 1 + FULL * len(rows) // characters)


def _comes_after(source: int, start: int, id: str) -> RawSQL:
    """Return a condition for which both databases use the index `annotation_by_position`."""
    columns = ", ".join(f'"cstoannot_annotation"."{name}"' for name in ("source_id", "start", "id"))
    place = (source, start, id.replace("-", "") or "0" * 32)
    return RawSQL(f"({columns}) > (%s, %s, %s)", place, BooleanField())


def select_stored_rows(found: QuerySet[Annotation], first: int, count: int) -> list[StoredRow]:
    """Return at most `count` rows from number `first` on, counted from 0."""
    rows = found.order_by("source_id", "start", "id").values_list(*_COLUMNS)
    return list(rows[first : first + count])
