"""Reads columns of thousands of rows with one aggregate query, without a Python object for each
value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from secrets import choice, randbelow
from string import ascii_letters
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from psycopg import Cursor
from psycopg.adapt import Loader
from psycopg.pq import Format

_ROW = "row"  # what a row's number in its table is called here
_SELDOM = "\x7f"  # the control character “delete”: one byte, which is found fastest
_UNUSED = 0x100000  # code point; Unicode leaves 65,534 from here on to private use
_LETTERS = 8  # after one of these: too many marks for anybody to have written them all


class ColumnKind(Enum):
    """How a column is gathered: what reads it, or what stands between two of its values.

    None of them is NULL, but for a KEY and the first column of a PAIR, where 0 stands for it.
    SQLite puts texts of two columns together much more slowly than it gathers each.
    """

    ID = "what `characters_of_ids` expects"
    MOMENT = "what `characters_of_moments` expects"
    KEY = "what `numbers` expects"
    PAIR = "what `numbers` expects, for `keyed_pairs`: two columns of numbers below 2**31"
    WORD = "a line break"
    TEXT = "the mark"


@dataclass(frozen=True)
class GatheredColumns:
    """Columns of rows, in the rows' order, each as one; `mark` is in no text of theirs."""

    rows: int
    mark: bytes
    columns: Sequence[bytes]


_IN_SQLITE = {  # CHAR(10) would be made for each row
    ColumnKind.ID: "CAST(GROUP_CONCAT({}, '') AS BLOB)",
    ColumnKind.WORD: "CAST(GROUP_CONCAT({}, '\n') AS BLOB)",
    ColumnKind.PAIR: "CAST(GROUP_CONCAT((COALESCE({}, 0) << 32) + {}, '\n') AS BLOB)",
    ColumnKind.KEY: "CAST(GROUP_CONCAT(COALESCE({}, 0), '\n') AS BLOB)",
    ColumnKind.TEXT: "CAST(GROUP_CONCAT({}, %s) AS BLOB)",
    ColumnKind.MOMENT: "CAST(GROUP_CONCAT({}, '') AS BLOB)",
}
_IN_POSTGRESQL = {
    ColumnKind.ID: "STRING_AGG(uuid_send({}), ''::bytea)",
    ColumnKind.WORD: "STRING_AGG({}::text, CHR(10))",
    ColumnKind.PAIR: "STRING_AGG(int8send((COALESCE({}, 0)::bigint << 32) + {}), ''::bytea)",
    ColumnKind.KEY: "STRING_AGG(int8send(COALESCE({}, 0)), ''::bytea)",
    ColumnKind.TEXT: "STRING_AGG({}, %s)",
    ColumnKind.MOMENT: "STRING_AGG(timestamptz_send({}), ''::bytea)",
}


class ColumnGatherer:
    """Gathers columns of rows; what stands between texts is found anew until none contains it.

    `kinds` names the columns to gather, two where the kind takes two. With `after`, columns that
    put the rows in order, a call is given their values at a place and a number: so many rows that
    come after it are gathered. The statement is made once: Django takes longer to make it than the
    database to read some rows.
    """

    def __init__(
        self,
        found: QuerySet[Any],
        kinds: Mapping[Sequence[str], ColumnKind],
        after: Sequence[str] = (),
    ) -> None:
        postgresql = connection.vendor == "postgresql"
        ways = _IN_POSTGRESQL if postgresql else _IN_SQLITE
        columns = [ways[kind].format(*map('"{}"'.format, names)) for names, kind in kinds.items()]
        self._texts = [n for n, kind in enumerate(kinds.values()) if kind is ColumnKind.TEXT]
        self._unsorted = postgresql and not _has_table_statistics(found.model)
        self._sql, self._parameters = "", ()
        with suppress(EmptyResultSet):
            rows, self._parameters = (
                _build_column_query(found, kinds, after)
                if postgresql
                else _build_rowid_query(found, after)
            )
            self._sql = f"SELECT COUNT(*), {', '.join(columns)} FROM {rows}"

    def __call__(self, *place: Any) -> GatheredColumns | None:
        """None if there is no row."""
        for mark in _iterate_separators() if self._sql else ():
            marks = [mark] * len(self._texts)
            parameters = [*marks, *self._parameters, *place]
            rows, *columns = _fetch_single_row(self._sql, parameters, unsorted=self._unsorted)
            if not rows:
                return None
            gathered = GatheredColumns(rows, mark.encode(), columns)
            if all(columns[text].count(gathered.mark) == rows - 1 for text in self._texts):
                return gathered
        return None


def _build_column_query(
    found: QuerySet[Any], kinds: Iterable[Sequence[str]], after: Sequence[str]
) -> tuple[str, tuple[Any, ...]]:
    """The rows in order, with the columns that are to be gathered."""
    wanted = found.values_list(*dict.fromkeys([*chain.from_iterable(kinds), *after]))
    rows, parameters = wanted.query.sql_with_params()
    return f"({_build_keyset_query(rows, '*', after)}) AS page", parameters


def _build_rowid_query(found: QuerySet[Any], after: Sequence[str]) -> tuple[str, tuple[Any, ...]]:
    """The same on SQLite, where rows in order are expensive by their columns.

    So they come without, and each is looked up in its table; a cross join keeps the order.
    """
    table = found.model._meta.db_table
    wanted = found.values(*after, **{_ROW: RawSQL(f'"{table}".rowid', ())})
    rows, parameters = wanted.query.sql_with_params()
    page = _build_keyset_query(rows, f'"{_ROW}"', after)
    return f'({page}) AS page CROSS JOIN "{table}" ON "{table}".rowid = page."{_ROW}"', parameters


def _build_keyset_query(rows: str, columns: str, after: Sequence[str]) -> str:
    if not after:
        return rows
    keys = ", ".join(map('"{}"'.format, after))
    place = ", ".join(["%s"] * len(after))
    after_it = f"WHERE ({keys}) > ({place}) ORDER BY {keys} LIMIT %s"
    return f"SELECT {columns} FROM ({rows}) AS rows {after_it}"


def _has_table_statistics(model: type[Model]) -> bool:
    """Whether PostgreSQL knows how many rows there are: not so for a while after a large restore.

    It thinks then that a project has few, and would sort all of them for each page.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples >= 0 FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table]
        )
        known: bool = cursor.fetchone()[0]
    return known


def _fetch_single_row(sql: str, parameters: Sequence[Any], *, unsorted: bool) -> Sequence[Any]:
    """The one row of a statement's answer, found without sorting if that is asked for.

    Where it has to sort all the same, that seems so dear to PostgreSQL that it would compile first.
    """
    with transaction.atomic() if unsorted else nullcontext(), connection.cursor() as cursor:
        if unsorted:
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL jit = off")
        if connection.vendor == "postgresql":
            row = _fetch_binary_row(cursor.cursor.mogrify(sql, parameters))
        else:
            cursor.execute(sql, parameters)
            row = cursor.fetchone()
        if unsorted:
            # What is set for this statement holds for no other one of a transaction around it.
            transaction.set_rollback(True)
        return row


def _fetch_binary_row(sql: str) -> Sequence[Any]:
    """The one row of PostgreSQL's answer as it has it: as text, bytes would be twice as many.

    Django's cursors put parameters in themselves, and can therefore not be answered so.
    """
    make = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    bare: Any = Cursor(connection.connection)
    with make(bare) as cursor:
        bare.format = Format.BINARY
        bare.adapters.register_loader("text", _BytesLoader)
        cursor.execute(sql)
        row: Sequence[Any] = cursor.fetchone()
        return row


def _iterate_separators() -> Iterator[str]:
    """What hardly any text contains; then characters that nobody uses with some letters, by chance.

    Whoever wrote the texts could not know those, nor write them all. They are left as they are by
    all that escapes.
    """
    yield _SELDOM
    while True:
        letters = "".join(choice(ascii_letters) for _ in range(_LETTERS))
        yield chr(_UNUSED + randbelow(0xFFFE)) + letters


class _BytesLoader(Loader):
    """Text as PostgreSQL sends it, which is UTF-8."""

    format = Format.BINARY

    def load(self, data: Any) -> bytes:
        return bytes(data)
