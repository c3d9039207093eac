"""How far sources are decided, and what comparisons make of it."""

import pytest

from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import SourceConsensus
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.decisions.actions import decide_place, withdraw_decision
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.decisions.state_actions import refresh_consensus_states
from cstoannot.stats.comparison.positions import CellState
from tests.builders import annotate

PLURAL = DecisionDraft("plural", readings=[1, 2], reason="Both stand.")


def decide_all(world, draft):
    ada = world.scope(world.ada)
    return [
        decide_place(ada, place.id, draft) for place in list_decidable_places(ada, world.shared.pk)
    ]


def cell(world):
    """The state of the shared source's cell for the claim, and the layer that answers."""
    question = ComparisonQuery(sources=(world.shared.pk,), voices=("everyone",))
    found = build_comparison_report(world.lead, question)
    return CellState(found.matrix.state[0, 0]).name.lower(), found.layers[0]


def stored(world):
    row = SourceConsensus.objects.get(source=world.shared)
    return row.state, row.doubtful


@pytest.mark.parametrize(
    ("draft", "state"),
    [
        (DecisionDraft("majority"), "mixed"),
        (DecisionDraft("nothing", reason="Not here."), "silent"),
        (PLURAL, "contested"),
    ],
)
def test_decided_source_answers_by_its_consensus(finished, draft, state):
    first, second = list_decidable_places(finished.lead, finished.shared.pk)
    decide_place(finished.lead, first.id, draft)
    assert cell(finished) == ("mixed", "majority")
    decide_place(finished.lead, second.id, DecisionDraft("nothing", reason="Not here."))
    assert cell(finished) == (state, "consensus")


def test_changed_coding_puts_a_decided_source_in_doubt(finished):
    decide_all(finished, DecisionDraft("majority"))
    assert (stored(finished), cell(finished)) == (("decided", False), ("mixed", "consensus"))
    annotate(finished.scope(finished.bob), finished.shared, "failed", stance="supports")
    assert stored(finished) == ("decided", True)
    assert cell(finished)[1] == "majority"
    assert refresh_consensus_states(finished.scope(finished.ada)) == 1
    assert (stored(finished), cell(finished)[1]) == (("again", False), "majority")
    assert refresh_consensus_states(finished.scope(finished.ada)) == 0


def test_reopened_source_stays_decided(finished):
    decide_all(finished, DecisionDraft("majority"))
    bob, mine = finished.scope(finished.bob), finished.assignments["bob shared"]
    set_assignment_state(bob, mine.pk, "started")
    assert (stored(finished), cell(finished)[1]) == (("decided", True), "consensus")
    set_assignment_state(bob, mine.pk, "done")
    refresh_consensus_states(finished.scope(finished.ada))
    assert stored(finished) == ("decided", False)


def test_withdrawing_takes_the_consensus_back(finished):
    places = decide_all(finished, DecisionDraft("majority"))
    ada = finished.scope(finished.ada)
    withdraw_decision(ada, places[0].id)
    assert (stored(finished), cell(finished)[1]) == (("under_way", False), "majority")
    withdraw_decision(ada, places[1].id)
    assert stored(finished) == ("not_begun", False)
