import re

import pytest

from cstoannot.projects.actions import change_role, create_project, delete_project
from cstoannot.projects.scope import open_projects
from tests.builders import finish, make_user
from tests.web.pages import errors_of, text_of


def test_lead_sees_the_teams_progress(world, lead):
    page = text_of(lead.get("/"))
    assert "Alliances owner" in page
    assert "The team 0 of 4 done, 3 started" in page
    assert "My sources" not in page


def test_coder_sees_their_own_and_goes_on(world, client_for, at):
    response = client_for(world.bob).get("/")
    page = text_of(response)
    assert "My sources 0 of 2 done, 1 started" in page
    assert "The team" not in page
    assert f'href="{at(f"sources/{world.shared.pk}/")}"' in response.content.decode()


def test_coder_who_is_done_is_told_so(world, client_for):
    bob = world.scope(world.bob)
    finish(bob, world.shared)
    finish(bob, world.bobs)
    page = text_of(client_for(world.bob).get("/"))
    assert "2 of 2 done" in page
    assert "All my sources are done" in page


def test_nobody_else_s_project_is_there(world, lead):
    assert "Elsewhere" not in text_of(lead.get("/"))


def test_without_a_project_one_is_told_what_to_do(world, client_for):
    page = text_of(client_for(world.dan).get("/"))
    assert "No project yet" in page
    assert "give its owner your user name, dan , or open the invitation link" in page


def test_stranger_signs_in_first(world, client):
    response = client.get("/projects/new/")
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/projects/new/"


def test_start_a_project(world, client_for):
    response = client_for(world.dan).post(
        "/projects/new/",
        {"name": "Alliances", "about": "One\r\nTwo", "visibility": "done", "guidelines": ""},
    )
    assert response["Location"] == "/projects/alliances-2/"
    (scope,) = open_projects(world.dan)
    assert (scope.role, scope.project.about, scope.project.visibility) == (
        "owner",
        "One\nTwo",
        "done",
    )
    assert not scope.project.open_sources


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\u2028b"}, "name"),
        ({"visibility": "secret"}, "visibility"),
        ({"about": "x" * 20_001}, "about"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    world, client_for, fields, wrong
):
    typed = {"name": "Fine", "about": "Typed", "visibility": "own", **fields}
    response = client_for(world.dan).post("/projects/new/", typed)
    assert response.status_code == 200
    assert list(errors_of(response)) == [wrong]
    page = response.content.decode()
    assert f'aria-describedby="id_{wrong}_helptext id_{wrong}_error"' in page
    assert response.context["form"]["about"].value() == typed["about"]
    assert open_projects(world.dan) == []


@pytest.mark.parametrize("number", [1, 3])
def test_queries_are_as_many_for_any_number_of_projects(
    db, client_for, django_assert_num_queries, number
):
    user = make_user("erin")
    for one in range(number):
        create_project(user, name=f"Project {one}")
        delete_project(create_project(user, name=f"Gone {one}"))
    client = client_for(user)
    with django_assert_num_queries(11):
        client.get("/")


def test_owner_restores_a_deleted_project(world, lead, client_for, at):
    change_role(world.lead, username="ada", role="owner")
    delete_project(world.scope(world.ada))
    answer = lead.get("/")
    assert re.search(r"Deleted projects.*Alliances.*by ada, 30 days left", text_of(answer))
    assert f'action="{at("restore/")}"' in answer.text
    for user in (world.bob, world.vera, world.charlie, world.dan):
        client = client_for(user)
        assert "Deleted projects" not in client.get("/").text
        assert client.post(at("restore/")).status_code == 404
        assert client.get(at("restore/")).status_code == 404
    assert lead.get(at("restore/"))["Location"] == "/"
    assert "“Alliances” was restored" in lead.post(at("restore/"), follow=True).text
    assert client_for(world.bob).get(at()).status_code == 200
    assert "Deleted projects" not in lead.get("/").text
    assert "restored the deleted project" in lead.get(at("history/")).text
