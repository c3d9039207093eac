"""Codings made under an older meaning of their code are counted, and can be left out."""

import pytest

from cstoannot.agreement import project_cache
from cstoannot.agreement.disagreements import DisagreementFilter, list_disagreements
from cstoannot.agreement.evidence import load_evidence
from cstoannot.agreement.places import list_disputed_places
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.codebook.actions import change_code
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import ANY_VERSION
from tests.builders import add_source, annotate, assign_to, finish, reopened

MEASURES = ("krippendorff_alpha", "u_alpha", "f1_overlap", "stance_alpha")


@pytest.fixture
def done(world):
    """Both coders have finished two sources; in each, both marked both codes."""
    second = add_source(world.lead, "Second")
    assign_to(world.lead, second, world.bob, world.beth)
    for coder in (world.scope(world.bob), world.scope(world.beth)):
        annotate(coder, second, "Nobody came.", "plea")
        annotate(coder, second, "all", "failure")
        finish(coder, second)
        finish(coder, world.shared)
    world.second = second
    return world


def _report(scope, **asked):
    return build_agreement_report(scope, AgreementQuery(**{"interval": "none", **asked}))


def _values(found):
    return {one.code.slug: (one.result.value, one.result.n) for one in found.codes}


def _counts(found):
    return (
        found.stale,
        {one.code.slug: one.stale for one in found.codes},
        [one.stale for one in found.pairs],
        [one.stale for one in found.by_source],
    )


def test_nothing_is_stale_before_a_meaning_changes(done):
    assert _counts(_report(done.lead)) == (0, {"failure": 0, "plea": 0}, [0], [0, 0])
    for measure in MEASURES:
        found = [_report(done.lead, measure=measure, meaning=m) for m in ("any", "current")]
        assert _values(found[0]) == _values(found[1])
        assert found[0].overall == found[1].overall


def test_change_of_meaning_makes_codings_stale_and_changes_no_value(done):
    before = _report(done.lead)
    change_code(done.lead, "plea", definition="Only a plea by a government.")
    after = _report(done.lead)
    assert (after.overall, _values(after)) == (before.overall, _values(before))
    assert _counts(after) == (4, {"failure": 0, "plea": 4}, [4], [2, 2])
    assert after.counts_stale
    change_code(done.lead, "plea", name="Request", colour="#123456")
    assert _counts(_report(done.lead)) == _counts(after)
    # Changed again by its coder, a coding is of the meaning of now.
    bob, said = done.scope(done.bob), done.said["bob plea"]
    draft = Draft(source=done.shared.pk, code="plea", start=0, end=9)
    with reopened(bob, done.shared):
        save_annotation(bob, said["id"], draft, expected=ANY_VERSION)
    assert _counts(_report(done.lead)) == (3, {"failure": 0, "plea": 3}, [3], [1, 2])


def test_count_follows_the_selection(done):
    change_code(done.lead, "plea", definition="Only a plea by a government.")
    assert _report(done.lead, codes=("failure",)).stale == 0
    assert _report(done.lead, sources=(done.second.pk,)).stale == 2
    assert _report(done.lead, codes=("plea",), sources=(done.shared.pk,)).stale == 2


def test_current_meaning_leaves_stale_codings_out_everywhere(done):
    change_code(done.lead, "plea", definition="Only a plea by a government.")
    found = _report(done.lead, meaning="current")
    assert (found.stale, found.counts_stale) == (4, False)
    every = _report(done.lead)
    assert _values(found)["failure"] == _values(every)["failure"]
    assert _values(found)["plea"] != _values(every)["plea"]
    asked = DisagreementFilter(meaning="current")
    listed = list_disagreements(done.lead, asked)
    coded = {code.slug for one in listed.entries for code in one.codes}
    assert coded == {"failure"}
    places = list_disputed_places(done.lead, asked)
    assert {code.slug for one in places.entries for code in one.codes} == {"failure"}
    for measure in MEASURES:
        question = AgreementQuery(measure=measure, meaning="current")
        n = _report(done.lead, measure=measure, meaning="current").overall.n
        assert load_evidence(done.lead, question).total == n


def test_cached_results_are_of_the_meaning_of_now(done):
    def numbers():
        found = [_report(done.lead, meaning=meaning) for meaning in ("any", "current")]
        return [(one.overall, _values(one), _counts(one)) for one in found]

    numbers()
    for change in (
        lambda: change_code(done.lead, "plea", definition="Only a plea by a government."),
        lambda: annotate(done.scope(done.bob), done.second, "Naïve", "plea"),
        lambda: change_code(done.lead, "failure", claim="It failed."),
    ):
        change()
        warm = numbers()
        project_cache.clear_agreement_cache()
        assert numbers() == warm


def test_unknown_meaning_is_refused(done):
    with pytest.raises(Invalid, match="meaning is one of: any, current"):
        _report(done.lead, meaning="old")
