"""What was loaded is kept until the history moves on, once for agreement and comparison."""

import pytest

from cstoannot.agreement import project_cache as agreement_keeping
from cstoannot.agreement.reports import AgreementQuery as Agreement
from cstoannot.agreement.reports import build_agreement_report
from cstoannot.comparison import project_cache
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.projects.actions import change_project, change_role
from tests.builders import annotate, finish, join, make_user


@pytest.fixture
def done(world):
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


@pytest.fixture
def loads(monkeypatch):
    """How often each part was loaded."""
    counted = {"comparison": 0, "agreement": 0}

    def counting(name, load):
        def counts(*arguments, **options):
            counted[name] += 1
            return load(*arguments, **options)

        return counts

    monkeypatch.setattr(
        project_cache,
        "load_comparison_dataset",
        counting("comparison", project_cache.load_comparison_dataset),
    )
    loading = counting("agreement", agreement_keeping.load_agreement_dataset)
    monkeypatch.setattr(agreement_keeping, "load_agreement_dataset", loading)
    return counted


def test_passages_are_loaded_once_for_agreement_and_comparison(done, loads):
    build_agreement_report(done.lead, Agreement())
    first = build_comparison_report(done.lead, ComparisonQuery())
    assert build_comparison_report(done.scope(done.ada), ComparisonQuery()) is first
    build_comparison_report(done.lead, ComparisonQuery(voices=("everyone",)))
    assert loads == {"comparison": 1, "agreement": 1}


def test_each_change_is_seen_at_once(done, loads):
    before = build_comparison_report(done.lead, ComparisonQuery()).passages
    for coder in (done.bob, done.beth):
        annotate(done.scope(coder), done.shared, "Nobody came.", stance="mixed")
    assert build_comparison_report(done.lead, ComparisonQuery()).passages == before + 1
    assert loads["comparison"] == 2


def test_views_of_annotators_and_viewers_are_apart(done, loads):
    every = [
        build_comparison_report(done.scope(one), ComparisonQuery())
        for one in (done.alice, done.bob, done.beth)
    ]
    assert len({id(found) for found in every}) == 3
    other = join(done.lead, make_user("victor"), "viewer")
    viewers = [
        build_comparison_report(scope, ComparisonQuery())
        for scope in (done.scope(done.vera), other)
    ]
    assert viewers[0] is viewers[1]


def test_role_and_openness_decide_what_is_kept(done):
    assert len(build_comparison_report(done.scope(done.bob), ComparisonQuery()).actors) == 2
    change_project(done.lead, open_sources=True)
    assert len(build_comparison_report(done.scope(done.bob), ComparisonQuery()).actors) == 3
    change_role(done.lead, username="bob", role="viewer")
    assert build_comparison_report(done.scope(done.bob), ComparisonQuery()).layer == "consensus"


def test_answers_kept_are_bounded(done, monkeypatch):
    monkeypatch.setattr(project_cache, "MOST_CELLS", 24)
    for voice in ("author", "everyone", "The minister", "A silent witness"):
        build_comparison_report(done.lead, ComparisonQuery(voices=(voice,)))
    kept = project_cache.load_cached_comparison(done.lead)
    assert sum(cells for cells, _ in kept.answers.values()) <= 24
    assert len(kept.answers) < 5
    newest = build_comparison_report(done.lead, ComparisonQuery(voices=("A silent witness",)))
    assert (
        build_comparison_report(done.lead, ComparisonQuery(voices=("A silent witness",))) is newest
    )
