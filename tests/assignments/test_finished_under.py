"""An assignment remembers the codebook revision under which it was finished."""

from datetime import timedelta

import pytest
from django.core.management.sql import emit_pre_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from cstoannot.annotations.triggers import install_triggers
from cstoannot.assignments.actions import set_assignment_state
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.queries import load_current_revision
from tests.builders import add_code, assign_to, finish


def test_finishing_takes_the_newest_revision_and_reopening_forgets_it(world):
    bob, given = world.scope(world.bob), world.assignments["bob bobs"]
    first = load_current_revision(world.lead)
    assert given.finished_under is None
    assert set_assignment_state(bob, given.pk, "done").finished_under == first
    add_code(world.lead, "Debt")
    # Saying again that it is done does not read it again.
    assert set_assignment_state(bob, given.pk, "done").finished_under == first
    assert set_assignment_state(bob, given.pk, "started").finished_under is None
    assert set_assignment_state(bob, given.pk, "done").finished_under == first + 1


def test_assignment_given_again_is_not_finished(world):
    finish(world.scope(world.bob), world.bobs)
    Assignment.objects.get(source=world.bobs, annotator=world.bob).delete()
    (again,) = assign_to(world.lead, world.bobs, world.bob)
    assert (again.state, again.finished_under) == ("todo", None)


def test_api_tells_the_revision(world, api):
    given = world.assignments["bob bobs"].pk
    path = f"/api/v1/projects/{world.slug}/assignments/{given}/"
    assert api(world.bob).get(path).json()["finished_under"] is None
    done = api(world.bob).patch(path, {"state": "done"}).json()
    assert done["finished_under"] == load_current_revision(world.lead)


BEFORE, AFTER = "0013_outsiders_moved_at", "0014_finished_under"
TABLES = ("Assignment", "CodebookRevision", "Source", "Membership", "Project")


def _migrate(name):
    target = [("cstoannot", name)]
    executor = MigrationExecutor(connection)
    emit_pre_migrate_signal(0, False, "default", plan=executor.migration_plan(target))
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def old(transactional_db):
    """The models as they were; afterwards the database is as it should be, without rows."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("cstoannot")[0][1]
    models = _migrate(BEFORE)
    yield models
    for name in TABLES:
        table = models.get_model("cstoannot", name)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    _migrate(newest)
    install_triggers()


def test_existing_assignments_take_the_revision_in_force_when_they_were_done(
    old, django_user_model
):
    start = timezone.now() - timedelta(days=30)
    made = {}
    for slug, days in (("one", (2, 4, 6)), ("two", (1,))):
        project = old.get_model("cstoannot", "Project").objects.create(slug=slug, name=slug)
        for number, day in enumerate(days, 1):
            old.get_model("cstoannot", "CodebookRevision").objects.create(
                project=project, number=number, at=start + timedelta(days=day), changes={}
            )
        for day in (None, 0, 2, 5, 20):
            source = old.get_model("cstoannot", "Source").objects.create(
                project=project,
                title=str(day),
                text="a",
                sha256="0" * 64,
                length=1,
                paragraphs=b"",
                sentences=b"",
                tokens=b"",
                words=1,
            )
            person = django_user_model.objects.create(username=f"{slug}-{day}")
            old.get_model("cstoannot", "Membership").objects.create(
                project=project, user_id=person.pk, role="annotator"
            )
            assignment = old.get_model("cstoannot", "Assignment").objects.create(
                project=project,
                source=source,
                annotator_id=person.pk,
                state="todo" if day is None else "done",
                done_at=None if day is None else start + timedelta(days=day),
            )
            made[slug, day] = assignment.pk
    new = _migrate(AFTER).get_model("cstoannot", "Assignment").objects
    under = {key: new.get(pk=pk).finished_under for key, pk in made.items()}
    assert under == {
        ("one", None): None,
        ("one", 0): 0,
        ("one", 2): 1,
        ("one", 5): 2,
        ("one", 20): 3,
        ("two", None): None,
        ("two", 0): 0,
        ("two", 2): 1,
        ("two", 5): 1,
        ("two", 20): 1,
    }
