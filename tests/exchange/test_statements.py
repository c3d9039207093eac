from itertools import chain

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats import statements
from cstoannot.exchange.formats.registry import FORMATS, build_export_request
from cstoannot.exchange.formats.statements import COLUMNS
from cstoannot.sources import queries
from cstoannot.sources.actions import change_source
from tests.builders import add_source, annotate, assign_to, finish
from tests.comparison.test_rights import decide
from tests.exchange.reading import file_of, stored


def _read(data: bytes) -> list[dict[str, str]]:
    """As rDNA does: lines, semicolons, quotes around texts that hold neither."""
    head, *lines = data.decode().split("\n")[:-1]
    names = [name.strip('"') for name in head.split(";")]
    assert tuple(names) == COLUMNS
    return [
        dict(zip(names, (cell.strip('"') for cell in line.split(";")), strict=True))
        for line in lines
    ]


def _read_stored(world, filters=None):
    """Every coder's statements as they stand."""
    return _read(file_of(world.lead, "statements", filters, coding="stored"))


def test_every_annotation_with_a_side_is_a_statement(world, odd):
    table = _read_stored(world)
    sided = [one for one in stored(world.lead) if one["stance"]]
    assert [row["statement_id"] for row in table] == [str(n + 1) for n in range(len(sided))]
    level = {"supports": "1", "mixed": "0", "opposes": "-1"}
    for row, one in zip(table, sided, strict=True):
        assert row["agreement"] == level[one["stance"]]
        assert (row["coder"], row["person"]) == (one["annotator"], one["voice"])
        assert row["document_id"] == str(one["source"])


def test_places_are_utf16_as_java_counts(world, odd):
    units = odd.text.encode("utf-16-le")
    found = [row for row in _read_stored(world) if row["document_id"] == str(odd.pk)]
    assert [row["text"] for row in found] == ["🙂 cafe\u0301", "שָׁלוֹם"]
    for row in found:
        start, stop = int(row["start_position"]), int(row["stop_position"])
        assert units[2 * start : 2 * stop].decode("utf-16-le") == row["text"]


def test_what_ends_a_cell_is_replaced(world, odd):
    annotate(world.scope(world.bob), odd, 'a,b;c\tשָׁלוֹם עולם\n-second "line"', stance="supports")
    texts = [row["text"] for row in _read_stored(world)]
    assert "a,b,c\tשָׁלוֹם עולם -second 'line'" in texts


@pytest.mark.parametrize(
    ("published", "time"),
    [
        ("", ""),
        ("2021", "2021-01-01 00:00:00"),
        ("2020-11", "2020-11-01 00:00:00"),
        ("2020-11-25", "2020-11-25 00:00:00"),
    ],
)
def test_time_is_the_first_that_the_date_can_mean(world, published, time):
    change_source(world.lead, world.shared.pk, published=published)
    filters = AnnotationFilter(sources=[world.shared.pk])
    assert {row["time"] for row in _read_stored(world, filters)} == {time}


def test_boolean_leaves_mixed_out(world, odd):
    table = _read(file_of(world.lead, "statements", coding="stored", agreement="boolean"))
    stances = [
        one["stance"] for one in stored(world.lead) if one["stance"] in ("supports", "opposes")
    ]
    assert [row["agreement"] for row in table] == ["1" if s == "supports" else "0" for s in stances]
    with pytest.raises(Invalid, match="Choose another stance"):
        file_of(world.lead, "statements", AnnotationFilter(stances=["mixed"]), agreement="boolean")


def test_count_is_of_statements(world, odd):
    format = FORMATS["statements"]
    for filters in (
        AnnotationFilter(),
        AnnotationFilter(stances=["opposes", ""]),
        AnnotationFilter(codes=["plea"]),
    ):
        asked = build_export_request(world.lead, format, filters, {"coding": "stored"})
        assert format.count(asked) == len(_read_stored(world, filters))


def test_no_text_is_read_that_no_statement_stands_in(world, odd, monkeypatch):
    for number in range(5):
        more = add_source(world.lead, f"More {number}")
        if number % 2:
            assign_to(world.lead, more, world.bob)
            annotate(world.scope(world.bob), more, "alliance", stance="opposes")
    monkeypatch.setattr(statements, "TEXTS_AT_ONCE", 2)
    read = []

    def texts_of(scope, sources):
        read.append(list(sources))
        return queries.load_source_texts(scope, sources)

    monkeypatch.setattr(statements, "load_source_texts", texts_of)
    table = _read_stored(world)
    assert sorted(chain.from_iterable(read)) == sorted({int(row["document_id"]) for row in table})
    assert {len(some) for some in read} == {1, 2}


@pytest.fixture
def done(world):
    """Bob and Beth finished the shared source; of the plea and of the failure, both take a side."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world


def test_statements_are_the_majoritys_each_place_once(done):
    table = _read(file_of(done.lead, "statements"))
    rows = [(row["text"], row["agreement"], row["coder"], row["person"]) for row in table]
    assert rows == [
        ("alliance failed", "0", "Majority", ""),
        ("We asked", "0", "Majority", "A silent witness"),
    ]
    format = FORMATS["statements"]
    assert format.count(build_export_request(done.lead, format, AnnotationFilter())) == 2
    text = done.shared.text
    starts = [(int(row["start_position"]), row["text"]) for row in table]
    assert all(text[start:].startswith(words) for start, words in starts)
    assert {row["concept"] for row in table} == {"Failure", "Failure > Plea"}


def test_statements_of_one_coder_or_of_the_consensus_can_be_asked_for(done):
    def said(**asked):
        rows = _read(file_of(done.lead, "statements", AnnotationFilter(**asked)))
        return [(row["text"], row["coder"]) for row in rows]

    assert said(annotators=["bob"]) == [("The alliance failed its member.", "bob")]
    assert said(layer="individual", annotators=["bob"]) == said(annotators=["bob"])
    decide(done, done.shared, "Nobody came.", "opposes")
    assert said() == [("Nobody came.", "Consensus")]
    assert said(layer="consensus") == said()
    assert said(codes=["plea"]) == []
    with pytest.raises(Invalid, match="leave stale out"):
        said(stale=True)
