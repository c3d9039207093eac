"""The actors whose positions are compared: sources, groups, publishers or speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.comparison_query import AUTHOR, format_voice
from cstoannot.comparison.dataset import ComparisonDataset, ComparisonSelection, Ints

NOBODY = -1


@dataclass(frozen=True)
class Actor:
    """`key` names it in addresses, among the actors of the same question; `pk` is a source's."""

    key: str
    name: str
    pk: int | None = None


AUTHORS = Actor(AUTHOR, "the authors themselves")


@dataclass(frozen=True, eq=False)
class ActorIndex:
    """`of_row`: for given rows of the passages, whose each is; NOBODY if of none of them.

    `unnamed`: sources in question that have no group or publisher to be compared by.
    """

    actors: Sequence[Actor]
    of_row: Ints
    unnamed: int


def build_actor_index(
    compared: ComparisonDataset, chosen: ComparisonSelection, rows: Ints
) -> ActorIndex:
    """The actors of a question, in order: sources as they are listed, names by the alphabet."""
    by = chosen.question.by
    if by == "speaker":
        return _build_speaker_index(compared, chosen, rows)
    sources = [compared.sources[place] for place in chosen.sources.tolist()]
    if by == "source":
        actors = [Actor(str(source.pk), source.title, source.pk) for source in sources]
        numbers = list(range(len(sources)))
    else:
        names = [source.group if by == "group" else source.publisher for source in sources]
        known = sorted(set(names) - {""})
        place = {name: number for number, name in enumerate(known)}
        actors = [Actor(name, name) for name in known]
        numbers = [place.get(name, NOBODY) for name in names]
    of_source = np.full(len(compared.sources), NOBODY)
    of_source[chosen.sources] = numbers
    return ActorIndex(actors, of_source[compared.passages.source[rows]], numbers.count(NOBODY))


def _build_speaker_index(
    compared: ComparisonDataset, chosen: ComparisonSelection, rows: Ints
) -> ActorIndex:
    """The voices that are heard; the authors come first, as one."""
    heard = np.flatnonzero(chosen.voices).tolist()
    heard = sorted(heard, key=lambda voice: (voice > 0, compared.voices[voice]))
    actors = [_build_speaker_actor(compared.voices[voice]) if voice else AUTHORS for voice in heard]
    of_voice = np.full(len(compared.voices), NOBODY)
    of_voice[heard] = np.arange(len(heard))
    return ActorIndex(actors, of_voice[compared.passages.voice[rows]], 0)


def _build_speaker_actor(name: str) -> Actor:
    return Actor(format_voice(name), name)
