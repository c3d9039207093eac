"""Paginates lists.

Database tables use keyset cursors: a page begins after the key of the last row of the previous
page. Lists that are computed use offset cursors.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from cstoannot.core.fields import parse_whole_number

LIST_PARAMETERS = ("cursor", "page_size", "ordering")
DEFAULT_SIZE = 100
LARGEST_SIZE = 5_000


class KeysetPagination:
    """`orderings` maps the values of `ordering=` to fields; the last field of each is unique.

    DRF's own cursor stores only the first field and counts offsets within ties, which loses rows
    if a thousand annotations share a source.
    """

    def __init__(self, orderings: Mapping[str, Sequence[str]]) -> None:
        self.orderings = orderings

    def answer(
        self, request: Request, found: QuerySet[Any, Any], show: Callable[[Any], Any]
    ) -> Response:
        """Return the requested page; `show` converts a row to its JSON value."""
        fields = self._ordering(request)
        size = parse_page_size(request)
        backwards, position = self._cursor(request, fields, found.model)
        query = found.order_by(*(_reverse_ordering_field(f) if backwards else f for f in fields))
        if position is not None:
            query = query.filter(_build_keyset_condition(fields, position, backwards=backwards))
        page = list(query[: size + 1])
        more = len(page) > size
        page = page[:size]
        if backwards:
            page.reverse()
        has_next = more if not backwards else True
        has_previous = more if backwards else position is not None
        return Response(
            {
                "next": self._link(request, fields, page[-1:], False) if has_next else None,
                "previous": self._link(request, fields, page[:1], True) if has_previous else None,
                "results": [show(row) for row in page],
            }
        )

    def _ordering(self, request: Request) -> Sequence[str]:
        wanted = request.query_params.get("ordering")
        if wanted is None:
            return next(iter(self.orderings.values()))
        if wanted not in self.orderings:
            raise ParseError(f"ordering is one of: {', '.join(self.orderings)}.")
        return self.orderings[wanted]

    def _cursor(
        self, request: Request, fields: Sequence[str], model: type[models.Model]
    ) -> tuple[bool, list[Any] | None]:
        text = request.query_params.get("cursor")
        if text is None:
            return False, None
        try:
            backwards, kept, *position = json.loads(base64.urlsafe_b64decode(text.encode()))
            if kept != list(fields) or backwards not in (0, 1):
                raise ValueError
            pairs = zip(fields, position, strict=True)
            return bool(backwards), [
                _parse_cursor_value(_get_ordering_column(model, f), value) for f, value in pairs
            ]
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise ParseError(
                "This cursor is not one that the API gave out. Start without it."
            ) from None

    def _link(
        self, request: Request, fields: Sequence[str], edge: list[Any], backwards: bool
    ) -> str | None:
        url = request.build_absolute_uri()
        if not edge:
            return remove_query_param(url, "cursor")
        values = [_get_cursor_value(edge[0], field.lstrip("-")) for field in fields]
        packed = json.dumps([int(backwards), list(fields), *values], separators=(",", ":"))
        cursor = base64.urlsafe_b64encode(packed.encode()).decode()
        return replace_query_param(url, "cursor", cursor)


def parse_page_size(request: Request) -> int:
    """Return how many rows a page has; raise ParseError."""
    text = request.query_params.get("page_size", str(DEFAULT_SIZE))
    size = parse_whole_number(text, most=LARGEST_SIZE)
    if not size:
        raise ParseError(f"page_size is a whole number from 1 to {LARGEST_SIZE}.")
    return size


def _reverse_ordering_field(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _get_cursor_value(row: Any, path: str) -> Any:
    value = row[path] if isinstance(row, dict) else reduce(getattr, path.split("__"), row)
    return value if isinstance(value, int) else str(value)


def _get_ordering_column(model: type[models.Model], path: str) -> "models.Field[Any, Any]":
    """Return the column of an ordering's field, following relations."""
    *steps, last = path.lstrip("-").split("__")
    for step in steps:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]
    column: Any = model._meta.get_field(last)
    return column.target_field if column.is_relation else column


def _parse_cursor_value(column: "models.Field[Any, Any]", value: Any) -> Any:
    """Convert a cursor's value to the column's type; raise ValueError or OverflowError.

    A cursor can be forged, and databases handle a wrong type differently.
    """
    if isinstance(column, models.IntegerField):
        if type(value) is not int or not -(2**63) <= value < 2**63:
            raise ValueError
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError
    value.encode()  # half a surrogate pair is a ValueError
    if isinstance(column, models.UUIDField):
        return uuid.UUID(value)
    if isinstance(column, models.DateTimeField):
        when = datetime.fromisoformat(value)
        if when.tzinfo is None:
            raise ValueError
        return when.astimezone(UTC)
    return value


def _build_keyset_condition(fields: Sequence[str], position: list[Any], *, backwards: bool) -> Q:
    """Return a condition for rows after the position, in lexicographic order of the fields."""
    condition = Q()
    for depth, field in enumerate(fields):
        same = {f.lstrip("-"): v for f, v in zip(fields[:depth], position, strict=False)}
        operator = "lt" if field.startswith("-") != backwards else "gt"
        condition |= Q(**same, **{f"{field.lstrip('-')}__{operator}": position[depth]})
    # Redundant, but lets the database use an index.
    first = fields[0]
    operator = "lte" if first.startswith("-") != backwards else "gte"
    return Q(**{f"{first.lstrip('-')}__{operator}": position[0]}) & condition


LAST_OFFSET = 10**11


def parse_offset_cursor(cursor: str | None) -> int:
    """Return the offset in a cursor; raise ParseError if it is invalid."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    offset = parse_whole_number(text, most=LAST_OFFSET)
    if offset is None:
        raise ParseError("This cursor is not one that the API gave out. Start without it.")
    return offset


def build_offset_url(request: Request, offset: int) -> str:
    """Return the request's URL, including repeated parameters, with a cursor for the offset."""
    query = request.query_params.copy()
    query.pop("cursor", None)
    if offset > 0:
        query["cursor"] = base64.urlsafe_b64encode(str(offset).encode()).decode()
    written = query.urlencode()
    return str(request.build_absolute_uri(f"{request.path}?{written}" if written else request.path))


def answer_computed_page(
    request: Request, total: int, offset: int, results: Sequence[dict[str, Any]]
) -> Response:
    """Return a page of a computed list of `total` rows, with the links to those beside it."""
    size = parse_page_size(request)
    return Response(
        {
            "next": build_offset_url(request, offset + size) if offset + size < total else None,
            "previous": build_offset_url(request, offset - size) if offset else None,
            "results": results,
        }
    )
