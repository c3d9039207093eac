"""Which passages carry the verdicts of a project, and where that is said."""

import pytest

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.passages import list_passages
from cstoannot.comparison.reports import build_comparison_report
from tests.agreement.demo import demo
from tests.comparison.networked import worked_project
from tests.stats import slow_matrices as slow
from tests.web.pages import text_of


@pytest.fixture
def lead(db):
    return worked_project()


def listed(lead, **asked):
    """Source, claim and the verdict without it, of the passages that carry one."""
    question = ComparisonQuery(**asked)
    left = find_pivotal_passages(build_comparison_report(lead, question)).left_by_row
    entries = list_passages(lead, question, offset=0, limit=None).entries
    found = [(one, left.get(one.place.said[0].row)) for one in entries]
    return sorted((one.actor.name, one.place.claim.slug, str(v)) for one, v in found if v)


def test_passages_that_carry_verdicts(lead):
    """On p, A and B support what C opposes twice: no passage of theirs alone carries that.

    On q, A opposes and B supports, each once; D is mixed, and would only join one of them.
    """
    found = build_comparison_report(lead, ComparisonQuery())
    assert [str(verdict) for verdict in found.verdicts] == [
        "diverge",
        "diverge",
        "agree",
        "diverge",
    ]
    pairs = [("A", "q"), ("A", "r"), ("B", "q"), ("C", "r"), ("C", "s")]
    assert listed(lead) == [(*pair, "single") for pair in pairs]
    assert find_pivotal_passages(found).by_claim == {"q": 2, "r": 2, "s": 1}


def test_verdict_among_fewer_sources_hangs_on_more(lead):
    sources = tuple(lead.project.sources.order_by("pk").values_list("pk", flat=True))[:2]
    assert listed(lead, sources=sources, codes=("q",)) == [
        ("A", "q", "single"),
        ("B", "q", "single"),
    ]


def test_demonstration_against_judging_anew(db):
    scope = demo()
    for question in (
        ComparisonQuery(),
        ComparisonQuery(voices=("everyone",)),
        ComparisonQuery(annotators=("coder-a",)),
    ):
        found = build_comparison_report(scope, question)
        left = find_pivotal_passages(found).left_by_row
        entries = list_passages(scope, question, offset=0, limit=None).entries
        said = {}
        for one in entries:
            mine = one.place.said[0]
            key = (one.place.claim.slug, one.actor.key)
            said.setdefault(key, []).append((mine.row, mine.stance))
        for one in entries:
            claim, gone = one.place.claim.slug, one.place.said[0].row
            verdict = _verdict(said, claim, gone)
            whole = _verdict(said, claim, None)
            assert left.get(gone) == (verdict if verdict != whole else None)


def _verdict(said, claim, gone):
    states = []
    for (slug, _), rows in said.items():
        if slug == claim:
            heard = [s for row, s in rows if row != gone]
            states.append(slow.cell([heard], empty="silent", is_source=True)["state"])
    return slow.verdict(states)


def test_pages_and_api_say_it(lead, client_for, api):
    browser = client_for(lead.user)
    matrix = text_of(browser.get("/projects/worked/compare/"))
    assert "depends on one place" in matrix
    assert "depends on each of 2 places" in matrix
    page = text_of(browser.get("/projects/worked/compare/passages/?code=s"))
    assert "The verdict depends on one place: without it, the verdict changes." in page
    assert "The verdict depends on this place: without it, one source" in page
    path = "/api/v1/projects/worked/comparison/passages/?code=s"
    rows = api(lead.user).get(path).json()["results"]
    assert [row["verdict_without"] for row in rows] == [None, None, None, "single"]
