"""What is compared, as arrays: passages on claims, and who read what to the end."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cstoannot.agreement.coding import Annotator
from cstoannot.annotations.models import Layer
from cstoannot.codebook.tree import descendants
from cstoannot.comparison.question import AUTHOR, EVERYONE, Question, in_window, speaker_of
from cstoannot.core.errors import Invalid
from cstoannot.core.likeness import comparison_key

CONSENSUS = -1
"""In place of an annotator."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Source:
    pk: int
    title: str
    publisher: str
    group: str
    published: str
    length: int


@dataclass(frozen=True)
class Claim:
    """A code that states a claim."""

    pk: int
    slug: str
    name: str
    claim: str
    retired: bool = False


@dataclass(frozen=True, eq=False)
class Passages:
    """Passages on claims, ordered by source, start, end and id, the individual ones first.

    Numbers (N,): places in the sources, annotators (CONSENSUS for the team's), claims and voices
    of `Compared`; `stance` in STANCES of agreement/coding.py; code points; the id's 16 bytes.
    """

    source: NDArray[Any]
    annotator: NDArray[Any]
    claim: NDArray[Any]
    start: NDArray[Any]
    end: NDArray[Any]
    stance: NDArray[Any]
    voice: NDArray[Any]
    id: NDArray[Any]

    def __len__(self) -> int:
        return len(self.source)

    def take(self, kept: Ints | Bools) -> "Passages":
        return Passages(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})

    def annotation_id(self, number: int) -> uuid.UUID:
        return uuid.UUID(bytes=self.id[number].tobytes())


@dataclass(frozen=True, eq=False)
class Compared:
    """One reader's view of a project's claims: only what they may know of (DESIGN section 4).

    `sources` are all that they may read, in order. `assigned`, `finished` (S, A): of the
    annotators whose coding the reader may see. `decided` (S,): the source has a consensus.
    `voices` begins with the authors' own, which has no name. `codes` are all slugs with their
    numbers in the database, `parents` the codebook's tree.
    """

    sources: tuple[Source, ...]
    claims: tuple[Claim, ...]
    annotators: tuple[Annotator, ...]
    voices: tuple[str, ...]
    assigned: Bools
    finished: Bools
    decided: Bools
    passages: Passages
    codes: Mapping[str, int]
    parents: Mapping[int, int | None]

    @cached_property
    def source_places(self) -> dict[int, int]:
        return {source.pk: place for place, source in enumerate(self.sources)}


@dataclass(frozen=True, eq=False)
class Chosen:
    """A question's names as places in what is compared.

    `sources`, `claims`, `annotators`: places, in order. `voices` (V,): which are heard.
    `by_consensus` (S,): where the consensus answers, and not the individuals. `read`, `given`
    (S,): whether anybody in question, the consensus included, has read the source to the end;
    whether it was given to anybody in question.
    """

    question: Question
    sources: Ints
    claims: Ints
    annotators: Ints
    voices: Bools
    by_consensus: Bools
    read: Bools
    given: Bools


def choose(compared: Compared, question: Question) -> Chosen:
    """Raises Invalid for what does not exist, or not for this reader."""
    annotators = _annotators(compared, question)
    assigned = compared.assigned[:, annotators].any(axis=1)
    finished = compared.finished[:, annotators].any(axis=1)
    individual = question.layer == Layer.INDIVIDUAL
    by_consensus = compared.decided & (not individual) | (question.layer == Layer.CONSENSUS)
    return Chosen(
        question=question,
        sources=_sources(compared, question),
        claims=_claims(compared, question),
        annotators=annotators,
        voices=_voices(compared, question),
        by_consensus=by_consensus,
        read=np.where(by_consensus, compared.decided, finished),
        given=assigned | (by_consensus & compared.decided),
    )


def rows_of(compared: Compared, chosen: Chosen) -> Ints:
    """The places of the passages that take part."""
    passages = compared.passages
    consensus = passages.annotator == CONSENSUS
    asked = np.zeros(len(compared.annotators) + 1, bool)  # the last one is CONSENSUS
    asked[chosen.annotators] = True
    part = np.where(consensus, chosen.by_consensus[passages.source], False)
    part |= ~consensus & asked[passages.annotator] & ~chosen.by_consensus[passages.source]
    part &= _among(chosen.sources, len(compared.sources))[passages.source]
    part &= _among(chosen.claims, len(compared.claims))[passages.claim]
    part &= chosen.voices[passages.voice]
    return np.flatnonzero(part)


def _among(places: Ints, size: int) -> Bools:
    found = np.zeros(size, bool)
    found[places] = True
    return found


def _places(kept: Iterable[int]) -> Ints:
    return np.fromiter(kept, np.int64)


def _annotators(compared: Compared, question: Question) -> Ints:
    known = {one.username: place for place, one in enumerate(compared.annotators)}
    _all_known(question.annotators, known, "annotator", "No source was given to {}.")
    asked = question.annotators or tuple(known)
    return _places(sorted(known[name] for name in asked))


def _sources(compared: Compared, question: Question) -> Ints:
    missing = "The project has no source {}, or it is not assigned to you."
    _all_known(question.sources, compared.source_places, "source", missing)
    for field, asked in (("group", question.groups), ("publisher", question.publishers)):
        known = {comparison_key(getattr(source, field)) for source in compared.sources} - {""}
        for one in asked:
            if comparison_key(one) not in known:
                message = f"No source that you may read has the {field} “{one[:80]}”."
                raise Invalid(message, field=field)
    pks = set(question.sources)
    groups, publishers = (
        {comparison_key(one) for one in part} for part in (question.groups, question.publishers)
    )
    return _places(
        place
        for place, source in enumerate(compared.sources)
        if (not pks or source.pk in pks)
        and (not groups or comparison_key(source.group) in groups)
        and (not publishers or comparison_key(source.publisher) in publishers)
        and in_window(question, source.published)
    )


def _claims(compared: Compared, question: Question) -> Ints:
    if not question.codes:
        return np.arange(len(compared.claims))
    _all_known(question.codes, compared.codes, "code", "The codebook has no code “{}”.")
    wanted = {compared.codes[slug] for slug in question.codes}
    if question.descendants:
        wanted = {pk for root in wanted for pk in descendants(compared.parents, root)}
    return _places(place for place, claim in enumerate(compared.claims) if claim.pk in wanted)


def _voices(compared: Compared, question: Question) -> Bools:
    heard = np.zeros(len(compared.voices), bool)
    speakers = question.by == "speaker"
    if question.voice == AUTHOR:
        heard[1 if speakers else 0 :] = speakers
        heard[0] = not speakers
    elif question.voice == EVERYONE:
        heard[:] = True
    else:
        heard[_named(compared, speaker_of(question.voice), exactly=speakers)] = True
    return heard


def _named(compared: Compared, name: str, *, exactly: bool) -> list[int]:
    """The places of the speakers called so, in any spelling; raises Invalid if there is none.

    `exactly`: among speakers each spelling is a row of its own, and so are its passages.
    """
    names = dict(enumerate(compared.voices[1:], 1))
    same = [place for place, one in names.items() if one == name]
    if same and exactly:
        return same
    key = comparison_key(name)
    alike = [place for place, one in names.items() if comparison_key(one) == key]
    if not alike:
        raise Invalid(f"No speaker is called “{name[:80]}”.", field="voice")
    return alike


def _all_known(asked: Sequence[Any], known: Mapping[Any, Any], field: str, message: str) -> None:
    for one in asked:
        if one not in known:
            raise Invalid(message.format(str(one)[:80]), field=field)
