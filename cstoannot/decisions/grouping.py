"""Group the coding of some sources into places to decide, with the majority at each."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cstoannot.decisions.dataset import DecisionDataset, list_weighed
from cstoannot.decisions.places import ProposedPassage
from cstoannot.stats.agreement.decidable_places import (
    DecidablePlaceTable,
    WeighedDecisions,
    group_decidable_places,
)
from cstoannot.stats.agreement.disagreements import (
    KINDS,
    DisagreementKind,
    DisagreementTable,
    build_disagreements,
)
from cstoannot.stats.comparison.majority import MarkedPassages, compute_majority
from cstoannot.stats.readings import compute_read
from cstoannot.stats.results import Bools, Ints
from cstoannot.stats.tables import SpanTable

STANCES = ("", "supports", "mixed", "opposes")


@dataclass(frozen=True, eq=False)
class GroupedPlaces:
    """The places of a dataset.

    Numbers in `spans` are indexes into the dataset's sources and `annotators`, `codes`, `voices`;
    its rows are the dataset's passages, in their order. `finished` (S, A): who finished which
    source; `read` (S, A, K): who read it for which code. `found`: the disagreements, of which those
    between two who read the source for the codes in question are True in `counting`.
    """

    data: DecisionDataset
    annotators: tuple[int, ...]
    codes: tuple[str, ...]
    voices: tuple[str, ...]
    spans: SpanTable
    finished: Bools
    read: Bools
    found: DisagreementTable
    counting: Bools
    table: DecidablePlaceTable

    @cached_property
    def kinds(self) -> list[tuple[str, ...]]:
        """Return the kinds of disagreement at each place."""
        return [
            tuple(KINDS[kind].value for kind in np.flatnonzero(row)) for row in self._kinds_there
        ]

    @cached_property
    def disputed(self) -> Bools:
        """(P,) whether the readers of each place differ in more than bounds."""
        beyond = [kind != DisagreementKind.BOUNDARY for kind in KINDS]
        found: Bools = np.logical_or.reduce(self._kinds_there[:, beyond], axis=1)
        return found

    @cached_property
    def _kinds_there(self) -> Bools:
        """(P, kinds) whether a disagreement of the kind is at the place."""
        cases = np.flatnonzero(self.counting)
        place = self.table.of_span[self.found.rows[self.found.offsets[cases]]]
        there = np.zeros((len(self.table), len(KINDS)), bool)
        there[place, self.found.kind[cases]] = True
        return there

    def list_readers(self, place: int) -> list[int]:
        """Return the indexes of annotators who read the place, or marked what was weighed."""
        source, inside = self.table.source[place], self.table.spans_of(place)
        codes = np.unique(self.spans.code[inside])
        some = self.read[source][:, codes].any(axis=1) if len(inside) else self.finished[source]
        some = some.copy()
        some[self.spans.annotator[inside]] = True
        return np.flatnonzero(some).tolist()

    @cached_property
    def majority(self) -> dict[int, list[ProposedPassage]]:
        """Return the majority's passages by place; those with texts have their quotes."""
        spans, place = self.spans, self.table.of_span
        group, of_span = np.unique(place * spans.n_codes + spans.code, return_inverse=True)
        ranks = np.empty(len(self.voices), np.int64)
        ranks[sorted(range(len(ranks)), key=self.voices.__getitem__)] = np.arange(len(ranks))
        lead, trail = self._count_white_space()
        marked = MarkedPassages(
            group=of_span,
            annotator=spans.annotator,
            start=spans.start,
            end=spans.end,
            stance=spans.stance,
            voice=spans.voice,
            lead=lead,
            trail=trail,
        )
        found = compute_majority(marked, self._count_readers(group), ranks)
        passages: dict[int, list[ProposedPassage]] = defaultdict(list)
        for number, run in enumerate(found.runs.group.tolist()):
            where, code = divmod(int(group[run]), spans.n_codes)
            start, end = int(found.runs.start[number]), int(found.runs.end[number])
            passages[where].append(
                ProposedPassage(
                    code=self.codes[code],
                    start=start,
                    end=end,
                    quote=self.data.sources[self.table.source[where]].text[start:end],
                    stance=STANCES[found.stance[number]],
                    voice=self.voices[found.voice[number]],
                )
            )
        for listed in passages.values():
            listed.sort(key=lambda one: (one.start, one.end, one.code))
        return passages

    def _count_readers(self, group: Ints) -> Ints:
        """(G,) how many annotators count for each place and code."""
        place, code = np.divmod(group, self.spans.n_codes)
        by_group = self.read[self.table.source[place], :, code]
        # Whose source is open again counts where they marked what was weighed.
        there = np.zeros((len(self.table), len(self.annotators)), bool)
        there[self.table.of_span, self.spans.annotator] = True
        there &= ~self.finished[self.table.source]
        counted: Ints = (by_group | there[place]).sum(axis=1)
        return counted

    def _count_white_space(self) -> tuple[Ints, Ints]:
        """(N,) how many characters of white space each passage begins and ends with."""
        lead, trail = (np.zeros(len(self.spans), np.int64) for _ in range(2))
        for number, one in enumerate(self.data.passages):
            quote = self.data.sources[one.source].text[one.start : one.end]
            if quote and (quote[0].isspace() or quote[-1].isspace()):
                lead[number] = len(quote) - len(quote.lstrip())
                trail[number] = len(quote) - len(quote.rstrip())
        return lead, trail


def group_dataset(data: DecisionDataset) -> GroupedPlaces:
    """Group the passages and decisions of the dataset by place."""
    annotators = sorted(
        {one.annotator for one in data.passages}.union(*(one.readers for one in data.sources))
    )
    codes = sorted(data.born)
    voices = ("", *sorted({one.voice for one in data.passages} - {""}))
    column = {pk: number for number, pk in enumerate(annotators)}
    under = np.zeros((len(data.sources), len(annotators)), np.int64)
    for number, source in enumerate(data.sources):
        for pk, revision in source.readers.items():
            # Whoever finished before there was a codebook has read for no code.
            under[number, column[pk]] = revision
    finished = np.zeros(under.shape, bool)
    for number, source in enumerate(data.sources):
        finished[number, [column[pk] for pk in source.readers]] = True
    spans = _build_spans(data, column, codes, voices, finished)
    read = compute_read(under, [data.born[code] for code in codes])
    found = build_disagreements(spans)
    counting = _mark_counting(found, finished, read)
    weighed = _build_weighed(data, {code: number for number, code in enumerate(codes)})
    return GroupedPlaces(
        data=data,
        annotators=tuple(annotators),
        codes=tuple(codes),
        voices=voices,
        spans=spans,
        finished=finished,
        read=read,
        found=found,
        counting=counting,
        table=group_decidable_places(spans, found, counting, weighed),
    )


def _build_spans(
    data: DecisionDataset,
    column: dict[int, int],
    codes: list[str],
    voices: tuple[str, ...],
    finished: Bools,
) -> SpanTable:
    code = {slug: number for number, slug in enumerate(codes)}
    voice = {name: number for number, name in enumerate(voices)}
    passages = data.passages
    source = np.array([one.source for one in passages], np.int64)
    annotator = np.array([column[one.annotator] for one in passages], np.int64)
    there = finished.copy()
    there[source, annotator] = True
    return SpanTable.build(
        lengths=[one.length for one in data.sources],
        finished=there,
        n_codes=max(len(codes), 1),
        source=source,
        annotator=annotator,
        code=np.array([code[one.code] for one in passages], np.int64),
        start=np.array([one.start for one in passages], np.int64),
        end=np.array([one.end for one in passages], np.int64),
        stance=np.array([STANCES.index(one.stance) for one in passages], np.int64),
        voice=np.array([voice[one.voice] for one in passages], np.int64),
    )


def _mark_counting(found: DisagreementTable, finished: Bools, read: Bools) -> Bools:
    """(C,) whether both coders have read the source for the codes, or marked what was weighed."""
    counting = np.ones(len(found), bool)
    cases = np.repeat(np.arange(len(found)), np.diff(found.offsets))
    for side, coder in enumerate(found.coders):
        marked = np.zeros(len(found), bool)
        marked[cases[found.second == bool(side)]] = True
        knows = (
            read[found.source, coder, found.codes[0]] & read[found.source, coder, found.codes[1]]
        )
        counting &= knows | (marked & ~finished[found.source, coder])
    return counting


def _build_weighed(data: DecisionDataset, codes: dict[str, int]) -> WeighedDecisions:
    """Find the passages that the decisions weighed and those that they made."""
    place = {source.pk: number for number, source in enumerate(data.sources)}
    known = {one.id: (number, one.version) for number, one in enumerate(data.passages)}
    weighed: list[tuple[int, int, bool]] = []
    made: list[tuple[int, int, int, int]] = []
    lost = np.zeros(len(data.decisions), bool)
    for number, decision in enumerate(data.decisions):
        for pk, version in list_weighed(decision):
            span, now = known.get(pk, (-1, 0))
            lost[number] |= span < 0
            if span >= 0:
                weighed.append((number, span, now == version))
        for pk in decision.passages:
            one = data.made.get(uuid.UUID(pk))
            if one is not None:
                made.append((number, codes[one.code], one.start, one.end))
    pairs = np.array(weighed, np.int64).reshape(-1, 3)
    own = np.array(made, np.int64).reshape(-1, 4)
    return WeighedDecisions(
        source=np.array([place[one.source_id] for one in data.decisions], np.int64),
        start=np.array([one.start for one in data.decisions], np.int64),
        end=np.array([one.end for one in data.decisions], np.int64),
        lost=lost,
        decision=pairs[:, 0],
        span=pairs[:, 1],
        unchanged=pairs[:, 2].astype(bool),
        made_by=own[:, 0],
        made_code=own[:, 1],
        made_start=own[:, 2],
        made_end=own[:, 3],
    )
