"""Where a text names somebody."""

import time

import pytest

from cstoannot.threads.mentions import find_mentions, replace_mentions

USERS = {"ada": 1, "b.org": 2, "coder-a": 3, "ines.": 4, "łukasz": 5}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@ada", [1]),
        ("(@ada) @ADA, @ada.", [1, 1, 1]),
        ("@ada's", [1]),
        ("@coder-a-", [3]),
        ("@ines. @ines", [4]),
        ("@Łukasz", [5]),
        ("a@b.org", []),
        ("@@ada", []),
        ("@adam @", []),
        ("@a\u200bda", []),
        ("＠ada", []),
        ("", []),
    ],
)
def test_mentions(text, named):
    assert [mention.user_id for mention in find_mentions(text, USERS)] == named


def test_mention_stands_where_it_stands():
    text = "🙂 İ @Ada, and @coder-a."
    assert [text[m.start : m.end] for m in find_mentions(text, USERS)] == ["@Ada", "@coder-a"]
    assert replace_mentions(text, USERS, str) == "🙂 İ @1, and @3."


@pytest.mark.parametrize(
    "storm",
    ["@" * 10_000, "@ada " * 2_000, "@a." * 3_333, "@" + "." * 9_999, ("@" + "x" * 149) * 66],
)
def test_storms_take_no_time(storm):
    began = time.perf_counter()
    replace_mentions(storm, USERS, str)
    assert time.perf_counter() - began < 0.2
