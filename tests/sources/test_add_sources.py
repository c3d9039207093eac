import pytest

from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.sources.actions import add_sources
from cstoannot.sources.models import Source
from cstoannot.sources.queries import filter_sources
from tests.builders import add_source


def test_files_are_titled_after_their_names(world):
    added = add_sources(
        world.lead,
        files=[("absent_without leave.txt", "\ufeffOne.\r\nTwo.".encode()), (".txt", b"x")],
        language="en",
    )
    assert [source.title for source in added] == ["absent without leave", ".txt"]
    assert added[0].text == "One.\nTwo."
    assert added[0].language == "en"


@pytest.mark.parametrize(
    ("raw", "says"),
    [(b"", "empty"), (b"ab\x00c", "position 2"), (b"caf\xe9", "byte 3"), (b"\xff\xfe\x00\xd8", "")],
)
def test_one_bad_file_refuses_all_and_is_named(world, raw, says):
    before = Source.objects.count()
    with pytest.raises(Invalid) as refused:
        add_sources(world.lead, files=[("good.txt", b"Fine."), ("bad one.txt", raw)])
    assert refused.value.message.startswith("bad one.txt: ")
    assert says in refused.value.message
    assert refused.value.field == "files"
    assert Source.objects.count() == before


def test_wrong_detail_is_told_at_its_field(world):
    with pytest.raises(Invalid) as refused:
        add_sources(world.lead, files=[("a.txt", b"Fine.")], published="yesterday")
    assert list(refused.value.errors) == ["published"]


def test_annotators_add_nothing(world):
    with pytest.raises(Forbidden):
        add_sources(world.scope(world.bob), files=[("a.txt", b"Fine.")])


def test_find_by_words_and_in_order(world):
    titles = [source.title for source in filter_sources(world.lead, q="s ed")]
    assert titles == ["Shared"]
    assert [s.title for s in filter_sources(world.lead, order="newest")] == [
        "Beths",
        "Bobs",
        "Shared",
    ]


def test_find_nothing_that_may_not_be_seen(world):
    assert list(filter_sources(world.scope(world.bob), q="beths")) == []


def test_titles_are_found_in_whatever_case_in_any_script(world):
    add_source(world.lead, "L'École", publisher="Η ΚΑΘΗΜΕΡΙΝΗ")
    for q in ("éCOLE", "η καθημερινη"):
        assert [source.title for source in filter_sources(world.lead, q=q)] == ["L'École"]
