"""A project of REFI-QDA 1.5, valid under its schema, in variants for different tools."""

import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import BinaryIO, NamedTuple
from uuid import UUID

from cstoannot.codebook.queries import load_code_tree as codes_of
from cstoannot.core.plurals import count_of
from cstoannot.database.snapshot import consistent_read
from cstoannot.exchange.archive.layout import build_zip_entry
from cstoannot.exchange.formats import refi
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, count_exported_annotations
from cstoannot.exchange.formats.graphs import escape_xml_text
from cstoannot.exchange.formats.refi_notes import RefiNotes
from cstoannot.exchange.note_queries import ExportedNote, load_exported_notes
from cstoannot.exchange.queries import (
    ProjectIdentifiers,
    count_unreadable_annotations,
    load_exported_names,
    load_project_start,
)
from cstoannot.exchange.row_pages.output import read_rows
from cstoannot.exchange.row_pages.rows import ExportRow
from cstoannot.projects.permissions import Permission
from cstoannot.sources.models import Source
from cstoannot.sources.queries import load_source_texts, visible_sources

NVIVO, WINDOWS = "nvivo", "windows"
TOOL = refi.build_tool_option(
    {
        "standard": "the standard, MAXQDA and ATLAS.ti on Mac, QDA Miner, Quirkos: code points, LF",
        NVIVO: "NVivo for Windows: UTF-16 units, CRLF, which counts two",
        WINDOWS: "MAXQDA and ATLAS.ti on Windows: code points, CRLF, which counts one",
        refi.QUALCODER: "QualCoder: as the standard, with no two codes or sources of one name",
    }
)
LONGEST_NAME = 100
CONSENSUS = "Consensus"
FACTS = {
    "publisher": "Publisher",
    "author": "Author",
    "published": "Date",
    "url": "Address",
    "language": "Language",
    "note": "Note",
    "sha256": "SHA-256 of the text",
}
_TWO_UNITS = re.compile("[\n\U00010000-\U0010ffff]")
Place = Callable[[int], int]


class RefiGuids(NamedTuple):
    """The GUIDs of users, codes and other items in the file, and its notes."""

    own: ProjectIdentifiers
    people: Mapping[str | None, UUID]
    notes: RefiNotes


def write_refi_project(asked: ExportRequest, file: BinaryIO) -> None:
    with consistent_read(), zipfile.ZipFile(file, "w") as archive:
        sources, own = _load_refi_sources(asked), ProjectIdentifiers(asked.scope)
        with archive.open(build_zip_entry("project.qde"), "w", force_zip64=True) as part:
            for piece in _render_refi_project(asked, sources, own):
                part.write(piece.encode())
        for source in sources:
            text = load_source_texts(asked.scope, [source.pk])[source.pk]
            name = f"sources/{own.of('source', source.pk)}.txt"
            archive.writestr(
                build_zip_entry(name), _encode_refi_text(text, asked.options[TOOL.key])
            )


def _load_refi_sources(asked: ExportRequest) -> list[Source]:
    """Load the sources in the order of rows; for QualCoder, with unique titles."""
    found = visible_sources(asked.scope)
    if asked.filters.sources:
        found = found.filter(pk__in=asked.filters.sources)
    sources, taken = list(found.order_by("pk")), set[str]()
    if asked.options[TOOL.key] == refi.QUALCODER:
        for source in sources:
            source.title = refi.build_unused_name(source.title, taken)
            taken.add(source.title)
    return sources


def _encode_refi_text(text: str, tool: str) -> bytes:
    if tool in (NVIVO, WINDOWS):
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if tool == NVIVO else "utf-8")


def build_offset_converter(text: str, tool: str) -> Place:
    """Return a function from a code-point offset in the stored text to the tool's offset."""
    if tool != NVIVO:
        return lambda point: point
    two = [found.start() for found in _TWO_UNITS.finditer(text)]
    return lambda point: point + bisect_left(two, point)


def _render_refi_project(
    asked: ExportRequest, sources: Sequence[Source], own: ProjectIdentifiers
) -> Iterator[str]:
    project, me = asked.scope.project, asked.scope.user.username
    speaking = load_exported_names(asked.scope, asked.filters)
    notes = RefiNotes(own, _load_notes(asked))
    writers = {note.by for note in notes.notes if note.by}
    people: dict[str | None, UUID] = {
        name: own.of("person", name) for name in sorted({me, *speaking.annotators, *writers})
    }
    if speaking.consensus:
        people[None] = refi.build_reserved_guid("person", CONSENSUS)
    begun = _format_refi_time(load_project_start(asked.scope))
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Project xmlns="urn:QDA-XML:project:1.0" '
        f'name="{escape_xml_text(project.name)}" origin="{refi.ORIGIN}" '
        f'creatingUserGUID="{people[me]}" creationDateTime="{begun}" basePath="">\n<Users>\n'
    )
    for name, guid in people.items():
        shown = escape_xml_text(CONSENSUS if name is None else name)
        yield f'<User guid="{guid}" name="{shown}"/>\n'
    yield "</Users>\n<CodeBook>\n"
    yield from refi.render_refi_codes(_build_refi_project_codes(asked, notes, speaking.voices))
    yield "</CodeBook>\n<Variables>\n"
    for name, title in FACTS.items():
        yield f'<Variable guid="{own.of("fact", name)}" name="{title}" typeOfVariable="Text"/>\n'
    yield "</Variables>\n"
    yield from _render_refi_sources(asked, sources, RefiGuids(own, people, notes))
    yield from notes.render_notes(people)
    yield from _render_refi_groups(sources, own)
    if project.about:
        yield f"<Description>{escape_xml_text(project.about)}</Description>\n"
    yield "</Project>\n"


def _load_notes(asked: ExportRequest) -> list[ExportedNote]:
    """Load the notes; none if the filters select some of the coding in a source."""
    if not replace(asked.filters, sources=()).everything:
        return []
    return load_exported_notes(asked.scope, asked.filters.sources)


def _build_refi_project_codes(
    asked: ExportRequest, notes: RefiNotes, voices: Sequence[str]
) -> list[refi.RefiCode]:
    entries = refi.build_refi_codes(codes_of(asked.scope), notes.own, notes.by_code)
    entries += refi.build_stance_codes() + refi.build_voice_codes(voices, notes.own)
    return (
        refi.rename_duplicate_codes(entries)
        if asked.options[TOOL.key] == refi.QUALCODER
        else entries
    )


def _render_refi_sources(
    asked: ExportRequest, sources: Sequence[Source], guids: RefiGuids
) -> Iterator[str]:
    if not sources:
        return
    waiting = groupby(read_rows(asked), key=lambda row: row.source)
    pk, rows = next(waiting, (None, iter(())))
    yield "<Sources>\n"
    for source in sources:
        # Annotations in sources that are no longer readable have no text to refer to.
        while pk is not None and pk < source.pk:
            pk, rows = next(waiting, (None, iter(())))
        yield from _render_refi_source(asked, source, guids, rows if pk == source.pk else iter(()))
    yield "</Sources>\n"


def _render_refi_source(
    asked: ExportRequest, source: Source, guids: RefiGuids, rows: Iterator[ExportRow]
) -> Iterator[str]:
    guid = guids.own.of("source", source.pk)
    me = guids.people[asked.scope.user.username]
    at = _format_refi_time(source.created_at.isoformat())
    yield (
        f'<TextSource guid="{guid}" name="{escape_xml_text(source.title)}" '
        f'plainTextPath="internal://{guid}.txt" creatingUser="{me}" creationDateTime="{at}">\n'
    )
    place: Place | None = None
    if source.pk in guids.notes.by_source:
        place = _load_offset_converter(asked, source)
        yield from guids.notes.render_places(source.pk, place)
    for row in rows:
        place = place or _load_offset_converter(asked, source)
        yield from _render_refi_selection(row, guids, place)
    yield from guids.notes.render_references(source.pk)
    for name in FACTS:
        if value := getattr(source, name):
            yield (
                f'<VariableValue><VariableRef targetGUID="{guids.own.of("fact", name)}"/>'
                f"<TextValue>{escape_xml_text(value)}</TextValue></VariableValue>\n"
            )
    yield "</TextSource>\n"


def _load_offset_converter(asked: ExportRequest, source: Source) -> Place:
    text = load_source_texts(asked.scope, [source.pk])[source.pk]
    return build_offset_converter(text, asked.options[TOOL.key])


def _render_refi_selection(row: ExportRow, guids: RefiGuids, place: Place) -> Iterator[str]:
    """Yield one selection per annotation, so that note, stance and voice stay with their code."""
    who, created = guids.people[row.annotator], _format_refi_time(row.created_at)
    name = " ".join(row.quote.split())[:LONGEST_NAME]
    yield (
        f'<PlainTextSelection guid="{row.id}" name="{escape_xml_text(name)}" '
        f'startPosition="{place(row.start)}" endPosition="{place(row.end)}" '
        f'creatingUser="{who}" creationDateTime="{created}" modifyingUser="{who}" '
        f'modifiedDateTime="{_format_refi_time(row.updated_at)}">'
    )
    if row.note:
        yield f"<Description>{escape_xml_text(row.note)}</Description>"
    codes = {"code": guids.own.of("code", row.code)}
    if row.stance:
        codes["stance"] = refi.build_reserved_guid("stance", row.stance)
    if row.voice:
        codes["voice"] = guids.own.of("voice", row.voice)
    for kind, code in codes.items():
        yield (
            f'<Coding guid="{guids.own.of("coding", f"{row.id}/{kind}")}" creatingUser="{who}" '
            f'creationDateTime="{created}"><CodeRef targetGUID="{code}"/></Coding>'
        )
    yield "</PlainTextSelection>\n"


def _render_refi_groups(sources: Sequence[Source], own: ProjectIdentifiers) -> Iterator[str]:
    groups: dict[str, list[Source]] = {}
    for source in sources:
        if source.group:
            groups.setdefault(source.group, []).append(source)
    if not groups:
        return
    yield "<Sets>\n"
    for name, members in sorted(groups.items()):
        yield f'<Set guid="{own.of("set", name)}" name="{escape_xml_text(name)}">'
        for source in members:
            yield f'<MemberSource targetGUID="{own.of("source", source.pk)}"/>'
        yield "</Set>\n"
    yield "</Sets>\n"


def _format_refi_time(moment: str) -> str:
    """Format a time in UTC; QualCoder and others fail on fractions and UTC offsets."""
    return f"{moment[:19]}Z"


def _count_lost_annotations(asked: ExportRequest) -> int:
    """Count annotations in unreadable sources; 0 for members who may read every source."""
    if asked.scope.can(Permission.SEE_ALL_SOURCES):
        return 0
    return count_unreadable_annotations(asked.scope, asked.filters)


def _describe_refi_losses(asked: ExportRequest) -> Sequence[str]:
    lost = _count_lost_annotations(asked)
    if not lost:
        return ()
    these = count_of(lost, "annotation")
    return (f"{these} in sources that you may no longer read",)


FORMAT = ExportFormat(
    key="qdpx",
    title="REFI-QDA project",
    extension="qdpx",
    media_type="application/zip",
    readers="NVivo, MAXQDA, ATLAS.ti, QualCoder, QDA Miner, Quirkos: texts, codes and coding.",
    carries=(
        "the texts, and what is known of them as variables; groups as sets",
        "the tree of codes with colours, definitions and claims",
        "every annotation with its place, annotator (the consensus as a user of that name), note "
        "and moments, under its own identifier; counted as the chosen tool counts",
        "decisions with their reasons, and threads with what was written, as notes on places, "
        "sources and codes; for owners and adjudicators",
    ),
    loses=(
        "stance and voice as such: they become a second and a third code on the passage, below "
        "“Stance” and “Voice”",
        "versions, codebook revisions, and whether an annotation is stale or no longer blind",
        "assignments, members' roles and history",
        "what each decision weighed, who was mentioned in a thread, and what was read",
    ),
    options=(TOOL,),
    write=write_refi_project,
    count=lambda asked: count_exported_annotations(asked) - _count_lost_annotations(asked),
    warn=_describe_refi_losses,
    name=lambda asked: asked.options[TOOL.key],
)
