"""A deleted project is gone for everybody, can be restored for 30 days, and then is no more."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cstoannot.annotations.models import Annotation
from cstoannot.core.errors import Conflict, Forbidden, NotFound
from cstoannot.history.models import Event
from cstoannot.projects import purge_actions as purging
from cstoannot.projects.actions import change_role, create_project, delete_project, undelete_project
from cstoannot.projects.models import Membership, Project
from cstoannot.projects.purge_actions import purge_deleted_projects
from cstoannot.projects.queries import require_invitation_offer
from cstoannot.projects.scope import (
    open_deleted_project,
    open_deleted_projects,
    open_project,
    open_projects,
)
from tests.builders import add_code, invite


def delete(world, *, days_ago: float = 0) -> None:
    """Alice deletes her project."""
    if Project.objects.get(pk=world.lead.project_id).deleted_at is None:
        delete_project(world.lead)
    at = timezone.now() - timedelta(days=days_ago)
    Project.objects.filter(pk=world.lead.project_id).update(deleted_at=at)


def restore(world) -> None:
    undelete_project(open_deleted_project(world.alice, world.slug))


def test_restored_project_is_as_it_was(world):
    secret = invite(world.lead)[1]
    before = {user.username: open_project(user, world.slug) for user in (world.alice, world.bob)}
    delete(world, days_ago=29.9)
    with pytest.raises(NotFound):
        require_invitation_offer(world.dan, secret)
    restore(world)
    after = {user.username: open_project(user, world.slug) for user in (world.alice, world.bob)}
    assert after == before
    assert Annotation.objects.filter(project=world.lead.project).count() == 5
    assert require_invitation_offer(world.dan, secret).invitation.project == world.lead.project


def test_owners_alone_find_a_deleted_project(world):
    change_role(world.lead, username="ada", role="owner")
    delete(world)
    for user in (world.alice, world.ada):
        assert [scope.project.slug for scope in open_deleted_projects(user)] == [world.slug]
        assert world.slug not in [scope.project.slug for scope in open_projects(user)]
    for user in (world.bob, world.vera, world.charlie, world.dan):
        assert open_deleted_projects(user) == []
        with pytest.raises(NotFound):
            open_deleted_project(user, world.slug)


def test_owner_whose_account_is_closed_finds_none(world):
    delete(world)
    world.alice.is_active = False
    world.alice.save()
    with pytest.raises(NotFound):
        open_deleted_project(world.alice, "none\x00such")


def test_restoring_twice_is_harmless(world):
    delete(world)
    restore(world)
    restore(world)
    events = Event.objects.filter(project=world.lead.project, action="undelete")
    assert events.count() == 1
    with pytest.raises(Forbidden):
        open_deleted_project(world.bob, world.slug)


def test_after_thirty_days_nobody_restores_it(world):
    delete(world)
    scope = open_deleted_project(world.alice, world.slug)
    delete(world, days_ago=30)
    assert open_deleted_projects(world.alice) == []
    with pytest.raises(NotFound):
        open_deleted_project(world.alice, world.slug)
    with pytest.raises(NotFound):
        undelete_project(scope)


def test_slug_is_taken_until_the_project_is_removed(world):
    delete(world, days_ago=31)
    with pytest.raises(Conflict):
        create_project(world.dan, name="Another", slug=world.slug)
    purge_deleted_projects()
    assert create_project(world.dan, name="Another", slug=world.slug).project.slug == world.slug


@pytest.mark.parametrize("at_once", [500, 2])
def test_purge_removes_every_row_of_the_project_and_no_other(world, monkeypatch, at_once):
    monkeypatch.setattr(purging, "AT_ONCE", at_once)
    parent = add_code(world.lead, "Deep", parent="plea")
    add_code(world.lead, "Deeper", parent=parent.slug)
    invite(world.lead)
    elsewhere = rows_by_project(world.elsewhere.project_id)
    delete(world, days_ago=30.1)
    assert purge_deleted_projects() == [world.slug]
    assert not Project.objects.filter(slug=world.slug).exists()
    assert set(rows_by_project(world.lead.project_id).values()) == {0}
    assert rows_by_project(world.elsewhere.project_id) == elsewhere
    assert Membership.objects.filter(user=world.charlie).exists()


def rows_by_project(project_id: int) -> dict[str, int]:
    return {
        relation.related_model.__name__: relation.related_model.objects.filter(
            project=project_id
        ).count()
        for relation in Project._meta.related_objects
    }


def test_purge_leaves_what_can_still_be_restored(world):
    delete(world, days_ago=29)
    assert purge_deleted_projects() == []
    restore(world)
    assert open_project(world.bob, world.slug)


def test_purge_that_was_interrupted_goes_on(world, monkeypatch):
    delete(world, days_ago=31)

    def fail(model, project):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(purging, "_delete_project_rows", fail)
        with pytest.raises(KeyboardInterrupt):
            purge_deleted_projects()
    assert open_deleted_projects(world.alice) == []
    assert purge_deleted_projects() == [world.slug]


def test_purge_without_work_takes_one_query(world):
    with CaptureQueriesContext(connection) as queries:
        assert purge_deleted_projects() == []
    assert len(queries) == 1


def test_command_names_what_it_removed(world):
    delete(world, days_ago=31)
    out = StringIO()
    call_command("purge_deleted_projects", stdout=out)
    assert out.getvalue() == "Removed the project alliances.\n1 projects removed.\n"
