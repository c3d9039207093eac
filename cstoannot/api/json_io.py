"""Parses JSON bodies strictly and renders JSON responses quickly."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from django.http import UnreadablePostError
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from cstoannot.core.errors import TooLarge
from cstoannot.database.transactions import release_pooled_connection

DEEPEST = 32  # levels of nested lists and objects
MOST_VALUES = 100_000  # in all lists and objects together


class FastJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
        except TypeError:
            # An error message may repeat half a surrogate pair; stored data has none.
            return json.dumps(data, ensure_ascii=False, default=str).encode(errors="replace")


class OnlyJSONNegotiation(BaseContentNegotiation):
    """Always JSON, whatever `Accept` and `format=` say."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        kind = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def _build_unique_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("A name stands twice in one object: it is not clear which one counts.")
    return found


def _refuse_json_constant(name: str) -> Any:
    raise ParseError(f"{name} is not JSON: use a finite number or null.")


class StrictJSONParser(BaseParser):
    """Parses UTF-8 JSON of bounded depth and number of values; refuses repeated names and NaN."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise UnsupportedMediaType(media_type or "", "Send the body without compression.")
        release_pooled_connection()
        return _parse_json_body(_read_request_stream(stream))


def _read_request_stream(stream: IO[Any]) -> bytes:
    """Read the body, whose size `http/middleware.py` limits."""
    try:
        return bytes(stream.read())
    except UnreadablePostError:
        raise ParseError("The body ended too early.") from None


# A string, even unterminated, or what begins or separates values. The quantifiers are possessive:
# no backtracking, so the time is linear in the length.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?+)*+(?:"|\Z)|[\[\]{},]', re.S)


def _check_json_structure(raw: bytes) -> None:
    """Raise for JSON that is too deep or has too many values, before it is parsed."""
    depth = values = 0
    for token in _TOKEN.finditer(raw):
        sign = raw[token.start()]
        if sign in b"[{":
            depth += 1
        elif sign in b"]}":
            depth -= 1
        if sign in b"[{,":
            values += 1
        if depth > DEEPEST:
            raise ParseError(f"The body is nested too deeply: {DEEPEST} levels are allowed.")
        if values > MOST_VALUES:
            raise TooLarge(f"The body has more than {MOST_VALUES:,} values. Send less at once.")


def _parse_json_body(raw: bytes) -> Any:
    _check_json_structure(raw)
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_build_unique_object,
            parse_constant=_refuse_json_constant,
        )
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8: see byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error}.") from error
    except ValueError:
        raise ParseError("The body holds a number of too many digits.") from None
