"""Columns of thousands of rows: as the database stores or gathers them, and what they say.

An object of Python's for each value costs several times as much.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate, chain
from secrets import choice, randbelow
from string import ascii_letters, digits
from typing import Any

import numpy as np
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import BinaryField, Func, Model, QuerySet
from psycopg.adapt import Loader

_SELDOM = "\x7f"  # the control character “delete”: one byte, which is found fastest
_UNUSED = 0x100000  # code point; Unicode leaves 65,534 from here on to private use
_LETTERS = 8  # after one of these: too many marks for anybody to have written them all
_AFTER = (8, 12, 16, 20)  # digits of a UUID, stands a hyphen
_ID = 36  # characters of a UUID
_SECOND = 1_000_000  # microseconds
_DAY = 24 * 60 * 60  # seconds
_EPOCH = np.datetime64("2000-01-01", "D")  # PostgreSQL's
_LONG = 27  # characters of a moment with a fraction
_DIGITS = np.frombuffer(b"".join(b"%03d" % n for n in range(1000)), np.uint8).reshape(-1, 3)


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
    """How a column is gathered: what stands between two of its values.

    None of them is NULL, but for the first column of a PAIR and the second of a LABEL, where 0
    stands for it.
    """

    ID = "nothing, for `id_texts`"
    WORD = "a line break"
    WORDS = "a line break; two columns, and between their values a space"
    PAIR = "a line break; two columns of keys or small numbers in one number, for `pair`"
    LABEL = "a line break; a column of letters and one of keys right after it, for `label`"
    TEXT = "the mark"
    MOMENTS = "what `texts_of_moments` expects; two columns"


@dataclass(frozen=True)
class Gathered:
    """Columns of rows, in the rows' order, each as one text; `mark` is in no text of theirs."""

    rows: int
    mark: bytes
    columns: Sequence[bytes]


_IN_SQLITE = {  # CHAR(10) would be made for each row
    Kind.ID: "CAST(GROUP_CONCAT({}, '') AS BLOB)",
    Kind.WORD: "CAST(GROUP_CONCAT({}, '\n') AS BLOB)",
    Kind.WORDS: "CAST(GROUP_CONCAT({} || ' ' || {}, '\n') AS BLOB)",
    Kind.PAIR: "CAST(GROUP_CONCAT((COALESCE({}, 0) << 32) + {}, '\n') AS BLOB)",
    Kind.LABEL: "CAST(GROUP_CONCAT({} || COALESCE({}, 0), '\n') AS BLOB)",
    Kind.TEXT: "CAST(GROUP_CONCAT({}, %s) AS BLOB)",
    Kind.MOMENTS: "CAST(GROUP_CONCAT({} || ',' || {}, '\n') AS BLOB)",
}
_IN_POSTGRESQL = {
    Kind.ID: "STRING_AGG({}::text, '')",
    Kind.WORD: "STRING_AGG({}::text, CHR(10))",
    Kind.WORDS: "STRING_AGG({}::text || ' ' || {}::text, CHR(10))",
    Kind.PAIR: "STRING_AGG(((COALESCE({}, 0)::bigint << 32) + {})::text, CHR(10))",
    Kind.LABEL: "STRING_AGG({} || COALESCE({}, 0)::text, CHR(10))",
    Kind.TEXT: "STRING_AGG({}, %s)",
    Kind.MOMENTS: "STRING_AGG(timestamptz_send({}) || timestamptz_send({}), ''::bytea)",
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
        postgresql = connection.vendor == "postgresql"
        ways = _IN_POSTGRESQL if postgresql else _IN_SQLITE
        columns = [ways[kind].format(*map('"{}"'.format, names)) for names, kind in kinds.items()]
        self._texts = [n for n, kind in enumerate(kinds.values()) if kind is Kind.TEXT]
        self._unsorted = postgresql and not _has_statistics(found.model)
        self._sql, self._parameters = "", ()
        with suppress(EmptyResultSet):
            needed = found.values_list(*chain.from_iterable(kinds))
            rows, self._parameters = needed.query.sql_with_params()
            inner = turned.format(rows=f"({rows}) AS rows")
            self._sql = f"SELECT COUNT(*), {', '.join(columns)} FROM {inner}"

    def __call__(self, *last: Any) -> Gathered | None:
        """None if there is no row."""
        for mark in _marks() if self._sql else ():
            marks = [mark] * len(self._texts)
            parameters = [*marks, *self._parameters, *last]
            rows, *columns = _fetched(self._sql, parameters, unsorted=self._unsorted)
            if not rows:
                return None
            gathered = Gathered(rows, mark.encode(), columns)
            if all(columns[text].count(gathered.mark) == rows - 1 for text in self._texts):
                return gathered
        return None


def _has_statistics(model: type[Model]) -> bool:
    """Whether PostgreSQL knows how many rows there are: not so for a while after a large restore.

    It thinks then that a project has few, and would sort all of them for each page.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reltuples >= 0 FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table]
        )
        known: bool = cursor.fetchone()[0]
    return known


def _fetched(sql: str, parameters: Sequence[Any], *, unsorted: bool) -> Sequence[Any]:
    """The one row of a statement's answer, found without sorting if that is asked for.

    Where it has to sort all the same, that seems so dear to PostgreSQL that it would compile first.
    """
    with transaction.atomic() if unsorted else nullcontext(), connection.cursor() as cursor:
        if unsorted:
            cursor.execute("SET LOCAL enable_sort = off; SET LOCAL jit = off")
        if connection.vendor == "postgresql":
            cursor.cursor.adapters.register_loader("text", _Bytes)
        cursor.execute(sql, parameters)
        row: Sequence[Any] = cursor.fetchone()
        if unsorted:
            # What is set for this statement holds for no other one of a transaction around it.
            transaction.set_rollback(True)
        return row


def pair(number: bytes) -> tuple[int, int]:
    """The values of a pair that was gathered."""
    return divmod(int(number), 1 << 32)


def runs(numbers: bytes) -> list[tuple[int, int]]:
    """Numbers that were gathered, each with how often it comes there in a row."""
    each = np.fromstring(numbers, np.int64, sep="\n")
    ends = np.flatnonzero(np.diff(each, append=-1)) + 1
    return list(zip(each[ends - 1].tolist(), np.diff(ends, prepend=0).tolist(), strict=True))


def _marks() -> Iterator[str]:
    """What hardly any text contains; then characters that nobody uses with some letters, by chance.

    Whoever wrote the texts could not know those, nor write them all. They are left as they are by
    all that escapes.
    """
    yield _SELDOM
    while True:
        letters = "".join(choice(ascii_letters) for _ in range(_LETTERS))
        yield chr(_UNUSED + randbelow(0xFFFE)) + letters


def label(value: bytes) -> tuple[str, int]:
    """The letters and the key of a label that was gathered."""
    letters = value.rstrip(digits.encode())
    return letters.decode(), int(value[len(letters) :])


class _Bytes(Loader):
    """Text as PostgreSQL sends it, which is UTF-8."""

    def load(self, data: Any) -> bytes:
        return bytes(data)


def id_texts(gathered: bytes, lead: bytes = b"") -> list[bytes]:
    """UUIDs, gathered with nothing between them, in their usual form of 36 characters.

    Each comes after `lead`.
    """
    characters = np.frombuffer(gathered, np.uint8)
    if connection.vendor == "postgresql":
        ids = characters.reshape(-1, _ID)
    else:
        ids = np.insert(characters.reshape(-1, _ID - len(_AFTER)), _AFTER, ord("-"), axis=1)
    return _lines([np.frombuffer(lead, np.uint8), ids])


def moment_texts(stored: Sequence[bytes]) -> list[bytes]:
    """Moments that `StoredMoment` gave as the API shows them: ISO 8601 in UTC.

    No fraction where there is none.
    """
    if not stored:
        return []
    if connection.vendor != "postgresql":
        return [moment.replace(b" ", b"T") + b"Z" for moment in stored]
    return _without_zeros([_written(_since_2000(b"".join(stored)))])


def texts_of_moments(gathered: bytes, between: bytes) -> list[bytes]:
    """The same for the moments of MOMENTS: the first of each row, `between` and the second."""
    if connection.vendor != "postgresql":
        gathered = gathered.replace(b" ", b"T").replace(b",", b"Z" + between)
        return (gathered.replace(b"\n", b"Z\n") + b"Z").split(b"\n")
    since = _since_2000(gathered).reshape(-1, 2)
    first, second = since[:, 0], since[:, 1]
    written = _written(first)
    unchanged = np.array_equal(first, second)
    again = written if unchanged else _written(second)
    return _without_zeros([written, np.frombuffer(between, np.uint8), again])


Characters = np.ndarray[Any, np.dtype[np.uint8]]
"""A row of characters for each of the values, or one that is that of them all."""


def _since_2000(gathered: bytes) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Microseconds, as PostgreSQL counts them."""
    return np.frombuffer(gathered, ">i8").astype(np.int64)


def _written(since: "np.ndarray[Any, np.dtype[np.int64]]") -> Characters:
    """Moments with a fraction, or with zeros for characters in its place."""
    seconds, parts = np.divmod(since, _SECOND)
    days, seconds = np.divmod(seconds, _DAY)
    known, places = np.unique(days, return_inverse=True)
    dates = np.datetime_as_string(_EPOCH + known).astype("S10").view(np.uint8)
    minutes, seconds = np.divmod(seconds, 60)
    hours, minutes = np.divmod(minutes, 60)
    thousandths, millionths = np.divmod(parts, 1000)
    texts = np.empty((len(since), _LONG), np.uint8)
    texts[:] = np.frombuffer(b"0000-00-00T00:00:00.000000Z", np.uint8)
    texts[:, :10] = dates.reshape(-1, 10)[places]
    texts[:, 11:13] = _DIGITS[hours, 1:]
    texts[:, 14:16] = _DIGITS[minutes, 1:]
    texts[:, 17:19] = _DIGITS[seconds, 1:]
    texts[:, 20:23] = _DIGITS[thousandths]
    texts[:, 23:26] = _DIGITS[millionths]
    whole = parts == 0
    texts[whole, 19] = ord("Z")
    texts[whole, 20:] = 0
    return texts


def _without_zeros(parts: Sequence[Characters]) -> list[bytes]:
    """The parts of each row, one after the other, without zeros among them."""
    end = np.frombuffer(b"\n", np.uint8)
    return _side_by_side([*parts, end]).tobytes().replace(b"\0", b"").split(b"\n")[:-1]


def _lines(parts: Sequence[Characters]) -> list[bytes]:
    """The parts of each row, one after the other."""
    characters = _side_by_side(parts)
    found: list[bytes] = characters.view(f"S{characters.shape[1]}").ravel().tolist()
    return found


def _side_by_side(parts: Sequence[Characters]) -> Characters:
    rows = max(len(part) for part in parts if part.ndim == 2)
    ends = list(accumulate(part.shape[-1] for part in parts))
    characters = np.empty((rows, ends[-1]), np.uint8)
    for part, end in zip(parts, ends, strict=True):
        characters[:, end - part.shape[-1] : end] = part
    return characters
