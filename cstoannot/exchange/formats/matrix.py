from collections.abc import Iterator
from math import isnan

from cstoannot.codebook.headings import headings
from cstoannot.comparison.reports import Comparison, compare
from cstoannot.exchange.formats.csv import FLAVOUR, Dialect, dialect_of, warn
from cstoannot.exchange.formats.kinds import Asked, Format, Option
from cstoannot.exchange.questions import BY, WHOSE, question_of
from cstoannot.stats.matrices import State

LAYOUT = Option(
    "layout",
    "One row for",
    {
        "cells": "each cell, with everything that is known of it",
        "wide": "each of those compared, with a column of balances for each claim",
    },
)
COLUMNS = (
    "key",
    "name",
    "code",
    "code_name",
    "claim",
    "state",
    "supports",
    "opposes",
    "mixed",
    "mentioned",
    "balance",
    "annotators_split",
    "verdict",
    "tentative",
    "divergence",
    "alpha",
)
_STATES = {state.value: state.name.lower() for state in State}


def comparison_of(asked: Asked) -> Comparison:
    """Raises Invalid and Forbidden, as Compare does."""
    return compare(asked.scope, question_of(asked))


def stream(asked: Asked) -> Iterator[bytes]:
    found, dialect = comparison_of(asked), dialect_of(asked)
    yield dialect.mark
    yield from (_wide if asked.options[LAYOUT.key] == "wide" else _cells)(found, dialect)


def _cells(found: Comparison, dialect: Dialect) -> Iterator[bytes]:
    yield dialect.row(COLUMNS)
    cells = found.matrix
    for actor, one in enumerate(found.actors):
        rows = []
        for place, claim in enumerate(found.claims):
            said = (
                one.key,
                one.name,
                claim.slug,
                claim.name,
                claim.claim,
                _STATES[int(cells.state[actor, place])],
                int(cells.supports[actor, place]),
                int(cells.opposes[actor, place]),
                int(cells.mixed[actor, place]),
                int(cells.mentioned[actor, place]),
                _number(cells.balance[actor, place]),
                _word(bool(cells.split[actor, place])),
                *_verdict(found, place),
            )
            rows.append(dialect.row(said))
        yield b"".join(rows)


def _verdict(found: Comparison, claim: int) -> tuple[str | float | None, ...]:
    return (
        found.verdicts[claim].value,
        _word(found.tentative(claim)),
        _number(found.divergence[claim]),
        found.alphas[claim].value,
    )


def _wide(found: Comparison, dialect: Dialect) -> Iterator[bytes]:
    own = ["key", "name"]
    yield dialect.row([*own, *headings(found.claims, beside=own)])
    for actor, one in enumerate(found.actors):
        yield dialect.row([one.key, one.name, *map(_number, found.matrix.balance[actor])])


def _number(value: float) -> float | None:
    """None for what is undefined."""
    return None if isnan(value) else float(value)


def _word(value: bool) -> str:
    return "true" if value else "false"


def _count(asked: Asked) -> int:
    found = comparison_of(asked)
    return len(found.actors) * len(found.claims)


FORMAT = Format(
    key="matrix",
    title="Comparison matrix",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    readers="R, pandas, Excel: where each source, publisher, group or speaker stands.",
    carries=(
        "for each of those compared and each claim: its position, its balance, and the passages "
        "on each side; silent, pending and unassigned are told apart",
        "for each claim: the verdict, whether it is tentative, and how far coders agree (α)",
    ),
    loses=(
        "the passages behind a cell",
        "codes without a claim: nobody can be for or against them",
        "in the wide layout, everything but the balance; it is empty where no side is taken",
    ),
    rows_are="cells",
    options=(LAYOUT, BY, WHOSE, FLAVOUR),
    stream=stream,
    count=_count,
    costly=True,
    warn=warn,
    name=lambda asked: (
        f"matrix-by-{asked.options[BY.key]}-{asked.options[LAYOUT.key]}"
        f"-for-{asked.options[FLAVOUR.key]}"
    ),
)
