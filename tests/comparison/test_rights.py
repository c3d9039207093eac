"""Who may compare what: any layer, the consensus and one's own coding, or the consensus alone."""

import uuid

import pytest

from cstoannot.annotations.models import Annotation, Layer
from cstoannot.assignments.models import ConsensusState, SourceConsensus
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import NOT_OPEN, build_comparison_report
from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.history.actions import record_event
from cstoannot.projects.actions import change_project
from cstoannot.stats.comparison.positions import CellState as Cell
from tests.builders import annotate, finish, show_decisions


def decide(world, source, quote, stance):
    """The team's decision, as it stands in the database."""
    start = source.text.index(quote)
    record_event(
        world.lead, action="change", kind="source", object_id=source.pk, source_id=source.pk
    )
    return Annotation.objects.create(
        id=uuid.uuid4(),
        project=world.lead.project,
        source=source,
        code=world.codes["failure"],
        layer=Layer.CONSENSUS,
        start=start,
        end=start + len(quote),
        quote=quote,
        stance=stance,
        revision=1,
        created_at="2026-01-01T00:00Z",
        updated_at="2026-01-01T00:00Z",
    )


@pytest.fixture
def done(world):
    """Bob and Beth finished the shared source, Beth hers too; the team decided on Bob's."""
    annotate(world.scope(world.bob), world.bobs, "Nobody came.", stance="mixed")
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    finish(world.scope(world.beth), world.beths)
    decide(world, world.bobs, "Nobody came.", "opposes")
    return world


def _cells(scope, **asked):
    found = build_comparison_report(scope, ComparisonQuery(**asked))
    names = [actor.name for actor in found.actors]
    return {name: Cell(found.matrix.state[n, 0]).name.lower() for n, name in enumerate(names)}


def test_those_who_lead_have_any_layer(done):
    for user in (done.alice, done.ada):
        scope = done.scope(user)
        assert _cells(scope, voices=("everyone",)) == {
            "Shared": "mixed",
            "Bobs": "opposes",
            "Beths": "supports",
        }
        majority = _cells(scope, layer="majority", voices=("everyone",))
        assert majority == {"Shared": "mixed", "Bobs": "pending", "Beths": "supports"}
        beths = _cells(scope, layer="individual", annotators=("beth",), voices=("everyone",))
        assert beths == {"Shared": "opposes", "Bobs": "unassigned", "Beths": "supports"}
        for several in ((), ("bob", "beth")):
            with pytest.raises(Invalid, match="choose one"):
                _cells(scope, layer="individual", annotators=several)
        assert _cells(scope, layer="consensus") == {
            "Shared": "pending",
            "Bobs": "opposes",
            "Beths": "pending",
        }
        assert _cells(scope, annotators=("bob",))["Shared"] == "supports"


@pytest.mark.parametrize("visibility", ["own", "done", "all"])
def test_annotator_has_own_coding_and_consensus_whatever_the_visibility(done, visibility):
    change_project(done.lead, visibility=visibility)
    finish(done.scope(done.bob), done.bobs)
    everyone = {"voices": ("everyone",)}
    assert _cells(done.scope(done.bob), **everyone) == {"Shared": "supports", "Bobs": "mixed"}
    show_decisions(done.lead)
    scope = done.scope(done.bob)
    found = build_comparison_report(scope, ComparisonQuery(voices=("everyone",)))
    assert found.annotators == ("bob",)
    assert found.layer == "consensus_or_majority"
    assert found.layers == ("majority", "consensus")
    assert _cells(scope, voices=("everyone",)) == {"Shared": "supports", "Bobs": "opposes"}
    assert not found.readers.split.any()
    assert _cells(scope, annotators=("bob",)) == {"Shared": "supports", "Bobs": "mixed"}
    assert _cells(scope, layer="consensus") == {"Shared": "pending", "Bobs": "opposes"}
    for others in (("beth",), ("beth", "bob"), ("nobody",)):
        with pytest.raises(Forbidden):
            build_comparison_report(scope, ComparisonQuery(annotators=others))


def test_alpha_is_told_as_agreement_is_open(done):
    assert (
        build_comparison_report(done.scope(done.bob), ComparisonQuery()).alphas[0].reason
        == NOT_OPEN
    )
    assert (
        build_comparison_report(done.scope(done.vera), ComparisonQuery()).alphas[0].reason
        == NOT_OPEN
    )
    lead = build_comparison_report(done.lead, ComparisonQuery()).alphas[0]
    assert lead.value is not None
    change_project(done.lead, visibility="all")
    assert build_comparison_report(done.scope(done.bob), ComparisonQuery()).alphas[0] == lead


def test_viewer_has_the_consensus_alone(done):
    scope = done.scope(done.vera)
    expected = {"Shared": "unassigned", "Bobs": "opposes", "Beths": "unassigned"}
    assert _cells(scope) == expected
    assert _cells(scope, layer="consensus") == expected
    assert build_comparison_report(scope, ComparisonQuery()).annotators == ()
    for asked in ({"layer": "individual"}, {"annotators": ("bob",)}, {"annotators": ("nobody",)}):
        with pytest.raises(Forbidden):
            build_comparison_report(scope, ComparisonQuery(**asked))


def test_source_under_way_has_no_consensus_yet(done):
    known = SourceConsensus.objects.create(
        source=done.bobs, project=done.lead.project, state=ConsensusState.UNDER_WAY
    )
    assert _cells(done.lead, layer="consensus")["Bobs"] == "pending"
    assert _cells(done.scope(done.vera))["Bobs"] == "unassigned"
    known.state = ConsensusState.DECIDED
    known.save()
    assert _cells(done.scope(done.vera))["Bobs"] == "opposes"


def test_source_decided_to_hold_nothing_is_silent(done):
    SourceConsensus.objects.create(
        source=done.beths, project=done.lead.project, state=ConsensusState.DECIDED
    )
    assert _cells(done.lead, layer="consensus")["Beths"] == "silent"
    assert _cells(done.scope(done.vera))["Beths"] == "silent"


def test_hidden_speaker_is_as_one_that_does_not_exist(done):
    scope = done.scope(done.bob)
    for name in ("A silent witness", "Nobody at all"):
        with pytest.raises(Invalid, match="There is no speaker"):
            build_comparison_report(scope, ComparisonQuery(voices=(name,)))
    assert (
        build_comparison_report(done.lead, ComparisonQuery(voices=("A silent witness",))).passages
        == 0
    )


def test_source_of_others_is_as_one_that_does_not_exist(done):
    for pk in (done.beths.pk, 999_999):
        with pytest.raises(Invalid, match="The project has no source"):
            build_comparison_report(done.scope(done.bob), ComparisonQuery(sources=(pk,)))
