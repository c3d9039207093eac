"""Whether the coders who read a unit differ about it, all gave it the same, or left it alone."""

from enum import IntEnum

import numpy as np

from cstoannot.stats.agreement.overlaps import argsort_columns, unite_stretches
from cstoannot.stats.results import Ints
from cstoannot.stats.tables import SpanTable, Units


class UnitState(IntEnum):
    """In the order in which units are listed."""

    DIFFER = 0
    """Some who read the unit gave it a code that others who read it did not."""
    ALIKE = 1
    """All gave it the same codes, at least one."""
    UNMARKED = 2
    """Nobody gave it a code."""


def compute_unit_states(spans: SpanTable, units: Units) -> Ints:
    """Return (U,) the state of each unit, from the passages and from who finished which source."""
    first, stop = units.covered(spans.source, spans.start, spans.end, spans.lengths)
    some = stop > first  # a passage between units covers none
    columns = (spans.source, spans.code, spans.annotator, first, stop)
    layers = unite_stretches(*(column[some] for column in columns))
    source, code = np.tile(layers.source, 2), np.tile(layers.code, 2)
    place = np.concatenate((layers.start, layers.stop))
    change = np.repeat(np.array([1, -1], np.int64), len(layers.start))
    order = argsort_columns(source, code, place)
    # After its last passage the count of a code is 0 again, so that one sum serves for all codes.
    holders = np.cumsum(change[order])
    source, place = source[order], place[order]
    held = np.flatnonzero(holders)
    disputed = held[holders[held] < spans.finished.sum(axis=1)[source[held]]]
    states = np.full(int(units.offsets[-1]), UnitState.UNMARKED, np.int64)
    for state, chosen in ((UnitState.ALIKE, held), (UnitState.DIFFER, disputed)):
        base = units.offsets[source[chosen]]
        edges = np.zeros(len(states) + 1, np.int64)
        np.add.at(edges, base + place[chosen], 1)
        np.add.at(edges, base + place[chosen + 1], -1)
        states[np.cumsum(edges[:-1]) > 0] = state
    return states
