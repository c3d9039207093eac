import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cstoannot.sources.actions import change_source, delete_source
from cstoannot.sources.queries import filter_sources, require_source
from tests.builders import TEXT
from tests.web.pages import errors_of, text_of


def titles(world):
    return [source.title for source in filter_sources(world.lead)]


def file(name, content):
    return SimpleUploadedFile(name, content, "text/plain")


def test_paste_an_article(world, lead, at):
    typed = {
        "title": "Pasted",
        "text": "  One.\r\nTwo. \r\n",
        "publisher": "The Diplomat",
        "published": "2020-11",
        "url": "https://example.org/a",
        "language": "en",
    }
    response = lead.post(at("sources/new/"), typed, follow=True)
    assert "“Pasted” was added." in text_of(response)
    source = filter_sources(world.lead, order="newest").defer(None).first()
    assert source.text == "  One.\nTwo. \n"
    assert (source.publisher, source.published) == ("The Diplomat", "2020-11")


def test_add_another(world, lead, at):
    typed = {"title": "Pasted", "text": "One.", "another": "yes"}
    assert lead.post(at("sources/new/"), typed)["Location"] == at("sources/new/")


def test_upload_several(world, lead, at):
    files = [file("first_one.txt", b"One."), file("second.txt", "\ufeffZwei.".encode())]
    response = lead.post(at("sources/new/"), {"files": files, "group": "press"}, follow=True)
    assert "2 sources were added." in text_of(response)
    assert titles(world)[-2:] == ["first one", "second"]


def test_one_bad_file_keeps_all_out_and_what_was_typed_stays(world, lead, at):
    before = titles(world)
    files = [file("good.txt", b"One."), file("bad.txt", b"caf\xe9")]
    response = lead.post(
        at("sources/new/"), {"files": files, "title": "Typed", "text": "Typed text"}
    )
    assert errors_of(response)["files"][0].startswith("bad.txt: The text is not UTF-8: byte 3")
    page = text_of(response)
    assert "Choose the files again" in page
    assert "Typed text" in page
    assert titles(world) == before


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"text": "No title"}, "title"),
        ({"title": "No text"}, "text"),
        ({}, "text"),
        ({"title": "a", "text": "b", "published": "yesterday"}, "published"),
        ({"title": "a", "text": "b", "url": "javascript:alert(1)"}, "url"),
        ({"title": "a", "text": "b", "language": "English!"}, "language"),
        ({"title": "x" * 501, "text": "b"}, "title"),
        ({"title": "a", "text": "b\x00c"}, "text"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world, lead, at, typed, wrong):
    before = titles(world)
    response = lead.post(at("sources/new/"), typed)
    assert list(errors_of(response)) == [wrong]
    assert response.context["form"]["text"].value() == typed.get("text")
    assert titles(world) == before


def test_same_text_again_is_a_warning(world, lead, at):
    response = lead.post(at("sources/new/"), {"title": "Again", "text": TEXT}, follow=True)
    assert "“Again” has the same text as “Shared”." in text_of(response)
    assert "Again" in titles(world)


def test_edit_what_is_known(world, lead, at):
    path = at(f"sources/{world.shared.pk}/edit/")
    response = lead.post(path, {"title": "Renamed", "author": "A. N. Other", "version": 1})
    assert response.status_code == 302
    source = require_source(world.lead, world.shared.pk)
    assert (source.title, source.author, source.version) == ("Renamed", "A. N. Other", 2)


def test_edit_of_an_old_version_shows_both_and_overwrites_nothing(world, lead, at):
    change_source(world.lead, world.shared.pk, title="Theirs")
    path = at(f"sources/{world.shared.pk}/edit/")
    response = lead.post(path, {"title": "Mine", "version": 1})
    page = text_of(response)
    assert "Title Saved version Theirs Your version Mine" in page
    assert require_source(world.lead, world.shared.pk).title == "Theirs"
    assert response.context["form"]["version"].value() == "2"
    lead.post(path, {"title": "Mine", "version": 2})
    assert require_source(world.lead, world.shared.pk).title == "Mine"


def test_remove_asks_with_the_number_of_annotations(world, lead, at):
    path = at(f"sources/{world.shared.pk}/remove/")
    assert "It has 4 annotations" in text_of(lead.get(path))
    response = lead.post(path)
    assert response.status_code == 409
    assert "Shared" in titles(world)
    lead.post(path, {"confirm": "on"})
    assert "Shared" not in titles(world)


def test_remove_without_annotations(world, lead, at):
    path = at(f"sources/{world.bobs.pk}/remove/")
    assert "It has no annotations" in text_of(lead.get(path))
    lead.post(path)
    assert "Bobs" not in titles(world)


def test_restore(world, lead, at):
    delete_source(world.lead, world.shared.pk, confirmed=True)
    assert "Shared" in text_of(lead.get(at("sources/removed/")))
    response = lead.post(at(f"sources/{world.shared.pk}/restore/"), follow=True)
    assert "“Shared” was restored" in text_of(response)
    assert "Shared" in titles(world)


@pytest.mark.parametrize("path", ["new/", "{}/edit/", "{}/remove/", "{}/restore/"])
def test_only_for_those_who_edit_sources(world, client_for, at, path):
    path = at("sources/" + path.format(world.shared.pk))
    for user, status in ((world.bob, 403), (world.vera, 403), (world.charlie, 404)):
        client = client_for(user)
        assert client.get(path).status_code == status
        assert client.post(path, {"confirm": "on"}).status_code == status
    assert "Shared" in titles(world)


def test_source_of_another_project_is_not_there(world, lead, at):
    for act in ("edit", "remove"):
        assert lead.get(at(f"sources/{world.foreign_source.pk}/{act}/")).status_code == 404
    assert lead.post(at(f"sources/{2**70}/remove/")).status_code == 404
