"""Which passages say again what the same actor has said before.

Two passages of an actor on a code repeat each other if they fall into the same window and, where
stance is regarded, take the same stance. Of those that repeat each other the first counts: by
date, then by identifier.

A source that is not dated as closely as the window asks (2021 for a month, nothing for a year) is
a window by itself: its own passages certainly fall together, and that those of another source do
cannot be told. By date, what is known less closely comes before what falls into it (2021 before
2021-01), and what has no date comes last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from cstoannot.stats.results import Ints


class Repeats(StrEnum):
    """The window in which repeats count once."""

    ALL = "all"  # nothing is taken for a repeat
    SOURCE = "source"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


@dataclass(frozen=True, eq=False)
class Firsts:
    """``kept`` (N,): the rows that count, in order; ``next`` (N,): the row that would count in a
    row's place if it were not there, -1 if none."""

    kept: Ints
    next: Ints


def window_of(published: str, rule: Repeats) -> str:
    """The calendar window of a date known so far (2021, 2020-11, 2020-11-25); "" if not known."""
    if rule is Repeats.YEAR:
        return published[:4]
    if rule is Repeats.MONTH:
        return published[:7] if len(published) >= 7 else ""
    if len(published) < 10:
        return ""
    year, week, _ = date.fromisoformat(published).isocalendar()
    return f"{year:04d}-W{week:02d}"


def windows(published: Sequence[str], rule: Repeats) -> Ints:
    """(S,) each source's window, numbered."""
    if rule is Repeats.RANGE:
        return np.zeros(len(published), np.int64)
    if rule is Repeats.SOURCE:
        return np.arange(len(published))
    known: dict[str | int, int] = {}
    return np.array(
        [
            known.setdefault(window_of(day, rule) or place, len(known))
            for place, day in enumerate(published)
        ],
        np.int64,
    )


def undated(published: Sequence[str], rule: Repeats) -> int:
    """How many sources are not dated closely enough for the rule."""
    if rule not in (Repeats.WEEK, Repeats.MONTH, Repeats.YEAR):
        return 0
    return sum(not window_of(day, rule) for day in published)


def date_ranks(published: Sequence[str]) -> Ints:
    """(S,) each source's place in time; equal for equal dates, no date last."""
    order = {day: rank for rank, day in enumerate(sorted(set(published), key=_in_time))}
    return np.array([order[day] for day in published], np.int64)


def _in_time(day: str) -> tuple[bool, str]:
    return (not day, day)


def firsts(
    actor: Ints, code: Ints, level: Ints, window: Ints | None, order: Ints, *, stance: bool = True
) -> Firsts:
    """The rows that count. ``window`` None keeps all; ``order``: (N,) who comes first.

    ``stance``: whether passages of different levels are never repeats of each other.
    """
    size = len(actor)
    if window is None or not size:
        return Firsts(np.arange(size), np.full(size, -1))
    columns = (actor, code, window, *((level,) if stance else ()))
    place = np.lexsort((order, *columns))
    same = np.ones(size - 1, bool)
    for column in columns:
        same &= column[place[1:]] == column[place[:-1]]
    begins = np.concatenate(([True], ~same))
    following = np.append(np.where(same, place[1:], -1), -1)
    kept = place[begins]
    back = np.argsort(kept, kind="stable")
    return Firsts(kept[back], following[begins][back])
