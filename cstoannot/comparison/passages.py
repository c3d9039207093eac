"""The passages behind the cells of the matrix: those of one claim by actor, or as a list."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cstoannot.comparison.actors import AUTHORS, Actor, build_actor_index
from cstoannot.comparison.answering import load_answering_layer, load_compared_layer
from cstoannot.comparison.comparison_query import AUTHOR, ComparisonQuery, limit_query_to_scope
from cstoannot.comparison.dataset import (
    Claim,
    ComparisonDataset,
    ComparisonSelection,
    Ints,
    build_comparison_selection,
    select_passage_rows,
)
from cstoannot.comparison.excerpts import Excerpt, load_excerpts, sort_rows_by_position
from cstoannot.comparison.project_cache import CachedComparison, load_cached_comparison
from cstoannot.comparison.reports import ComparisonReport, build_comparison_report
from cstoannot.comparison.unheard import UnheardPassages, collect_unheard_passages
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.scope import Scope
from cstoannot.stats.comparison.positions import CellState

COLUMNS = 12  # actors with passages on a page
IN_COLUMN = 40  # passages of a column beside others
ALONE = 100  # passages of a single column


@dataclass(frozen=True)
class PositionCell:
    """A cell of the matrix: an actor's state on a claim, and its passages.

    `readers`: where sources are compared, how many annotators there are in all (`read_by`) and on
    each side.
    """

    actor: Actor
    claim: Claim
    state: str
    readers: Mapping[str, int]
    supports: int
    opposes: int
    mixed: int
    mentioned: int

    @property
    def passages(self) -> int:
        return self.supports + self.opposes + self.mixed + self.mentioned


@dataclass(frozen=True)
class ActorColumn:
    """One actor's passages from index `first` on; `listed`: how many of them."""

    cell: PositionCell
    places: tuple[Excerpt, ...]
    first: int = 0

    @property
    def listed(self) -> int:
        return sum(len(place.said) for place in self.places)


@dataclass(frozen=True, eq=False)
class ClaimListing:
    """One claim in columns: `cells` of all actors, `columns` of this page, all `claims`.

    `unheard`: what the columns do not show. `total`, `size`: columns in all and per page; if only
    one actor has passages, that actor's passages.
    """

    question: ComparisonQuery
    comparison: ComparisonReport
    claim: Claim
    claims: tuple[Claim, ...]
    cells: tuple[PositionCell, ...]
    columns: tuple[ActorColumn, ...]
    unheard: UnheardPassages
    total: int
    size: int

    @property
    def passages(self) -> int:
        return sum(cell.passages for cell in self.cells)

    def claim_at(self, step: int) -> Claim | None:
        """Return the claim `step` places from this one; None if there is none."""
        place = self.claims.index(self.claim) + step
        return self.claims[place] if 0 <= place < len(self.claims) else None


@dataclass(frozen=True)
class PassageEntry:
    """An excerpt and its actor."""

    actor: Actor
    place: Excerpt


def find_claim_listing(
    scope: Scope, question: ComparisonQuery, *, page: int = 1
) -> ClaimListing | None:
    """Return the passages on one claim, by actor; past the last page, the last page.

    The claim is the first that the query names, otherwise the first with a passage. None if there
    is no claim; raises Invalid for codes without a claim.
    """
    question = limit_query_to_scope(scope, question)
    kept = load_cached_comparison(scope)
    claim = find_requested_claim(load_compared_layer(scope, question), question)
    if claim is None:
        return None
    question = replace(question, codes=(claim.slug,), descendants=False)
    found = build_comparison_report(scope, question)
    cells = tuple(build_matrix_cell(found, number, 0) for number in range(len(found.actors)))
    speaking = [number for number, cell in enumerate(cells) if cell.passages]
    alone = len(speaking) == 1
    total = cells[speaking[0]].passages if alone else len(speaking)
    size = ALONE if alone else COLUMNS
    first = (min(page, max(1, -(-total // size))) - 1) * size
    window = {number: (0, IN_COLUMN) for number in speaking[first : first + size]}
    if alone:
        window = {speaking[0]: (first, size)}
    return ClaimListing(
        question=question,
        comparison=found,
        claim=claim,
        claims=kept.compared.claims,
        cells=cells,
        columns=tuple(_iterate_actor_columns(scope, kept, question, cells, window)),
        unheard=_load_unheard_passages(kept, question),
        total=total,
        size=size,
    )


def _load_unheard_passages(kept: CachedComparison, question: ComparisonQuery) -> UnheardPassages:
    if question.by != "source":
        return UnheardPassages({}, {})
    with kept.lock:
        layer = load_answering_layer(kept, question)
    return collect_unheard_passages(layer, build_comparison_selection(layer.compared, question))


def find_requested_claim(compared: ComparisonDataset, question: ComparisonQuery) -> Claim | None:
    """Return the claim of a query; see `find_claim_listing`."""
    chosen = build_comparison_selection(compared, question)
    if question.codes and not len(chosen.claims):
        message = "This code has no claim that sources could support or oppose."
        raise Invalid(message, field="code")
    if question.codes or not len(chosen.claims):
        return compared.claims[int(chosen.claims[0])] if question.codes else None
    used = np.unique(compared.passages.claim[select_passage_rows(compared, chosen)])
    return compared.claims[int(used[0]) if len(used) else 0]


def _iterate_actor_columns(
    scope: Scope,
    kept: CachedComparison,
    question: ComparisonQuery,
    cells: Sequence[PositionCell],
    window: dict[int, tuple[int, int]],
) -> Iterator[ActorColumn]:
    """Yield the actors' columns; `window`: the first passage and their number, by actor."""
    rows, actor = _load_rows_by_actor(kept, question)
    parts = {
        number: rows[actor == number][first : first + size]
        for number, (first, size) in window.items()
    }
    places = _load_excerpts_by_actor(scope, load_compared_layer(scope, question), parts)
    for number, (first, _) in window.items():
        yield ActorColumn(cells[number], tuple(places[number]), first)


def _load_excerpts_by_actor(
    scope: Scope, compared: ComparisonDataset, parts: dict[int, Ints]
) -> dict[int, list[Excerpt]]:
    """Load the excerpts of several actors, in as many queries as for one."""
    whole = np.concatenate([np.zeros(0, np.int64), *parts.values()])
    apart = np.repeat(list(parts), [len(part) for part in parts.values()]).astype(np.int64)
    found: dict[int, list[Excerpt]] = {number: [] for number in parts}
    for number, place in load_excerpts(scope, compared, whole, apart):
        found[number].append(place)
    return found


def _load_rows_by_actor(kept: CachedComparison, question: ComparisonQuery) -> tuple[Ints, Ints]:
    """Return the selected rows and their actors, by claim, actor and position in the text."""
    with kept.lock:
        compared = load_answering_layer(kept, question).compared
        chosen = build_comparison_selection(compared, question)
        found: tuple[Ints, Ints] = kept.answer(
            ("passages", question),
            lambda: _sort_rows_by_actor(compared, chosen),
            cells=len(compared.passages),
        )
    return found


def _sort_rows_by_actor(
    compared: ComparisonDataset, chosen: ComparisonSelection
) -> tuple[Ints, Ints]:
    rows = sort_rows_by_position(compared, select_passage_rows(compared, chosen))
    actor = build_actor_index(compared, chosen, rows).of_row
    order = np.lexsort((actor, compared.passages.claim[rows]))
    return rows[order], actor[order]


@dataclass(frozen=True, eq=False)
class PassageList:
    """One page of all passages that match a query."""

    comparison: ComparisonReport
    total: int
    entries: tuple[PassageEntry, ...]


def list_claim_passages(scope: Scope, question: ComparisonQuery) -> PassageList:
    """Return all passages on the claim of `find_claim_listing`; raise NotFound if none."""
    question = limit_query_to_scope(scope, question)
    claim = find_requested_claim(load_compared_layer(scope, question), question)
    if claim is None:
        raise NotFound("No code of this project has a claim.")
    question = replace(question, codes=(claim.slug,), descendants=False)
    return list_passages(scope, question, offset=0, limit=None)


def list_passages(
    scope: Scope, question: ComparisonQuery, *, offset: int, limit: int | None
) -> PassageList:
    """Return passages by claim, actor and position in the text; all if `limit` is None."""
    question = limit_query_to_scope(scope, question)
    found = build_comparison_report(scope, question)
    kept = load_cached_comparison(scope)
    rows, actor = _load_rows_by_actor(kept, question)
    end = None if limit is None else offset + limit
    some, whose = rows[offset:end], actor[offset:end]
    # Separate numbers: passages that share an excerpt in columns are separate entries here.
    compared = load_compared_layer(scope, question)
    places = load_excerpts(scope, compared, some, np.arange(len(some)))
    entries = (PassageEntry(found.actors[whose[number]], place) for number, place in places)
    return PassageList(found, len(rows), tuple(entries))


def build_matrix_cell(found: ComparisonReport, actor: int, claim: int) -> PositionCell:
    cells = found.matrix
    return PositionCell(
        actor=found.actors[actor],
        claim=found.claims[claim],
        state=CellState(cells.state[actor, claim]).name.lower(),
        readers=collect_reader_counts(found, actor, claim),
        supports=int(cells.supports[actor, claim]),
        opposes=int(cells.opposes[actor, claim]),
        mixed=int(cells.mixed[actor, claim]),
        mentioned=int(cells.mentioned[actor, claim]),
    )


READER_COUNTS = ("read_by", "supports", "opposes", "mixed", "mentioned", "silent")


def collect_reader_counts(found: ComparisonReport, actor: int, claim: int) -> Mapping[str, int]:
    """Return how many annotators read the source, and how many are on each side; empty for others.

    Empty where the consensus answers, and where actors are no sources.
    """
    if found.readers is None or not found.readers.read_by[actor, claim]:
        return {}
    return {name: int(getattr(found.readers, name)[actor, claim]) for name in READER_COUNTS}


def count_early_readers(found: ComparisonReport, actor: int, claim: int) -> int:
    """Return how many annotators finished the source before the claim existed; 0 for others."""
    return int(found.too_early[actor, claim]) if found.readers is not None else 0


def build_cell_query(question: ComparisonQuery, actor: Actor, claim: Claim) -> ComparisonQuery:
    """Return the query that selects exactly the passages of one cell of the matrix."""
    question = replace(question, codes=(claim.slug,), descendants=False)
    if question.by == "source":
        return replace(question, sources=(actor.pk or 0,))
    if question.by == "group":
        return replace(question, groups=(actor.key,))
    if question.by == "publisher":
        return replace(question, publishers=(actor.key,))
    if actor == AUTHORS:
        # With `by="speaker"`, the voice `author` would select everybody except the authors.
        return replace(question, by="source", voices=(AUTHOR,))
    return replace(question, voices=(actor.key,))
