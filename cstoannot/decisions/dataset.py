"""What is loaded of some sources to find their places to decide."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cstoannot.decisions.models import Decision
from cstoannot.decisions.places import ProposedPassage
from cstoannot.text.spans import Bounds


@dataclass(frozen=True, eq=False)
class DecidableSource:
    """A source. `readers`: the annotators who finished it, and under which codebook revision."""

    pk: int
    length: int
    text: str
    sentences: Bounds
    readers: Mapping[int, int]


@dataclass(frozen=True)
class StoredPassage:
    """An individual annotation; `source`: its source's index in the dataset."""

    source: int
    start: int
    end: int
    id: uuid.UUID
    version: int
    annotator: int
    code: str
    stance: str
    voice: str


@dataclass(frozen=True, eq=False)
class DecisionDataset:
    """Some sources with their coding and decisions.

    `born`: the codebook revision that added each code, by slug. `names`: user names by key.
    `passages`: those that count, in the order of sources, starts, ends and ids: of annotators who
    have read the source for the code, and those that a decision weighed and nobody has changed.
    `decisions`: by source and position; `apart`: of adjudicators who decide blind to each other.
    `made`: the passages of the consensus by id. `spelled`: whether texts and sentences are loaded.
    """

    sources: tuple[DecidableSource, ...]
    born: Mapping[str, int]
    names: Mapping[int, str]
    passages: Sequence[StoredPassage]
    decisions: Sequence[Decision]
    apart: Sequence[Decision]
    made: Mapping[uuid.UUID, ProposedPassage]
    spelled: bool


def list_weighed(decision: Decision) -> list[tuple[uuid.UUID, int]]:
    """Return the ids and versions of the annotations that a decision weighed."""
    return [
        (uuid.UUID(passage["id"]), passage["version"])
        for reading in decision.readings
        for passage in reading["passages"]
    ]
