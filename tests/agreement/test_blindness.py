"""Who may know how far others agree: nothing is told without the reader's own work."""

import pytest

from cstoannot.agreement import project_cache
from cstoannot.agreement.code_tables import COLUMNS, build_code_table
from cstoannot.agreement.diagnosis import diagnose_report
from cstoannot.agreement.disagreements import (
    DisagreementFilter,
    compute_mixed_codes,
    list_disagreements,
)
from cstoannot.agreement.evidence import load_evidence
from cstoannot.agreement.places import list_disputed_places
from cstoannot.agreement.profiles import build_profile_report
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.core.errors import Forbidden, Invalid, NotFound
from cstoannot.projects.actions import change_project, change_role
from cstoannot.projects.models import Role
from cstoannot.projects.scope import open_project
from tests.builders import annotate, assign_to, finish, join, make_user


@pytest.fixture
def three(world):
    """Carl codes too. Bob, Beth and Carl have the shared source, Beth and Carl Beth's as well."""
    carl = join(world.lead, make_user("carl"), Role.ANNOTATOR)
    assign_to(world.lead, world.shared, carl.user)
    assign_to(world.lead, world.beths, carl.user)
    annotate(carl, world.shared, "failed its member", stance="mixed")
    annotate(carl, world.beths, "Nobody")
    for coder, source in (
        (world.scope(world.bob), world.shared),
        (world.scope(world.beth), world.shared),
        (carl, world.shared),
        (world.scope(world.beth), world.beths),
        (carl, world.beths),
    ):
        finish(coder, source)
    return world


def _see(world, visibility):
    change_project(world.lead, visibility=visibility)
    return world.scope(world.bob)


def _pairs(found):
    return [(pair.first.username, pair.second.username) for pair in found.pairs]


def _listed(scope, **asked):
    found = list_disagreements(scope, DisagreementFilter(**asked), limit=1_000)
    assert found.total == len(found.entries)
    return [(entry.first.username, entry.second.username) for entry in found.entries]


def test_blind_coder_has_no_pair_no_n_and_no_disagreement(three):
    scope = _see(three, "own")
    found = build_agreement_report(scope, AgreementQuery())
    assert [one.username for one in found.annotators] == ["bob"]
    assert (found.sources, found.pairs, found.by_source) == ((), (), ())
    assert (found.overall.value, found.overall.n) == (None, 0)
    assert {code.result.n for code in found.codes} == {0}
    assert (load_evidence(scope, AgreementQuery()).total, _listed(scope)) == (0, [])
    assert sum(map(sum, compute_mixed_codes(scope, DisagreementFilter()).matrix)) == 0


@pytest.mark.parametrize("visibility", ["done", "all"])
def test_open_coder_has_own_sources_and_own_pairs(three, visibility):
    scope = _see(three, visibility)
    found = build_agreement_report(scope, AgreementQuery())
    assert [source.pk for source in found.sources] == [three.shared.pk]
    assert _pairs(found) == [("beth", "bob"), ("bob", "carl")]
    assert set(_listed(scope)) == {("beth", "bob"), ("bob", "carl")}


def test_coding_opens_once_everybody_has_finished(three):
    dora = join(three.lead, make_user("dora"), Role.ANNOTATOR)
    assign_to(three.lead, three.shared, dora.user)
    scope = _see(three, "done")
    assert (build_agreement_report(scope, AgreementQuery()).sources, _listed(scope)) == ((), [])
    finish(dora, three.shared)
    found = build_agreement_report(scope, AgreementQuery())
    assert [source.pk for source in found.sources] == [three.shared.pk]
    assert _pairs(found) == [("beth", "bob"), ("bob", "carl"), ("bob", "dora")]


def test_source_that_the_reader_has_not_finished_is_not_told(three):
    """Where all coding is open, agreement is still of what one has finished oneself."""
    assign_to(three.lead, three.beths, three.bob)
    scope = _see(three, "all")
    assert [source.pk for source in build_agreement_report(scope, AgreementQuery()).sources] == [
        three.shared.pk
    ]
    finish(scope, three.beths)
    told = {source.pk for source in build_agreement_report(scope, AgreementQuery()).sources}
    assert told == {three.shared.pk, three.beths.pk}


def test_blind_coder_cannot_name_others(three):
    scope = _see(three, "own")
    asked = AgreementQuery(annotators=("beth", "carl"))
    for ask in (build_agreement_report, diagnose_report):
        with pytest.raises(Invalid):
            ask(scope, asked)
    with pytest.raises(Invalid):
        load_evidence(scope, AgreementQuery(measure="f1_exact"), pair=("beth", "carl"))
    for ask in (list_disagreements, compute_mixed_codes):
        with pytest.raises(Invalid):
            ask(scope, DisagreementFilter(annotators=("beth", "carl")))


@pytest.mark.parametrize("visibility", ["done", "all"])
def test_others_among_themselves_are_not_told(three, visibility):
    scope = _see(three, visibility)
    others = ("beth", "carl")
    found = build_agreement_report(scope, AgreementQuery(annotators=others))
    assert (found.sources, found.pairs, found.by_source) == ((), (), ())
    assert (found.overall.value, found.overall.n) == (None, 0)
    assert load_evidence(scope, AgreementQuery(measure="f1_exact"), pair=others).total == 0
    assert _listed(scope, annotators=others) == []
    assert (
        sum(map(sum, compute_mixed_codes(scope, DisagreementFilter(annotators=others)).matrix)) == 0
    )
    told = diagnose_report(scope, AgreementQuery(annotators=others))
    assert [finding for finding in told if "carl" in str(finding)] == []


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADJUDICATOR])
def test_those_who_lead_are_told_of_everybody(three, role):
    scope = three.scope(three.alice if role == Role.OWNER else three.ada)
    found = build_agreement_report(scope, AgreementQuery())
    assert {source.pk for source in found.sources} == {three.shared.pk, three.beths.pk}
    assert _pairs(found) == [("beth", "bob"), ("beth", "carl"), ("bob", "carl")]
    assert set(_listed(scope)) == {("beth", "bob"), ("beth", "carl"), ("bob", "carl")}


@pytest.mark.parametrize("ask", [build_agreement_report, load_evidence, diagnose_report])
def test_viewer_is_refused(three, ask):
    for kept in (False, True):
        if kept:
            build_agreement_report(three.scope(three.alice), AgreementQuery())
        with pytest.raises(Forbidden):
            ask(three.scope(three.vera), AgreementQuery())


def test_viewer_who_was_a_coder_is_refused_what_was_kept(three):
    build_agreement_report(_see(three, "all"), AgreementQuery())
    change_role(three.lead, username="bob", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        build_agreement_report(three.scope(three.bob), AgreementQuery())
    with pytest.raises(Forbidden):
        list_disagreements(three.scope(three.bob), DisagreementFilter())


def test_stranger_finds_no_project(three):
    for user in (three.charlie, three.dan):
        with pytest.raises(NotFound):
            open_project(user, three.slug)


def test_project_of_others_has_its_own_view(three):
    build_agreement_report(three.scope(three.alice), AgreementQuery())
    assert build_agreement_report(three.elsewhere, AgreementQuery()).annotators == ()


def test_narrower_visibility_takes_back_what_was_told(three):
    assert _pairs(build_agreement_report(_see(three, "all"), AgreementQuery())) != []
    assert _pairs(build_agreement_report(_see(three, "own"), AgreementQuery())) == []
    assert _listed(_see(three, "own")) == []


def test_counts_by_kind_are_of_what_the_reader_is_listed(three):
    for visibility in ("done", "all"):
        found = list_disagreements(_see(three, visibility), DisagreementFilter(), limit=1_000)
        assert sum(found.counts.values()) == found.total == len(found.entries)
    project_cache.clear_agreement_cache()


def test_codes_mixed_up_are_those_of_the_readers_own_pairs(three):
    annotate(three.scope(three.beth), three.shared, "minister said", code="plea")
    scope = _see(three, "all")
    mixed = compute_mixed_codes(scope, DisagreementFilter())
    listed = list_disagreements(scope, DisagreementFilter(kinds=("different_code",)), limit=1_000)
    missed = list_disagreements(scope, DisagreementFilter(kinds=("missed",)), limit=1_000)
    apart = sum(map(sum, mixed.matrix)) - sum(mixed.matrix[n][n] for n in range(len(mixed.codes)))
    assert (apart // 2, sum(mixed.missed)) == (listed.total, missed.total)
    everybody = compute_mixed_codes(three.lead, DisagreementFilter())
    assert sum(everybody.missed) > sum(mixed.missed)


def test_places_are_of_the_readers_own_disagreements(three):
    assert list_disputed_places(_see(three, "own"), DisagreementFilter()).every == 0
    annotate(three.scope(three.beth), three.shared, "hopes", code="plea")
    annotate(three.scope(three.bob), three.shared, "hopes", code="plea")
    scope = _see(three, "all")
    pairs = list_disagreements(scope, DisagreementFilter(), limit=1_000)
    found = list_disputed_places(scope, DisagreementFilter(), limit=1_000)
    assert sum(entry.pairs for entry in found.entries) == pairs.total
    everything = list_disputed_places(three.lead, DisagreementFilter(), limit=1_000)
    assert sum(entry.pairs for entry in everything.entries) > pairs.total
    others = DisagreementFilter(annotators=("beth", "carl"))
    assert list_disputed_places(scope, others).total == 0
    with pytest.raises(Invalid):
        list_disputed_places(_see(three, "own"), others)


@pytest.mark.parametrize("by", COLUMNS)
def test_blind_coder_has_empty_tables_and_no_profile(three, by):
    scope = _see(three, "own")
    assert build_code_table(scope, AgreementQuery(), by).columns == ()
    assert build_profile_report(scope, AgreementQuery()).profiles == ()


def test_open_coder_has_own_pairs_own_frequencies_and_own_profile(three):
    scope = _see(three, "all")
    columns = {
        by: [one.label for one in build_code_table(scope, AgreementQuery(), by).columns]
        for by in COLUMNS
    }
    assert columns == {
        "pair": ["beth, bob", "bob, carl"],
        "source": [three.shared.title],
        "coder": ["bob"],
    }
    profiles = build_profile_report(scope, AgreementQuery()).profiles
    assert [one.annotator.username for one in profiles] == ["bob"]
    everybody = build_profile_report(three.lead, AgreementQuery()).profiles
    assert [one.annotator.username for one in everybody] == ["beth", "bob", "carl"]
