import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import AgreementCode, AgreementDataset, Annotator
from cstoannot.agreement.project_cache import load_cached_agreement
from cstoannot.agreement.stale_passages import select_stale_passages
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.codebook.names import build_code_file_names
from cstoannot.codebook.queries import load_descendant_ids
from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.exchange.archive.layout import build_zip_entry
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, FormatOption
from cstoannot.projects.permissions import Permission
from cstoannot.stats.tables import SpanTable, Units

UNIT = FormatOption(
    "unit",
    "Unit",
    {
        "sentence": "sentence",
        "paragraph": "paragraph: a line that holds a visible character",
        "token": "token",
        "source": "whole source",
    },
)
READER = FormatOption(
    "reader",
    "Read by",
    {
        "r": "R (irr, irrCAC, psych), Python: coders' names at the top, NA for missing",
        "recal": "ReCal OIR: no names, # for missing",
    },
)
MISSING = {"r": "NA", "recal": "#"}
MOST = 50_000_000  # judgements (units × codes) in one file
_KNOWN = ("sources", "codes", "descendants", "annotators", "stale")


@dataclass(frozen=True)
class UnitTable:
    """What is written: `sources`, `annotators` and `codes` are indexes into `coding`."""

    coding: AgreementDataset
    units: Units
    sources: Sequence[int]
    annotators: Sequence[int]
    codes: Sequence[int]

    @property
    def people(self) -> list[Annotator]:
        return [self.coding.annotators[place] for place in self.annotators]

    @property
    def entries(self) -> list[AgreementCode]:
        return [self.coding.codes[place] for place in self.codes]

    @property
    def count(self) -> int:
        return int(self.units.counts[list(self.sources)].sum())


def load_unit_table(asked: ExportRequest) -> UnitTable:
    """Load the table; raise Invalid for filters that make “not marked” meaningless."""
    _check_unit_filters(asked.filters)
    kept = load_cached_agreement(asked.scope, asked.filters.meaning)
    with kept.lock:
        coding, units = kept.coding, kept.units_for(asked.options[UNIT.key])
    filters = asked.filters
    people = [
        place
        for place, one in enumerate(coding.annotators)
        if not filters.annotators or one.username in filters.annotators
    ]
    shared = coding.finished[:, people].sum(axis=1) >= 2
    sources = [
        place
        for place, source in enumerate(coding.sources)
        if shared[place] and (not filters.sources or source.pk in filters.sources)
    ]
    return UnitTable(coding, units, sources, people, _select_unit_codes(asked, coding))


def _select_unit_codes(asked: ExportRequest, coding: AgreementDataset) -> list[int]:
    filters = asked.filters
    if not filters.codes:
        return list(range(len(coding.codes)))
    below = load_descendant_ids(asked.scope, filters.codes) if filters.descendants else set()
    return [
        place
        for place, code in enumerate(coding.codes)
        if code.slug in filters.codes or code.pk in below
    ]


def _check_unit_filters(filters: AnnotationFilter) -> None:
    others = AnnotationFilter(
        **{name: value for name, value in vars(filters).items() if name not in _KNOWN}
    )
    if not others.everything or filters.stale:
        raise Invalid(
            "This format also counts text that a coder did not mark, so you can filter only by "
            "sources, codes, coders and current meaning. Leave the other filters out."
        )


def write_unit_tables(asked: ExportRequest, file: BinaryIO) -> None:
    table = load_unit_table(asked)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(build_zip_entry("read-me.txt"), _describe_unit_tables(asked, table))
        archive.writestr(build_zip_entry("units.csv"), "".join(_iterate_unit_lines(table)))
        archive.writestr(build_zip_entry("codes.csv"), "".join(_iterate_code_lines(table)))
        for place, name in zip(table.codes, build_code_file_names(table.entries), strict=True):
            with archive.open(build_zip_entry(f"codes/{name}.csv"), "w") as part:
                part.write(_render_code_judgements(asked, table, place))


def _render_code_judgements(asked: ExportRequest, table: UnitTable, code: int) -> bytes:
    """Render a line per unit and a cell per coder: 1 marked, 0 not, missing if not read.

    Most units are marked by nobody: their line is built once per source.
    """
    reader = asked.options[READER.key]
    marked = compute_unit_marks(table, code)
    lines = (
        [",".join(_format_unit_cell(one.username) for one in table.people)] if reader == "r" else []
    )
    read = table.coding.read_for(code)
    for source in table.sources:
        there = read[source, list(table.annotators)]
        plain = ["0" if one else MISSING[reader] for one in there]
        nobody = ",".join(plain)
        for unit in range(table.units.offsets[source], table.units.offsets[source + 1]):
            who = marked.get(unit)
            if who is None:
                lines.append(nobody)
            else:
                lines.append(",".join("1" if n in who else said for n, said in enumerate(plain)))
    return ("\n".join(lines) + "\n").encode()


def compute_unit_marks(table: UnitTable, code: int) -> dict[int, set[int]]:
    """Return by unit number who marked any of it with the code, as indexes into `annotators`."""
    spans = table.coding.spans
    own = {place: number for number, place in enumerate(table.annotators)}
    chosen = _select_code_spans(spans, code, table)
    first, stop = table.units.covered(
        spans.source[chosen], spans.start[chosen], spans.end[chosen], spans.lengths
    )
    base = table.units.offsets[spans.source[chosen]]
    found: dict[int, set[int]] = {}
    for low, high, annotator in zip(
        (base + first).tolist(),
        (base + stop).tolist(),
        spans.annotator[chosen].tolist(),
        strict=True,
    ):
        for unit in range(low, high):
            found.setdefault(unit, set()).add(own[annotator])
    return found


def _select_code_spans(spans: SpanTable, code: int, table: UnitTable) -> NDArray[np.int64]:
    kept = (spans.code == code) & np.isin(spans.annotator, list(table.annotators))
    return np.flatnonzero(kept & np.isin(spans.source, list(table.sources)))


def _iterate_unit_lines(table: UnitTable) -> Iterator[str]:
    """Yield the unit index: line n gives the position of the unit of line n in every code file."""
    yield "source,title,start,end\n"
    starts, ends = table.units.starts, table.units.ends
    assert starts is not None and ends is not None
    for place in table.sources:
        source = table.coding.sources[place]
        head = f"{source.pk},{_format_unit_cell(source.title)}"
        low, high = table.units.offsets[place], table.units.offsets[place + 1]
        for start, end in zip(starts[low:high].tolist(), ends[low:high].tolist(), strict=True):
            yield f"{head},{start},{end}\n"


def _iterate_code_lines(table: UnitTable) -> Iterator[str]:
    yield "code,name,file\n"
    names = build_code_file_names(table.entries)
    for code, name in zip(table.entries, names, strict=True):
        yield ",".join(map(_format_unit_cell, (code.slug, code.name, f"codes/{name}.csv"))) + "\n"


def _format_unit_cell(text: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([text])
    return line.getvalue()


def _describe_unit_tables(asked: ExportRequest, table: UnitTable) -> str:
    people = ", ".join(one.username for one in table.people)
    missing = MISSING[asked.options[READER.key]]
    return (
        f"Project {asked.scope.project.slug}, unit: {table.units.kind}.\n\n"
        "codes/: one file for each code, one row for each unit, one column for each coder.\n"
        f"1: marked any of the unit with the code. 0: did not, and finished the source. {missing}: "
        "did not finish the source, or finished it before the code existed.\n"
        f"Coders, in the columns' order: {people}.\n\n"
        "units.csv: row n is the unit of row n (below the head, if there is one) in each of these "
        "files; start and end are Unicode code points, half-open.\n"
        "codes.csv: what the codes are called, and which file is whose. Files bear the codes' "
        "names, with an underscore for what a file's name cannot hold, and with the code's own "
        "short name where two would be alike.\n"
        "Only sources that at least two of these coders finished are in it, and only individual "
        "coding; the consensus is no coder.\n" + _describe_outdated_passages(table)
    )


def _describe_outdated_passages(table: UnitTable) -> str:
    coding = table.coding
    stale = select_stale_passages(
        coding,
        sources=tuple(table.sources),
        annotators=tuple(table.annotators),
        codes=tuple(table.codes),
    )
    done = "are left out" if coding.only_current else "count as the others do"
    return (
        f"Passages made before the meaning of their code changed: {len(stale):,}; they {done}.\n"
        if len(stale)
        else ""
    )


def _check_unit_table_size(asked: ExportRequest) -> None:
    table = load_unit_table(asked)
    if not table.sources:
        raise Invalid(
            "None of the selected sources is finished by two of the coders. This format needs "
            "sources that at least two coders finished."
        )
    if (size := table.count * len(table.codes)) > MOST:
        raise TooLarge(
            f"{table.count:,} units × {len(table.codes):,} codes are {size:,} judgements; a file "
            f"can hold {MOST:,}. Choose fewer codes or a larger unit.",
            field="code",
        )


FORMAT = ExportFormat(
    key="units",
    title="Units × coders",
    extension="zip",
    media_type="application/zip",
    readers="Other agreement tools (irr, irrCAC, psych, ReCal): a table for each code.",
    carries=(
        "for each unit and code, which coders marked it, did not, or did not finish the source",
        "where each unit stands, in code points",
    ),
    loses=(
        "where in a unit a passage begins and ends, and how often it was marked",
        "stance, voice and notes",
        "sources that fewer than two coders finished; the consensus",
    ),
    marks_stale=False,
    rows_are="units",
    options=(UNIT, READER),
    permission=Permission.SEE_ALL_CODING,
    write=write_unit_tables,
    count=lambda asked: load_unit_table(asked).count,
    costly=True,
    check=_check_unit_table_size,
    name=lambda asked: f"units-{asked.options[UNIT.key]}",
)
