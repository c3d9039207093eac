"""Names that break out of their place stay text, or are refused with a sentence."""

import pytest

from cstoannot.codebook.actions import create_code
from cstoannot.core.errors import DomainError
from cstoannot.projects.actions import create_project
from cstoannot.sources.actions import create_source
from tests.web.pages import errors_of

NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}{% debug %}",
    "%(x)s %s {0} {x}",
    '=HYPERLINK("http://example.org")',
    "\u202egnirts\u202c",
    "a" * 256,
    "a" * 10_000,
    "𝔘\u0301🙂",
    "../../etc/passwd",
    "' OR 1=1 --",
    "a\tb",
    "NaN",
]


def shown(response):
    """The page, which must not have taken the name for markup."""
    page = response.content.decode()
    assert response.status_code == 200
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "onerror=alert(1)>" not in page.replace("&gt;", "")
    assert "14" not in page.split("<main")[1].split("</h1>")[0]
    return page


@pytest.mark.parametrize("name", NAMES)
def test_new_project(db, client_for, name):
    from tests.builders import make_user

    client = client_for(make_user("erin"))
    response = client.post("/projects/new/", {"name": name, "about": name, "visibility": "own"})
    if response.status_code == 200:
        assert errors_of(response)["name"]
        shown(response)
    else:
        for path in ("", "settings/", "history/", "members/", "codebook/"):
            shown(client.get(response["Location"] + path))
        shown(client.get("/"))


@pytest.mark.parametrize("name", NAMES)
def test_names_on_every_page(world, lead, at, name):
    for make in (
        lambda: create_code(world.lead, name=name, claim=name, definition=name, example=name),
        lambda: create_source(world.lead, title=name, text=name, publisher=name, note=name),
    ):
        try:
            make()
        except DomainError as error:
            assert error.errors
    for path in ("", "history/", "assignments/", "codebook/", "codebook/revisions/"):
        shown(lead.get(at(path)))


@pytest.mark.parametrize("name", NAMES)
def test_names_as_typed(world, lead, at, name):
    for path, typed in (
        ("members/", {"username": name, "role": name}),
        ("sources/new/", {"title": name, "text": "", "language": name, "url": name}),
        ("codebook/new/", {"name": name, "shortcut": name, "colour": name, "parent": name}),
        ("settings/", {"name": name, "version": name, "visibility": name}),
    ):
        response = lead.post(at(path), typed)
        assert errors_of(response)
        shown(response)
    assert lead.post(at("assignments/"), {"shown": "", "given": name}).status_code in (409, 422)
    assert lead.get(at(), {"q": name, "page": name, "order": name}).status_code == 200


def test_bytes_that_are_no_text(world, lead, at):
    body = b"name=%ff%fe&version=1&visibility=own"
    response = lead.post(at("settings/"), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (200, 302)
    response = lead.post(at("settings/"), b"\xff\x00", content_type="multipart/form-data")
    assert response.status_code in (200, 400)


def test_name_of_a_project_with_percent_signs(db, client_for):
    from tests.builders import make_user

    user = make_user("erin")
    scope = create_project(user, name="100 % %s")
    response = client_for(user).get(f"/projects/{scope.project.slug}/")
    assert "100 % %s" in response.content.decode()
