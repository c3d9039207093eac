"""Decisions and threads as notes of a REFI-QDA project."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from cstoannot.exchange.formats.graphs import escape_xml_text
from cstoannot.exchange.formats.refi import render_note_reference
from cstoannot.exchange.note_queries import ExportedNote
from cstoannot.exchange.queries import ProjectIdentifiers


@dataclass(frozen=True)
class RefiNotes:
    """The notes of a file, with their GUIDs."""

    own: ProjectIdentifiers
    notes: Sequence[ExportedNote]

    def guid(self, note: ExportedNote) -> UUID:
        return self.own.of(note.kind, note.id)

    @cached_property
    def by_source(self) -> Mapping[int, Sequence[ExportedNote]]:
        found = defaultdict[int, list[ExportedNote]](list)
        for note in self.notes:
            if note.source is not None:
                found[note.source].append(note)
        return found

    @cached_property
    def by_code(self) -> Mapping[str, Sequence[UUID]]:
        found = defaultdict[str, list[UUID]](list)
        for note in self.notes:
            if note.code is not None:
                found[note.code].append(self.guid(note))
        return found

    def render_places(self, source: int, place: Callable[[int], int]) -> Iterator[str]:
        """Yield a selection for each note on a place of the source."""
        for note in self.by_source.get(source, ()):
            if note.start is not None and note.end is not None:
                yield (
                    f'<PlainTextSelection guid="{self.own.of("place", note.id)}" '
                    f'name="{escape_xml_text(note.name)}" startPosition="{place(note.start)}" '
                    f'endPosition="{place(note.end)}">{render_note_reference(self.guid(note))}'
                    "</PlainTextSelection>\n"
                )

    def render_references(self, source: int) -> Iterator[str]:
        """Yield a reference to each note on the whole source."""
        for note in self.by_source.get(source, ()):
            if note.start is None:
                yield render_note_reference(self.guid(note)) + "\n"

    def render_notes(self, people: Mapping[str | None, UUID]) -> Iterator[str]:
        if not self.notes:
            return
        yield "<Notes>\n"
        for note in self.notes:
            by = f'creatingUser="{people[note.by]}" ' if note.by else ""
            yield (
                f'<Note guid="{self.guid(note)}" name="{escape_xml_text(note.name)}" {by}'
                f'creationDateTime="{_format_time(note.at)}"><PlainTextContent>'
                f"{escape_xml_text(note.text)}</PlainTextContent></Note>\n"
            )
        yield "</Notes>\n"


def _format_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
