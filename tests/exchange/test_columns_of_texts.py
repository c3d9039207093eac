"""A column of texts is written as each of them alone would be."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstoannot.exchange.formats import csv, jsonl
from cstoannot.exchange.rows import Joined

ODD = st.text(alphabet='ab"\\,;=\t\n\r\b\f\x01\x1f\x7e é“🙂\u2028', max_size=6)
MARKS = "\x7f", "\U00100001z"


@pytest.mark.parametrize("mark", MARKS, ids=["delete", "private"])
@given(texts=st.lists(ODD, min_size=1, max_size=6), lead=st.sampled_from(["", ',"quote":', ","]))
def test_a_column_is_written_as_each_alone(mark, texts, lead):
    column = Joined(mark.join(texts).encode(), mark.encode(), len(texts))
    before = lead.encode()
    assert jsonl._texts(column, before) == [before + orjson.dumps(text) for text in texts]
    assert csv.all_plain(column, before) == [before + csv.plain(text) for text in texts]
    assert csv.all_guarded(column, before) == [before + csv.guarded(text) for text in texts]


def test_no_more_than_the_rows_of_the_page_are_written():
    column = Joined(b"a\x7f\x7fb", b"\x7f", 2)
    assert jsonl._texts(column, b"") == [b'"a"', b'""']
    assert csv.all_plain(column, b",") == [b',"a"', b","]
