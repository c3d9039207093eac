import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cstoannot.annotations.models import Stance
from cstoannot.core.errors import Invalid
from cstoannot.exchange.formats.base import (
    ExportFormat,
    ExportRequest,
    FormatOption,
    count_exported_annotations,
)
from cstoannot.exchange.formats.compared_statements import (
    StatementRow,
    count_compared_statements,
    read_compared_statements,
)
from cstoannot.exchange.row_pages.output import read_row_pages
from cstoannot.exchange.row_pages.rows import ExportRow
from cstoannot.sources.queries import load_source_texts

AGREEMENT = FormatOption(
    "agreement",
    "The variable “agreement”",
    {
        "integer": "integer: 1 supports, 0 mixed, -1 opposes",
        "boolean": "boolean: 1 supports, 0 opposes; mixed is left out",
    },
)
CODING = FormatOption(
    "coding",
    "Whose coding",
    {
        "compared": "the consensus of a source, else its majority: each place once",
        "stored": "everybody's as it stands: a place once for each coder who marked it",
    },
)
LEVELS = {
    "integer": {Stance.SUPPORTS: "1", Stance.MIXED: "0", Stance.OPPOSES: "-1"},
    "boolean": {Stance.SUPPORTS: "1", Stance.OPPOSES: "0"},
}
COLUMNS = (
    "statement_id",
    "time",
    "person",
    "organization",
    "concept",
    "agreement",
    "start_position",
    "stop_position",
    "text",
    "coder",
    "document_id",
    "document_title",
    "document_author",
    "document_source",
    "document_section",
    "document_type",
)
CONSENSUS = "Consensus"
_PLAIN = str.maketrans({'"': "'", ";": ",", "\n": " ", "\r": " "})
_FIRST = "0000-01-01 00:00:00"
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
TEXTS_AT_ONCE = 20


def _select_statements(asked: ExportRequest) -> ExportRequest:
    """Limit the request to annotations that support or oppose."""
    known = LEVELS[asked.options[AGREEMENT.key]]
    stances = [one for one in asked.filters.stances or known if one in known]
    return ExportRequest(asked.scope, replace(asked.filters, stances=stances), asked.options)


def _check_statement_stances(asked: ExportRequest) -> None:
    if not _select_statements(asked).filters.stances:
        raise Invalid(
            "A statement needs a side, and none of the selected stances has one. Choose another "
            "stance, or none.",
            field="stance",
        )


def stream_statements(asked: ExportRequest) -> Iterator[bytes]:
    levels = LEVELS[asked.options[AGREEMENT.key]]
    head = ";".join(_format_statement_cell(name) for name in COLUMNS) + "\n"
    number = 0
    for page in _read_statement_pages(_select_statements(asked)):
        places = _load_astral_offsets(asked, list({row.source: None for row in page}))
        lines = [head]
        for row in page:
            number += 1
            lines.append(
                _format_statement_line(
                    number, row, levels[Stance(row.stance)], places.get(row.source)
                )
            )
        yield "".join(lines).encode()
        head = ""
    if head:
        yield head.encode()


def _read_statement_pages(asked: ExportRequest) -> Iterator[Sequence[ExportRow | StatementRow]]:
    if asked.options[CODING.key] == "stored":
        return read_row_pages(asked)
    return read_compared_statements(asked, TEXTS_AT_ONCE)


def _count_statements(asked: ExportRequest) -> int:
    chosen = _select_statements(asked)
    if asked.options[CODING.key] == "stored":
        return count_exported_annotations(chosen)
    return count_compared_statements(chosen)


def _format_statement_line(
    number: int, row: ExportRow | StatementRow, agreement: str, astral: list[int] | None
) -> str:
    quoted = _format_statement_cell
    return (
        f"{number};{_format_statement_time(row.published)};{quoted(row.voice)};{quoted(row.publisher)};"
        f"{quoted(row.code_path)};{agreement};{_format_utf16_offset(row.start, astral)};"
        f"{_format_utf16_offset(row.end, astral)};{quoted(row.quote)};"
        f"{quoted(row.annotator or CONSENSUS)};"
        f"{row.source};{quoted(row.source_title)};{quoted(row.author)};{quoted(row.publisher)};"
        f'{quoted(row.group)};""\n'
    )


def _format_statement_cell(text: str) -> str:
    """Format a text as DNA does: characters that would end a cell are replaced, not escaped."""
    return f'"{text.translate(_PLAIN)}"'


def _format_statement_time(published: str) -> str:
    """Format a date as DNA does: the earliest time that it can mean; empty for none."""
    return published + _FIRST[len(published) :] if published else ""


def _load_astral_offsets(asked: ExportRequest, sources: Sequence[int]) -> dict[int, list[int]]:
    """Load the offsets of characters that Java counts as two, by source id."""
    places: dict[int, list[int]] = {}
    for first in range(0, len(sources), TEXTS_AT_ONCE):
        texts = load_source_texts(asked.scope, sources[first : first + TEXTS_AT_ONCE])
        for pk, text in texts.items():
            places[pk] = [found.start() for found in _ASTRAL.finditer(text)]
    return places


def _format_utf16_offset(place: int, astral: list[int] | None) -> str:
    """Convert an offset to UTF-16 units; empty if the reader may not read the text."""
    return "" if astral is None else str(place + bisect_left(astral, place))


FORMAT = ExportFormat(
    key="statements",
    title="DNA event list",
    extension="csv",
    media_type="text/csv; charset=utf-8",
    readers="Discourse Network Analyzer's event list, for R and rDNA: one row for each statement.",
    carries=(
        "who says it (person: the voice; organization: the publisher), about what (concept: the "
        "code's path), and on which side (agreement)",
        "the passage with its place in UTF-16 units, as DNA counts",
        "the coder, “Consensus” or “Majority”, and the source with its date",
    ),
    loses=(
        "passages without a stance: a statement takes a side",
        "how many coders marked a place; with everybody's coding as it stands, the layers: the "
        "consensus is one more coder, and a place counts once for each",
        "semicolons become commas, double quotes single ones, line breaks spaces, as DNA does",
        "notes, versions and moments of coding; statements are numbered anew",
        "a date known to the month or year becomes its first day",
    ),
    marks_stale=False,
    rows_are="statements",
    options=(CODING, AGREEMENT),
    stream=stream_statements,
    count=_count_statements,
    costly=True,
    check=_check_statement_stances,
)
