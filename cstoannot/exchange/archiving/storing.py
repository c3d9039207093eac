"""The second reading of an archive: its rows go into the database, a few at a time."""

import time
from collections.abc import Sequence
from itertools import islice

from django.db import connection

from cstoannot.codebook.models import Code
from cstoannot.exchange.archiving.actions import (
    Row,
    retire_codes,
    store,
    store_codes,
    store_parents,
)
from cstoannot.projects.scope import Scope

AIM = 0.06  # seconds that a transaction takes; who saves waits for one of them
LEAST, FIRST, MOST = 5, 100, 500  # rows in it


class Storage:
    """A sink that stores rows in short transactions, and between them lets others save.

    On SQLite it waits as long as it has held the lock: writers of the same process take turns, but
    those of other processes look for the lock from time to time, and must find it free.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope, self._size = scope, FIRST

    def put(self, rows: Sequence[Row]) -> None:
        remaining = iter(rows)
        while some := list(islice(remaining, self._size)):
            began = time.monotonic()
            store(self._scope, some)
            self._pause(len(some), time.monotonic() - began)

    def put_codes(self, codes: Sequence[Code], parents: dict[str, str | None]) -> None:
        for place in range(0, len(codes), FIRST):
            store_codes(self._scope, codes[place : place + FIRST])
            self._let_others(AIM)
        by_slug = {code.slug: code for code in codes}
        below = [code for code in codes if parents[code.slug]]
        for code in below:
            code.parent = by_slug[parents[code.slug] or ""]
        for place in range(0, len(below), FIRST):
            store_parents(self._scope, below[place : place + FIRST])
            self._let_others(AIM)

    def retire(self, codes: Sequence[Code]) -> None:
        for place in range(0, len(codes), FIRST):
            retire_codes(self._scope, codes[place : place + FIRST])
            self._let_others(AIM)

    def _pause(self, count: int, spent: float) -> None:
        fitting = int(count * AIM / max(spent, 0.001))
        self._size = max(LEAST, min(MOST, fitting, 2 * self._size))
        self._let_others(spent)

    def _let_others(self, spent: float) -> None:
        time.sleep(spent if connection.vendor == "sqlite" else spent / 10)
