"""Sufficient statistics for one code at a time: which coders share which stretches.

A row (group, code, mask, n) says: n units of the group carry the code for exactly the coders of
the mask. A group is what is resampled: a source, or a run of like units within one. Rows of
different sources add up, so a change in one source replaces that source's rows and no others.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cstoannot.stats.layers import bits
from cstoannot.stats.results import Bools, Ints, Numbers, Words


def _none() -> Ints:
    return np.zeros(0, np.int64)


OWN = ("own_group", "own_annotator", "own_code", "own_passages", "own_squares")


@dataclass(frozen=True, eq=False)
class CodingTable:
    """Units × coders × codes as rows of who agrees, for units with at least one mark.

    Groups (G,): ``source`` they belong to, in order; ``finished`` (G, A); ``units`` in one copy
    of the group; ``copies`` of it in the source. Rows (R,), ordered by group: ``group``,
    ``code``, ``mask`` (R, W), ``n`` units or passages; ``owner`` only where a row is one coder's
    passages and the mask tells which others they meet. Own (O,): for measures that count
    passages, how many the annotator has of the code, and the sum of their squared lengths.
    """

    n_codes: int
    source: Ints
    finished: Bools
    units: Ints
    copies: Ints
    group: Ints
    code: Ints
    mask: Words
    n: Ints
    owner: Ints = field(default_factory=_none)
    own_group: Ints = field(default_factory=_none)
    own_annotator: Ints = field(default_factory=_none)
    own_code: Ints = field(default_factory=_none)
    own_passages: Ints = field(default_factory=_none)
    own_squares: Ints = field(default_factory=_none)

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
        """As if only these existed; the numbers stay. Groups with no two coders go."""
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
        masks = bits(np.arange(self.n_annotators), self.n_annotators)
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
            copies=self.copies[groups],
            group=number[self.group[rows]],
            code=self.code[rows],
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
        """With the rows of one source exchanged for those of ``fresh``, a table of one source.

        ``source`` may be one more than there are; ``fresh`` may know more codes and annotators.
        Touches no other source's rows. Raises ValueError for a table whose groups are not
        sources, or which lacks sources.
        """
        count = len(self.source)
        if np.any(self.source != np.arange(count)) or len(fresh.source) != 1 or source > count:
            raise ValueError("only whole tables, one group a source, can be renewed in a part")
        return CodingTable(
            max(self.n_codes, fresh.n_codes),
            np.arange(max(count, source + 1)),
            _stitched(self.finished, fresh.finished, source, source + 1),
            _stitched(self.units, fresh.units, source, source + 1),
            _stitched(self.copies, fresh.copies, source, source + 1),
            *self._rows_with(fresh, source, "group", ("group", "code", "mask", "n", "owner")),
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
            parts.append(_stitched(ours, theirs, int(low), int(high)))
        return parts


def _stitched(ours: Numbers, theirs: Numbers, low: int, high: int) -> Numbers:
    """``ours`` with the entries from ``low`` to ``high`` exchanged; the wider of two widths."""
    if ours.ndim == 2:
        width = max(ours.shape[1], theirs.shape[1])
        ours, theirs = (
            np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in (ours, theirs)
        )
    elif not len(ours) and not len(theirs):
        return ours
    return np.concatenate((ours[:low], theirs, ours[high:]))
