"""The cells of a row: database keys replaced by names, in the style of a format."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cstoannot.accounts.queries import load_usernames
from cstoannot.annotations.look_queries import load_ids_after_look_on_sources
from cstoannot.annotations.queries import load_speaker_names
from cstoannot.codebook.meaning import is_stale
from cstoannot.exchange.queries import load_code_facts, load_source_facts, load_source_facts_from
from cstoannot.exchange.row_pages.rows import SourceFacts, derive_layer_name
from cstoannot.exchange.row_pages.stored_rows import ANNOTATOR, CODE, SOURCE, VOICE, StoredRow
from cstoannot.projects.scope import Scope

AHEAD = 1_000  # sources whose metadata one query loads

Cells = tuple[Any, ...]
"""A cell for each column of a row, in their order."""


@dataclass(frozen=True)
class CellStyle:
    """How a format writes texts, False and True, and the annotator of the consensus.

    Ids, timestamps, layers and numbers stay as they are.
    """

    text: Callable[[str], Any]
    truths: Sequence[Any] = ("false", "true")
    nobody: Any = ""


class CellWriter:
    """Formats the cells of rows. Each name that rows share is loaded and formatted once.

    Key None stands for the author as voice and for nobody as annotator.
    """

    def __init__(self, scope: Scope, style: CellStyle) -> None:
        self._scope, self._style = scope, style
        self._facts: dict[int, SourceFacts] = {}
        self._sources: dict[int, Cells] = {}
        self._codes: dict[int, Cells] = {}
        self._meaning_revisions: dict[int, int] = {}
        self._voices: dict[int | None, Any] = {None: style.text("")}
        self._annotators: dict[int | None, Cells] = {None: (style.nobody, derive_layer_name(None))}
        self._after_look: set[str] = set()

    def load_names(self, rows: Sequence[StoredRow]) -> None:
        """Load the names that these rows need, and no others."""
        text = self._style.text
        sources, codes, voices, annotators = (
            {row[column] for row in rows} for column in (SOURCE, CODE, VOICE, ANNOTATOR)
        )
        self._load_sources(sources)
        if not self._codes.keys() >= codes:
            facts = load_code_facts(self._scope)
            self._codes = {key: tuple(map(text, one[:3])) for key, one in facts.items()}
            self._meaning_revisions = {key: one.meaning_revision for key, one in facts.items()}
        if unknown := voices - self._voices.keys():
            names = load_speaker_names(self._scope, unknown)
            self._voices.update((key, text(name)) for key, name in names.items())
        if unknown := annotators - self._annotators.keys():
            names = load_usernames(unknown)
            self._annotators.update(
                (key, (text(n), derive_layer_name(n))) for key, n in names.items()
            )
        self._after_look = set(map(str, load_ids_after_look_on_sources(self._scope, sources)))

    def _load_sources(self, sources: set[int]) -> None:
        if not self._facts.keys() >= sources:
            self._facts = load_source_facts_from(self._scope, min(sources), AHEAD)
            self._facts |= load_source_facts(self._scope, sources - self._facts.keys())
        text = self._style.text
        self._sources = {key: tuple(map(text, self._facts[key])) for key in sources}

    def write_cells(self, rows: Iterable[StoredRow]) -> Iterator[Cells]:
        """Yield the cells of rows; their names must be loaded."""
        text, truths, after_look = self._style.text, self._style.truths, self._after_look
        for source, start, id, code, voice, annotator, quote, note, *rest in rows:
            end, stance, version, revision, created, updated = rest
            yield (
                id,
                source,
                *self._sources[source],
                *self._codes[code],
                start,
                end,
                text(quote),
                text(stance),
                self._voices[voice],
                text(note),
                *self._annotators[annotator],
                version,
                revision,
                truths[is_stale(revision, self._meaning_revisions[code])],
                truths[id in after_look],
                created,
                updated,
            )
