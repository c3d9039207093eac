"""Columns of keys and small numbers: distinct values, and which of them each row has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from django.db import connection

Numbers = np.ndarray[Any, np.dtype[np.int64]]
Pair = tuple[int, int]
Key = TypeVar("Key", int, Pair)

HALF = 32  # bits of a pair's second number
_NEAR = 1 << 17  # numbers: as far apart as that, a table of all between them is sooner than sorting


@dataclass(frozen=True)
class KeyedColumn(Generic[Key]):
    """A column by its distinct keys, and which of them stands in each row."""

    keys: Sequence[Key]
    which: Numbers

    def each(self) -> Iterator[Key]:
        return map(self.keys.__getitem__, self.which.tolist())


def parse_key_numbers(gathered: bytes) -> Numbers:
    if connection.vendor == "postgresql":
        return np.frombuffer(gathered, ">i8").astype(np.int64)
    return np.fromstring(gathered, np.int64, sep="\n")


def build_keyed_column(column: Numbers) -> KeyedColumn[int]:
    distinct, which = _compute_distinct_numbers(column)
    return KeyedColumn(distinct.tolist(), which)


def build_keyed_pairs(column: Numbers) -> KeyedColumn[Pair]:
    """Pairs of numbers from 0 on, each pair in one number: the first is above the second."""
    first, which_first = _compute_distinct_numbers(column >> HALF)
    second, which_second = _compute_distinct_numbers(column & ((1 << HALF) - 1))
    both, which = _compute_distinct_numbers(which_first * len(second) + which_second)
    places, others = both // len(second), both % len(second)
    pairs = zip(first[places].tolist(), second[others].tolist(), strict=True)
    return KeyedColumn(list(pairs), which)


def _compute_distinct_numbers(column: Numbers) -> tuple[Numbers, Numbers]:
    """Distinct numbers, and which of them each is."""
    least = int(column.min())
    span = int(column.max()) - least + 1
    if span > _NEAR:
        return np.unique(column, return_inverse=True)
    above = column - least
    places = np.zeros(span, np.int64)
    places[above] = 1
    distinct = np.flatnonzero(places)
    places[distinct] = np.arange(len(distinct))
    return distinct + least, places[above]


def compute_run_lengths(column: Numbers) -> list[tuple[int, int]]:
    """Numbers, each with how often it comes there in a row."""
    ends = np.flatnonzero(np.diff(column)) + 1
    ends = np.append(ends, len(column))
    return list(zip(column[ends - 1].tolist(), np.diff(ends, prepend=0).tolist(), strict=True))
