"""A project comes out of its archive unseen and bit by bit; what is interrupted leaves nothing."""

import io
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from cstoannot.core.errors import Conflict, Invalid, NotFound
from cstoannot.exchange.archive import actions
from cstoannot.exchange.archive import restoring as under_test
from cstoannot.exchange.archive.progress import ScratchDatabase
from cstoannot.exchange.archive.restoring import restore_archive
from cstoannot.models import Event, Membership, Outsider, Project
from cstoannot.projects.models import LONGEST_STANDSTILL
from cstoannot.projects.purge_actions import purge_deleted_projects
from cstoannot.projects.queries import list_memberships
from cstoannot.projects.scope import open_as_owner, open_deleted_projects, open_project
from tests.exchange.reading import file_of
from tests.exchange.test_archive import _gone
from tests.exchange.zips import forged


class Killed(BaseException):
    """As if the process had ended: nothing of ours is run any more."""


@pytest.fixture
def archive(world, odd):
    data = file_of(world.lead, "archive")
    _gone(world.lead.project)
    return data


def _restore(world, data, **options):
    return restore_archive(io.BytesIO(data), by=world.alice, **options).scope


def _counts():
    models = apps.get_app_config("cstoannot").get_models()
    return {model.__name__: model._base_manager.count() for model in models}


def _at_each_batch(monkeypatch, act):
    """Call `act` after each batch that is stored, with the kind of its rows."""
    store = actions.store_archive_rows

    def storing_and(scope, rows):
        store(scope, rows)
        act(type(rows[0]))

    monkeypatch.setattr(actions, "store_archive_rows", storing_and)


@contextmanager
def _kill_at(monkeypatch, kind):
    def die(stored):
        if stored is kind:
            raise Killed

    with monkeypatch.context() as patch:
        _at_each_batch(patch, die)
        patch.setattr(under_test, "discard_restoration", lambda scope: None)
        with pytest.raises(Killed):
            yield


def _stand_still(since=LONGEST_STANDSTILL):
    unfinished = Project.objects.filter(restoring_at__isnull=False)
    assert unfinished.update(restoring_at=timezone.now() - since) == 1


def test_nobody_sees_it_until_all_of_it_is_there(world, archive, monkeypatch):
    seen = []

    def look(stored):
        slug = Project.objects.get(restoring_at__isnull=False).slug
        for name in (slug, "alliances"):
            with pytest.raises(NotFound):
                open_project(world.alice, name)
            with pytest.raises(NotFound):
                open_as_owner(name)
        assert slug not in {one.project.slug for one in list_memberships(world.alice)}
        assert open_deleted_projects(world.alice) == []
        seen.append(stored.__name__)

    _at_each_batch(monkeypatch, look)
    scope = _restore(world, archive)
    assert {"Source", "Annotation", "Event"} <= set(seen)
    assert open_project(world.alice, "alliances") == scope
    assert Project.objects.get(slug="alliances").restoring_at is None


@pytest.mark.parametrize("model", ["CodebookRevision", "Source", "Annotation", "Event"])
def test_killed_half_way_it_can_be_restored_again(world, archive, monkeypatch, model):
    before = _counts()
    with _kill_at(monkeypatch, apps.get_model("cstoannot", model)):
        _restore(world, archive)
    assert _counts()["Project"] == before["Project"] + 1
    with pytest.raises(NotFound):
        open_project(world.alice, "alliances")
    _stand_still()
    again = file_of(_restore(world, archive, same_people=True), "archive")
    assert again == archive
    assert Project.objects.filter(restoring_at__isnull=False).count() == 0


def test_killed_a_moment_ago_its_ids_are_waited_for(world, archive, monkeypatch):
    """They would be made anew otherwise, as for a copy beside the project."""
    with _kill_at(monkeypatch, Event):
        _restore(world, archive)
    with pytest.raises(Conflict, match="in a minute"):
        _restore(world, archive)


def test_what_was_interrupted_is_removed_by_the_purge_alone_in_time(world, archive, monkeypatch):
    before = _counts()
    with _kill_at(monkeypatch, Event):
        _restore(world, archive)
    left = _counts()
    _stand_still(LONGEST_STANDSTILL - timedelta(seconds=10))
    assert purge_deleted_projects() == []
    assert _counts() == left
    _stand_still()
    (slug,) = purge_deleted_projects()
    assert slug.startswith("restoring-")
    assert _counts() == before


def test_restoration_that_was_taken_for_interrupted_stops(world, archive, monkeypatch):
    """A process that was asleep for an hour finds its project gone, and brings nothing back."""
    before = _counts()

    def sleep(stored):
        if stored is not Event:
            _stand_still()
            purge_deleted_projects()

    with monkeypatch.context() as patch:
        _at_each_batch(patch, sleep)
        with pytest.raises(Conflict, match="was cancelled"):
            _restore(world, archive)
    assert _counts() == before


def test_what_only_the_database_refuses_leaves_nothing(world, archive, monkeypatch):
    """Rows are taken back whose archive was found wrong only when it was being stored."""
    before = _counts()
    monkeypatch.setattr(ScratchDatabase, "keep_ids", lambda self, kind, ids: True)
    double = forged(archive, "annotations", lambda rows: rows[1].update(id=rows[0]["id"]))
    with pytest.raises(Invalid, match="contradicts itself"):
        _restore(world, double)
    assert _counts() == before


def test_slug_that_is_taken_meanwhile_is_a_conflict(world, archive, monkeypatch):
    def take(stored):
        if stored is Event and not Project.objects.filter(slug="alliances").exists():
            Project.objects.create(slug="alliances", name="Other")

    _at_each_batch(monkeypatch, take)
    with pytest.raises(Conflict, match="alliances is already used"):
        _restore(world, archive)
    assert Membership.objects.filter(project__slug="alliances").count() == 0
    assert Outsider.objects.count() == 0
    assert Project.objects.filter(restoring_at__isnull=False).count() == 0


def test_transactions_stay_short(world, archive, monkeypatch):
    """Their size follows the time that they take; between them others have as long."""
    slept, moments = [], iter(range(0, 100_000))
    monkeypatch.setattr(actions.time, "sleep", slept.append)
    monkeypatch.setattr(actions.time, "monotonic", lambda: next(moments))
    sizes = []
    monkeypatch.setattr(actions, "store_archive_rows", lambda scope, rows: sizes.append(len(rows)))
    actions.DatabaseSink(world.lead).put(list(range(400)))
    assert sizes[0] == actions.FIRST
    assert set(sizes[2:-1]) == {actions.LEAST}
    assert len(slept) == len(sizes)
    assert min(slept) > 0


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's planner")
def test_planner_knows_the_table_after_a_restore(world, archive):
    with connection.cursor() as cursor:
        table = "pg_class WHERE oid = 'cstoannot_annotation'::regclass"
        cursor.execute(f"UPDATE {table.replace(' WHERE', ' SET reltuples = -1 WHERE')}")
        _restore(world, archive)
        cursor.execute(f"SELECT reltuples FROM {table}")
        assert cursor.fetchone()[0] > 0
