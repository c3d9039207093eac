"""Columns of thousands of rows: as the database stores or gathers them, and what they say.

An object for each value, or text that the database makes of each, costs several times as much.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from secrets import choice, randbelow
from string import ascii_letters
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import BinaryField, Func, Model, QuerySet
from psycopg.adapt import Loader

_UNUSED = 0x100000  # code point; Unicode leaves 65,534 from here on to private use
_AFTER = (8, 12, 16, 20)  # digits of a UUID, stands a hyphen
_ID = 36  # characters of a UUID
_SECOND = 1_000_000  # microseconds
_EPOCH = np.datetime64("2000-01-01", "us")  # PostgreSQL's
_WHOLE, _LONG = 19, 26  # characters of a moment without its fraction, and with it


class StoredMoment(Func):
    """A moment as the database has it, for `moment_texts`."""

    function = "timestamptz_send"
    output_field = BinaryField()
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="CAST(%(expressions)s AS BLOB)", **context
        )


class Kind(Enum):
    """How a column is gathered: what stands between two of its values."""

    ID = "nothing, for `id_texts`"
    WORD = "a line break; 0 stands for NULL"
    WORDS = "a line break; two columns, and between their values a space"
    PAIR = "a line break; two columns of keys or small numbers in one number, for `pair`"
    TEXT = "the mark"
    MOMENT = "what `moment_texts` expects"


@dataclass(frozen=True)
class Gathered:
    """Columns of rows, in the rows' order, each as one text; `mark` is in no text of theirs."""

    rows: int
    mark: bytes
    columns: Sequence[bytes]


_IN_SQLITE = {
    Kind.ID: "CAST(GROUP_CONCAT({}, '') AS BLOB)",
    Kind.WORD: "CAST(GROUP_CONCAT(COALESCE({}, 0), CHAR(10)) AS BLOB)",
    Kind.WORDS: "CAST(GROUP_CONCAT({} || ' ' || {}, CHAR(10)) AS BLOB)",
    Kind.PAIR: "CAST(GROUP_CONCAT((COALESCE({}, 0) << 32) + {}, CHAR(10)) AS BLOB)",
    Kind.TEXT: "CAST(GROUP_CONCAT({}, %s) AS BLOB)",
    Kind.MOMENT: "CAST(GROUP_CONCAT({}) AS BLOB)",
}
_IN_POSTGRESQL = {
    Kind.ID: "STRING_AGG({}::text, '')",
    Kind.WORD: "STRING_AGG(COALESCE({}::text, '0'), CHR(10))",
    Kind.WORDS: "STRING_AGG({}::text || ' ' || {}::text, CHR(10))",
    Kind.PAIR: "STRING_AGG(((COALESCE({}, 0)::bigint << 32) + {})::text, CHR(10))",
    Kind.TEXT: "STRING_AGG({}, %s)",
    Kind.MOMENT: "STRING_AGG(timestamptz_send({}), ''::bytea)",
}


class Gathering:
    """Gathers columns of rows; what stands between texts is found anew until none contains it.

    `kinds` names the columns to gather, two where the kind takes two. `turned` is what becomes of
    the rows' statement; the parameters of a call are its last ones. The statement is made once:
    Django takes longer to make it than the database to read some rows.
    """

    def __init__(
        self,
        found: QuerySet[Any],
        kinds: Mapping[Sequence[str], Kind],
        turned: str = "{rows}",
    ) -> None:
        ways = _IN_POSTGRESQL if connection.vendor == "postgresql" else _IN_SQLITE
        columns = [ways[kind].format(*map('"{}"'.format, names)) for names, kind in kinds.items()]
        self._texts = [n for n, kind in enumerate(kinds.values()) if kind is Kind.TEXT]
        self._model, self._sql, self._parameters = found.model, "", ()
        with suppress(EmptyResultSet):
            needed = found.values_list(*chain.from_iterable(kinds))
            rows, self._parameters = needed.query.sql_with_params()
            inner = turned.format(rows=f"({rows}) AS rows")
            self._sql = f"SELECT COUNT(*), {', '.join(columns)} FROM {inner}"

    def __call__(self, *last: Any) -> Gathered | None:
        """None if there is no row."""
        while self._sql:
            mark = _new_mark()
            marks = [mark] * len(self._texts)
            rows, *columns = _fetched(self._model, self._sql, [*marks, *self._parameters, *last])
            if not rows:
                return None
            gathered = Gathered(rows, mark.encode(), columns)
            if all(columns[text].count(gathered.mark) == rows - 1 for text in self._texts):
                return gathered
        return None


def _fetched(model: type[Model], sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
    """The one row of a statement's answer.

    Until PostgreSQL has statistics of a table, as after a large restore, it thinks that a project
    has few rows, and would sort all of them for each page. It is kept from sorting then.
    """
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchone()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('enable_sort', 'off', true) FROM pg_class"
            " WHERE oid = %s::regclass AND reltuples < 0",
            [model._meta.db_table],
        )
        cursor.cursor.adapters.register_loader("text", _Bytes)
        cursor.execute(sql, parameters)
        return cursor.fetchone()


def pair(number: bytes) -> tuple[int, int]:
    """The values of a pair that was gathered."""
    return divmod(int(number), 1 << 32)


def _new_mark() -> str:
    """A character that nobody uses and a letter, by chance.

    Whoever wrote the texts did not know it. It is short, so that it is found fast, and left as it
    is by all that escapes.
    """
    return chr(_UNUSED + randbelow(0xFFFE)) + choice(ascii_letters)


class _Bytes(Loader):
    """Text as PostgreSQL sends it, which is UTF-8."""

    def load(self, data: Any) -> bytes:
        return bytes(data)


def gathered_moments(stored: Sequence[bytes]) -> bytes:
    """What a Gathering would have made of moments that `StoredMoment` gave."""
    return (b"" if connection.vendor == "postgresql" else b",").join(stored)


def id_texts(gathered: bytes) -> list[bytes]:
    """UUIDs, gathered with nothing between them, in their usual form of 36 characters."""
    characters = np.frombuffer(gathered, np.uint8)
    if connection.vendor == "postgresql":
        return _lines(characters.reshape(-1, _ID))
    return _lines(np.insert(characters.reshape(-1, 32), _AFTER, ord("-"), axis=1))


def moment_texts(gathered: bytes) -> list[bytes]:
    """Moments as the API shows them: ISO 8601 in UTC, no fraction where there is none."""
    if not gathered:
        return []
    if connection.vendor != "postgresql":
        return (gathered.replace(b" ", b"T").replace(b",", b"Z,") + b"Z").split(b",")
    since = np.frombuffer(gathered, ">i8").astype("m8[us]")
    written = np.datetime_as_string(_EPOCH + since, unit="us").view(np.uint32)
    texts = np.zeros((len(since), _LONG + 1), np.uint8)
    texts[:, :_LONG] = written.reshape(len(since), -1)[:, :_LONG]
    texts[:, _LONG] = ord("Z")
    whole = since.astype(np.int64) % _SECOND == 0
    texts[whole, _WHOLE] = ord("Z")
    texts[whole, _WHOLE + 1 :] = 0
    return _lines(texts)


def _lines(characters: "np.ndarray[Any, np.dtype[np.uint8]]") -> list[bytes]:
    """Each row of characters, without the zeros at its end."""
    length = characters.shape[1]
    found: list[bytes] = np.ascontiguousarray(characters).view(f"S{length}").ravel().tolist()
    return found
