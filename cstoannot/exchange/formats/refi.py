"""Shared code of the REFI-QDA 1.5 formats: the tree of codes and its reserved names."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from types import MappingProxyType
from uuid import NAMESPACE_URL, UUID, uuid5

from cstoannot.annotations.models import Stance
from cstoannot.codebook.models import Code
from cstoannot.codebook.tree import TreeNode
from cstoannot.exchange.formats.base import FormatOption
from cstoannot.exchange.formats.graphs import escape_xml_text
from cstoannot.exchange.queries import ProjectIdentifiers

ORIGIN = "cstoannot"
QUALCODER = "qualcoder"
STANCES = tuple(stance for stance in Stance.values if stance)
_RESERVED = uuid5(NAMESPACE_URL, "urn:cstoannot:refi")
_GREY = "#888888"


def build_reserved_guid(kind: str, name: str = "") -> UUID:
    """Return the GUID of a code that stands for a stance, the same in every project."""
    return uuid5(_RESERVED, f"{kind}/{name}")


@dataclass(frozen=True)
class RefiCode:
    """A code as the standard defines it; `depth`: its number of ancestors.

    `notes`: the GUIDs of notes on it.
    """

    guid: UUID
    name: str
    depth: int
    codable: bool
    colour: str
    description: str = ""
    notes: Sequence[UUID] = ()


def build_refi_codes(
    codes: Iterable[TreeNode[Code]],
    identifiers: ProjectIdentifiers,
    notes: Mapping[str, Sequence[UUID]] = MappingProxyType({}),
) -> list[RefiCode]:
    """Return the codebook as REFI codes, parents before children; `notes`: by code."""
    return [
        RefiCode(
            identifiers.of("code", place.code.slug),
            place.code.name,
            place.depth,
            True,
            place.code.colour,
            format_refi_description(place.code),
            notes.get(place.code.slug, ()),
        )
        for place in codes
    ]


def build_stance_codes() -> list[RefiCode]:
    """Return codes for stances, which the standard lacks; a passage gets one as second code."""
    top = RefiCode(build_reserved_guid("stance"), "Stance", 0, False, _GREY)
    below = [
        RefiCode(build_reserved_guid("stance", s), f"Stance: {s}", 1, True, _GREY) for s in STANCES
    ]
    return [top, *below]


def build_voice_codes(voices: Sequence[str], identifiers: ProjectIdentifiers) -> list[RefiCode]:
    """Return a code for each speaker, since the standard has no voices."""
    if not voices:
        return []
    top = RefiCode(build_reserved_guid("voice"), "Voice", 0, False, _GREY)
    below = [
        RefiCode(identifiers.of("voice", name), f"Voice: {name}", 1, True, _GREY) for name in voices
    ]
    return [top, *below]


def format_refi_description(code: Code) -> str:
    """Join the code's texts under fixed headings, so that they can be separated again."""
    parts = [
        ("", code.definition),
        ("Claim: ", code.claim),
        ("Include: ", code.include),
        ("Exclude: ", code.exclude),
        ("Example: ", code.example),
    ]
    return "\n\n".join(heading + text for heading, text in parts if text)


def rename_duplicate_codes(entries: Sequence[RefiCode]) -> list[RefiCode]:
    """Make names unique in the tree: “Other” below “Solutions” becomes “Other (Solutions)”."""
    taken: set[str] = set()
    above: list[str] = []
    found = []
    for entry in entries:
        del above[entry.depth :]
        name = entry.name
        if name in taken and above:
            name = f"{name} ({above[-1]})"
        name = build_unused_name(name, taken)
        taken.add(name)
        above.append(entry.name)
        found.append(RefiCode(**{**vars(entry), "name": name}))
    return found


def build_unused_name(name: str, taken: Container[str]) -> str:
    """Return the name, with a number if it is taken."""
    numbered = (f"{name} ({number})" for number in count(2))
    return next(one for one in chain([name], numbered) if one not in taken)


def render_refi_codes(entries: Sequence[RefiCode]) -> Iterator[str]:
    """Yield nested elements, one string per start or end tag."""
    yield "<Codes>\n"
    open_at: list[int] = []
    for entry in entries:
        while open_at and open_at[-1] >= entry.depth:
            open_at.pop()
            yield "</Code>\n"
        yield (
            f'<Code guid="{entry.guid}" name="{escape_xml_text(entry.name)}" '
            f'isCodable="{str(entry.codable).lower()}" color="{entry.colour}">'
        )
        if entry.description:
            yield f"<Description>{escape_xml_text(entry.description)}</Description>"
        yield from map(render_note_reference, entry.notes)
        yield "\n"
        open_at.append(entry.depth)
    yield "</Code>\n" * len(open_at)
    yield "</Codes>\n"


def render_note_reference(guid: UUID) -> str:
    return f'<NoteRef targetGUID="{guid}"/>'


def build_tool_option(choices: dict[str, str]) -> FormatOption:
    return FormatOption("tool", "Made for", choices)
