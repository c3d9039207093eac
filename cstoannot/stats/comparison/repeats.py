"""Repeats: passages in which an actor says again what it has said before.

Two passages of an actor on a code repeat each other if they are in the same window and, where
stance counts, have the same stance. Only the first of them counts: by date, then by identifier.

A source whose date is less precise than the window (2021 for a month, or no date) is a window by
itself: its own passages are in the same window, but whether those of another source are is unknown.
In date order, a less precise date comes before the dates within it (2021 before 2021-01), and no
date comes last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from cstoannot.stats.results import Ints


class RepeatWindow(StrEnum):
    """The window in which repeats count once."""

    ALL = "all"  # no passage is a repeat
    SOURCE = "source"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    RANGE = "range"


@dataclass(frozen=True, eq=False)
class FirstPassages:
    """``kept`` (N,): the rows that count, in order.

    ``next`` (N,): the row that would count instead of a row without it, -1 if none.
    """

    kept: Ints
    next: Ints


def format_calendar_window(published: str, rule: RepeatWindow) -> str:
    """Return the calendar window of a partial date (2021, 2020-11, 2020-11-25); "" if unknown."""
    if rule is RepeatWindow.YEAR:
        return published[:4]
    if rule is RepeatWindow.MONTH:
        return published[:7] if len(published) >= 7 else ""
    if len(published) < 10:
        return ""
    year, week, _ = date.fromisoformat(published).isocalendar()
    return f"{year:04d}-W{week:02d}"


def number_windows(published: Sequence[str], rule: RepeatWindow) -> Ints:
    """(S,) each source's window, numbered."""
    if rule is RepeatWindow.RANGE:
        return np.zeros(len(published), np.int64)
    if rule is RepeatWindow.SOURCE:
        return np.arange(len(published))
    known: dict[str | int, int] = {}
    return np.array(
        [
            known.setdefault(format_calendar_window(day, rule) or place, len(known))
            for place, day in enumerate(published)
        ],
        np.int64,
    )


def count_undated_sources(published: Sequence[str], rule: RepeatWindow) -> int:
    """Count the sources whose date is not precise enough for the rule."""
    if rule not in (RepeatWindow.WEEK, RepeatWindow.MONTH, RepeatWindow.YEAR):
        return 0
    return sum(not format_calendar_window(day, rule) for day in published)


def compute_date_ranks(published: Sequence[str]) -> Ints:
    """(S,) rank of each source in time; equal for equal dates, no date last."""
    order = {day: rank for rank, day in enumerate(sorted(set(published), key=_build_date_key))}
    return np.array([order[day] for day in published], np.int64)


def _build_date_key(day: str) -> tuple[bool, str]:
    return (not day, day)


def select_first_passages(
    actor: Ints, code: Ints, level: Ints, window: Ints | None, order: Ints, *, stance: bool = True
) -> FirstPassages:
    """Select the rows that count.

    ``window``: None keeps all; ``order`` (N,): rank in time; ``stance``: whether passages of
    different levels are never repeats of each other.
    """
    size = len(actor)
    if window is None or not size:
        return FirstPassages(np.arange(size), np.full(size, -1))
    columns = (actor, code, window, *((level,) if stance else ()))
    place = np.lexsort((order, *columns))
    same = np.ones(size - 1, bool)
    for column in columns:
        same &= column[place[1:]] == column[place[:-1]]
    begins = np.concatenate(([True], ~same))
    following = np.append(np.where(same, place[1:], -1), -1)
    kept = place[begins]
    back = np.argsort(kept, kind="stable")
    return FirstPassages(kept[back], following[begins][back])
