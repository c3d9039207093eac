"""All formats, and what they would make of a project: one line each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cstoannot.annotations.queries import Filters
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.exchange.formats import csv, jsonl
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.projects.scope import Scope

FORMATS: Mapping[str, Format] = {
    one.FORMAT.key: one.FORMAT
    for one in (
        csv,
        jsonl,
    )
}


def get_format(key: str) -> Format:
    if key not in FORMATS:
        known = ", ".join(FORMATS)
        raise NotFound(f"There is no format “{key[:80]}”. Formats: {known}.")
    return FORMATS[key]


def ask(
    scope: Scope, format: Format, filters: Filters, options: Mapping[str, str] | None = None
) -> Asked:
    """What is to leave, each option with its value; raises Invalid for options that are none."""
    given = options or {}
    known = {option.key: option for option in format.options}
    for key, value in given.items():
        if key not in known:
            raise Invalid(f"{format.title} has no option “{key[:80]}”.", field=key[:80])
        if value not in known[key].choices:
            choices = ", ".join(known[key].choices)
            raise Invalid(f"{key} is one of: {choices}.", field=key)
    chosen = {key: given.get(key, option.default) for key, option in known.items()}
    return Asked(scope, filters if format.filtered else Filters(), chosen)


@dataclass(frozen=True)
class Description:
    """What a format would hold: how many rows, and what is lost on the way.

    `rows` is None where only making the file would tell.
    """

    format: Format
    rows: int | None
    loses: Sequence[str]


def describe(format: Format, asked: Asked) -> Description:
    """The loss report of one format, before anything is downloaded."""
    rows = format.count(asked)
    return Description(format, rows, (*format.loses, *format.warn(asked)))


def available(scope: Scope) -> list[Format]:
    """The formats that this member may have."""
    return [one for one in FORMATS.values() if scope.can(one.permission)]
