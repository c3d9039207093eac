"""What a question means, what it refuses, and that its address brings it back."""

import pytest
from django.http import QueryDict

from cstoannot.comparison.comparison_query import (
    ComparisonQuery,
    is_in_date_window,
    read_comparison_query,
)
from cstoannot.core.errors import Invalid

ASKED = ComparisonQuery(
    layer="individual",
    annotators=("ann", "bob"),
    voices=("speaker:author",),
    sources=(3, 12),
    codes=("plea",),
    descendants=True,
    groups=("A, B & co", "Ünder"),
    publishers=("The Times",),
    since="2020",
    until="2020-11-25",
    by="group",
)


def _read(address):
    return read_comparison_query(dict(QueryDict(address).lists()))


def test_address_brings_the_question_back():
    assert _read(ASKED.address()) == ASKED
    assert ComparisonQuery().address() == ""
    assert _read("") == ComparisonQuery()
    assert _read("voice=&by=&since=&layer=") == ComparisonQuery()


def test_address_takes_more():
    assert ComparisonQuery(codes=("a",)).address(order="codebook", page=2, of=["x", "y"]) == (
        "code=a&order=codebook&page=2&of=x&of=y"
    )


def test_same_question_has_one_address():
    assert _read("code=b,a&code=a&source=2,1") == _read("source=1&source=2&code=a,b")


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("layer=both", "layer"),
        ("by=author", "by"),
        ("by=source&by=group", "by"),
        ("layer=consensus&annotator=bob", "annotator"),
        ("source=x", "source"),
        ("source=99999999999999999999", "source"),
        ("source=9999999999999999999", "source"),
        ("since=20", "since"),
        ("until=2020-13", "until"),
        ("since=2021&until=2021", "until"),
        ("since=2021-01&until=2021", "until"),
        ("descendants=perhaps", "descendants"),
        ("voice=a%00b", "voice"),
        ("voice=" + "x" * 401, "voice"),
    ],
)
def test_what_cannot_be_meant_is_refused(address, field):
    with pytest.raises(Invalid) as refused:
        _read(address)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("published", "inside"),
    [
        ("", False),
        ("2020", False),  # it can mean 1 January 2020
        ("2020-10-31", False),
        ("2020-11", True),
        ("2020-11-01", True),
        ("2020-12-31", True),
        ("2021", False),
        ("2021-01-01", False),
    ],
)
def test_window_is_half_open_over_the_first_possible_day(published, inside):
    assert is_in_date_window(ComparisonQuery(since="2020-11", until="2021"), published) is inside


def test_without_a_window_sources_without_a_date_are_in():
    assert is_in_date_window(ComparisonQuery(), "")
    assert not is_in_date_window(ComparisonQuery(until="2021"), "")
