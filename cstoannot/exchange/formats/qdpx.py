"""A project of REFI-QDA 1.5, valid under its schema, in the readings that tools have of it."""

import re
import zipfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import BinaryIO, NamedTuple
from uuid import UUID

from cstoannot.codebook.queries import code_tree as codes_of
from cstoannot.core.plurals import count_of
from cstoannot.exchange.archives import entry
from cstoannot.exchange.exporting import rows_of
from cstoannot.exchange.formats import refi
from cstoannot.exchange.formats.graphs import fit
from cstoannot.exchange.formats.kinds import Asked, Format, count_annotations
from cstoannot.exchange.identifiers import Identifiers
from cstoannot.exchange.moment import one_moment
from cstoannot.exchange.queries import beginning_of, count_out_of_sight, who_speaks
from cstoannot.exchange.rows import Row
from cstoannot.projects.permissions import Permission
from cstoannot.sources.models import Source
from cstoannot.sources.queries import texts_of, visible_sources

NVIVO, WINDOWS = "nvivo", "windows"
TOOL = refi.tool(
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


class Guids(NamedTuple):
    """What the file calls people and things by."""

    own: Identifiers
    people: Mapping[str | None, UUID]


def write(asked: Asked, file: BinaryIO) -> None:
    with one_moment(), zipfile.ZipFile(file, "w") as archive:
        sources, own = _sources(asked), Identifiers(asked.scope)
        with archive.open(entry("project.qde"), "w", force_zip64=True) as part:
            for piece in _project(asked, sources, own):
                part.write(piece.encode())
        for source in sources:
            text = texts_of(asked.scope, [source.pk])[source.pk]
            name = f"sources/{own.of('source', source.pk)}.txt"
            archive.writestr(entry(name), _as_file(text, asked.options[TOOL.key]))


def _sources(asked: Asked) -> list[Source]:
    """In the order of rows; for QualCoder each with a title of its own."""
    found = visible_sources(asked.scope)
    if asked.filters.sources:
        found = found.filter(pk__in=asked.filters.sources)
    sources, taken = list(found.order_by("pk")), set[str]()
    if asked.options[TOOL.key] == refi.QUALCODER:
        for source in sources:
            source.title = refi.unlike(source.title, taken)
            taken.add(source.title)
    return sources


def _as_file(text: str, tool: str) -> bytes:
    if tool in (NVIVO, WINDOWS):
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if tool == NVIVO else "utf-8")


def place_in(text: str, tool: str) -> Place:
    """Where a code point of the stored text stands, as the tool counts in its file."""
    if tool != NVIVO:
        return lambda point: point
    two = [found.start() for found in _TWO_UNITS.finditer(text)]
    return lambda point: point + bisect_left(two, point)


def _project(asked: Asked, sources: Sequence[Source], own: Identifiers) -> Iterator[str]:
    project, me = asked.scope.project, asked.scope.user.username
    speaking = who_speaks(asked.scope, asked.filters)
    people: dict[str | None, UUID] = {
        name: own.of("person", name) for name in sorted({me, *speaking.annotators})
    }
    if speaking.consensus:
        people[None] = refi.reserved("person", CONSENSUS)
    begun = _seconds(beginning_of(asked.scope))
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Project xmlns="urn:QDA-XML:project:1.0" '
        f'name="{fit(project.name)}" origin="{refi.ORIGIN}" creatingUserGUID="{people[me]}" '
        f'creationDateTime="{begun}" basePath="">\n<Users>\n'
    )
    for name, guid in people.items():
        yield f'<User guid="{guid}" name="{fit(CONSENSUS if name is None else name)}"/>\n'
    yield "</Users>\n<CodeBook>\n"
    yield from refi.code_tree(_entries(asked, own, speaking.voices))
    yield "</CodeBook>\n<Variables>\n"
    for name, title in FACTS.items():
        yield f'<Variable guid="{own.of("fact", name)}" name="{title}" typeOfVariable="Text"/>\n'
    yield "</Variables>\n"
    yield from _all_sources(asked, sources, Guids(own, people))
    yield from _groups(sources, own)
    if project.about:
        yield f"<Description>{fit(project.about)}</Description>\n"
    yield "</Project>\n"


def _entries(asked: Asked, own: Identifiers, voices: Sequence[str]) -> list[refi.Entry]:
    entries = refi.entries_of(codes_of(asked.scope), own)
    entries += refi.stance_entries() + refi.voice_entries(voices, own)
    return refi.unique_names(entries) if asked.options[TOOL.key] == refi.QUALCODER else entries


def _all_sources(asked: Asked, sources: Sequence[Source], guids: Guids) -> Iterator[str]:
    if not sources:
        return
    waiting = groupby(rows_of(asked), key=lambda row: row.source)
    pk, rows = next(waiting, (None, iter(())))
    yield "<Sources>\n"
    for source in sources:
        # What is marked in a source that may no longer be read has no text to stand in.
        while pk is not None and pk < source.pk:
            pk, rows = next(waiting, (None, iter(())))
        yield from _source(asked, source, guids, rows if pk == source.pk else iter(()))
    yield "</Sources>\n"


def _source(asked: Asked, source: Source, guids: Guids, rows: Iterator[Row]) -> Iterator[str]:
    guid = guids.own.of("source", source.pk)
    me = guids.people[asked.scope.user.username]
    at = _seconds(source.created_at.isoformat())
    yield (
        f'<TextSource guid="{guid}" name="{fit(source.title)}" '
        f'plainTextPath="internal://{guid}.txt" creatingUser="{me}" creationDateTime="{at}">\n'
    )
    place: Place | None = None
    for row in rows:
        if place is None:
            text = texts_of(asked.scope, [source.pk])[source.pk]
            place = place_in(text, asked.options[TOOL.key])
        yield from _selection(row, guids, place)
    for name in FACTS:
        if value := getattr(source, name):
            yield (
                f'<VariableValue><VariableRef targetGUID="{guids.own.of("fact", name)}"/>'
                f"<TextValue>{fit(value)}</TextValue></VariableValue>\n"
            )
    yield "</TextSource>\n"


def _selection(row: Row, guids: Guids, place: Place) -> Iterator[str]:
    """One for each annotation, so that note, stance and voice stay with their code."""
    who, created = guids.people[row.annotator], _seconds(row.created_at)
    name = " ".join(row.quote.split())[:LONGEST_NAME]
    yield (
        f'<PlainTextSelection guid="{row.id}" name="{fit(name)}" '
        f'startPosition="{place(row.start)}" endPosition="{place(row.end)}" '
        f'creatingUser="{who}" creationDateTime="{created}" modifyingUser="{who}" '
        f'modifiedDateTime="{_seconds(row.updated_at)}">'
    )
    if row.note:
        yield f"<Description>{fit(row.note)}</Description>"
    codes = {"code": guids.own.of("code", row.code)}
    if row.stance:
        codes["stance"] = refi.reserved("stance", row.stance)
    if row.voice:
        codes["voice"] = guids.own.of("voice", row.voice)
    for kind, code in codes.items():
        yield (
            f'<Coding guid="{guids.own.of("coding", f"{row.id}/{kind}")}" creatingUser="{who}" '
            f'creationDateTime="{created}"><CodeRef targetGUID="{code}"/></Coding>'
        )
    yield "</PlainTextSelection>\n"


def _groups(sources: Sequence[Source], own: Identifiers) -> Iterator[str]:
    groups: dict[str, list[Source]] = {}
    for source in sources:
        if source.group:
            groups.setdefault(source.group, []).append(source)
    if not groups:
        return
    yield "<Sets>\n"
    for name, members in sorted(groups.items()):
        yield f'<Set guid="{own.of("set", name)}" name="{fit(name)}">'
        for source in members:
            yield f'<MemberSource targetGUID="{own.of("source", source.pk)}"/>'
        yield "</Set>\n"
    yield "</Sets>\n"


def _seconds(moment: str) -> str:
    """QualCoder and others stumble over fractions and offsets; all moments are in UTC."""
    return f"{moment[:19]}Z"


def _lost(asked: Asked) -> int:
    """The annotations without a text to stand in; none for whoever may read every source."""
    if asked.scope.can(Permission.SEE_ALL_SOURCES):
        return 0
    return count_out_of_sight(asked.scope, asked.filters)


def _warn(asked: Asked) -> Sequence[str]:
    lost = _lost(asked)
    if not lost:
        return ()
    these = count_of(lost, "annotation")
    return (f"{these} in sources that you may no longer read",)


FORMAT = Format(
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
    ),
    loses=(
        "stance and voice as such: they become a second and a third code on the passage, below "
        "“Stance” and “Voice”",
        "versions, codebook revisions, and whether an annotation is stale or no longer blind",
        "assignments, members' roles and history",
    ),
    options=(TOOL,),
    write=write,
    count=lambda asked: count_annotations(asked) - _lost(asked),
    warn=_warn,
    name=lambda asked: asked.options[TOOL.key],
)
