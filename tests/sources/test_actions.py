"""Texts come in as they are, never change, and can be brought back."""

import pytest

from cstoannot.annotations.queries import visible_annotations
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale, TooLarge
from cstoannot.core.fields import expect_version
from cstoannot.projects.actions import change_project
from cstoannot.sources.actions import change_source, create_source, delete_source, restore_source
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_source_with_text, require_source, visible_sources
from cstoannot.text.spans import unpack_flat_bounds
from tests.builders import add_source


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("\ufeffOne\r\ntwo\rthree\n", "One\ntwo\nthree\n"),
        ("\ufeff\ufeffTwice", "\ufeffTwice"),
        (" \t spaces kept \n\n", " \t spaces kept \n\n"),
        ("e\u0301 é 🏳️‍🌈 \u200f\u202eשלום", "e\u0301 é 🏳️‍🌈 \u200f\u202eשלום"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\x0b\x0c\x85\u2028\u2029\x1f", "\x0b\x0c\x85\u2028\u2029\x1f"),
    ],
)
def test_text_is_stored_as_given_but_for_line_ends_and_mark(world, given, stored):
    pk = create_source(world.lead, title="T", text=given).pk
    source = Source.objects.get(pk=pk)
    assert (source.text, source.length) == (stored, len(stored))


def test_text_is_segmented_once(world):
    source = Source.objects.get(pk=world.shared.pk)
    paragraphs = [source.text[start:end] for start, end in unpack_flat_bounds(source.paragraphs)]
    assert paragraphs == [line for line in source.text.split("\n") if line]
    assert len(list(unpack_flat_bounds(source.sentences))) == 4
    assert source.words == 19


@pytest.mark.parametrize(
    ("text", "kind"),
    [("", Invalid), ("\ufeff", Invalid), ("a\x00b", Invalid), ("a\ud800", Invalid)],
)
def test_text_that_cannot_be_stored_is_refused(world, text, kind):
    with pytest.raises(kind) as refusal:
        create_source(world.lead, title="T", text=text)
    assert refusal.value.field == "text"


def test_text_too_long_is_refused(world, monkeypatch):
    monkeypatch.setattr("cstoannot.text.normalise.MAX_LENGTH", 10)
    assert create_source(world.lead, title="T", text="x" * 10).length == 10
    with pytest.raises(TooLarge):
        create_source(world.lead, title="T", text="x" * 11)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("title", "Ö & <b>", ["", " ", "x" * 501, "a\nb", "\x00"]),
        ("publisher", "P", ["x" * 301, "a\tb"]),
        ("author", "A, B", ["x" * 301]),
        ("group", "left", ["x" * 101]),
        ("published", "2020-02-29", ["2021-02-29", "2020-13", "20", "2020-1-1", "0000", "٢٠٢٠"]),
        ("url", "https://example.org/a?b=c#d", ["javascript:alert(1)", "example.org", "http://"]),
        ("language", "pt-BR", ["portuguese!", "e", "en_US"]),
        ("note", "two\nlines", ["\x00", "x" * 20_001]),
    ],
)
def test_details_are_checked(world, field, good, bad):
    source = change_source(world.lead, world.shared.pk, **{field: good})
    assert getattr(source, field) == good
    for value in bad:
        with pytest.raises(Invalid) as refusal:
            change_source(world.lead, world.shared.pk, **{field: value})
        assert refusal.value.field == field
    assert getattr(Source.objects.get(pk=world.shared.pk), field) == good


def test_details_changed_from_an_old_version_are_refused(world):
    assert (
        change_source(world.lead, world.shared.pk, title="A", expected=expect_version(1)).version
        == 2
    )
    with pytest.raises(Stale) as refusal:
        change_source(world.lead, world.shared.pk, title="B", expected=expect_version(1))
    assert refusal.value.current.title == "A"


def test_source_with_annotations_asks_twice_and_comes_back_whole(world):
    with pytest.raises(Conflict, match="4 annotations") as refusal:
        delete_source(world.lead, world.shared.pk)
    assert refusal.value.field == "confirm"
    delete_source(world.lead, world.shared.pk, confirmed=True)
    bob = world.scope(world.bob)
    for scope in (world.lead, bob):
        with pytest.raises(NotFound):
            require_source(scope, world.shared.pk)
    assert visible_annotations(bob).count() == 0
    assert [s.title for s in visible_sources(world.lead, deleted=True)] == ["Shared"]
    assert not visible_sources(bob, deleted=True).exists()
    for _ in range(2):
        restore_source(world.lead, world.shared.pk)
        assert visible_annotations(bob).count() == 2
    with pytest.raises(NotFound):
        restore_source(world.lead, world.foreign_source.pk)


def test_source_without_annotations_goes_at_once(world):
    delete_source(world.lead, world.bobs.pk)
    assert [s.title for s in visible_sources(world.lead)] == ["Shared", "Beths"]


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_sources_are_edited_by_those_who_lead(world, name):
    scope = world.scope(getattr(world, name))
    for act in (
        lambda: create_source(scope, title="T", text="x"),
        lambda: change_source(scope, world.shared.pk, title="T"),
        lambda: delete_source(scope, world.shared.pk, confirmed=True),
        lambda: restore_source(scope, world.shared.pk),
    ):
        with pytest.raises(Forbidden):
            act()


def test_source_of_another_project_is_out_of_reach(world):
    for act in (
        lambda: require_source(world.lead, world.foreign_source.pk),
        lambda: load_source_with_text(world.lead, world.foreign_source.pk),
        lambda: change_source(world.lead, world.foreign_source.pk, title="T"),
        lambda: delete_source(world.lead, world.foreign_source.pk, confirmed=True),
        lambda: require_source(world.lead, 2**63),
        lambda: require_source(world.lead, 0),
    ):
        with pytest.raises(NotFound):
            act()


def test_sources_are_read_by_who_is_given_them(world):
    def titles(user) -> list[str]:
        return [source.title for source in visible_sources(world.scope(user))]

    everything = ["Shared", "Bobs", "Beths"]
    assert titles(world.bob) == ["Shared", "Bobs"]
    assert [titles(u) for u in (world.alice, world.ada, world.vera)] == [everything] * 3
    change_project(world.lead, open_sources=True)
    assert titles(world.bob) == everything


def test_lists_of_sources_load_no_texts(world, django_assert_num_queries):
    add_source(world.lead, "Fourth")
    with django_assert_num_queries(1):
        rows = list(visible_sources(world.lead))
    deferred = {"text", "paragraphs", "sentences", "tokens"}
    assert [row.get_deferred_fields() & deferred for row in rows] == [deferred] * 4
