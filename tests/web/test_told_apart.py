"""The codebook says which siblings are hard to tell apart, and mends each by one click."""

from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.codebook.colours import APART, compute_colour_distance
from cstoannot.codebook.queries import require_code
from tests.builders import add_code
from tests.web.pages import html_of, text_of


def test_codebook_where_all_is_well_says_nothing(world, lead, at):
    assert "Review names and colours" not in text_of(lead.get(at("codebook/")))
    assert "names and colours are easy to tell apart" in text_of(
        lead.get(at("codebook/told-apart/"))
    )


def test_double_is_renamed_by_one_click(world, lead, at):
    add_codebook(world.lead, [{"slug": "double", "name": "failure"}], note="Imported")
    assert "names that look alike" in text_of(lead.get(at("codebook/")))
    page = lead.get(at("codebook/told-apart/")).content.decode()
    assert 'value="failure (2)"' in page
    refused = lead.post(at("codebook/double/rename/"), {"name": "FAILURE"}, follow=True)
    assert "“Failure” already exists at this level" in text_of(refused)
    assert 'name="name" maxlength="100" value="FAILURE"' in html_of(refused)
    lead.post(at("codebook/double/rename/"), {"name": "failure (2)"})
    assert require_code(world.lead, "double").name == "failure (2)"
    assert "Review names and colours" not in text_of(lead.get(at("codebook/")))


def test_colour_too_near_is_changed_by_one_click(world, lead, at):
    first = require_code(world.lead, "failure").colour
    add_code(world.lead, "Praise", colour=first)
    assert "colours that are too similar" in text_of(lead.get(at("codebook/")))
    assert "too similar to that of Failure" in text_of(lead.get(at("codebook/praise/edit/")))
    lead.post(at("codebook/praise/recolour/"))
    assert compute_colour_distance(require_code(world.lead, "praise").colour, first) >= APART
    assert "Review names and colours" not in text_of(lead.get(at("codebook/")))


def test_coder_is_not_told_what_they_cannot_mend(world, client_for, at):
    add_code(world.lead, "Praise", colour=require_code(world.lead, "failure").colour)
    assert "Review names and colours" not in text_of(client_for(world.bob).get(at("codebook/")))
