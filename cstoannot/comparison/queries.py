"""Load the dataset of a comparison, each passage once, and only what the reader may see."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import ROW, Annotator, Rows
from cstoannot.agreement.project_cache import load_cached_agreement
from cstoannot.agreement.queries import load_ordered_rows
from cstoannot.annotations.models import Layer
from cstoannot.annotations.queries import visible_annotations, visible_speakers
from cstoannot.assignments.models import AssignmentState, ConsensusState
from cstoannot.assignments.queries import (
    load_visible_consensus_states,
    select_my_study_assignments,
    visible_assignments,
)
from cstoannot.assignments.round_queries import build_round_column
from cstoannot.codebook.meaning import is_stale
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import load_code_tree
from cstoannot.comparison.dataset import (
    CONSENSUS,
    Bools,
    Claim,
    ComparedPassages,
    ComparisonDataset,
    ComparisonSource,
    Ints,
)
from cstoannot.core.likeness import choose_common_spellings
from cstoannot.decisions.queries import load_doubtful_states, load_plural_cells
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources

LARGEST_TABLE = 20_000_000  # primary keys up to this use a lookup table: 80 MB
_Given = tuple[int, int, str, str, int | None]  # source, annotator, name, state, revision


def load_comparison_dataset(scope: Scope, *, all_codes: bool = False) -> ComparisonDataset:
    """Load what this reader may compare, in a constant number of queries.

    `all_codes`: codes without a claim take part as well, with an empty claim. For readers of all
    coding: what everybody finished, loaded once for agreement and comparison.
    For annotators: what they finished themselves. For all: the consensus.
    """
    known = visible_sources(scope).values_list(
        *("pk", "title", "publisher", "group", "published", "length"),
        build_round_column(scope),
    )
    sources = _unify_source_spellings([ComparisonSource(*row) for row in known])
    places = {source.pk: place for place, source in enumerate(sources)}
    given = [row for row in _load_assignment_rows(scope) if row[0] in places]
    people = sorted({(username, pk) for _, pk, username, _, _ in given})
    annotators = tuple(Annotator(pk, username) for username, pk in people)
    assigned, finished, under = _build_state_arrays(given, places, annotators)
    consensus, whole = _load_consensus(scope)
    rows = [_load_individual_rows(scope, finished), consensus]
    codes = [place.code for place in load_code_tree(scope)]
    claims = _build_claims(codes, rows, all_codes=all_codes)
    speakers = dict(visible_speakers(scope).values_list("pk", "name"))
    decided = np.array([source.pk in whole for source in sources], bool)
    names = _DatasetKeys(
        sources=tuple(places),
        annotators=[one.pk for one in annotators],
        claims=[claim.pk for claim in claims],
        meant=np.array([claim.meant for claim in claims], np.int64),
        speakers=tuple(speakers),
    )
    return ComparisonDataset(
        sources=sources,
        claims=claims,
        annotators=annotators,
        voices=("", *speakers.values()),
        assigned=assigned,
        finished=finished,
        finished_under=under,
        decided=decided,
        plural=decided[:, None] & _load_plural(scope, places, claims),
        passages=_build_compared_passages(rows, names, finished),
        codes={code.slug: code.pk for code in codes},
        parents={code.pk: code.parent_id for code in codes},
    )


def _load_decided_states(scope: Scope) -> dict[int, bool]:
    """Return the sources that the team has begun to decide, each with whether it is decided.

    Readers of all coding see at once what a change of the coding means for it; others learn it with
    the next decision there.
    """
    states = dict(load_visible_consensus_states(scope))
    if scope.can(Permission.SEE_ALL_CODING):
        fresh = load_doubtful_states(scope)
        states |= {pk: state == ConsensusState.DECIDED for pk, state in fresh.items()}
    return states


def _load_consensus(scope: Scope) -> tuple[Rows, set[int]]:
    """Return the passages of the sources that have a consensus, and the keys of these sources."""
    rows = load_ordered_rows(scope, visible_annotations(scope).filter(annotator_id=None))
    states = _load_decided_states(scope)
    rows = rows[~np.isin(rows["source"], [pk for pk, whole in states.items() if not whole])]
    whole = {pk for pk, decided in states.items() if decided}
    return rows, whole | set(np.unique(rows["source"]).tolist())


def _load_plural(scope: Scope, places: dict[int, int], claims: Sequence[Claim]) -> Bools:
    """(S, C) whether several readings stand at a place of the source that has the claim's code."""
    columns = {claim.slug: column for column, claim in enumerate(claims)}
    plural = np.zeros((len(places), len(claims)), bool)
    for source, code in load_plural_cells(scope):
        if source in places and code in columns:
            plural[places[source], columns[code]] = True
    return plural


def _unify_source_spellings(sources: Sequence[ComparisonSource]) -> tuple[ComparisonSource, ...]:
    """Give similar publishers and groups the spelling that most of these sources have."""
    publishers = choose_common_spellings(list(Counter(one.publisher for one in sources).items()))
    groups = choose_common_spellings(list(Counter(one.group for one in sources).items()))
    return tuple(
        replace(one, publisher=publishers[one.publisher], group=groups[one.group])
        for one in sources
    )


def _load_assignment_rows(scope: Scope) -> Sequence[_Given]:
    if scope.can(Permission.SEE_ALL_CODING):
        found = visible_assignments(scope).select_related(None).order_by()
    elif scope.can(Permission.ANNOTATE):
        found = select_my_study_assignments(scope).order_by()
    else:
        return []
    columns = ("source_id", "annotator_id", "annotator__username", "state", "finished_under")
    return list(found.values_list(*columns))


def _build_state_arrays(
    given: Iterable[_Given], places: dict[int, int], annotators: Sequence[Annotator]
) -> tuple[Bools, Bools, Ints]:
    columns = {one.pk: column for column, one in enumerate(annotators)}
    assigned = np.zeros((len(places), len(annotators)), bool)
    finished = np.zeros_like(assigned)
    under = np.zeros(assigned.shape, np.int64)
    for source, annotator, _, state, revision in given:
        cell = places[source], columns[annotator]
        assigned[cell] = True
        finished[cell] = state == AssignmentState.DONE
        under[cell] = revision or 0
    return assigned, finished, under


def _load_individual_rows(scope: Scope, finished: Bools) -> Rows:
    """Load individual passages; `_build_compared_passages` drops those of unfinished sources."""
    if not finished.any():
        return np.empty(0, ROW)
    if scope.can(Permission.SEE_ALL_CODING):
        return load_cached_agreement(scope).coding.rows
    own = visible_annotations(scope).filter(layer=Layer.INDIVIDUAL, annotator_id=scope.user_id)
    return load_ordered_rows(scope, own)


def _build_claims(
    codes: Iterable[Code], rows: Iterable[Rows], *, all_codes: bool
) -> tuple[Claim, ...]:
    """Return claims, or all codes, in the codebook's order; retired ones only if used."""
    used = set(np.concatenate([np.unique(part["code"]) for part in rows]).tolist())
    return tuple(
        Claim(
            pk=code.pk,
            slug=code.slug,
            name=code.name,
            claim=code.claim,
            retired=code.retired_at is not None,
            born=code.added_revision,
            meant=code.meaning_revision,
        )
        for code in codes
        if (code.claim or all_codes) and (code.retired_at is None or code.pk in used)
    )


@dataclass(frozen=True)
class _DatasetKeys:
    """Primary keys, in the order of the dataset; `meant` (C,) as `Claim.meant`."""

    sources: Sequence[int]
    annotators: Sequence[int]
    claims: Sequence[int]
    meant: Ints
    speakers: Sequence[int]


def _build_compared_passages(
    rows: Iterable[Rows], known: _DatasetKeys, finished: Bools
) -> ComparedPassages:
    """Select passages on claims by annotators who finished; use the smallest integer types."""
    parts = []
    for part in rows:
        source = _compute_known_positions(known.sources, part["source"])
        coder = _compute_known_positions(known.annotators, part["annotator"])
        claim = _compute_known_positions(known.claims, part["code"])
        read = part["annotator"] == 0
        if len(known.annotators):
            read |= (coder >= 0) & finished[source, coder]
        kept = np.flatnonzero(read & (source >= 0) & (claim >= 0))
        chosen = part[kept]
        parts.append(
            (
                source[kept],
                np.where(chosen["annotator"] == 0, CONSENSUS, coder[kept]).astype(np.int16),
                claim[kept],
                chosen["start"].astype(np.int32),
                chosen["end"].astype(np.int32),
                chosen["stance"].astype(np.int8),
                _compute_known_positions(known.speakers, chosen["voice"]) + 1,
                chosen["id"],
                *(chosen[name].astype(np.int32) for name in ("lead", "trail")),
                is_stale(chosen["revision"], known.meant[claim[kept]]),
                *np.zeros((4, len(kept)), np.int8),
            )
        )
    return ComparedPassages(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _compute_known_positions(known: Sequence[int], values: NDArray[np.int64]) -> NDArray[Any]:
    """Return the index of each value in `known`; -1 for values that are not in it."""
    largest = max(int(values.max(initial=0)), max(known, default=0))
    if largest <= LARGEST_TABLE:
        table = np.full(largest + 1, -1, np.int32)
        table[np.asarray(known, np.int64)] = np.arange(len(known))
        return table[values]
    order = np.argsort(np.asarray(known, np.int64), kind="stable")
    inside = np.asarray(known, np.int64)[order]
    place = np.searchsorted(inside, values).clip(max=max(0, len(known) - 1))
    found = inside[place] == values if known else np.zeros(len(values), bool)
    return np.where(found, order[place] if known else -1, -1).astype(np.int32)
