"""Half-open ranges of code points."""

import pytest

from cstoannot.core.errors import Invalid
from cstoannot.text.spans import check_span


@pytest.mark.parametrize("span", [(0, 1), (0, 10), (9, 10)])
def test_check_span_inside_text(span):
    assert check_span(*span, 10) == span


@pytest.mark.parametrize(
    ("start", "end", "field", "message"),
    [
        (-1, 3, "start", "start is -1, but must be from 0 to 9."),
        (10, 11, "start", "start is 10, but must be from 0 to 9."),
        (3, 3, "end", "end is 3, but must be from 4 to 10."),
        (5, 3, "end", "end is 3, but must be from 6 to 10."),
        (0, 11, "end", "end is 11, but must be from 1 to 10."),
        (0, 2**63, "end", "end is outside every possible text."),
        (True, 3, "start", "start must be a whole number."),
        (0, 3.0, "end", "end must be a whole number."),
        ("0", 3, "start", "start must be a whole number."),
        (0, None, "end", "end must be a whole number."),
    ],
)
def test_check_span_refuses(start, end, field, message):
    with pytest.raises(Invalid) as caught:
        check_span(start, end, 10)
    assert (caught.value.code, caught.value.field) == ("span", field)
    assert caught.value.message == message


def test_check_span_of_too_many_digits_is_refused():
    with pytest.raises(Invalid):
        check_span(-(10**5000), 10**5000, 10)
