"""How the strings of a line are found: once over the line, whatever stands in it."""

import json
import tracemalloc

import pytest

from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.exchange.archive.reader import (
    _STRINGS,
    MOST_ITEMS,
    _has_more_items,
    parse_archive_line,
)

# Bytes. A pattern that keeps states to come back to needs sixty for each character.
MOST_MEMORY = 100_000


def _spans(written):
    return [found.span() for found in _STRINGS.finditer(written)]


@pytest.mark.parametrize(
    "written",
    [
        b'"' + b'\\"' * 20_000,
        b'"' + b"\\" * 40_001,
        b'"' + b"\\\\" * 20_000 + b'"',
        b'"' + b"a\\n" * 20_000 + b'"',
        b'"' + b"a" * 40_000,
    ],
    ids=["quotation marks", "odd backslashes", "backslashes", "line ends", "unfinished"],
)
def test_hostile_string_is_passed_over_once_and_in_little_memory(written):
    tracemalloc.start()
    try:
        spans = _spans(written)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert spans == [(0, len(written))]
    assert most < MOST_MEMORY


@pytest.mark.parametrize(
    "value",
    [
        "",
        "plain",
        'a "quoted" word',
        "a \\ and \\\\ and \\",
        "line\nend",
        "комментарий",
        '\\"',
        ["one", "two, [three]", '"'],
        {"a": '{"b": [1, 2]}', "c\\": ""},
    ],
)
def test_strings_are_found_as_the_parser_reads_them(value):
    def strings(part):
        if isinstance(part, dict):
            return [one for pair in part.items() for one in strings(pair)]
        return [part] if isinstance(part, str) else [one for each in part for one in strings(each)]

    written = json.dumps(value, ensure_ascii=False).encode()

    found = [json.loads(written[start:end]) for start, end in _spans(written)]
    assert found == strings(value)


def test_marks_within_strings_do_not_count():
    assert not _has_more_items(b'{"a":"' + b'\\",[{' * 50 + b'"}', 3)
    assert _has_more_items(b'{"a":["' + b'\\",[{' * 50 + b'"]}', 3)


def test_line_of_unfinished_strings_is_refused():
    with pytest.raises(Invalid):
        parse_archive_line(b'{"a":"' + b'\\"' * MOST_ITEMS + b"\n", "codes", "codes, line 1")
    with pytest.raises(TooLarge):
        parse_archive_line(b'["a"' + b',""' * MOST_ITEMS + b',"\\"\n', "codes", "codes, line 1")
