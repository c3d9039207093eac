"""Files as they leave, and what they are compared with."""

from typing import Any

from cstoannot.annotations.queries import Filters, finish, rows, visible_annotations
from cstoannot.exchange.exporting import export
from cstoannot.exchange.registry import ask, get_format
from cstoannot.projects.scope import Scope

# What formats stumble over: a formula, an emoji, a combining mark, quotes, separators, a tab,
# right-to-left letters with points, line ends of three kinds.
ODD = '=1+1 🙂 cafe\u0301 “q” a,b;c\tשָׁלוֹם עולם\n-second "line"\u2028end'


def file_of(scope: Scope, key: str, filters: Filters | None = None, **options: str) -> bytes:
    """The file that this member gets."""
    format = get_format(key)
    asked = ask(scope, format, Filters() if filters is None else filters, options)
    return b"".join(export(format, asked).chunks)


def stored(scope: Scope) -> list[dict[str, Any]]:
    """The visible annotations, flat, in the order of exports."""
    found = rows(visible_annotations(scope)).order_by("source_id", "start", "id")
    return [finish(row) for row in found]
