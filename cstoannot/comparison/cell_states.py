"""What is behind each cell of a comparison: who read its sources, and why it may be empty."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cstoannot.comparison.actors import ActorIndex, build_actor_index
from cstoannot.comparison.dataset import (
    Bools,
    ComparisonDataset,
    ComparisonSelection,
    Ints,
    select_passage_rows,
)
from cstoannot.comparison.layers import AnsweringLayer
from cstoannot.stats.comparison.positions import (
    CellState,
    compute_empty_states,
    compute_positions,
    count_stances,
)
from cstoannot.stats.results import Numbers


@dataclass(frozen=True, eq=False)
class ReaderSides:
    """How many annotators read each source (A,) for each claim (C,), and their own positions.

    Zeros where the consensus answers. Readers who marked nothing are in `read_by` alone.
    """

    read_by: Numbers
    supports: Numbers
    opposes: Numbers
    mixed: Numbers
    mentioned: Numbers

    @cached_property
    def marked(self) -> Numbers:
        return self.supports + self.opposes + self.mixed + self.mentioned

    @cached_property
    def silent(self) -> Numbers:
        return self.read_by - self.marked

    @property
    def split(self) -> Bools:
        """(A, C) whether some readers support the claim and others oppose it."""
        found: Bools = (self.supports > 0) & (self.opposes > 0)
        return found


@dataclass(frozen=True, eq=False)
class CellSources:
    """The selected sources and claims behind the cells.

    `owner`: the actor of each selected source; None for speakers, for whom every source counts.
    `row` (sources,), `column` (claims,): the index of each source and claim among the selected
    ones, -1 for others. `read` (S, C), among the selected: whether somebody, or the team, has read
    the source for the claim.
    """

    layer: AnsweringLayer
    chosen: ComparisonSelection
    owner: Ints | None
    row: Ints
    column: Ints
    read: Bools

    def collect_by_actor(self, cells: Bools, actors: int) -> Bools:
        """(A, C) whether a cell of any of the actor's sources is true, from (S, C)."""
        if self.owner is None:
            return np.repeat(np.atleast_2d(cells.any(axis=0)), actors, axis=0)
        found = np.zeros((actors, cells.shape[1]), bool)
        source, claim = np.nonzero(cells)
        found[self.owner[source], claim] = True
        return found


def build_cell_sources(
    layer: AnsweringLayer, chosen: ComparisonSelection, known: ActorIndex
) -> CellSources:
    """Find the actor of each selected source, and what has been read."""
    compared = layer.compared
    somebody = layer.readers[np.ix_(chosen.sources, chosen.claims)] > 0
    by_team = chosen.by_consensus[chosen.sources, None]
    return CellSources(
        layer=layer,
        chosen=chosen,
        owner=known.of_source,
        row=_number_selected(chosen.sources, len(compared.sources)),
        column=_number_selected(chosen.claims, len(compared.claims)),
        read=np.where(by_team, layer.decided[np.ix_(chosen.sources, chosen.claims)], somebody),
    )


def _number_selected(chosen: Ints, size: int) -> Ints:
    found = np.full(size, -1)
    found[chosen] = np.arange(len(chosen))
    return found


def compute_cells_without_passage(behind: CellSources, actors: int) -> Numbers:
    """(A, C) the state of each cell if the layer has no passage for it in the voices asked for."""
    chosen = behind.chosen
    if behind.owner is None:
        contested = _mark_speakers_own_cells(behind, actors)
        quoted = np.zeros_like(contested)
    else:
        layer = behind.layer
        there = _mark_cells(behind, layer.compared, np.arange(len(layer.compared.passages)))
        heard = _mark_cells(behind, layer.compared, select_passage_rows(layer.compared, chosen))
        marked = _mark_cells(behind, layer.annotated, _select_answering_rows(behind))
        marked |= _mark_plural_cells(behind)
        contested = behind.collect_by_actor(marked & ~there, actors)
        quoted = behind.collect_by_actor(there & ~heard, actors)
    begun = behind.read | chosen.given[chosen.sources, None]
    return compute_empty_states(
        contested=contested,
        quoted=quoted,
        read=~behind.collect_by_actor(~behind.read, actors) & (len(behind.read) > 0),
        given=behind.collect_by_actor(begun, actors),
    )


def _select_answering_rows(behind: CellSources) -> Ints:
    """Return the annotators' own passages in selected sources without a consensus that answers."""
    own = behind.layer.own
    return own[~behind.chosen.by_consensus[behind.layer.annotated.passages.source[own]]]


def _select_own_rows_heard(behind: CellSources) -> Ints:
    """Return those of the answering rows that the query selects, by voice as well."""
    heard = select_passage_rows(behind.layer.annotated, behind.chosen)
    return np.intersect1d(_select_answering_rows(behind), heard, assume_unique=True)


def _mark_cells(behind: CellSources, coded: ComparisonDataset, rows: Ints) -> Bools:
    """(S, C) among the selected: whether one of these passages is there, in any voice."""
    chosen, part = behind.chosen, coded.passages
    source, claim = behind.row[part.source[rows]], behind.column[part.claim[rows]]
    kept = (source >= 0) & (claim >= 0)
    found = np.zeros((len(chosen.sources), len(chosen.claims)), bool)
    found[source[kept], claim[kept]] = True
    return found


def _mark_plural_cells(behind: CellSources) -> Bools:
    """(S, C) among the selected: whether the team lets several readings stand."""
    chosen = behind.chosen
    plural = behind.layer.compared.plural[np.ix_(chosen.sources, chosen.claims)]
    return plural & chosen.by_consensus[chosen.sources, None]


def _mark_speakers_own_cells(behind: CellSources, actors: int) -> Bools:
    """(A, C) whether an annotator marked something in the speaker's voice."""
    annotated, chosen = behind.layer.annotated, behind.chosen
    own = _select_own_rows_heard(behind)
    actor = build_actor_index(annotated, chosen, own).of_row
    found = np.zeros((actors, len(chosen.claims)), bool)
    found[actor, behind.column[annotated.passages.claim[own]]] = True
    return found


def compute_reader_sides(behind: CellSources) -> ReaderSides:
    """Compute the readers' own positions, in the voices asked for, of each selected source."""
    layer, chosen = behind.layer, behind.chosen
    part = layer.annotated.passages
    own = _select_own_rows_heard(behind)
    counted = count_stances(
        *(behind.row[part.source[own]], behind.column[part.claim[own]]),
        *(part.annotator[own].astype(np.int64), part.stance[own]),
    )
    shape = len(chosen.sources), len(chosen.claims)
    state = compute_positions(counted.balance)
    state[np.isnan(counted.balance)] = CellState.MENTIONED
    cell = counted.actor * shape[1] + counted.code
    sides = {
        one.name.lower(): np.bincount(cell[state == one], minlength=shape[0] * shape[1])
        .astype(np.int16)
        .reshape(shape)
        for one in (CellState.SUPPORTS, CellState.OPPOSES, CellState.MIXED, CellState.MENTIONED)
    }
    read_by = layer.readers[np.ix_(chosen.sources, chosen.claims)].copy()
    read_by[chosen.by_consensus[chosen.sources]] = 0
    return ReaderSides(read_by=read_by, **sides)


def select_too_early(layer: AnsweringLayer, chosen: ComparisonSelection) -> Numbers:
    """(S, C) how many annotators finished a selected source before the claim's code existed.

    0 where the consensus answers.
    """
    found = layer.too_early[np.ix_(chosen.sources, chosen.claims)]
    found[chosen.by_consensus[chosen.sources]] = 0
    return found


def count_stale_passages(layer: AnsweringLayer, chosen: ComparisonSelection) -> tuple[int, ...]:
    """Count the stale annotations in view by selected claim, whether they count or not."""
    annotated = layer.annotated
    rows = np.intersect1d(layer.stale, select_passage_rows(annotated, chosen), assume_unique=True)
    by_claim = np.bincount(annotated.passages.claim[rows], minlength=len(annotated.claims))
    return tuple(by_claim[chosen.claims].tolist())
