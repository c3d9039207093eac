"""The actors whose positions are compared: sources, groups, publishers or speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.comparison_query import AUTHOR, format_voice
from cstoannot.comparison.dataset import ComparisonDataset, ComparisonSelection, Ints

NOBODY = -1


@dataclass(frozen=True)
class Actor:
    """An actor; `key` identifies it in URLs, within one query; `pk` is a source's primary key."""

    key: str
    name: str
    pk: int | None = None


AUTHORS = Actor(AUTHOR, "the authors themselves")


@dataclass(frozen=True, eq=False)
class ActorIndex:
    """The actors of a query. `of_row`: the actor's index for each given row, or NOBODY.

    `unnamed`: selected sources without a group or publisher.
    """

    actors: Sequence[Actor]
    of_row: Ints
    unnamed: int


def build_actor_index(
    compared: ComparisonDataset, chosen: ComparisonSelection, rows: Ints
) -> ActorIndex:
    """Return the actors of a query: sources in the list's order, names alphabetically."""
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
    """Return the voices that occur; the authors come first, as one actor."""
    heard = np.flatnonzero(chosen.voices).tolist()
    heard = sorted(heard, key=lambda voice: (voice > 0, compared.voices[voice]))
    actors = [_build_speaker_actor(compared.voices[voice]) if voice else AUTHORS for voice in heard]
    of_voice = np.full(len(compared.voices), NOBODY)
    of_voice[heard] = np.arange(len(heard))
    return ActorIndex(actors, of_voice[compared.passages.voice[rows]], 0)


def _build_speaker_actor(name: str) -> Actor:
    return Actor(format_voice(name), name)
