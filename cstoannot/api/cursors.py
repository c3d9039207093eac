"""Cursors of lists that are found, and not rows of a table: they point to a place in the list."""

import base64
import binascii

from rest_framework.exceptions import ParseError
from rest_framework.request import Request


def offset_of(cursor: str | None) -> int:
    """Where a cursor points; raises ParseError for one that was not given out."""
    if cursor is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    if not (text.isdigit() and len(text) < 12):
        raise ParseError("This cursor is not one that the API gave out. Start without it.")
    return int(text)


def address_at(request: Request, offset: int) -> str:
    """The request's address, repeated parameters kept, with the cursor that points there."""
    query = request.query_params.copy()
    query.pop("cursor", None)
    if offset > 0:
        query["cursor"] = base64.urlsafe_b64encode(str(offset).encode()).decode()
    written = query.urlencode()
    return str(request.build_absolute_uri(f"{request.path}?{written}" if written else request.path))
