from collections.abc import Iterator
from math import isnan

from cstoannot.codebook.names import build_code_headings
from cstoannot.comparison.passages import (
    READER_COUNTS,
    collect_reader_counts,
    count_early_readers,
)
from cstoannot.comparison.reports import (
    ComparisonReport,
    build_comparison_report,
    list_alpha_limits,
)
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, FormatOption
from cstoannot.exchange.formats.comparisons import BY, WHOSE, build_exported_comparison_query
from cstoannot.exchange.formats.csv import (
    FLAVOUR,
    CsvDialect,
    describe_csv_losses,
    select_csv_dialect,
)
from cstoannot.stats.comparison.positions import CellState

LAYOUT = FormatOption(
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
    *(f"coders_{name}" for name in READER_COUNTS),
    "coders_read_before",
    "verdict",
    "tentative",
    "divergence",
    "alpha",
    "alpha_low",
    "alpha_high",
    "stance_alpha",
    "stance_alpha_low",
    "stance_alpha_high",
    "stale",
    "read_before",
)
_STATES = {state.value: state.name.lower() for state in CellState}


def load_exported_comparison(asked: ExportRequest) -> ComparisonReport:
    """Load the requested comparison; raise Invalid or Forbidden, as the Compare page does."""
    return build_comparison_report(asked.scope, build_exported_comparison_query(asked))


def stream_matrix(asked: ExportRequest) -> Iterator[bytes]:
    found, dialect = load_exported_comparison(asked), select_csv_dialect(asked)
    yield dialect.mark
    yield from (
        _stream_wide_matrix if asked.options[LAYOUT.key] == "wide" else _stream_matrix_cells
    )(found, dialect)


def _stream_matrix_cells(found: ComparisonReport, dialect: CsvDialect) -> Iterator[bytes]:
    yield dialect.row(COLUMNS)
    cells = found.matrix
    for actor, one in enumerate(found.actors):
        rows = []
        for place, claim in enumerate(found.claims):
            readers = collect_reader_counts(found, actor, place)
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
                _convert_nan_to_none(cells.balance[actor, place]),
                *(readers.get(name) for name in READER_COUNTS),
                count_early_readers(found, actor, place) if found.readers else None,
                *_build_verdict_cells(found, place),
            )
            rows.append(dialect.row(said))
        yield b"".join(rows)


def _build_verdict_cells(found: ComparisonReport, claim: int) -> tuple[str | float | None, ...]:
    return (
        found.verdicts[claim].value,
        " ".join(found.tentative[claim]),
        _convert_nan_to_none(found.divergence[claim]),
        *list_alpha_limits(found.agreement[claim].alpha),
        *list_alpha_limits(found.agreement[claim].stance),
        found.stale[claim],
        found.read_before[claim],
    )


def _stream_wide_matrix(found: ComparisonReport, dialect: CsvDialect) -> Iterator[bytes]:
    own = ["key", "name"]
    yield dialect.row([*own, *build_code_headings(found.claims, beside=own)])
    for actor, one in enumerate(found.actors):
        yield dialect.row(
            [one.key, one.name, *map(_convert_nan_to_none, found.matrix.balance[actor])]
        )


def _convert_nan_to_none(value: float) -> float | None:
    return None if isnan(value) else float(value)


def _count_matrix_cells(asked: ExportRequest) -> int:
    found = load_exported_comparison(asked)
    return len(found.actors) * len(found.claims)


FORMAT = ExportFormat(
    key="matrix",
    title="Comparison matrix",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    readers="R, pandas, Excel: where each source, publisher, group or speaker stands.",
    carries=(
        "for each of those compared and each claim: its state, its balance, the places on each "
        "side, each counted once, and, by source, how many of the coders took which side",
        "for each claim: the verdict, why it is tentative, and how far coders agree on where it "
        "is (α) and on its stances, how many annotations in view were made under an older meaning, "
        "and how many sources somebody finished before the code existed",
    ),
    loses=(
        "the passages behind a cell",
        "codes without a claim: nobody can be for or against them",
        "in the wide layout, everything but the balance; it is empty where no side is taken",
    ),
    rows_are="cells",
    options=(LAYOUT, BY, WHOSE, FLAVOUR),
    stream=stream_matrix,
    count=_count_matrix_cells,
    costly=True,
    warn=describe_csv_losses,
    name=lambda asked: (
        f"matrix-by-{asked.options[BY.key]}-{asked.options[LAYOUT.key]}"
        f"-for-{asked.options[FLAVOUR.key]}"
    ),
)
