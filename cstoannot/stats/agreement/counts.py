"""Sufficient statistics for single codes.

A row (group, code, mask, n) of a `CodingTable` means: exactly the coders in the mask gave the code
to n units of the group, which is a source. Rows are summed by group, for all coders or for one
pair.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.agreement.overlaps import (
    build_coder_masks,
    count_coders_in_mask,
    expand_row_counts,
    has_coder_in_mask,
    sum_by_place,
)
from cstoannot.stats.agreement.resampling import compute_weighted_sums, scale_to_whole_numbers
from cstoannot.stats.coefficients.definitions import BinaryFormula
from cstoannot.stats.results import Bools, Floats, Ints, Numbers, Words

_GROUPS_AT_ONCE = 1000  # to bound the memory
_ROUNDING = 1e-12  # of fractions without a common divisor


def _build_empty_column() -> Ints:
    return np.zeros(0, np.int64)


ROWS = ("group", "code", "start", "stop", "mask", "n", "owner")
OWN = ("own_group", "own_annotator", "own_code", "own_passages", "own_squares")


@dataclass(frozen=True, eq=False)
class CodingTable:
    """Units × coders × codes, as rows of coders who agree, for units with at least one mark.

    Groups (G,): ``source``, in order; ``finished`` (G, A); ``units`` of the source. Rows (R,),
    ordered by group: ``group``, ``code``, ``mask`` (R, W), ``n`` units or passages from ``start``
    to ``stop`` (units, or code points of passages); ``owner``, only where a row is a passage of one
    coder and the mask holds the coders whose passages it overlaps. Own (O,), for measures that
    count passages: how many passages of the code the annotator has, and the sum of their squared
    lengths.
    """

    n_codes: int
    source: Ints
    finished: Bools
    units: Ints
    group: Ints
    code: Ints
    start: Ints
    stop: Ints
    mask: Words
    n: Ints
    owner: Ints = field(default_factory=_build_empty_column)
    own_group: Ints = field(default_factory=_build_empty_column)
    own_annotator: Ints = field(default_factory=_build_empty_column)
    own_code: Ints = field(default_factory=_build_empty_column)
    own_passages: Ints = field(default_factory=_build_empty_column)
    own_squares: Ints = field(default_factory=_build_empty_column)

    @property
    def n_annotators(self) -> int:
        return self.finished.shape[1]

    def select(
        self,
        *,
        sources: ArrayLike | None = None,
        annotators: ArrayLike | None = None,
        codes: ArrayLike | None = None,
    ) -> "CodingTable":
        """Select sources, annotators and codes; numbers do not change.

        Groups that fewer than two of the coders finished are left out.
        """
        finished = self.finished
        if annotators is not None:
            chosen = np.zeros(self.n_annotators, bool)
            chosen[np.asarray(annotators, dtype=np.int64)] = True
            finished = finished & chosen
        groups = finished.sum(axis=1) >= 2
        if sources is not None:
            groups &= np.isin(self.source, sources)
        wanted = np.ones(self.n_codes, bool)
        if codes is not None:
            wanted[:] = False
            wanted[np.asarray(codes, dtype=np.int64)] = True
        return self._cut(groups, finished, wanted)

    def _cut(self, groups: Bools, finished: Bools, wanted: Bools) -> "CodingTable":
        number = np.cumsum(groups) - 1
        masks = build_coder_masks(np.arange(self.n_annotators), self.n_annotators)
        seen = np.bitwise_or.reduce(
            np.where(finished[:, :, None], masks[None], np.uint64(0)), axis=1
        )
        mask = self.mask & seen[self.group] if len(self.group) else self.mask
        rows = groups[self.group] & wanted[self.code] & mask.any(axis=1)
        if len(self.owner):
            rows &= finished[self.group, self.owner]
        own = groups[self.own_group] & wanted[self.own_code]
        own &= finished[self.own_group, self.own_annotator]
        return replace(
            self,
            source=self.source[groups],
            finished=finished[groups],
            units=self.units[groups],
            group=number[self.group[rows]],
            code=self.code[rows],
            start=self.start[rows],
            stop=self.stop[rows],
            mask=mask[rows],
            n=self.n[rows],
            owner=self.owner[rows] if len(self.owner) else self.owner,
            own_group=number[self.own_group[own]],
            own_annotator=self.own_annotator[own],
            own_code=self.own_code[own],
            own_passages=self.own_passages[own],
            own_squares=self.own_squares[own],
        )

    def replace(self, source: int, fresh: "CodingTable") -> "CodingTable":
        """Replace the rows of one source by those of ``fresh``, a table of one source.

        ``source`` may be the next number after the last; ``fresh`` may have more codes and
        annotators. Copies no other source's rows. Raises ValueError for a table whose groups are
        not sources, or which lacks sources.
        """
        count = len(self.source)
        if np.any(self.source != np.arange(count)) or len(fresh.source) != 1 or source > count:
            raise ValueError("only whole tables, one group a source, can be renewed in a part")
        return CodingTable(
            max(self.n_codes, fresh.n_codes),
            np.arange(max(count, source + 1)),
            _splice_columns(self.finished, fresh.finished, source, source + 1),
            _splice_columns(self.units, fresh.units, source, source + 1),
            *self._rows_with(fresh, source, "group", ROWS),
            *self._rows_with(fresh, source, "own_group", OWN),
        )

    def _rows_with(
        self, fresh: "CodingTable", source: int, key: str, names: tuple[str, ...]
    ) -> list[Any]:
        low, high = np.searchsorted(getattr(self, key), [source, source + 1])
        parts = []
        for name in names:
            ours, theirs = getattr(self, name), getattr(fresh, name)
            theirs = theirs + source if name == key else theirs
            parts.append(_splice_columns(ours, theirs, int(low), int(high)))
        return parts


def _splice_columns(ours: Numbers, theirs: Numbers, low: int, high: int) -> Numbers:
    """Replace the rows ``low`` to ``high`` of ``ours``; the result has the greater width."""
    if ours.ndim == 2:
        width = max(ours.shape[1], theirs.shape[1])
        ours, theirs = (
            np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in (ours, theirs)
        )
    elif not len(ours) and not len(theirs):
        return ours
    return np.concatenate((ours[:low], theirs, ours[high:]))


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """Counts by group: ``each`` (G, K) by code, with divisors (G,); ``plain`` (G,)."""

    each: dict[str, Floats]
    divisors: dict[str, Ints]
    plain: dict[str, Floats]

    def __len__(self) -> int:
        return len(next(iter(self.plain.values())))

    def total(self) -> dict[str, Floats]:
        """Sum over all groups: (K,) and (1,)."""
        return {name: part.sum(axis=0) / common for name, (part, common) in self._scale().items()}

    def sums(self, weights: Numbers) -> dict[str, Floats]:
        """Sum by weights (B, G): (B, K) and (B, 1)."""
        scaled = self._scale()
        columns = np.concatenate([part for part, _ in scaled.values()], axis=1)
        product = compute_weighted_sums(weights, columns)
        found, at = {}, 0
        for name, (part, common) in scaled.items():
            found[name] = product[:, at : at + part.shape[1]] / common
            at += part.shape[1]
        return found

    def without_each(self) -> Iterator[tuple[slice, dict[str, Floats]]]:
        """Yield ranges of groups, with the sums over all groups but each of them.

        Whole numbers are subtracted before they are divided, so that a sum over nothing is 0.
        """
        scaled = self._scale()
        totals = {name: part.sum(axis=0) for name, (part, _) in scaled.items()}
        for low in range(0, len(self), _GROUPS_AT_ONCE):
            groups = slice(low, low + _GROUPS_AT_ONCE)
            rest = {name: totals[name] - part[groups] for name, (part, _) in scaled.items()}
            yield (
                groups,
                {
                    name: np.where(part < _ROUNDING * totals[name], 0.0, part) / scaled[name][1]
                    for name, part in rest.items()
                },
            )

    def _scale(self) -> dict[str, tuple[Floats, float]]:
        """Return whole numbers (G, K) and (G, 1), with what each is to be divided by."""
        scaled = {
            name: scale_to_whole_numbers(part, self.divisors[name])
            for name, part in self.each.items()
        }
        return scaled | {name: (part[:, None], 1.0) for name, part in self.plain.items()}

    def by_group(self) -> dict[str, Floats]:
        """Return the groups' own sums: (G, K) and (G, 1)."""
        found = {name: part / self.divisors[name][:, None] for name, part in self.each.items()}
        return found | {name: part[:, None] for name, part in self.plain.items()}

    def take(self, groups: Ints) -> "GroupCounts":
        return GroupCounts(
            {name: part[groups] for name, part in self.each.items()},
            {name: part[groups] for name, part in self.divisors.items()},
            {name: part[groups] for name, part in self.plain.items()},
        )


@dataclass(frozen=True, eq=False)
class CodeColumns:
    """The codes in view, and the column of each in the arrays of counts."""

    codes: Ints
    column: Ints

    @classmethod
    def of(cls, codes: Ints, n_codes: int) -> "CodeColumns":
        column = np.full(n_codes, -1, np.int64)
        column[codes] = np.arange(len(codes))
        return cls(codes, column)

    def __len__(self) -> int:
        return len(self.codes)


def _sum_into_table(group: Ints, column: Ints, values: Numbers, shape: tuple[int, int]) -> Floats:
    cell = group * shape[1] + column
    return sum_by_place(cell, values, shape[0] * shape[1]).reshape(shape)


def build_group_counts(
    table: CodingTable, columns: CodeColumns, needs: tuple[str, ...]
) -> GroupCounts:
    """Build the counts for any number of coders.

    ``table`` is selected, and all its codes are in ``columns``.
    """
    shape = (len(table.source), len(columns))
    coders = table.finished.sum(axis=1).astype(np.int64)
    having, of = count_coders_in_mask(table.mask), coders[table.group]
    column = columns.column[table.code]
    ones = np.ones(shape[0], np.int64)
    recipes = {
        "positives": (having, ones),
        "shares": (having, coders),
        "discord": (having * (of - having), coders - 1),
        "split": (2 * having * (of - having), coders * (coders - 1)),
    }
    each, divisors = {}, {}
    for name in needs:
        if name == "squares":
            own = columns.column[table.own_code]
            each[name] = _sum_into_table(table.own_group, own, table.own_squares, shape)
            divisors[name] = ones
        else:
            values, divisors[name] = recipes[name]
            each[name] = _sum_into_table(table.group, column, values * table.n, shape)
    units = table.units.astype(float)
    plain = {"units": units, "values": units * coders}
    return GroupCounts(each, divisors, plain)


class PairCounter:
    """Counts of pairs of coders, from the rows of the groups that both finished."""

    def __init__(self, table: CodingTable, columns: CodeColumns) -> None:
        self.table = table
        self.columns = columns
        numbers = np.arange(len(table.source) + 1)
        self._rows = np.searchsorted(table.group, numbers)
        self._own = np.searchsorted(table.own_group, numbers)

    def groups(self, first: int, second: int) -> Ints:
        """Return the groups that both coders finished."""
        return np.flatnonzero(self.table.finished[:, first] & self.table.finished[:, second])

    def counts(self, groups: Ints, coders: tuple[int, int], binary: BinaryFormula) -> GroupCounts:
        """Return the counts by group that the coefficient needs of the two coders."""
        table, shape = self.table, (len(groups), len(self.columns))
        local, rows = select_group_rows(self._rows, groups)
        column = self.columns.column[table.code[rows]]
        n, mask = table.n[rows], table.mask[rows]
        one, other = has_coder_in_mask(mask, coders[0]), has_coder_in_mask(mask, coders[1])
        recipes: dict[str, Callable[[], Numbers]] = {
            "first": lambda: one,
            "second": lambda: other,
            "both": lambda: one & other,
            "positives": lambda: one.astype(np.int64) + other,
            "shares": lambda: (one.astype(np.int64) + other) / 2.0,
            "discord": lambda: one ^ other,
            "split": lambda: one ^ other,
        }
        if "first_met" in binary.needs:
            first, second = (table.owner[rows] == coder for coder in coders)
            recipes |= {"first": lambda: first, "second": lambda: second}
            recipes |= {"first_met": lambda: first & other, "second_met": lambda: second & one}
        each = {
            name: _sum_into_table(local, column, n * recipes[name](), shape)
            for name in binary.needs
            if name in recipes
        }
        if "squares" in binary.needs:
            local, rows = select_group_rows(self._own, groups)
            ours = np.isin(table.own_annotator[rows], coders)
            column = self.columns.column[table.own_code[rows]]
            each["squares"] = _sum_into_table(local, column, table.own_squares[rows] * ours, shape)
        units = table.units[groups].astype(float)
        ones = np.ones(len(groups), np.int64)
        plain = {"units": units, "values": 2.0 * units}
        return GroupCounts(each, dict.fromkeys(each, ones), plain)

    def seen(
        self, groups: Ints, coders: tuple[int, int], n: Floats, units: bool
    ) -> tuple[Floats, Floats, Floats]:
        """Return units (of ``n`` (G, K)) or passages, positive judgements and all, each (1,)."""
        table = self.table
        _, rows = select_group_rows(self._rows, groups)
        marked = sum(
            int(table.n[rows][has_coder_in_mask(table.mask[rows], coder)].sum()) for coder in coders
        )
        judged = 2.0 * float(table.units[groups].sum()) * len(self.columns)
        if units:
            number = float(n[groups, 0].sum()) if n.shape[1] else 0.0
        else:
            _, rows = select_group_rows(self._own, groups)
            ours = np.isin(table.own_annotator[rows], coders)
            number = float(table.own_passages[rows][ours].sum())
        return np.array([number]), np.array([float(marked)]), np.array([judged])


def select_group_rows(offsets: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Return the rows of the groups, preceded by the index in ``groups`` of each."""
    lows = offsets[groups]
    local, nth = expand_row_counts(offsets[groups + 1] - lows)
    return local, lows[local] + nth
