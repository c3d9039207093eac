import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cstoannot.projects.models import Project
from cstoannot.projects.scope import open_project
from cstoannot.web.forms import archives
from tests.exchange.reading import file_of

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
