"""Numbers and lists as the sentences of a methods section write them."""

from collections.abc import Sequence

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def format_number(count: int) -> str:
    """Return a small number as a word, a large one in digits."""
    return _SMALL[count] if count < len(_SMALL) else f"{count:,}"


def format_small_count(count: int, thing: str) -> str:
    return f"{format_number(count)} {thing}{'' if count == 1 else 's'}"


def capitalise_first(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def join_words(words: Sequence[str]) -> str:
    """Return "a", "a and b" or "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
