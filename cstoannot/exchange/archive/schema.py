"""The fields of each kind of row in an archive and the check of each value.

Every row is checked before any is stored.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.text import slugify

from cstoannot.annotations.actions import LONGEST_NOTE, LONGEST_VOICE
from cstoannot.annotations.models import Layer, ProposalState, Stance
from cstoannot.annotations.proposal_actions import LONGEST_CLAIM, LONGEST_REASON
from cstoannot.assignments.models import AssignmentState
from cstoannot.codebook.actions import TEXTS
from cstoannot.codebook.colours import check_colour
from cstoannot.codebook.names import RESERVED_KEYS
from cstoannot.core.errors import DomainError, Invalid
from cstoannot.core.fields import clean_line, clean_text
from cstoannot.exchange.archive.layout import BOUNDS, format_archive_path, parse_archive_time
from cstoannot.projects.models import Role, Visibility
from cstoannot.sources.details import clean_source_details
from cstoannot.text.normalise import normalise_text
from cstoannot.text.spans import Bounds

Check = Callable[[Any], Any]
"""Returns the value for the database; raises ValueError or DomainError for an invalid one."""

LARGEST_NUMBER = 2**31 - 1
LARGEST_FLOAT = 1e15  # PostgreSQL returns numbers up to this unchanged
DEEPEST = 4
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_PLAIN_STATES = ("code", "name", "role", "stance", "state")
_FIRST, _AHEAD = datetime(1970, 1, 2, tzinfo=UTC), timedelta(days=1)


def _build_unchanged_check(clean: Callable[[str], str]) -> Check:
    """Build a check that a text is equal to what `clean` returns."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("not a text")
        if clean(value) != value:
            raise ValueError("not as it is stored")
        return value

    return check


def _build_line_check(longest: int, *, required: bool = False) -> Check:
    return _build_unchanged_check(
        partial(clean_line, field="line", longest=longest, required=required)
    )


def _build_text_check(longest: int) -> Check:
    return _build_unchanged_check(partial(clean_text, field="text", longest=longest))


def _build_choice_check(choices: Iterable[str]) -> Check:
    known = frozenset(choices)

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"none of {', '.join(sorted(known))}")
        return value

    return check


def _build_number_check(least: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= LARGEST_NUMBER:
            raise ValueError(f"not a number from {least} to {LARGEST_NUMBER}")
        return value

    return check


def _check_flag_value(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _check_time_value(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("not a moment")
    try:
        at = parse_archive_time(value)
    except ValueError:
        raise ValueError("not a moment") from None
    if not _FIRST <= at <= datetime.now(UTC) + _AHEAD:
        raise ValueError("a moment in the future, or before there were computers")
    return at


def _check_uuid_value(value: Any) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("not a UUID")
    return UUID(value)


def _check_event_id_value(value: Any) -> UUID:
    """Check the id of an event, which begins with its time in milliseconds."""
    found = _check_uuid_value(value)
    if found.version != 7 or found.int >> 80 > datetime.now(UTC).timestamp() * 1000:
        raise ValueError("not a UUID of version 7 from the past; is this machine's clock right?")
    return found


def _build_optional_check(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _check_slug_value(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 60 or slugify(value) != value:
        raise ValueError("not a slug")
    return value


def _check_shortcut_value(value: Any) -> str:
    single = isinstance(value, str) and (value == "" or (len(value) == 1 and value.isalnum()))
    if not single or value in RESERVED_KEYS or value != value.lower():
        raise ValueError("not a key")
    return str(value)


def _check_bounds_value(value: Any) -> Bounds:
    if not isinstance(value, Bounds):
        raise ValueError("not the steps from bound to bound")
    return value


def _check_event_state_value(value: Any) -> dict[str, Any]:
    """Check the state of a row in an event: any JSON value within limits."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if any(isinstance(value.get(name), dict | list) for name in _PLAIN_STATES):
        raise ValueError("not an entry of a history")
    _check_json_value(value, DEEPEST)
    return value


def _check_json_value(value: Any, depth: int) -> None:
    if isinstance(value, dict | list) and depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_json_value(name, depth - 1)
            _check_json_value(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_json_value(inner, depth - 1)
    elif isinstance(value, str) and _FORBIDDEN.search(value):
        raise ValueError("holds NUL")
    elif isinstance(value, float) and (abs(value) >= LARGEST_FLOAT or str(value) == "-0.0"):
        raise ValueError("holds a number that a database would alter")


def _check_codebook_snapshot(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a codebook")
    return [_check_row_fields(one, _ENTRY) for one in value]


def _check_slug_list(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list of slugs")
    return [_check_slug_value(one) for one in value]


def _check_changed_codes(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not changes by slug")
    return {
        _check_slug_value(slug): _check_changed_fields(fields) for slug, fields in value.items()
    }


def _check_changed_fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= _ENTRY.keys() - {"slug"}:
        raise ValueError("not fields of a code")
    return _check_row_fields(value, {name: _ENTRY[name] for name in value})


def _check_codebook_changes(value: Any) -> dict[str, Any]:
    """Check what a revision stores: see `codebook/deltas.py`."""
    shape = {
        "added": _check_codebook_snapshot,
        "changed": _check_changed_codes,
        "removed": _check_slug_list,
        "order": _check_slug_list,
    }
    if not isinstance(value, dict) or not value.keys() <= shape.keys():
        raise ValueError("not changes of a codebook")
    return _check_row_fields(value, {name: shape[name] for name in value})


_CODE = {
    "slug": _check_slug_value,
    "parent": _build_optional_check(_check_slug_value),
    "name": _build_line_check(100, required=True),
    "colour": _build_unchanged_check(check_colour),
    "shortcut": _check_shortcut_value,
    **dict.fromkeys(TEXTS, _build_text_check(5_000)),
    "position": _build_number_check(0),
}
_ENTRY: Mapping[str, Check] = {**_CODE, "retired": _check_flag_value}


def _check_username_value(value: Any) -> str:
    name = _build_line_check(150, required=True)(value)
    if any(unicodedata.category(character) == "Cf" for character in name):
        raise ValueError("a name with characters that nobody sees")
    return str(name)


_USER = _check_username_value
_PERSON = _build_optional_check(_USER)


def _build_detail_check(name: str) -> Check:
    return _build_unchanged_check(lambda value: clean_source_details({name: value})[name])


SHAPES: Mapping[str, Mapping[str, Check]] = {
    "project": {
        "slug": _check_slug_value,
        "name": _build_line_check(200, required=True),
        "about": _build_text_check(20_000),
        "guidelines": _build_text_check(20_000),
        "visibility": _build_choice_check(Visibility.values),
        "open_sources": _check_flag_value,
        "version": _build_number_check(1),
        "created_at": _check_time_value,
    },
    "people": {
        "username": _USER,
        "role": _build_optional_check(_build_choice_check(Role.values)),
        "created_at": _build_optional_check(_check_time_value),
    },
    "codes": {
        **_CODE,
        "meaning_revision": _build_number_check(0),
        "added_revision": _build_number_check(1),
        "version": _build_number_check(1),
        "retired_at": _build_optional_check(_check_time_value),
    },
    "revisions": {
        "number": _build_number_check(1),
        "at": _check_time_value,
        "by": _PERSON,
        "note": _build_text_check(300),
        "changes": _check_codebook_changes,
    },
    "proposals": {
        "id": _check_uuid_value,
        "proposed_by": _PERSON,
        "decided_by": _PERSON,
        "source": _build_optional_check(_build_number_check(1)),
        "parent": _build_optional_check(_check_slug_value),
        "code": _build_optional_check(_check_slug_value),
        "name": _build_line_check(100, required=True),
        "claim": _build_text_check(LONGEST_CLAIM),
        "start": _build_optional_check(_build_number_check(0)),
        "end": _build_optional_check(_build_number_check(1)),
        "quote": _build_unchanged_check(lambda value: value),
        "state": _build_choice_check(ProposalState.values),
        "reason": _build_text_check(LONGEST_REASON),
        "created_at": _check_time_value,
        "decided_at": _build_optional_check(_check_time_value),
    },
    "speakers": {
        "key": _check_uuid_value,
        "name": _build_line_check(LONGEST_VOICE, required=True),
        "note": _build_text_check(LONGEST_NOTE),
        "listed": _check_flag_value,
        "created_at": _check_time_value,
    },
    "sources": {
        "number": _build_number_check(1),
        **{
            name: _build_detail_check(name)
            for name in (
                *("title", "publisher", "author", "published"),
                *("url", "language", "group", "note"),
            )
        },
        "text": _build_unchanged_check(normalise_text),
        "sha256": _build_line_check(64),
        **dict.fromkeys(BOUNDS, _check_bounds_value),
        "position": _build_number_check(0),
        "version": _build_number_check(1),
        "created_at": _check_time_value,
        "deleted_at": _build_optional_check(_check_time_value),
    },
    "assignments": {
        "id": _check_uuid_value,
        "source": _build_number_check(1),
        "annotator": _USER,
        "state": _build_choice_check(AssignmentState.values),
        "created_at": _check_time_value,
        "done_at": _build_optional_check(_check_time_value),
        "finished_under": _build_optional_check(_build_number_check(0)),
    },
    "annotations": {
        "id": _check_uuid_value,
        "source": _build_number_check(1),
        "code": _check_slug_value,
        "annotator": _PERSON,
        "layer": _build_choice_check(Layer.values),
        "start": _build_number_check(0),
        "end": _build_number_check(1),
        "quote": _build_unchanged_check(lambda value: value),
        "stance": _build_choice_check(Stance.values),
        "voice": _build_optional_check(_build_line_check(LONGEST_VOICE, required=True)),
        "note": _build_text_check(LONGEST_NOTE),
        "version": _build_number_check(1),
        "revision": _build_number_check(0),
        "created_at": _check_time_value,
        "updated_at": _check_time_value,
    },
    "events": {
        "id": _check_event_id_value,
        "actor": _PERSON,
        "action": _build_line_check(40, required=True),
        "kind": _build_line_check(20, required=True),
        "object": _build_line_check(64),
        "about": _PERSON,
        "source": _build_optional_check(_build_number_check(1)),
        "before": _build_optional_check(_check_event_state_value),
        "after": _build_optional_check(_check_event_state_value),
        "at": _check_time_value,
    },
}


# Fields that may be absent; older archives never have them.
_OPTIONAL: Mapping[str, Mapping[str, Check]] = {"project": {"counts_after_look": _check_flag_value}}


def _drop_field_check(shape: Mapping[str, Check], name: str) -> dict[str, Check]:
    return {key: check for key, check in shape.items() if key != name}


# The fields of rows in archives of earlier versions that differ.
_SECOND_SHAPES: Mapping[str, Mapping[str, Check]] = {
    "assignments": _drop_field_check(SHAPES["assignments"], "finished_under"),
}
_FIRST_SHAPES: Mapping[str, Mapping[str, Check]] = {
    **_SECOND_SHAPES,
    "codes": _drop_field_check(SHAPES["codes"], "added_revision"),
    "revisions": {
        **_drop_field_check(SHAPES["revisions"], "changes"),
        "snapshot": _check_codebook_snapshot,
    },
}
_EARLIER_SHAPES = {1: _FIRST_SHAPES, 2: _SECOND_SHAPES}


def check_archive_row(kind: str, number: int, row: Any, *, version: int) -> dict[str, Any]:
    """Return the row with values for the database; raises Invalid naming file, line and field."""
    shape = _EARLIER_SHAPES.get(version, {}).get(kind, SHAPES[kind])
    try:
        more = _OPTIONAL.get(kind, {})
        there = {name: more[name] for name in more if isinstance(row, dict) and name in row}
        return _check_row_fields(row, {**shape, **there})
    except ValueError as error:
        raise build_row_error(kind, number, str(error)) from None


def build_row_error(kind: str, number: int, why: str) -> Invalid:
    return Invalid(f"{format_archive_path(kind)}, line {number}: {why}.", field="archive")


def _check_row_fields(row: Any, shape: Mapping[str, Check]) -> dict[str, Any]:
    if not isinstance(row, dict) or row.keys() != shape.keys():
        raise ValueError(f"its fields are not {', '.join(sorted(shape))}")
    found = {}
    for name, check in shape.items():
        try:
            found[name] = check(row[name])
        except (ValueError, DomainError) as error:
            why = error.message if isinstance(error, DomainError) else str(error)
            raise ValueError(f"{name}: {why.rstrip('.')}") from None
    return found
