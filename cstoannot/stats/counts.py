"""From a `CodingTable` to sums: for many coders at once, and for one pair of them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cstoannot.stats.coding import CodingTable
from cstoannot.stats.coefficients.kinds import Binary
from cstoannot.stats.layers import has, size_of, spread, summed
from cstoannot.stats.resampling import weighted_sums, whole
from cstoannot.stats.results import Floats, Ints, Numbers


@dataclass(frozen=True, eq=False)
class Counts:
    """What is summed, by group: ``each`` (G, K) a code, over divisors (G,); ``plain`` (G,)."""

    each: dict[str, Floats]
    divisors: dict[str, Ints]
    plain: dict[str, Floats]
    copies: Ints

    def total(self) -> dict[str, Floats]:
        """Sums over all groups: (K,) and (1,)."""
        return {name: part[0] for name, part in self.sums(self.copies[None, :]).items()}

    def sums(self, weights: Numbers) -> dict[str, Floats]:
        """Sums by weights (B, G): (B, K) and (B, 1)."""
        scaled = {name: whole(part, self.divisors[name]) for name, part in self.each.items()}
        columns = [part for part, _ in scaled.values()]
        columns += [part[:, None] for part in self.plain.values()]
        product = weighted_sums(weights, np.concatenate(columns, axis=1))
        found, at = {}, 0
        for name, part in zip((*scaled, *self.plain), columns, strict=True):
            found[name] = product[:, at : at + part.shape[1]]
            at += part.shape[1]
        for name, (_, common) in scaled.items():
            found[name] = found[name] / common
        return found

    def by_group(self) -> dict[str, Floats]:
        """The groups' own sums: (G, K) and (G, 1)."""
        found = {name: part / self.divisors[name][:, None] for name, part in self.each.items()}
        return found | {name: part[:, None] for name, part in self.plain.items()}

    def take(self, groups: Ints) -> "Counts":
        """Only these groups."""
        return Counts(
            {name: part[groups] for name, part in self.each.items()},
            {name: part[groups] for name, part in self.divisors.items()},
            {name: part[groups] for name, part in self.plain.items()},
            self.copies[groups],
        )


@dataclass(frozen=True, eq=False)
class Columns:
    """Which codes are in view, and the column of each in the arrays of counts."""

    codes: Ints
    column: Ints

    @classmethod
    def of(cls, codes: Ints, n_codes: int) -> "Columns":
        column = np.full(n_codes, -1, np.int64)
        column[codes] = np.arange(len(codes))
        return cls(codes, column)

    def __len__(self) -> int:
        return len(self.codes)


def _table(group: Ints, column: Ints, values: Numbers, shape: tuple[int, int]) -> Floats:
    cell = group * shape[1] + column
    return summed(cell, values, shape[0] * shape[1]).reshape(shape)


def crowd(table: CodingTable, columns: Columns, needs: tuple[str, ...]) -> Counts:
    """For any number of coders; ``table`` selected, its codes all in ``columns``."""
    shape = (len(table.source), len(columns))
    coders = table.finished.sum(axis=1).astype(np.int64)
    having, of = size_of(table.mask), coders[table.group]
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
            each[name] = _table(table.own_group, own, table.own_squares, shape)
            divisors[name] = ones
        else:
            values, divisors[name] = recipes[name]
            each[name] = _table(table.group, column, values * table.n, shape)
    units = table.units.astype(float)
    plain = {"units": units, "values": units * coders}
    return Counts(each, divisors, plain, table.copies)


class Pairs:
    """The counts of each two coders, taken from the rows of the groups both finished."""

    def __init__(self, table: CodingTable, columns: Columns) -> None:
        self.table = table
        self.columns = columns
        numbers = np.arange(len(table.source) + 1)
        self._rows = np.searchsorted(table.group, numbers)
        self._own = np.searchsorted(table.own_group, numbers)

    def groups(self, first: int, second: int) -> Ints:
        """The groups both coders finished."""
        return np.flatnonzero(self.table.finished[:, first] & self.table.finished[:, second])

    def counts(self, groups: Ints, coders: tuple[int, int], binary: Binary) -> Counts:
        """By group, what the coefficient needs to know of the two."""
        table, shape = self.table, (len(groups), len(self.columns))
        local, rows = _gathered(self._rows, groups)
        column = self.columns.column[table.code[rows]]
        n, mask = table.n[rows], table.mask[rows]
        one, other = has(mask, coders[0]), has(mask, coders[1])
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
            name: _table(local, column, n * recipes[name](), shape)
            for name in binary.needs
            if name in recipes
        }
        if "squares" in binary.needs:
            local, rows = _gathered(self._own, groups)
            ours = np.isin(table.own_annotator[rows], coders)
            column = self.columns.column[table.own_code[rows]]
            each["squares"] = _table(local, column, table.own_squares[rows] * ours, shape)
        units = table.units[groups].astype(float)
        ones = np.ones(len(groups), np.int64)
        plain = {"units": units, "values": 2.0 * units}
        return Counts(each, dict.fromkeys(each, ones), plain, table.copies[groups])

    def seen(
        self, groups: Ints, coders: tuple[int, int], n: Floats, units: bool
    ) -> tuple[Floats, Floats, Floats]:
        """(1,) units (of ``n`` (G, K)) or passages, positive judgements and all judgements."""
        table = self.table
        _, rows = _gathered(self._rows, groups)
        marked = sum(int(table.n[rows][has(table.mask[rows], coder)].sum()) for coder in coders)
        judged = 2.0 * float(table.units[groups].sum()) * len(self.columns)
        if units:
            number = float(n[groups, 0].sum()) if n.shape[1] else 0.0
        else:
            _, rows = _gathered(self._own, groups)
            ours = np.isin(table.own_annotator[rows], coders)
            number = float(table.own_passages[rows][ours].sum())
        return np.array([number]), np.array([float(marked)]), np.array([judged])


def _gathered(offsets: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """The rows of the groups, and for each the place of its group among them."""
    lows = offsets[groups]
    local, nth = spread(offsets[groups + 1] - lows)
    return local, lows[local] + nth
