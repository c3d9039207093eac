"""Networks between actors, and between actors and claims."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cstoannot.comparison.actors import Actor, build_actor_index
from cstoannot.comparison.answering import load_answering_layer
from cstoannot.comparison.cell_states import (
    CellSources,
    build_cell_sources,
    count_stale_passages,
    select_too_early,
)
from cstoannot.comparison.comparison_query import limit_query_to_scope
from cstoannot.comparison.dataset import (
    Bools,
    Claim,
    ComparisonDataset,
    ComparisonSource,
    Ints,
    build_comparison_selection,
    select_passage_rows,
)
from cstoannot.comparison.layers import AnsweringLayer
from cstoannot.comparison.network_query import SCALES, NetworkQuery, check_network_query
from cstoannot.comparison.project_cache import CachedComparison, load_cached_comparison
from cstoannot.projects.scope import Scope
from cstoannot.stats.comparison.leave_one_out import (
    CountedPassages,
    PossibleRemovals,
    mark_pivotal_cells,
    mark_pivotal_edges,
)
from cstoannot.stats.comparison.networks import (
    LevelCounts,
    Normalisation,
    StrongestEdges,
    TwoMode,
    TwoModeShare,
    select_strongest_cells,
    select_strongest_edges,
)
from cstoannot.stats.comparison.repeats import (
    RepeatWindow,
    compute_date_ranks,
    count_undated_sources,
    number_windows,
    select_first_passages,
)

AT_ONCE = 10_000
MOST_EDGES = 100_000  # held and written; with more, the weakest are left out and counted
# Level by index of the stance in agreement/dataset.py STANCES; -1 for none.
LEVELS = {2: np.array([-1, 1, -1, 0]), 3: np.array([-1, 2, 1, 0])}
MIXED = 2  # index of `mixed` in STANCES


@dataclass(frozen=True, eq=False)
class NetworkData:
    """The passages that count, by actor, claim and level, without repeats.

    `rows` (N,): indexes in `compared.passages` of the passages in `counted`. `repeats` (M,):
    indexes of passages left out as repeats, with their actors (`repeats_of`) and claims
    (`repeats_code`). Numbers of other passages left out: `without_stance`; `mixed`, if there are
    two levels. `unnamed`: sources without a group or publisher, together one actor;
    `undated`: sources with a date too vague for the rule of repeats. `silent`,
    `pending`: selected actors without a counted passage, read to the end for every claim or not;
    `partly_read`: actors with one that are not read to the end for some claim. `stale`: annotations
    in view made under an older meaning, whether they count or not; `read_before`: sources that
    somebody finished before one of the claims existed.
    """

    compared: ComparisonDataset
    actors: tuple[Actor, ...]
    claims: tuple[Claim, ...]
    tally: LevelCounts
    rows: Ints
    counted: CountedPassages
    repeats: Ints
    repeats_of: Ints
    repeats_code: Ints
    without_stance: int
    mixed: int
    unnamed: tuple[ComparisonSource, ...]
    undated: int
    silent: int
    pending: int
    partly_read: int
    stale: int
    read_before: int

    @cached_property
    def removals(self) -> PossibleRemovals:
        return PossibleRemovals.of(self.tally, self.counted)


@dataclass(frozen=True)
class NetworkNode:
    """An actor or a claim, with how many passages count. `kind`: actor, claim.

    `short`: a source's publisher if no other actor has the same, else the name.
    """

    key: str
    name: str
    short: str
    kind: str
    total: int
    supports: int
    opposes: int
    mixed: int


@dataclass(frozen=True)
class NetworkEdge:
    """An edge. `first`, `second`: indexes in `Network.nodes`.

    In two-mode networks, `congruence` and `conflict` count supporting and opposing passages.
    `carried`: whether the edge depends on one passage.
    """

    first: int
    second: int
    weight: float
    congruence: float
    conflict: float
    shared: int
    carried: bool


@dataclass(frozen=True, eq=False)
class Network:
    """A network; `edges`: at most the strongest MOST_EDGES that pass the threshold."""

    asked: NetworkQuery
    said: NetworkData
    edges: StrongestEdges

    @property
    def cut(self) -> int:
        """The number of edges that pass the threshold but are not in `edges`."""
        return self.edges.passing - len(self.edges)

    @cached_property
    def nodes(self) -> Sequence[NetworkNode]:
        """The actors, followed by the claims in two-mode networks."""
        said = self.said
        short = _build_short_names(said)
        pairs = zip(said.actors, short, strict=True)
        actors = [(one.key, one.name, name, "actor") for one, name in pairs]
        found = _build_network_nodes(actors, said.tally.counts.sum(axis=1))
        if self.asked.two_mode:
            claims = [(one.slug, one.name, one.name, "claim") for one in said.claims]
            found += _build_network_nodes(claims, said.tally.counts.sum(axis=0))
        return found

    def listed(self, start: int = 0, stop: int | None = None) -> list[NetworkEdge]:
        """Return the edges with ranks `start` to `stop` (excluded), strongest first."""
        edges = self.edges
        first, second = edges.first[start:stop], edges.second[start:stop]
        columns = (
            first,
            second + (len(self.said.actors) if self.asked.two_mode else 0),
            edges.weight[start:stop],
            edges.congruence[start:stop],
            edges.conflict[start:stop],
            self._shared(first, second),
            self._carried(first, second),
        )
        return [
            NetworkEdge(*row) for row in zip(*(column.tolist() for column in columns), strict=True)
        ]

    def places_of(self, edge: NetworkEdge) -> tuple[int, int]:
        """Return the indexes of the edge's ends: two actors, or an actor and a claim."""
        return edge.first, edge.second - (len(self.said.actors) if self.asked.two_mode else 0)

    def _shared(self, first: Ints, second: Ints) -> Ints:
        """Count the claims that both ends mention; 1 in two-mode networks."""
        if self.asked.two_mode:
            return np.ones(len(first), np.int64)
        found = np.zeros(len(first), np.int64)
        for start in range(0, len(first), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found[part] = (self._speaks[first[part]] & self._speaks[second[part]]).sum(axis=1)
        return found

    @cached_property
    def _speaks(self) -> Bools:
        return np.asarray(self.said.tally.counts.any(axis=2))

    def _carried(self, first: Ints, second: Ints) -> Bools:
        kind = self.asked.kind
        if isinstance(kind, TwoMode):
            return np.asarray(self._carried_cells[first, second])
        return mark_pivotal_edges(self.said.tally, kind, first, second, self.said.removals)

    @cached_property
    def _carried_cells(self) -> Bools:
        assert isinstance(self.asked.kind, TwoMode)
        return mark_pivotal_cells(self.said.tally, self.asked.kind, self.said.counted)


def build_network(scope: Scope, asked: NetworkQuery) -> Network:
    """Build the network from the coding that this member may see; raise Invalid or Forbidden."""
    asked = check_network_query(
        replace(asked, question=limit_query_to_scope(scope, asked.question))
    )
    kept = load_cached_comparison(scope)
    with kept.lock:
        said = build_network_data(kept, asked)
        found: Network = kept.answer(
            asked, lambda: _compute_network(said, asked), cells=3 * MOST_EDGES
        )
    return found


def build_network_data(kept: CachedComparison, asked: NetworkQuery) -> NetworkData:
    """Build the data of a query; the caller holds the lock of the cache."""
    key = ("said", asked.question, asked.levels, asked.repeats, asked.ignore_stance)
    layer = load_answering_layer(kept, asked.question)
    compared = layer.compared
    cells = len(compared.sources) * len(compared.claims) + 2 * len(compared.passages)
    found: NetworkData = kept.answer(key, lambda: _compute_network_data(layer, asked), cells=cells)
    return found


def _compute_network(said: NetworkData, asked: NetworkQuery) -> Network:
    if isinstance(asked.kind, TwoMode):
        edges = select_strongest_cells(
            *(said.tally, asked.kind, TwoModeShare(asked.normalisation)),
            least=asked.threshold,
            most=MOST_EDGES,
        )
        return Network(asked, said, edges)
    edges = select_strongest_edges(
        *(said.tally, asked.kind, Normalisation(asked.normalisation)),
        least=asked.threshold,
        most=MOST_EDGES,
    )
    return Network(asked, said, edges)


def _compute_network_data(layer: AnsweringLayer, asked: NetworkQuery) -> NetworkData:
    compared = layer.compared
    chosen = build_comparison_selection(compared, asked.question)
    rows = select_passage_rows(compared, chosen)
    known = build_actor_index(compared, chosen, rows)
    stance = compared.passages.stance[rows]
    level = LEVELS[asked.levels][stance]
    kept = level >= 0
    some = np.unique(known.of_row[kept])
    claims, part = chosen.claims, compared.passages
    rows, actor = rows[kept], np.searchsorted(some, known.of_row[kept])
    code = np.searchsorted(claims, part.claim[rows])
    counted, order, repeats = _count_passages(compared, asked, rows, actor, code)
    dates = [compared.sources[source].published for source in np.unique(part.source[rows])]
    unread = _find_unread_actors(build_cell_sources(layer, chosen, known), len(known.actors))
    pending = len(np.setdiff1d(unread, some))
    return NetworkData(
        compared=compared,
        actors=tuple(known.actors[one] for one in some.tolist()),
        claims=tuple(compared.claims[one] for one in claims.tolist()),
        tally=LevelCounts.of(
            *(counted.actor, counted.code, counted.level),
            size=(len(some), len(claims)),
            scale=SCALES[asked.levels],
        ),
        rows=rows[order],
        counted=counted,
        repeats=rows[repeats],
        repeats_of=actor[repeats],
        repeats_code=code[repeats],
        without_stance=int((stance == 0).sum()),
        mixed=int(((level < 0) & (stance == MIXED)).sum()),
        unnamed=tuple(compared.sources[place] for place in known.unnamed),
        undated=count_undated_sources(dates, RepeatWindow(asked.repeats)),
        silent=len(known.actors) - len(some) - pending,
        pending=pending,
        partly_read=len(unread) - pending,
        stale=sum(count_stale_passages(layer, chosen)),
        read_before=int(select_too_early(layer, chosen).any(axis=1).sum()),
    )


def _find_unread_actors(behind: CellSources, actors: int) -> Ints:
    """Return the actors of which a source is not read to the end for some claim."""
    return np.flatnonzero(behind.collect_by_actor(~behind.read, actors).any(axis=1))


def _count_passages(
    compared: ComparisonDataset, asked: NetworkQuery, rows: Ints, actor: Ints, code: Ints
) -> tuple[CountedPassages, Ints, Ints]:
    """Return the counted passages, their indexes in `rows`, and those of the repeats."""
    part = compared.passages
    level = LEVELS[asked.levels][part.stance[rows]]
    window, order = None, rows
    if asked.repeats != RepeatWindow.ALL:
        dates = [source.published for source in compared.sources]
        source = part.source[rows]
        window = number_windows(dates, RepeatWindow(asked.repeats))[source]
        order = _rank_by_date(compute_date_ranks(dates)[source], part.id[rows])
    found = select_first_passages(actor, code, level, window, order, stance=not asked.ignore_stance)
    instead = np.where(found.next >= 0, level[found.next], -1)
    counted = CountedPassages(actor[found.kept], code[found.kept], level[found.kept], instead)
    left = np.ones(len(rows), bool)
    left[found.kept] = False
    return counted, found.kept, np.flatnonzero(left)


def _rank_by_date(date: Ints, ids: Ints) -> Ints:
    """Return ranks by date, then by id."""
    high, low = np.ascontiguousarray(ids).view(">u8").reshape(-1, 2).T
    rank = np.empty(len(date), np.int64)
    rank[np.lexsort((low, high, date))] = np.arange(len(date))
    return rank


def _build_short_names(said: NetworkData) -> list[str]:
    places = said.compared.source_places
    publishers = [
        "" if one.pk is None else said.compared.sources[places[one.pk]].publisher
        for one in said.actors
    ]
    times = Counter(publishers)
    pairs = zip(said.actors, publishers, strict=True)
    return [name if name and times[name] == 1 else one.name for one, name in pairs]


def _build_network_nodes(
    named: Sequence[tuple[str, str, str, str]], levels: np.ndarray
) -> list[NetworkNode]:
    counts = levels.astype(np.int64).tolist()
    return [
        NetworkNode(
            *names,
            total=sum(row),
            supports=row[-1],
            opposes=row[0],
            mixed=row[1] if len(row) > 2 else 0,
        )
        for names, row in zip(named, counts, strict=True)
    ]
