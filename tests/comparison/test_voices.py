"""A voice that is asked for is the speaker, however somebody spells the name."""

import pytest

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.core.errors import Invalid
from tests.builders import annotate, finish


@pytest.fixture
def spelt(world):
    """Bob and Beth have each named the witness, blind to each other, in two spellings."""
    bob, beth = world.scope(world.bob), world.scope(world.beth)
    annotate(bob, world.bobs, "Naïve", stance="supports", voice="The Witness")
    annotate(beth, world.beths, "Naïve", stance="opposes", voice="the  witness")
    finish(bob, world.bobs)
    finish(beth, world.beths)
    return world


def _states(scope, voice, by="source"):
    found = build_comparison_report(scope, ComparisonQuery(voices=(voice,), by=by))
    supports, opposes = found.matrix.supports, found.matrix.opposes
    return {
        found.actors[place].name: (int(supports[place].sum()), int(opposes[place].sum()))
        for place in range(len(found.actors))
        if supports[place].any() or opposes[place].any()
    }


@pytest.mark.parametrize("voice", ["The Witness", "the  witness", "THE\u00a0WITNESS"])
def test_every_spelling_is_heard(spelt, voice):
    assert _states(spelt.lead, voice) == {"Bobs": (1, 0), "Beths": (0, 1)}


def test_row_of_a_speaker_counts_what_its_own_spelling_says(spelt):
    assert _states(spelt.lead, "The Witness", by="speaker") == {"The Witness": (1, 0)}


def test_nobody_is_called_so(spelt):
    with pytest.raises(Invalid, match="There is no speaker “the witnesses”"):
        build_comparison_report(spelt.lead, ComparisonQuery(voices=("the witnesses",)))


def test_blind_coder_hears_their_own_alone(spelt):
    assert _states(spelt.scope(spelt.bob), "the  witness") == {"Bobs": (1, 0)}
