"""States of units against a version that asks every coder about every unit."""

import numpy as np
import pytest
from hypothesis import given

from cstoannot.stats.agreement.unit_states import UnitState, compute_unit_states
from cstoannot.stats.tables import Units
from tests.stats.test_against_slow import LENGTH, SENTENCES, few, projects, table_of, units_of


def judge_slowly(sources, bounds):
    """The state of each unit, source after source."""
    for coders in sources:
        for low, high in bounds:
            given_ = {
                frozenset(code for start, end, code in spans if start < high and end > low)
                for spans in coders.values()
            }
            if len(given_) > 1:
                yield UnitState.DIFFER
            else:
                yield UnitState.ALIKE if any(given_) else UnitState.UNMARKED


@given(projects())
@few
def test_states_of_sentences_and_characters(project):
    table, sources = table_of(*project), project[1]
    found = compute_unit_states(table, units_of(sources))
    assert found.tolist() == list(judge_slowly(sources, SENTENCES))
    characters = [(place, place + 1) for place in range(LENGTH)]
    found = compute_unit_states(table, Units.characters([LENGTH] * len(sources)))
    assert found.tolist() == list(judge_slowly(sources, characters))


@pytest.mark.parametrize("coders", [0, 2])
def test_sources_without_passages_are_unmarked(coders):
    sources = [{coder: [] for coder in range(coders)}]
    found = compute_unit_states(table_of(coders, sources), units_of(sources))
    assert np.all(found == UnitState.UNMARKED)
