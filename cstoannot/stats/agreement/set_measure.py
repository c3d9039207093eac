"""Set-valued α: whether coders gave the same sets of codes to units.

Overall, by pair of coders and by source, from the sums kept for each source. Margins are sparse:
what a source takes away from a sum over all follows from its own sets alone. With one code only it
is that code's nominal α.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cstoannot.stats.agreement.overlaps import argsort_columns, expand_row_counts, sum_by_place
from cstoannot.stats.agreement.set_similarity import CodeSets, sum_set_similarities
from cstoannot.stats.agreement.set_table import SetTable
from cstoannot.stats.coefficients.definitions import Disagreement
from cstoannot.stats.coefficients.set_alpha import SetSimilarity, compute_set_disagreement
from cstoannot.stats.results import Floats, Ints


@dataclass(frozen=True, eq=False)
class SetSums:
    """Sums over groups of judgements (G,) and over the parts of these in one source (P,).

    ``observed``, ``alike``, ``total``: see `compute_set_disagreement`; ``part_group``,
    ``part_source``: a group has a part for each of its sources; ``cross``: the similarity of the
    part's values to the group's, ``own``: to each other.
    """

    observed: Floats
    alike: Floats
    total: Floats
    part_group: Ints
    part_source: Ints
    part_observed: Floats
    part_total: Floats
    cross: Floats
    own: Floats

    def disagreement(self) -> Disagreement:
        """Return D_o and D_e (G,) of each group."""
        return compute_set_disagreement(self.observed, self.alike, self.total)

    def disagreement_within(self) -> Disagreement:
        """Return D_o and D_e (P,) of each part by itself."""
        return compute_set_disagreement(self.part_observed, self.own, self.part_total)

    @cached_property
    def disagreement_without(self) -> Disagreement:
        """Return D_o and D_e (P,) of each part's group without the part's source."""
        group = self.part_group
        return compute_set_disagreement(
            self.observed[group] - self.part_observed,
            self.alike[group] - 2 * self.cross + self.own,
            self.total[group] - self.part_total,
        )


@dataclass(frozen=True, eq=False)
class _SetMargins:
    """How often values occur (N,), by group of judgements, source and set; 0 is the empty set."""

    group: Ints
    source: Ints
    which: Ints
    n: Ints


@dataclass(frozen=True, eq=False)
class _GroupParts:
    """The parts (P,) of the groups, one for each of a group's sources, ordered by group."""

    groups: int
    group: Ints
    source: Ints
    observed: Floats
    total: Floats


def sum_all_sets(table: SetTable, similarity: SetSimilarity) -> SetSums:
    """Sum over everything that is selected, as one group; its parts are the sources."""
    zero = np.zeros(len(table.source), np.int64)
    margins = _SetMargins(zero, table.source, table.which, table.n)
    return _sum_sets(table, _build_source_parts(table), margins, similarity)


def sum_sets_by_pair(
    table: SetTable, pairs: list[tuple[int, int]], similarity: SetSimilarity
) -> SetSums:
    """Sum by pair of coders, over the sources that both finished."""
    first, second = np.array(pairs, np.int64).reshape(-1, 2).T
    group, source = np.nonzero((table.finished[:, first] & table.finished[:, second]).T)
    marked = _sum_marked_units(table)
    width = table.finished.shape[1]
    number = np.zeros((width, width), np.int64)
    number[first, second] = number[second, first] = np.arange(len(pairs))
    size = len(table.finished)
    place = np.searchsorted(
        group * size + source, number[table.first, table.second] * size + table.met_source
    )
    met = sum_by_place(place, table.met, len(group))
    apart: Floats = marked[source, first[group]] + marked[source, second[group]] - met
    parts = _GroupParts(
        len(pairs), group, source, 2.0 * apart, 2.0 * table.units[source].astype(float)
    )
    # Each margin counts for the coder's pairs with everybody else who finished the source.
    others = table.finished[table.source].sum(axis=1) - 1
    row, nth = expand_row_counts(others)
    listed = np.argsort(~table.finished, axis=1, kind="stable")
    place = np.cumsum(table.finished, axis=1) - 1
    own, at = table.annotator[row], table.source[row]
    other = listed[at, nth + (nth >= place[at, own])]
    margins = _SetMargins(number[own, other], at, table.which[row], table.n[row])
    return _sum_sets(table, parts, margins, similarity)


def _build_source_parts(table: SetTable) -> _GroupParts:
    """Build the parts of all coders together; each pair of them counts by 1/(m − 1)."""
    sources = np.flatnonzero(table.finished.any(axis=1))
    coders = table.finished.sum(axis=1).astype(np.int64)
    size = len(table.finished)
    marked = _sum_marked_units(table).sum(axis=1)
    met = sum_by_place(table.met_source, table.met, size)
    # A coder takes part in m − 1 pairs, each of them counts in both orders.
    observed: Floats = 2.0 * (marked - met / np.maximum(coders - 1, 1))
    total = (coders * table.units).astype(float)
    zero = np.zeros(len(sources), np.int64)
    return _GroupParts(1, zero, sources, observed[sources], total[sources])


def _sum_marked_units(table: SetTable) -> Floats:
    """(S, A) units to which the coder gave anything."""
    shape = table.finished.shape
    cell = table.source * shape[1] + table.annotator
    return sum_by_place(cell, table.n, shape[0] * shape[1]).reshape(shape)


def _sum_sets(
    table: SetTable, parts: _GroupParts, margins: _SetMargins, similarity: SetSimilarity
) -> SetSums:
    blank = np.zeros((1, table.words.shape[1]), np.uint64)
    sets = CodeSets.of(np.concatenate((blank, table.words)))
    part, which, n = _sum_margins(parts, margins)
    group = parts.group[part]
    order = argsort_columns(group, which)
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(group[order]) != 0) | (np.diff(which[order]) != 0)
    row = np.zeros(len(order), np.int64)
    row[order] = np.cumsum(new) - 1
    firsts = order[new]
    whole = sum_by_place(row, n, len(firsts))
    near = sum_set_similarities(sets, group[firsts], which[firsts], whole, similarity)
    within = sum_set_similarities(sets, part, which, n, similarity)
    cross, own = (sum_by_place(part, n * each, len(parts.group)) for each in (near[row], within))

    def total(values: Floats) -> Floats:
        return sum_by_place(parts.group, values, parts.groups)

    return SetSums(
        observed=total(parts.observed),
        alike=total(cross),
        total=total(parts.total),
        part_group=parts.group,
        part_source=parts.source,
        part_observed=parts.observed,
        part_total=parts.total,
        cross=cross,
        own=own,
    )


def _sum_margins(parts: _GroupParts, margins: _SetMargins) -> tuple[Ints, Ints, Floats]:
    """Return part, set and count, ordered by part, with what is left as the empty set, 0."""
    reach = int(parts.source.max(initial=0)) + 1
    keys = parts.group * reach + parts.source
    part = np.searchsorted(keys, margins.group * reach + margins.source)
    marked = sum_by_place(part, margins.n, len(keys))
    every = np.arange(len(keys))
    part = np.concatenate((every, part))
    which = np.concatenate((np.zeros(len(keys), np.int64), margins.which + 1))
    n = np.concatenate((parts.total - marked, margins.n))
    some = n > 0
    part, which, n = part[some], which[some], n[some]
    order = argsort_columns(part, which)
    part, which, n = part[order], which[order], n[order]
    new = np.ones(len(part), bool)
    new[1:] = (np.diff(part) != 0) | (np.diff(which) != 0)
    firsts = np.flatnonzero(new)
    return part[firsts], which[firsts], sum_by_place(np.cumsum(new) - 1, n, len(firsts))
