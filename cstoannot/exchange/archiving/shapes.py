"""What each value of an archive may be, whoever wrote it: checked before any of it is stored."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.text import slugify

from cstoannot.annotations.actions import LONGEST_NOTE, LONGEST_VOICE
from cstoannot.annotations.models import Layer, Stance
from cstoannot.annotations.proposals.actions import LONGEST_CLAIM, LONGEST_REASON
from cstoannot.annotations.proposals.models import ProposalState
from cstoannot.assignments.models import State
from cstoannot.codebook.actions import TEXTS
from cstoannot.codebook.colours import check_colour
from cstoannot.codebook.identifiers import RESERVED_KEYS
from cstoannot.core.errors import DomainError, Invalid
from cstoannot.core.fields import clean_line, clean_text
from cstoannot.exchange.archiving.layout import BOUNDS, file_of, read_moment
from cstoannot.projects.models import Role, Visibility
from cstoannot.sources.details import clean_details
from cstoannot.text.bounds import Bounds
from cstoannot.text.normalise import normalise_text

Check = Callable[[Any], Any]
"""Gives the value as the database takes it; raises ValueError or DomainError for a wrong one."""

LARGEST_NUMBER = 2**31 - 1
LARGEST_FLOAT = 1e15  # up to here PostgreSQL gives back what it was given
DEEPEST = 4
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_PLAIN_STATES = ("code", "name", "role", "stance", "state")
_FIRST, _AHEAD = datetime(1970, 1, 2, tzinfo=UTC), timedelta(days=1)


def _same(clean: Callable[[str], str]) -> Check:
    """A text that is already as `clean` would make it."""

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("not a text")
        if clean(value) != value:
            raise ValueError("not as it is stored")
        return value

    return check


def _line(longest: int, *, required: bool = False) -> Check:
    return _same(partial(clean_line, field="line", longest=longest, required=required))


def _text(longest: int) -> Check:
    return _same(partial(clean_text, field="text", longest=longest))


def _one_of(choices: Iterable[str]) -> Check:
    known = frozenset(choices)

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"none of {', '.join(sorted(known))}")
        return value

    return check


def _number(least: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not least <= value <= LARGEST_NUMBER:
            raise ValueError(f"not a number from {least} to {LARGEST_NUMBER}")
        return value

    return check


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("not a moment")
    try:
        at = read_moment(value)
    except ValueError:
        raise ValueError("not a moment") from None
    if not _FIRST <= at <= datetime.now(UTC) + _AHEAD:
        raise ValueError("a moment in the future, or before there were computers")
    return at


def _id(value: Any) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("not a UUID")
    return UUID(value)


def _id_in_time(value: Any) -> UUID:
    """An entry of the history: its id begins with the milliseconds at which it was made."""
    found = _id(value)
    if found.version != 7 or found.int >> 80 > datetime.now(UTC).timestamp() * 1000:
        raise ValueError("not a UUID of version 7 from the past; is this machine's clock right?")
    return found


def _maybe(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


def _slug(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 60 or slugify(value) != value:
        raise ValueError("not a slug")
    return value


def _key(value: Any) -> str:
    single = isinstance(value, str) and (value == "" or (len(value) == 1 and value.isalnum()))
    if not single or value in RESERVED_KEYS or value != value.lower():
        raise ValueError("not a key")
    return str(value)


def _bounds(value: Any) -> Bounds:
    if not isinstance(value, Bounds):
        raise ValueError("not the steps from bound to bound")
    return value


def _state(value: Any) -> dict[str, Any]:
    """What the history keeps of a row: anything that JSON can say, within bounds."""
    if not isinstance(value, dict):
        raise ValueError("not an object")
    if any(isinstance(value.get(name), dict | list) for name in _PLAIN_STATES):
        raise ValueError("not an entry of a history")
    _check_json(value, DEEPEST)
    return value


def _check_json(value: Any, depth: int) -> None:
    if isinstance(value, dict | list) and depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_json(name, depth - 1)
            _check_json(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_json(inner, depth - 1)
    elif isinstance(value, str) and _FORBIDDEN.search(value):
        raise ValueError("holds NUL")
    elif isinstance(value, float) and (abs(value) >= LARGEST_FLOAT or str(value) == "-0.0"):
        raise ValueError("holds a number that a database would alter")


def _snapshot(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a codebook")
    return [_checked(one, _ENTRY) for one in value]


def _slugs(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list of slugs")
    return [_slug(one) for one in value]


def _entries_changed(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not changes by slug")
    return {_slug(slug): _fields_changed(fields) for slug, fields in value.items()}


def _fields_changed(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= _ENTRY.keys() - {"slug"}:
        raise ValueError("not fields of a code")
    return _checked(value, {name: _ENTRY[name] for name in value})


def _changes(value: Any) -> dict[str, Any]:
    """What a revision stores: see `codebook/deltas.py`."""
    shape = {
        "added": _snapshot,
        "changed": _entries_changed,
        "removed": _slugs,
        "order": _slugs,
    }
    if not isinstance(value, dict) or not value.keys() <= shape.keys():
        raise ValueError("not changes of a codebook")
    return _checked(value, {name: shape[name] for name in value})


_CODE = {
    "slug": _slug,
    "parent": _maybe(_slug),
    "name": _line(100, required=True),
    "colour": _same(check_colour),
    "shortcut": _key,
    **dict.fromkeys(TEXTS, _text(5_000)),
    "position": _number(0),
}
_ENTRY: Mapping[str, Check] = {**_CODE, "retired": _flag}


def _user(value: Any) -> str:
    name = _line(150, required=True)(value)
    if any(unicodedata.category(character) == "Cf" for character in name):
        raise ValueError("a name with characters that nobody sees")
    return str(name)


_USER = _user
_PERSON = _maybe(_USER)


def _detail(name: str) -> Check:
    return _same(lambda value: clean_details({name: value})[name])


SHAPES: Mapping[str, Mapping[str, Check]] = {
    "project": {
        "slug": _slug,
        "name": _line(200, required=True),
        "about": _text(20_000),
        "guidelines": _text(20_000),
        "visibility": _one_of(Visibility.values),
        "open_sources": _flag,
        "version": _number(1),
        "created_at": _moment,
    },
    "people": {
        "username": _USER,
        "role": _maybe(_one_of(Role.values)),
        "created_at": _maybe(_moment),
    },
    "codes": {
        **_CODE,
        "meaning_revision": _number(0),
        "added_revision": _number(1),
        "version": _number(1),
        "retired_at": _maybe(_moment),
    },
    "revisions": {
        "number": _number(1),
        "at": _moment,
        "by": _PERSON,
        "note": _text(300),
        "changes": _changes,
    },
    "proposals": {
        "id": _id,
        "proposed_by": _PERSON,
        "decided_by": _PERSON,
        "source": _maybe(_number(1)),
        "parent": _maybe(_slug),
        "code": _maybe(_slug),
        "name": _line(100, required=True),
        "claim": _text(LONGEST_CLAIM),
        "start": _maybe(_number(0)),
        "end": _maybe(_number(1)),
        "quote": _same(lambda value: value),
        "state": _one_of(ProposalState.values),
        "reason": _text(LONGEST_REASON),
        "created_at": _moment,
        "decided_at": _maybe(_moment),
    },
    "speakers": {
        "key": _id,
        "name": _line(LONGEST_VOICE, required=True),
        "note": _text(LONGEST_NOTE),
        "listed": _flag,
        "created_at": _moment,
    },
    "sources": {
        "number": _number(1),
        **{
            name: _detail(name)
            for name in (
                *("title", "publisher", "author", "published"),
                *("url", "language", "group", "note"),
            )
        },
        "text": _same(normalise_text),
        "sha256": _line(64),
        **dict.fromkeys(BOUNDS, _bounds),
        "position": _number(0),
        "version": _number(1),
        "created_at": _moment,
        "deleted_at": _maybe(_moment),
    },
    "assignments": {
        "id": _id,
        "source": _number(1),
        "annotator": _USER,
        "state": _one_of(State.values),
        "created_at": _moment,
        "done_at": _maybe(_moment),
    },
    "annotations": {
        "id": _id,
        "source": _number(1),
        "code": _slug,
        "annotator": _PERSON,
        "layer": _one_of(Layer.values),
        "start": _number(0),
        "end": _number(1),
        "quote": _same(lambda value: value),
        "stance": _one_of(Stance.values),
        "voice": _maybe(_line(LONGEST_VOICE, required=True)),
        "note": _text(LONGEST_NOTE),
        "version": _number(1),
        "revision": _number(0),
        "created_at": _moment,
        "updated_at": _moment,
    },
    "events": {
        "id": _id_in_time,
        "actor": _PERSON,
        "action": _line(40, required=True),
        "kind": _line(20, required=True),
        "object": _line(64),
        "about": _PERSON,
        "source": _maybe(_number(1)),
        "before": _maybe(_state),
        "after": _maybe(_state),
        "at": _moment,
    },
}


# Fields that a row has only where they say something; older archives never have them.
_OPTIONAL: Mapping[str, Mapping[str, Check]] = {"project": {"counts_after_look": _flag}}


def _without(shape: Mapping[str, Check], name: str) -> dict[str, Check]:
    return {key: check for key, check in shape.items() if key != name}


# What the rows of archives of version 1 held instead.
_FIRST_SHAPES: Mapping[str, Mapping[str, Check]] = {
    "codes": _without(SHAPES["codes"], "added_revision"),
    "revisions": {**_without(SHAPES["revisions"], "changes"), "snapshot": _snapshot},
}


def check_row(kind: str, number: int, row: Any, *, version: int) -> dict[str, Any]:
    """The row, each value as the database takes it; raises Invalid naming file, line and field."""
    shape = _FIRST_SHAPES.get(kind, SHAPES[kind]) if version == 1 else SHAPES[kind]
    try:
        more = _OPTIONAL.get(kind, {})
        there = {name: more[name] for name in more if isinstance(row, dict) and name in row}
        return _checked(row, {**shape, **there})
    except ValueError as error:
        raise wrong(kind, number, str(error)) from None


def wrong(kind: str, number: int, why: str) -> Invalid:
    return Invalid(f"{file_of(kind)}, line {number}: {why}.", field="archive")


def _checked(row: Any, shape: Mapping[str, Check]) -> dict[str, Any]:
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
