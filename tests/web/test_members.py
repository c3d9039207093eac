from cstoannot.projects.queries import visible_members
from tests.web.pages import errors_of, text_of


def roles(world):
    return {one.user.username: one.role for one in visible_members(world.lead)}


def test_add_somebody(world, lead, at):
    response = lead.post(at("members/"), {"username": "dan", "role": "annotator"}, follow=True)
    assert "dan was added as annotator." in text_of(response)
    assert roles(world)["dan"] == "annotator"


def test_add_nobody_and_somebody_twice(world, lead, at):
    response = lead.post(at("members/"), {"username": "nobody", "role": "viewer"})
    assert "There is no user called “nobody”" in errors_of(response)["username"][0]
    response = lead.post(at("members/"), {"username": "bob", "role": "viewer"})
    assert errors_of(response) == {"username": ["bob is already a member with the role annotator."]}
    assert roles(world)["bob"] == "annotator"


def test_change_a_role(world, lead, at):
    lead.post(at("members/bob/"), {"role": "adjudicator"})
    assert roles(world)["bob"] == "adjudicator"


def test_last_owner_stays(world, lead, at):
    response = lead.post(at("members/alice/"), {"role": "viewer"})
    sentence = "A project needs an owner: make somebody else an owner first."
    assert errors_of(response) == {"role": [sentence]}
    response = lead.post(at("members/alice/remove/"), follow=True)
    assert sentence in text_of(response)
    assert roles(world)["alice"] == "owner"


def test_remove_somebody(world, lead, at, client_for):
    page = text_of(lead.get(at("members/bob/remove/")))
    assert "Remove bob from the project?" in page
    assert "bob" in roles(world)
    response = lead.post(at("members/bob/remove/"), follow=True)
    assert "bob was removed. Their annotations are kept." in text_of(response)
    assert "bob" not in roles(world)
    assert client_for(world.bob).get(at()).status_code == 404


def test_owner_who_leaves_goes_home(world, lead, at):
    lead.post(at("members/ada/"), {"role": "owner"})
    assert lead.post(at("members/alice/remove/"))["Location"] == "/"


def test_only_for_owners(world, client_for, at):
    for path in ("members/", "members/beth/", "members/beth/remove/"):
        assert client_for(world.ada).post(at(path), {"role": "viewer"}).status_code == 403
        assert client_for(world.bob).get(at(path)).status_code == 403
        assert client_for(world.charlie).get(at(path)).status_code == 404
    assert roles(world)["beth"] == "annotator"


def test_nobody_of_that_name(world, lead, at):
    assert lead.get(at("members/nobody/")).status_code == 404
    assert lead.get(at("members/a%00b/")).status_code == 404
