import pytest

from cstoannot.annotations.queries import visible_annotations
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.queries import list_revisions, require_code, visible_codes
from tests.builders import add_code
from tests.web.pages import errors_of, html_of, text_of

TEXTS = ("claim", "definition", "include", "exclude", "example")


def stored(world, slug, **changes):
    """The form as it stands when the page is opened."""
    code = require_code(world.lead, slug)
    fields = ("name", "colour", "shortcut", "version", *TEXTS)
    parent = code.parent.slug if code.parent else ""
    return {**{name: getattr(code, name) for name in fields}, "parent": parent, **changes}


def test_add(world, lead, at):
    colour = lead.get(at("codebook/new/")).context["form"]["colour"].value()
    typed = {"name": "Praise", "parent": "failure", "colour": colour, "note": "Was missing"}
    response = lead.post(at("codebook/new/"), typed)
    assert response["Location"] == at("codebook/#code-praise")
    code = require_code(world.lead, "praise")
    assert code.parent.slug == "failure"
    assert code.colour != colour
    assert list_revisions(world.lead).first().note == "Was missing"


def test_add_in_a_colour_of_choice_and_another(world, lead, at):
    typed = {"name": "Praise", "parent": "failure", "colour": "#123456", "another": "yes"}
    response = lead.post(at("codebook/new/"), typed)
    assert response["Location"] == at("codebook/new/?below=failure")
    assert require_code(world.lead, "praise").colour == "#123456"


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"shortcut": "f"}, "shortcut"),
        ({"shortcut": "j"}, "shortcut"),
        ({"shortcut": "ab"}, "shortcut"),
        ({"parent": "none-such"}, "parent"),
        ({"colour": "red"}, "colour"),
        ({"definition": "x" * 5_001}, "definition"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world, lead, at, typed, wrong):
    response = lead.post(
        at("codebook/new/"), {"name": "Praise", "colour": "#123456", "claim": "Kept", **typed}
    )
    assert list(errors_of(response)) == [wrong]
    assert response.context["form"]["claim"].value() == "Kept"
    assert visible_codes(world.lead).count() == 2


def test_edit_without_change_of_meaning_makes_nothing_stale(world, lead, at):
    sent = stored(world, "failure", name="Breakdown", example="It broke.\r\nTwice.")
    assert lead.post(at("codebook/failure/edit/"), sent).status_code == 302
    code = require_code(world.lead, "failure")
    assert (code.name, code.example) == ("Breakdown", "It broke.\nTwice.")
    assert code.meaning_revision == 1


def test_form_sent_back_as_browsers_do_changes_nothing(world, lead, at):
    change_code(world.lead, "failure", definition=" One.\n\nTwo. \n")
    before = require_code(world.lead, "failure").version
    sent = stored(world, "failure")
    sent["definition"] = sent["definition"].replace("\n", "\r\n")
    lead.post(at("codebook/failure/edit/"), sent)
    assert require_code(world.lead, "failure").version == before


def test_change_of_meaning_says_that_annotations_become_stale(world, lead, at):
    assert "are marked as outdated" in text_of(lead.get(at("codebook/failure/edit/")))
    lead.post(at("codebook/failure/edit/"), stored(world, "failure", claim="Otherwise."))
    code = require_code(world.lead, "failure")
    of_code = visible_annotations(world.lead).filter(code=code)
    assert {row.revision < code.meaning_revision for row in of_code} == {True}


def test_edit_of_an_old_version_shows_both_and_overwrites_nothing(world, lead, at):
    sent = stored(world, "failure", claim="Mine.")
    change_code(world.lead, "failure", claim="Theirs.")
    response = lead.post(at("codebook/failure/edit/"), sent)
    assert "Claim Saved version Theirs. Your version Mine." in text_of(response)
    assert require_code(world.lead, "failure").claim == "Theirs."
    lead.post(
        at("codebook/failure/edit/"),
        {**sent, "version": response.context["form"]["version"].value()},
    )
    assert require_code(world.lead, "failure").claim == "Mine."


def test_code_cannot_stand_below_itself(world, lead, at):
    response = lead.get(at("codebook/failure/edit/"))
    assert [key for key, _ in response.context["form"].fields["parent"].choices] == [""]
    response = lead.post(at("codebook/failure/edit/"), stored(world, "failure", parent="plea"))
    assert list(errors_of(response)) == ["parent"]


def test_move(world, lead, at):
    add_code(world.lead, "Praise")
    add_code(world.lead, "Doubt")
    change_code(world.lead, "praise", retired=True)
    lead.get(at("codebook/doubt/move/"), {"to": "up"})
    lead.post(at("codebook/doubt/move/"), {"to": "up"})
    order = [code.slug for code in visible_codes(world.lead).filter(parent=None)]
    assert order == ["doubt", "failure", "praise"]
    lead.post(at("codebook/doubt/move/"), {"to": "down"})
    order = [code.slug for code in visible_codes(world.lead).filter(parent=None)]
    assert order == ["failure", "doubt", "praise"]


def test_retire_and_take_back(world, lead, at):
    path = at("codebook/failure/retire/")
    lead.get(path)
    assert require_code(world.lead, "failure").retired_at is None
    lead.post(path, {"to": "retire"})
    assert require_code(world.lead, "failure").retired_at is not None
    assert list_revisions(world.lead).first().note == "Retired “Failure”"
    add_code(world.lead, "Praise", shortcut="f")
    response = lead.post(path, {"to": "restore"}, follow=True)
    assert "“Praise” already has the key f." in text_of(response)
    change_code(world.lead, "praise", shortcut="")
    lead.post(path, {"to": "restore"})
    assert require_code(world.lead, "failure").retired_at is None


def test_delete_what_is_unused(world, lead, at):
    add_code(world.lead, "Praise")
    assert "Delete the code" in text_of(lead.get(at("codebook/praise/edit/")))
    assert "Delete the code “Praise”?" in text_of(lead.get(at("codebook/praise/delete/")))
    assert visible_codes(world.lead).filter(slug="praise").exists()
    lead.post(at("codebook/praise/delete/"))
    assert not visible_codes(world.lead).filter(slug="praise").exists()


def test_what_is_used_is_not_deleted(world, lead, at):
    assert "Delete the code" not in text_of(lead.get(at("codebook/plea/edit/")))
    response = lead.post(at("codebook/plea/delete/"), follow=True)
    assert "cannot be deleted, only retired" in text_of(response)
    assert lead.get(at("codebook/plea/delete/"))["Location"] == at("codebook/plea/edit/")
    assert visible_codes(world.lead).filter(slug="plea").exists()


@pytest.mark.parametrize("act", ["edit", "move", "retire", "delete"])
def test_only_for_those_who_edit_the_codebook(world, client_for, at, act):
    path = at(f"codebook/failure/{act}/")
    sent = {"name": "x", "version": 1, "colour": "#123456"}
    assert client_for(world.bob).post(path, sent).status_code == 403
    assert client_for(world.vera).get(path).status_code == 403
    assert client_for(world.charlie).post(path, sent).status_code == 404
    assert client_for(world.bob).get(at("codebook/new/")).status_code == 403
    assert require_code(world.lead, "failure").version == 1


@pytest.mark.parametrize("slug", ["strange", "none-such", "a%00b"])
def test_code_that_is_not_there(world, lead, at, slug):
    assert lead.get(at(f"codebook/{slug}/edit/")).status_code == 404
    assert lead.post(at(f"codebook/{slug}/retire/"), {"to": "retire"}).status_code == 404


def test_merge_that_was_interrupted_can_be_asked_for_again(world, lead, at):
    edit, merge = at("codebook/plea/edit/"), at("codebook/plea/merge/")
    change_code(world.lead, "plea", retired=True)
    assert merge in lead.get(edit).content.decode()
    lead.post(merge, {"into": "failure", "stances": "carry"})
    assert merge not in lead.get(edit).content.decode()


def test_merge_asks_what_becomes_of_the_stances(world, lead, at):
    page = lead.get(at("codebook/failure/edit/")).content.decode()
    assert at("codebook/failure/merge/") not in page, "codes stand below it"
    change_code(world.lead, "plea", claim="Somebody asked.")
    path = at("codebook/plea/merge/")
    assert path in lead.get(at("codebook/plea/edit/")).content.decode()
    asked = lead.get(path)
    assert asked.context["count"] == 2
    assert [slug for slug, _ in asked.context["form"]["into"].field.choices] == ["", "failure"]
    refused = lead.post(path, {"into": "failure"})
    assert list(errors_of(refused)) == ["stances"]
    assert require_code(world.lead, "plea").retired_at is None
    answer = lead.post(path, {"into": "failure", "stances": "drop", "note": "The same"})
    assert answer["Location"] == at("codebook/#code-failure")
    assert list_revisions(world.lead).first().note == "The same"
    found = visible_annotations(world.lead).filter(code__slug="failure", quote="We asked")
    assert list(found.values_list("stance", flat=True)) == [""]
    told = text_of(lead.get(at("history/")))
    assert "merged the code ‘Plea’ into ‘Failure’, without its stances" in told


@pytest.mark.parametrize("page", ["new/", "new-list/", "failure/edit/"])
def test_every_form_calls_the_code_above_the_parent_code(lead, at, page):
    html = html_of(lead.get(at(f"codebook/{page}")))
    assert '<label for="id_parent">Parent code' in html
