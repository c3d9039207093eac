"""Mentions in the text of a comment, such as @ada."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# Characters of a user name, after an @ that does not continue a word, as an address would.
_MENTION = re.compile(r"(?<![\w@.+-])@([\w@.+-]{1,150})")
_CLOSING = ".+-@"


@dataclass(frozen=True)
class Mention:
    """Where a text names a user: [start, end) with the @, in code points."""

    start: int
    end: int
    user_id: int


def find_mentions(text: str, users: Mapping[str, int]) -> Iterator[Mention]:
    """Yield the mentions of these users, by user name in lower case, in the text's order.

    A full stop, plus, hyphen or @ at the end belongs to the name only if somebody has such a name.
    """
    for found in _MENTION.finditer(text):
        name = found[1]
        while name.lower() not in users and name and name[-1] in _CLOSING:
            name = name[:-1]
        if name.lower() in users:
            yield Mention(found.start(), found.start() + 1 + len(name), users[name.lower()])


def replace_mentions(text: str, users: Mapping[str, int], name_of: Callable[[int], str]) -> str:
    """Return the text with these users named otherwise."""
    parts, last = [], 0
    for mention in find_mentions(text, users):
        parts += [text[last : mention.start + 1], name_of(mention.user_id)]
        last = mention.end
    return "".join([*parts, text[last:]])
