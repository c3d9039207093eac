"""The demonstration's consensus, computed a second time from the files of its codings and the rule.

The rule: at every place what most coders marked, and nothing where most marked nothing. Over all
codes of a source, that leaves what more than half of the coders marked: character by character,
each run a passage.
"""

from collections import Counter

import pytest
from django.test import Client

from cstoannot.accounts.queries import find_user
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import visible_annotations
from cstoannot.assignments.models import SourceConsensus
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.decisions.models import Decision
from cstoannot.exchange.seeds import RULE, SLUG, load_seeds, make_demo_link
from cstoannot.projects.scope import open_project
from tests.agreement.demo import CODERS, FOLDER, Codings
from tests.snapshots import Snapshot
from tests.web.pages import text_of

DECIDED = Snapshot(lambda: load_seeds(FOLDER, decided=True))


@pytest.fixture
def codings(db):
    DECIDED.restore()
    return Codings()


def _runs(text, marked):
    """Stretches that more than half of the coders marked, without white space at their ends."""
    counts = Counter(at for spans in marked for at in {at for s, e in spans for at in range(s, e)})
    kept = sorted(at for at, count in counts.items() if 2 * count > len(CODERS))
    runs = []
    for at in kept:
        if runs and runs[-1][1] == at:
            runs[-1][1] = at + 1
        else:
            runs.append([at, at + 1])
    for run in runs:
        while run[0] < run[1] and text[run[0]].isspace():
            run[0] += 1
        while run[0] < run[1] and text[run[1] - 1].isspace():
            run[1] -= 1
    return {(start, end) for start, end in runs if start < end}


def test_consensus_is_what_most_coders_marked(codings):
    for number in range(2):
        stored = Annotation.objects.filter(source=codings.pks[number], annotator=None)
        for code in codings.codes:
            marked = [
                [(start, end) for start, end, _ in codings.spans(coder, number, code)]
                for coder in CODERS
            ]
            found = set(stored.filter(code__slug=code).values_list("start", "end"))
            assert found == _runs(codings.texts[number], marked), (number, code)


def test_two_of_five_sources_are_decided_by_a_rule_that_is_told(codings):
    states = dict(SourceConsensus.objects.values_list("source_id", "state"))
    assert states == dict.fromkeys(codings.pks[:2], "decided")
    assert set(Decision.objects.values_list("reason", flat=True)) == {f"By rule: {RULE}"}
    assert not Annotation.objects.filter(annotator=None, source__in=codings.pks[2:]).exists()
    project = open_project(find_user("lead"), SLUG).project
    assert "made by a rule, not by people" in project.about
    assert project.results == "link"


def test_methods_tell_the_rule_to_the_team_and_that_there_is_one_to_readers(codings, client_for):
    lead = text_of(client_for(find_user("lead")).get(f"/projects/{SLUG}/agreement/"))
    assert "The team decided two sources. Of 1" in lead
    said = "All of them were decided by a rule for all places alike, not one by one"
    assert f"{said}: {RULE}" in lead
    assert "knew which coder" not in lead
    assert f"{said}." in text_of(Client().get(f"/results/{make_demo_link()}/methods/"))


def test_coders_see_nothing_of_it(codings):
    for coder in CODERS:
        scope = open_project(find_user(coder), SLUG)
        assert not visible_annotations(scope).filter(annotator=None).exists()


def test_reader_sees_a_matrix(codings):
    found = build_comparison_report(open_project(find_user("reader"), SLUG), ComparisonQuery())
    assert found.layers == ("consensus", "consensus", "majority", "majority", "majority")
    assert found.annotators == ()
    assert sum(str(verdict) == "unaddressed" for verdict in found.verdicts) < len(found.verdicts)
    assert found.passages > 100


def test_link_of_the_demonstration_opens_its_results(codings):
    page = Client().get(f"/results/{make_demo_link()}/")
    words = text_of(page)
    assert "What the team decided, otherwise what most coders marked" in words
    assert "coder-a" not in words
