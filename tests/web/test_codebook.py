import pytest

from cstoannot.codebook.actions import change_code
from cstoannot.codebook.order_actions import move_code
from cstoannot.projects.actions import change_project
from tests.builders import add_code
from tests.web.pages import html_of, text_of


def test_lead_sees_codes_with_how_often_they_are_used(world, lead, at):
    response = lead.get(at("codebook/"))
    page = text_of(response)
    assert "counts are of the annotations of all coders" in page
    assert "Failure Key F 3 annotations" in page
    assert "Claim: The alliance failed." in page
    assert "Plea 2 annotations" in page
    html = html_of(response)
    assert f'<link rel="stylesheet" href="{at("codes.css")}">' in html
    assert 'id="code-failure" data-code="failure"' in html
    assert '<h3 class="chip">Plea</h3>' in html


def test_coder_sees_their_own_counts(world, client_for, at):
    page = text_of(client_for(world.bob).get(at("codebook/")))
    assert "counts are of your own annotations" in page
    assert "Failure Key F 1 annotation" in page
    assert "Edit" not in page


def test_viewer_sees_what_the_team_decided(world, client_for, at):
    page = text_of(client_for(world.vera).get(at("codebook/")))
    assert "counts are of the annotations in the consensus" in page
    assert "Failure Key F 0 annotations" in page


def test_open_project_counts_all_that_one_may_read(world, client_for, at):
    change_project(world.lead, visibility="all")
    page = text_of(client_for(world.bob).get(at("codebook/")))
    assert "Failure Key F 2 annotations" in page


def test_retired_codes_are_folded_at_the_end(world, lead, at):
    change_code(world.lead, "failure", retired=True)
    html = lead.get(at("codebook/")).content.decode()
    before, after = html.split('<details class="retired"', 1)
    assert "code-plea" in before
    assert "code-failure" not in before
    assert "code-failure" in after


def test_empty_codebook_says_what_to_do(world, client_for):
    from tests.builders import make_project

    make_project(world.dan, "Fresh")
    page = text_of(client_for(world.dan).get("/projects/fresh/codebook/"))
    assert "No codes yet" in page
    assert "Add a code" in page


def test_revisions_say_what_changed(world, lead, at):
    change_code(world.lead, "failure", claim="The alliance did fail.", note="Said better")
    add_code(world.lead, "Praise")
    move_code(world.lead, "praise", by=-1)
    page = text_of(lead.get(at("codebook/revisions/")))
    assert "5 Moved “Praise” alice" in page
    assert "moved New order at the top level: Praise, Failure" in page
    assert "3 Said better alice" in page
    assert "claim The alliance failed did fail ." in page
    assert "added Praise" in page
    assert "1 Added “Failure” alice" in page


def test_revisions_on_a_later_page_are_compared_with_the_one_before(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.codebook.views.REVISIONS_ON_A_PAGE", 1)
    page = text_of(lead.get(at("codebook/revisions/")))
    assert "added Plea" in page
    assert "added Failure" not in page


@pytest.mark.parametrize("more", [0, 3])
def test_queries_are_as_many_for_any_number_of_codes(
    world, lead, at, django_assert_num_queries, more
):
    for number in range(more):
        add_code(world.lead, f"Code {number}", parent="failure")
    with django_assert_num_queries(12):
        lead.get(at("codebook/"))
    with django_assert_num_queries(8):
        lead.get(at("codebook/revisions/"))
