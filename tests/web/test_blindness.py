"""What a blind coder is told on any page of the others: nothing, while there is something."""

import re

import pytest

from cstoannot.annotations.actions import delete_annotation
from cstoannot.assignments.actions import assign_source
from tests.builders import add_code, annotate, finish

PAGES = ("", "history/", "codebook/", "codebook/revisions/", "?q=s", "?order=newest")


def pages(client, at):
    found = {path: client.get(at(path)) for path in PAGES}
    assert {response.status_code for response in found.values()} == {200}
    found["home"] = client.get("/")
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    return {path: token.sub("", response.content.decode()) for path, response in found.items()}


@pytest.mark.parametrize("visibility", ["own", "done"])
def test_nothing_of_the_others_is_on_any_page(world, client_for, at, visibility):
    from cstoannot.projects.actions import change_project

    change_project(world.lead, visibility=visibility)
    for body in pages(client_for(world.bob), at).values():
        for hidden in ("beth", "Beths", "Secret", "A silent witness", "vera"):
            assert hidden not in body


def test_no_page_changes_by_what_another_does(world, client_for, at):
    client = client_for(world.bob)
    before = pages(client, at)
    beth = world.scope(world.beth)
    for _ in range(3):
        annotate(beth, world.shared, "Nobody came.", "plea", voice="Somebody new")
    delete_annotation(beth, world.said["beth plea"]["id"])
    finish(beth, world.shared)
    assign_source(world.lead, source_id=world.bobs.pk, annotator="beth")
    assert pages(client, at) == before


def test_lead_s_pages_do_change(world, lead, at):
    before = pages(lead, at)
    annotate(world.scope(world.beth), world.shared, "Nobody came.", "plea")
    assert {path for path, body in pages(lead, at).items() if body != before[path]} >= {
        "",
        "history/",
        "codebook/",
    }


def test_viewer_is_told_nothing_of_single_coders(world, client_for, at):
    add_code(world.lead, "Praise")
    for body in pages(client_for(world.vera), at).values():
        for hidden in ("beth<", "bob<", ">bob", ">beth", "Secret", "A silent witness"):
            assert hidden not in body
