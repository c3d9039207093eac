import pytest

from cstoannot.projects.actions import change_project
from cstoannot.sources.actions import delete_source
from tests.builders import add_source, assign_to, finish
from tests.web.pages import text_of


def test_lead_sees_who_is_how_far(world, lead, at):
    page = text_of(lead.get(at()))
    assert "Coding is in progress" in page
    assert "beth : Started bob : Started not begun : decisions on Shared 4 Edit Shared" in page
    assert "beth annotator 0 of 2 done, 2 started" in page
    assert "Members Edit members" in page


def test_coder_sees_their_own_alone(world, client_for, at):
    response = client_for(world.bob).get(at())
    page = text_of(response)
    assert "Continue with Shared" in page
    assert "My coding" in page
    assert "Started 2" in page
    for hidden in ("beth", "Beths", "Secret", "vera", "Edit", "Add sources", "charlie"):
        assert hidden not in response.content.decode()


def test_coder_is_told_what_is_next(world, client_for, at):
    bob = world.scope(world.bob)
    finish(bob, world.shared)
    assert "Start Bobs" in text_of(client_for(world.bob).get(at()))
    finish(bob, world.bobs)
    page = text_of(client_for(world.bob).get(at()))
    assert "All my 2 sources are done" in page


def test_opened_source_shows_the_others_on_it_and_no_sum_of_theirs(world, client_for, at):
    change_project(world.lead, visibility="done")
    finish(world.scope(world.bob), world.shared)
    client = client_for(world.bob)
    assert "beth" not in client.get(at()).content.decode()
    finish(world.scope(world.beth), world.shared)
    page = text_of(client.get(at()))
    assert "beth : Done" in page
    assert "beth annotator" not in page


def test_open_project_shows_all_members(world, client_for, at):
    change_project(world.lead, visibility="all")
    assert "beth annotator" in text_of(client_for(world.bob).get(at()))


def test_viewer_reads(world, client_for, at):
    response = client_for(world.vera).get(at())
    page = text_of(response)
    assert "You can read the sources and the codebook" in page
    assert "Beths" in page
    for hidden in ("bob", "beth<", "Started", "Coding"):
        assert hidden not in response.content.decode()


def test_new_project_says_what_to_do_first(world, client_for):
    from tests.builders import add_code, make_project

    scope = make_project(world.dan, "Fresh")
    client = client_for(world.dan)
    assert "Add the sources of the study" in text_of(client.get("/projects/fresh/"))
    add_source(scope)
    assert "Create the codebook" in text_of(client.get("/projects/fresh/"))
    add_code(scope)
    assert "Assign the sources" in text_of(client.get("/projects/fresh/"))


def test_stranger_finds_nothing(world, client_for, at):
    assert client_for(world.charlie).get(at()).status_code == 404
    assert client_for(world.dan).get("/projects/none-such/").status_code == 404


def test_find_and_order(world, lead, at):
    page = text_of(lead.get(at(), {"q": "bobs"}))
    assert "Bobs" in page
    assert "Beths" not in page
    page = text_of(lead.get(at(), {"order": "newest"}))
    assert page.index("Beths") < page.index("Shared")
    assert "No source matches the search" in text_of(lead.get(at(), {"q": "zebra"}))


@pytest.mark.parametrize("asked", [{"page": "x"}, {"page": "-1"}, {"order": "x"}, {"q": "\x00%"}])
def test_nonsense_in_the_address_does_no_harm(world, lead, at, asked):
    assert lead.get(at(), asked).status_code == 200


def test_pages_of_a_hundred(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.project.views.ON_A_PAGE", 2)
    page = text_of(lead.get(at(), {"order": "title"}))
    assert "1 to 2 of 3" in page
    response = lead.get(at(), {"page": 2, "order": "title"})
    assert "Shared" in text_of(response)
    assert "?page=1&amp;order=title" in response.content.decode()


def test_removed_sources_are_counted_for_editors(world, lead, client_for, at):
    delete_source(world.lead, world.bobs.pk)
    assert "Removed sources : 1" in text_of(lead.get(at()))
    assert "Removed" not in text_of(client_for(world.bob).get(at()))


@pytest.mark.parametrize("more", [0, 3])
def test_queries_are_as_many_for_any_number_of_sources(
    world, lead, at, django_assert_num_queries, more
):
    for number in range(more):
        source = add_source(world.lead, f"More {number}")
        assign_to(world.lead, source, world.bob, world.beth)
    with django_assert_num_queries(19):
        lead.get(at())
