"""Passages on claims and finished sources as arrays, and the part that a query selects."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.dataset import Annotator
from cstoannot.annotations.models import Layer
from cstoannot.codebook.tree import collect_descendants
from cstoannot.comparison.comparison_query import (
    AUTHOR,
    CONSENSUS_OR_MAJORITY,
    EVERYONE,
    ComparisonQuery,
    is_in_date_window,
    parse_name,
    parse_voice,
)
from cstoannot.core.errors import Invalid
from cstoannot.core.likeness import build_comparison_key

CONSENSUS, MAJORITY = -1, -2
"""The annotator of passages of the consensus, and of the majority."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class ComparisonSource:
    pk: int
    title: str
    publisher: str
    group: str
    published: str
    length: int
    round: str = ""


@dataclass(frozen=True)
class Claim:
    """A code that states a claim.

    `born`, `meant`: the codebook revisions that added it, and that last changed its meaning.
    """

    pk: int
    slug: str
    name: str
    claim: str
    retired: bool = False
    born: int = 0
    meant: int = 0


@dataclass(frozen=True, eq=False)
class ComparedPassages:
    """Passages on claims (N,), as annotated or of the layer that answers a query.

    Indexes into sources, annotators (or CONSENSUS, MAJORITY), claims and voices of
    `ComparisonDataset`; `stance`: index into STANCES of agreement/dataset.py; offsets in code
    points; ids as 16 bytes, of a majority's passage that of the annotation with the most similar
    bounds. `lead`, `trail`: white space at the ends. `stale`: whether the annotation of this id was
    made under an older meaning of its code. `read_by`, `marked_by`: how many annotators read the
    source for the claim, and marked something in the passage; 0 for the consensus.
    `stance_tied`, `voice_tied`: whether a tie decided these.
    """

    source: NDArray[Any]
    annotator: NDArray[Any]
    claim: NDArray[Any]
    start: NDArray[Any]
    end: NDArray[Any]
    stance: NDArray[Any]
    voice: NDArray[Any]
    id: NDArray[Any]
    lead: NDArray[Any]
    trail: NDArray[Any]
    stale: NDArray[Any]
    read_by: NDArray[Any]
    marked_by: NDArray[Any]
    stance_tied: NDArray[Any]
    voice_tied: NDArray[Any]

    def __len__(self) -> int:
        return len(self.source)

    def take(self, kept: Ints | Bools) -> "ComparedPassages":
        return ComparedPassages(
            **{field.name: getattr(self, field.name)[kept] for field in fields(self)}
        )

    def annotation_id(self, number: int) -> uuid.UUID:
        return uuid.UUID(bytes=self.id[number].tobytes())


@dataclass(frozen=True, eq=False)
class ComparisonDataset:
    """One reader's view of a project's claims.

    `passages`: as annotated; `layers.py` replaces them by those of the layer that answers.
    `sources`: all that they may read, in order. `assigned`, `finished` (S, A): of annotators whose
    coding the reader may see. `finished_under` (S, A): the codebook revision under which they
    finished, 0 for none; `compute_read` of stats/readings.py tells who has read what. `decided`
    (S,): whether the source has a consensus; `plural` (S, C): whether at one of its places several
    readings stand for the claim. `voices`: the first is the authors', without a name.
    `codes`: all slugs with their primary keys; `parents`: the codebook's tree. `named`: whether the
    reader may tell one annotator from another; if not, annotators have no names. `unheard`: indexes
    of voices that only single annotators heard, unknown to a reader who may not.
    """

    sources: tuple[ComparisonSource, ...]
    claims: tuple[Claim, ...]
    annotators: tuple[Annotator, ...]
    voices: tuple[str, ...]
    assigned: Bools
    finished: Bools
    finished_under: Ints
    decided: Bools
    plural: Bools
    passages: ComparedPassages
    codes: Mapping[str, int]
    parents: Mapping[int, int | None]
    named: bool = True
    unheard: frozenset[int] = frozenset()

    @property
    def known_voices(self) -> Sequence[tuple[int, str]]:
        """Return the speakers that the reader may know, with their indexes."""
        names = enumerate(self.voices[1:], 1)
        return [(place, name) for place, name in names if place not in self.unheard]

    @cached_property
    def born(self) -> Ints:
        """Return (C,): the codebook revision that added each claim's code."""
        return np.fromiter((claim.born for claim in self.claims), np.int64, len(self.claims))

    @cached_property
    def meant(self) -> Ints:
        """Return (C,): the codebook revision in which each claim's code got its present meaning."""
        meant = np.fromiter((claim.meant for claim in self.claims), np.int64, len(self.claims))
        return np.maximum(meant, self.born)

    @property
    def has_all_codes(self) -> bool:
        """Return whether every code is among the claims."""
        return len(self.claims) == len(self.codes)

    @cached_property
    def rounds(self) -> tuple[str, ...]:
        """Return the names of the rounds that these sources are in, by name."""
        return tuple(sorted({source.round for source in self.sources} - {""}))

    @cached_property
    def source_places(self) -> dict[int, int]:
        return {source.pk: place for place, source in enumerate(self.sources)}


@dataclass(frozen=True, eq=False)
class ComparisonSelection:
    """A query's names as indexes into the dataset.

    `sources`, `claims`, `annotators`: sorted indexes. `voices` (V,): whether selected.
    `by_consensus` (S,): whether the consensus counts instead of the annotators. `given` (S,):
    whether any selected annotator was assigned the source, or it has a consensus.
    """

    question: ComparisonQuery
    sources: Ints
    claims: Ints
    annotators: Ints
    voices: Bools
    by_consensus: Bools
    given: Bools


def build_comparison_selection(
    compared: ComparisonDataset, question: ComparisonQuery
) -> ComparisonSelection:
    """Return the selection; raise Invalid for what does not exist for this reader."""
    annotators = _select_annotators(compared, question)
    assigned = compared.assigned[:, annotators].any(axis=1)
    by_consensus = compared.decided & (question.layer == CONSENSUS_OR_MAJORITY)
    by_consensus |= question.layer == Layer.CONSENSUS
    return ComparisonSelection(
        question=question,
        sources=_select_sources(compared, question),
        claims=_select_claims(compared, question),
        annotators=annotators,
        voices=_select_voices(compared, question),
        by_consensus=by_consensus,
        given=assigned | (by_consensus & compared.decided),
    )


def select_passage_rows(compared: ComparisonDataset, chosen: ComparisonSelection) -> Ints:
    """Return the indexes of the selected passages, of a dataset of one layer."""
    passages = compared.passages
    part = build_membership_mask(chosen.sources, len(compared.sources))[passages.source]
    part &= build_membership_mask(chosen.claims, len(compared.claims))[passages.claim]
    part &= chosen.voices[passages.voice]
    return np.flatnonzero(part)


def build_membership_mask(places: Ints, size: int) -> Bools:
    found = np.zeros(size, bool)
    found[places] = True
    return found


def _build_position_array(kept: Iterable[int]) -> Ints:
    return np.fromiter(kept, np.int64)


def _select_annotators(compared: ComparisonDataset, question: ComparisonQuery) -> Ints:
    if not question.annotators:
        return np.arange(len(compared.annotators))
    known = {one.username: place for place, one in enumerate(compared.annotators)}
    _check_all_known(question.annotators, known, "annotator", "No source is assigned to {}.")
    return _build_position_array(sorted(known[name] for name in question.annotators))


def _select_sources(compared: ComparisonDataset, question: ComparisonQuery) -> Ints:
    missing = "The project has no source {}, or it is not assigned to you."
    _check_all_known(question.sources, compared.source_places, "source", missing)
    if question.round and question.round not in compared.rounds:
        message = f"No source that you may read is in a round “{question.round[:80]}”."
        raise Invalid(message, field="round")
    pks = set(question.sources)
    groups = _require_name_keys(compared, "group", question.groups)
    publishers = _require_name_keys(compared, "publisher", question.publishers)
    return _build_position_array(
        place
        for place, source in enumerate(compared.sources)
        if (not pks or source.pk in pks)
        and (not groups or build_comparison_key(source.group) in groups)
        and (not publishers or build_comparison_key(source.publisher) in publishers)
        and (not question.round or source.round == question.round)
        and is_in_date_window(question, source.published)
    )


def _require_name_keys(
    compared: ComparisonDataset, field: str, asked: Sequence[str]
) -> Collection[str]:
    """Return the keys of the groups or publishers, empty for no name; raise Invalid if unknown."""
    if not asked:
        return ()
    known = {build_comparison_key(getattr(source, field)) for source in compared.sources}
    keys = {build_comparison_key(parse_name(one)): one for one in asked}
    for key, one in keys.items():
        if key not in known:
            message = (
                f"No source that you may read has the {field} “{one[:80]}”."
                if key
                else f"Every source that you may read has a {field}."
            )
            raise Invalid(message, field=field)
    return keys.keys()


def _select_claims(compared: ComparisonDataset, question: ComparisonQuery) -> Ints:
    if not question.codes:
        return np.arange(len(compared.claims))
    _check_all_known(question.codes, compared.codes, "code", "The codebook has no code “{}”.")
    wanted = {compared.codes[slug] for slug in question.codes}
    if question.descendants:
        wanted = {pk for root in wanted for pk in collect_descendants(compared.parents, root)}
    return _build_position_array(
        place for place, claim in enumerate(compared.claims) if claim.pk in wanted
    )


def _select_voices(compared: ComparisonDataset, question: ComparisonQuery) -> Bools:
    heard = np.zeros(len(compared.voices), bool)
    speakers = question.by == "speaker"
    if speakers and question.voices == (AUTHOR,):
        heard[[place for place, _ in compared.known_voices]] = True
        return heard
    for voice in question.voices:
        if voice == AUTHOR:
            heard[0] = True
        elif voice == EVERYONE:
            heard[:] = True
        else:
            name = parse_voice(voice)
            heard[_require_speaker_positions(compared, name, exactly=speakers)] = True
    if speakers:
        heard[list(compared.unheard)] = False
    return heard


def _require_speaker_positions(
    compared: ComparisonDataset, name: str, *, exactly: bool
) -> list[int]:
    """Return the indexes of the speakers of this name, in any spelling; raise Invalid if none.

    `exactly`: only this spelling; each spelling is an actor of its own among speakers.
    """
    names = dict(compared.known_voices)
    same = [place for place, one in names.items() if one == name]
    if same and exactly:
        return same
    key = build_comparison_key(name)
    alike = [place for place, one in names.items() if build_comparison_key(one) == key]
    if not alike:
        raise Invalid(f"There is no speaker “{name[:80]}”.", field="voice")
    return alike


def _check_all_known(
    asked: Sequence[Any], known: Mapping[Any, Any], field: str, message: str
) -> None:
    for one in asked:
        if one not in known:
            raise Invalid(message.format(str(one)[:80]), field=field)
