"""A column of texts is written as each of them alone would be."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.exchange.columnar.rows import JoinedColumn
from cstoannot.exchange.formats import csv, jsonl

ODD = st.text(alphabet='ab"\\,;=\t\n\r\b\f\x01\x1f\x7e é“🙂\u2028', max_size=6)
MARKS = "\x7f", "\U00100001z"


@pytest.mark.parametrize("mark", MARKS, ids=["delete", "private"])
@given(texts=st.lists(ODD, min_size=1, max_size=6))
def test_a_column_is_written_as_each_alone(mark, texts):
    column = JoinedColumn(mark.join(texts).encode(), mark.encode(), len(texts))
    assert jsonl._format_json_texts(column) == [orjson.dumps(text) for text in texts]
    assert csv.format_csv_cells(column) == [csv.format_csv_cell(text) for text in texts]
    assert csv.format_guarded_cells(column) == [csv.format_guarded_cell(text) for text in texts]


@pytest.mark.parametrize("mark", MARKS, ids=["delete", "private"])
@given(passages=st.lists(ODD.filter(bool), min_size=1, max_size=6))
def test_passages_are_written_as_each_alone_between_quotes(mark, passages):
    column = JoinedColumn(mark.join(passages).encode(), mark.encode(), len(passages))
    for insides, cell in (
        (jsonl._format_json_passages, orjson.dumps),
        (csv.format_csv_passages, csv.format_csv_cell),
        (csv.format_guarded_passages, csv.format_guarded_cell),
    ):
        assert [b'"%b"' % inside for inside in insides(column)] == list(map(cell, passages))


def test_no_more_than_the_rows_of_the_page_are_written():
    column = JoinedColumn(b"a\x7f\x7fb", b"\x7f", 2)
    assert jsonl._format_json_texts(column) == [b'"a"', b'""']
    assert jsonl._format_json_passages(column) == [b"a", b""]
    assert csv.format_csv_cells(column) == [b'"a"', b""]
