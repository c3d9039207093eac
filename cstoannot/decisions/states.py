"""How far sources are decided, from their places."""

from collections.abc import Collection

import numpy as np

from cstoannot.assignments.models import ConsensusState
from cstoannot.decisions.place_builder import PlaceBuilder
from cstoannot.stats.agreement.decidable_places import DecidedState


def compute_consensus_states(
    builder: PlaceBuilder, adopted: Collection[int] = ()
) -> dict[int, ConsensusState]:
    """Return the state of each loaded source, by key.

    A source without a place to decide is decided once somebody has read it. `adopted`: numbers of
    places that have been decided since they were loaded.
    """
    table, sources = builder.grouped.table, builder.data.sources
    state = table.state.copy()
    state[list(adopted)] = DecidedState.DECIDED
    counts = np.zeros((len(sources), len(DecidedState)), np.int64)
    np.add.at(counts, (table.source, state), 1)
    return {
        one.pk: _compute_state(*counts[number].tolist(), read=bool(one.readers))
        for number, one in enumerate(sources)
    }


def _compute_state(undecided: int, decided: int, again: int, *, read: bool) -> ConsensusState:
    if again:
        return ConsensusState.AGAIN
    if undecided:
        return ConsensusState.UNDER_WAY if decided else ConsensusState.NOT_BEGUN
    return ConsensusState.DECIDED if decided or read else ConsensusState.NOT_BEGUN
