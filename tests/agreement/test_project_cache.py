"""What is kept is never other than what would be found anew."""

import uuid
from contextlib import contextmanager
from itertools import chain, combinations, count, islice
from unittest.mock import patch

import pytest

from cstoannot.agreement import project_cache
from cstoannot.agreement.diagnosis import diagnose_report
from cstoannot.agreement.disagreements import (
    DisagreementFilter,
    compute_mixed_codes,
    list_disagreements,
)
from cstoannot.agreement.evidence import load_evidence
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.annotations.actions import (
    Draft,
    add_listed_speaker,
    change_speaker,
    delete_annotation,
    save_annotation,
)
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.reader_queries import load_reader_state
from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.codebook.actions import change_code
from cstoannot.core.fields import ANY_VERSION
from cstoannot.history.models import Event
from cstoannot.projects.actions import change_project, change_role, remove_member
from cstoannot.projects.models import Role
from cstoannot.projects.scope import open_project
from cstoannot.sources.actions import change_source, delete_source, restore_source
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    join,
    make_user,
    reopened,
)

MEASURES = ("krippendorff_alpha", "u_alpha", "bar_u_alpha", "f1_overlap", "stance_alpha")


class Team:
    """The small world with Bob and Beth done with `size` sources they share."""

    def __init__(self, world, size):
        self.world = world
        self.bob, self.beth = world.scope(world.bob), world.scope(world.beth)
        more = [add_source(world.lead, f"Source {number}") for number in range(size - 1)]
        self.sources = [world.shared, *more]
        for number, source in enumerate(more):
            assign_to(world.lead, source, world.bob, world.beth)
            annotate(self.bob, source, "Nobody came.", "plea", stance="supports")
            if number % 2:
                annotate(self.beth, source, "Nobody", "plea", stance="opposes")
        for source in self.sources:
            finish(self.bob, source)
            finish(self.beth, source)
        self.unfinished = add_source(world.lead, "Unfinished")
        assign_to(world.lead, self.unfinished, world.bob, world.beth)

    def said(self, name):
        return uuid.UUID(str(self.world.said[name]["id"]))

    def change(self, coder, name, code="failure", **said):
        draft = Draft(source=self.world.shared.pk, code=code, start=0, end=12, **said)
        with reopened(coder, self.world.shared):
            save_annotation(coder, self.said(name), draft, expected=ANY_VERSION)

    def delete(self, coder, name):
        source = self.world.beths if name == "beth own" else self.world.shared
        with reopened(coder, source):
            delete_annotation(coder, self.said(name))

    def set_state(self, coder, source, state):
        row = Assignment.objects.get(source=source, annotator=coder.user)
        set_assignment_state(coder, row.pk, state)


@pytest.fixture(params=[1, 11], ids=["one source", "eleven sources"])
def team(request, world):
    return Team(world, request.param)


@pytest.fixture
def large(world):
    return Team(world, 11)


def _numbers(found):
    """A report without the moments of its making."""
    return (
        found.annotators,
        found.sources,
        found.overall,
        found.mean_over_codes,
        found.codes,
        found.pairs,
        found.by_source,
    )


def _everything(scope):
    told = [
        _numbers(build_agreement_report(scope, AgreementQuery(measure=m, interval="none")))
        for m in MEASURES
    ]
    told += [load_evidence(scope, AgreementQuery(measure=measure)) for measure in MEASURES]
    told += [
        list_disagreements(scope, DisagreementFilter(order=order)) for order in ("position", "size")
    ]
    return [
        *told,
        compute_mixed_codes(scope, DisagreementFilter()),
        diagnose_report(scope, AgreementQuery()),
    ]


def _assert_as_anew(scope):
    kept = _everything(scope)
    project_cache.clear_agreement_cache()
    assert kept == _everything(scope)
    return kept


def _add(team):
    annotate(team.beth, team.sources[0], "Nobody came.", "plea")


def _change(team):
    team.change(team.beth, "beth failure", stance="supports")


def _change_voice(team):
    team.change(team.beth, "beth failure", voice="A silent witness")


def _change_code(team):
    team.change(team.beth, "beth failure", "plea")


def _new_voice(team):
    team.change(team.beth, "beth failure", voice="Nobody has named it yet")


def _delete(team):
    team.delete(team.beth, "beth plea")


def _use_no_heading(team):
    """Failure is a heading, listed as long as somebody uses it."""
    team.delete(team.beth, "beth failure")
    team.delete(team.bob, "bob failure")


def _reopen(team):
    team.set_state(team.beth, team.sources[-1], AssignmentState.STARTED)


def _reopen_everything(team):
    for source in team.sources:
        team.set_state(team.beth, source, AssignmentState.STARTED)


def _finish_one_more(team):
    annotate(team.beth, team.unfinished, "Nobody")
    team.set_state(team.beth, team.unfinished, AssignmentState.DONE)
    team.set_state(team.bob, team.unfinished, AssignmentState.DONE)


def _work_on_the_unfinished(team):
    annotate(team.beth, team.unfinished, "Nobody")


def _add_code(team):
    add_code(team.world.lead, "Fresh")


def _use_new_code(team):
    add_code(team.world.lead, "Fresh")
    annotate(team.beth, team.sources[0], "Nobody came.", "fresh")


def _rename_code(team):
    change_code(team.world.lead, "plea", name="Entreaty")


def _rename_speaker(team):
    speaker = Speaker.objects.get(name="The minister", project=team.world.lead.project)
    change_speaker(team.world.lead, speaker.key, name="The prime minister")


def _list_speaker(team):
    add_listed_speaker(team.world.lead, name="Somebody else")


def _rename_source(team):
    change_source(team.world.lead, team.sources[0].pk, title="Renamed")


def _remove_source(team):
    delete_source(team.world.lead, team.sources[-1].pk, confirmed=True)


def _restore_source(team):
    _remove_source(team)
    _everything(team.world.lead)
    restore_source(team.world.lead, team.sources[-1].pk)


def _remove_member(team):
    remove_member(team.world.lead, username="beth")


def _open_to_all(team):
    change_project(team.world.lead, visibility="all")


def _make_adjudicator(team):
    change_role(team.world.lead, username="bob", role=Role.ADJUDICATOR)


CHANGES = [
    _add,
    _change,
    _change_voice,
    _change_code,
    _new_voice,
    _delete,
    _use_no_heading,
    _reopen,
    _reopen_everything,
    _finish_one_more,
    _work_on_the_unfinished,
    _add_code,
    _use_new_code,
    _rename_code,
    _rename_speaker,
    _list_speaker,
    _rename_source,
    _remove_source,
    _restore_source,
    _remove_member,
    _open_to_all,
    _make_adjudicator,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__[1:])
@pytest.mark.parametrize("visibility", ["done", "all"])
def test_answer_after_a_change_is_the_one_found_anew(team, change, visibility):
    change_project(team.world.lead, visibility=visibility)
    people = (team.world.alice, team.world.bob)
    for user in people:
        _everything(open_project(user, team.world.slug))
    change(team)
    for user in people:
        _assert_as_anew(open_project(user, team.world.slug))


@pytest.mark.parametrize(
    "change",
    [_add, _change, _change_voice, _change_code, _delete, _reopen, _work_on_the_unfinished],
    ids=lambda change: change.__name__[1:],
)
def test_change_in_one_source_loads_that_source_alone(large, monkeypatch, change):
    scope = large.world.scope(large.world.alice)
    before = _everything(scope)
    change(large)
    with monkeypatch.context() as loads:
        loads.setattr(project_cache, "load_agreement_dataset", _refuse)
        loads.setattr(project_cache, "load_unit_bounds", _refuse)
        kept = _everything(scope)
    project_cache.clear_agreement_cache()
    assert kept == _everything(scope)
    assert (kept == before) is (change is _work_on_the_unfinished)


def test_nothing_is_loaded_where_nothing_has_happened(large, monkeypatch):
    scope = large.world.scope(large.world.alice)
    before = _everything(scope)
    for name in (
        "load_agreement_dataset",
        "reload_dataset_sources",
        "load_unit_bounds",
        "build_statistics",
    ):
        monkeypatch.setattr(project_cache, name, _refuse)
    assert _everything(scope) == before


def _refuse(*args):
    raise AssertionError("there was no need to load this")


def test_change_that_appears_behind_the_newest_is_seen(large):
    """Its event got its id before that of another, whose transaction ended first."""
    scope = large.world.scope(large.world.alice)
    _rename_source(large)
    newest = Event.objects.filter(project=scope.project).latest("id")
    before, state = _everything(scope), load_reader_state(scope)
    with stopped_at(newest, seconds=-1):
        _change(large)
    assert load_reader_state(scope).newest == newest.id
    assert load_reader_state(scope) != state
    assert _assert_as_anew(scope) != before


@contextmanager
def stopped_at(event, *, seconds):
    """Ids of events in the block are of so many seconds after this one's."""
    late = count(event.id.int + (seconds * 1_000 << 80))
    with patch("uuid_utils.uuid7", lambda: uuid.UUID(int=next(late))):
        yield


def test_views_of_two_readers_are_kept_apart(large):
    """Whoever asks first, each has the answer that they would have alone."""
    people = [large.world.alice, large.world.bob, large.world.beth, make_user("carl")]
    join(large.world.lead, people[-1], Role.ANNOTATOR)
    for visibility in ("own", "done", "all"):
        change_project(large.world.lead, visibility=visibility)
        scopes = [open_project(user, large.world.slug) for user in people]
        alone = []
        for scope in scopes:
            project_cache.clear_agreement_cache()
            alone.append(_everything(scope))
        project_cache.clear_agreement_cache()
        assert [_everything(scope) for scope in scopes] == alone
        assert [_everything(scope) for scope in reversed(scopes)] == alone[::-1]


def test_no_more_is_kept_than_said(large):
    scope = large.world.scope(large.world.alice)
    pks = [source.pk for source in project_cache.load_cached_agreement(scope).coding.sources]
    parts = chain.from_iterable(combinations(pks, size) for size in (1, 2, 3))
    for sources in islice(parts, project_cache.ANSWERS + 5):
        build_agreement_report(scope, AgreementQuery(sources=sources, interval="none"))
    assert len(project_cache.load_cached_agreement(scope).answers) == project_cache.ANSWERS
