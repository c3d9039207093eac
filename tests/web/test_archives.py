import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cstoannot.projects.models import Project
from cstoannot.projects.scope import open_project
from cstoannot.web.forms import archives
from tests.exchange.reading import file_of
from tests.exchange.zips import forged

PAGE = "/projects/restore/"


@pytest.fixture
def client(world):
    client = Client()
    client.force_login(world.alice)
    return client


def _send(client, data, **fields):
    return client.post(PAGE, {"archive": SimpleUploadedFile("a.zip", data), **fields})


def test_home_leads_to_it(client):
    assert f'href="{PAGE}"' in client.get("/").content.decode()
    assert 'enctype="multipart/form-data"' in client.get(PAGE).content.decode()


def test_archive_becomes_a_project(world, client):
    data = file_of(world.lead, "archive")
    answer = _send(client, data, slug="copy", same_people="on")
    assert (answer.status_code, answer["Location"]) == (302, "/projects/copy/")
    page = client.get("/projects/copy/").content.decode()
    assert "The project is restored: 3 sources and 5 annotations." in page
    assert (
        "restored the project from an archive"
        in client.get("/projects/copy/history/").content.decode()
    )


def test_people_are_asked_about_before_anybody_is_let_in(world, client):
    page = _send(client, file_of(world.lead, "archive"), slug="copy").content.decode()
    assert "These people of the archive have accounts here: ada, beth, bob, vera." in page
    assert "Choose the file again" in page
    assert not Project.objects.filter(slug="copy").exists()


def test_who_restores_owns_what_another_made(world):
    client = Client()
    client.force_login(world.dan)
    _send(client, file_of(world.lead, "archive"), slug="copy", same_people="on")
    assert open_project(world.dan, "copy").role == "owner"


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + bytes(99)])
def test_what_is_no_archive_is_refused_on_the_form(world, client, data):
    answer = _send(client, data)
    assert answer.status_code == 200
    assert "Nothing was restored" in answer.content.decode()


def test_taken_name_is_refused_at_its_field(world, client):
    page = _send(client, file_of(world.lead, "archive"), same_people="on").content.decode()
    assert "A project here is called alliances already." in page


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
    assert _send(client, data, slug="copy", same_people="on").status_code == 302
    for page in ("", "history/", "codebook/", "codebook/revisions/", "agreement/", "compare/"):
        answer = client.get(f"/projects/copy/{page}")
        assert (page, answer.status_code) == (page, 200)
        assert b"<b>x</b>" not in answer.content
    for page in ("events/", "codebook/revisions/", "codebook/revisions/1/"):
        assert client.get(f"/api/v1/projects/copy/{page}").status_code == 200
