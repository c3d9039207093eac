import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cstoannot.accounts.models import User
from cstoannot.projects.models import Membership, Project
from cstoannot.projects.scope import open_project
from cstoannot.web import archives
from cstoannot.web import archives as archive_views
from tests.exchange.reading import file_of
from tests.exchange.zips import forged

PAGE = "/projects/restore/"


@pytest.fixture
def client(world):
    return _client(world.alice)


def _client(user):
    """A browser of somebody whom the operator has made staff, and who may restore so."""
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = Client()
    client.force_login(user)
    return client


def _send(client, data, **fields):
    return client.post(PAGE, {"archive": SimpleUploadedFile("a.zip", data), **fields})


def test_home_leads_to_it(client):
    assert f'href="{PAGE}"' in client.get("/").content.decode()
    assert 'enctype="multipart/form-data"' in client.get(PAGE).content.decode()


def test_archive_becomes_a_project(world, client):
    data = file_of(world.lead, "archive")
    answer = _send(client, data, slug="copy", mine="on")
    assert (answer.status_code, answer["Location"]) == (302, "/projects/copy/")
    page = client.get("/projects/copy/").content.decode()
    assert "The project was restored: 3 sources and 5 annotations." in page
    assert (
        "restored the project from an archive"
        in client.get("/projects/copy/history/").content.decode()
    )


def test_people_of_the_archive_get_no_access_and_the_page_says_so(world, client):
    answer = _send(client, file_of(world.lead, "archive"), slug="copy")
    page = client.get(answer["Location"]).content.decode()
    assert "The people of the archive keep their names and have no access." in page
    members = Membership.objects.filter(project__slug="copy").values_list("user__username")
    assert list(members) == [("alice",)]


def test_page_says_the_same_whoever_has_an_account(world, client):
    data = file_of(world.lead, "archive")
    _send(client, data, slug="copy")
    first = client.get("/projects/copy/").content.decode()
    User.objects.filter(username="vera").update(username="somebody-else")
    _send(client, data, slug="also")
    assert client.get("/projects/also/").content.decode().count("vera") == first.count("vera")


@pytest.mark.parametrize(
    ("who", "statuses"), [("staff", (200, 403)), ("everybody", (200, 200)), ("nobody", (403, 403))]
)
def test_operator_says_who_may_restore(world, client, settings, who, statuses):
    settings.RESTORING = who
    bob, other = Client(), statuses[1]
    bob.force_login(world.bob)
    assert (client.get(PAGE).status_code, bob.get(PAGE).status_code) == statuses
    data = file_of(world.lead, "archive")
    if other == 403:
        answer = _send(bob, data, slug="copy")
        assert answer.status_code == 403
        assert "CSTOANNOT_RESTORING" in answer.content.decode()
        assert not Project.objects.filter(slug="copy").exists()
    assert (f'href="{PAGE}"' in bob.get("/").content.decode()) == (other == 200)


def test_archive_that_unpacks_to_too_much_is_for_the_command_line(world, client, monkeypatch):
    monkeypatch.setattr(archive_views, "LARGEST_UNPACKED", 1_000)
    page = _send(client, file_of(world.lead, "archive")).content.decode()
    assert "1,000 are allowed here" in page


def test_who_restores_owns_what_another_made(world):
    _send(_client(world.dan), file_of(world.lead, "archive"), slug="copy")
    assert open_project(world.dan, "copy").role == "owner"


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + bytes(99)])
def test_what_is_no_archive_is_refused_on_the_form(world, client, data):
    answer = _send(client, data)
    assert answer.status_code == 200
    assert "Nothing was restored" in answer.content.decode()


def test_taken_name_is_refused_at_its_field(world, client):
    page = _send(client, file_of(world.lead, "archive")).content.decode()
    assert "The slug alliances is already used by another project." in page


def test_large_file_is_for_the_command_line(world, client, monkeypatch):
    monkeypatch.setattr(archives, "LARGEST_ARCHIVE", 10)
    page = _send(client, io.BytesIO(bytes(11)).getvalue()).content.decode()
    assert "manage.py restore_project" in page


def test_export_page_offers_it_to_owners(world, client):
    page = client.get(f"/projects/{world.slug}/export/?format=archive").content.decode()
    assert f"/projects/{world.slug}/export/archive/" in page
    member = Client()
    member.force_login(world.ada)
    assert member.get(f"/projects/{world.slug}/export/archive/").status_code == 403
    assert member.get(f"/projects/{world.slug}/export/?format=archive").status_code == 403
    whole = client.get(f"/projects/{world.slug}/export/archive/")
    assert b"".join(whole.streaming_content) == file_of(world.lead, "archive")


ODD_STATE = {"code": 7, "name": True, "start": {"a": [1]}, "x": [{"y": 1}], "source": "1"}


def _odd_history(rows):
    kinds = ["annotation", "assignment", "code", "member", "project", "source", "speaker", "zzz"]
    for number, row in enumerate(rows):
        kind, action = kinds[number % len(kinds)], ["change", "create", "delete", "zzz"][number % 4]
        row.update(kind=kind, action=action, object="<b>x</b>", before=ODD_STATE, after={})


def _odd_revisions(rows):
    (entry,) = rows[0]["changes"]["added"]
    around = [{**entry, "slug": "a", "parent": "b"}, {**entry, "slug": "b", "parent": "a"}]
    rows[0]["changes"]["added"] += [*around, {**entry, "slug": "c", "parent": "none-such"}]
    rows[-1]["changes"]["removed"] = ["a", "b", "c"]


def test_pages_of_a_forged_project_stand(world, client):
    """What passes the checks can be shown, whatever it says."""
    data = forged(file_of(world.lead, "archive"), "events", _odd_history)
    data = forged(data, "revisions", _odd_revisions)
    assert _send(client, data, slug="copy").status_code == 302
    for page in ("", "history/", "codebook/", "codebook/revisions/", "agreement/", "compare/"):
        answer = client.get(f"/projects/copy/{page}")
        assert (page, answer.status_code) == (page, 200)
        assert b"<b>x</b>" not in answer.content
    for page in ("events/", "codebook/revisions/", "codebook/revisions/1/"):
        assert client.get(f"/api/v1/projects/copy/{page}").status_code == 200
