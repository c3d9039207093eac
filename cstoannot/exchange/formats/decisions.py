"""A table of the team's decisions: one row for each, with what it weighed and why."""

from typing import Any, BinaryIO

import orjson

from cstoannot.database.snapshot import consistent_read
from cstoannot.exchange.decision_queries import (
    ExportedDecision,
    count_exported_decisions,
    iterate_exported_decisions,
    load_decision_usernames,
)
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest
from cstoannot.exchange.formats.csv import FLAVOUR, describe_csv_losses, select_csv_dialect
from cstoannot.projects.permissions import Permission

COLUMNS = (
    *("id", "source", "source_title", "start", "end", "quote", "outcome", "reason", "rule"),
    *("passages", "readings", "chosen", "decided_by", "decided_at", "apart", "elsewhere"),
    *("version", "text_sha256"),
)


def write_decisions(asked: ExportRequest, file: BinaryIO) -> None:
    dialect = select_csv_dialect(asked)
    with consistent_read():
        file.write(dialect.mark + (dialect.comma.join(COLUMNS) + dialect.end).encode())
        for one in iterate_exported_decisions(asked.scope):
            file.write(dialect.row(_list_cells(one)))


def _list_cells(one: ExportedDecision) -> list[str | float | None]:
    decision = one.decision
    return [
        str(decision.pk),
        decision.source_id,
        one.title,
        decision.start,
        decision.end,
        one.quote,
        decision.outcome,
        decision.reason,
        decision.rule,
        _encode_json(one.left),
        _encode_json(one.readings),
        _encode_json(decision.chosen),
        decision.by.username if decision.by else "",
        decision.at.isoformat().replace("+00:00", "Z"),
        int(decision.apart),
        int(decision.elsewhere),
        decision.version,
        one.sha256,
    ]


def _encode_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


FORMAT = ExportFormat(
    key="decisions",
    title="Decisions",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    readers="R, pandas, Excel: one row for each decision. For owners and adjudicators.",
    carries=(
        "every decision with its place, outcome, reason, rule, and by whom and when it was made",
        "what it left and what it weighed: every reading with its annotators and passages, in the "
        "versions of then, as JSON in a cell",
        "decisions that adjudicators made apart, marked as such, once both have decided",
    ),
    loses=(
        "the texts themselves, beyond the places",
        "places that nobody has decided, and what decisions said before they were changed",
        "annotators whose account was deleted",
    ),
    rows_are="decisions",
    options=(FLAVOUR,),
    filtered=False,
    permission=Permission.SEE_ALL_CODING,
    count=lambda asked: count_exported_decisions(asked.scope),
    warn=describe_csv_losses,
    names=load_decision_usernames,
    write=write_decisions,
    name=lambda asked: f"decisions-for-{asked.options[FLAVOUR.key]}",
)
