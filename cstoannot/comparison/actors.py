"""Whose positions are compared: sources, groups of them, publishers, or those who speak in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.coding import Chosen, Compared, Ints
from cstoannot.comparison.question import AUTHOR, voice_of

NOBODY = -1


@dataclass(frozen=True)
class Actor:
    """`key` names it in addresses, among the actors of the same question; `pk` is a source's."""

    key: str
    name: str
    pk: int | None = None


AUTHORS = Actor(AUTHOR, "the authors themselves")


@dataclass(frozen=True, eq=False)
class Actors:
    """`of_row`: for given rows of the passages, whose each is; NOBODY if of none of them.

    `unnamed`: sources in question that have no group or publisher to be compared by.
    """

    actors: Sequence[Actor]
    of_row: Ints
    unnamed: int


def actors_of(compared: Compared, chosen: Chosen, rows: Ints) -> Actors:
    """The actors of a question, in order: sources as they are listed, names by the alphabet."""
    by = chosen.question.by
    if by == "speaker":
        return _speakers(compared, chosen, rows)
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
    return Actors(actors, of_source[compared.passages.source[rows]], numbers.count(NOBODY))


def _speakers(compared: Compared, chosen: Chosen, rows: Ints) -> Actors:
    """The voices that are heard; the authors come first, as one."""
    heard = np.flatnonzero(chosen.voices).tolist()
    heard = sorted(heard, key=lambda voice: (voice > 0, compared.voices[voice]))
    actors = [_speaker(compared.voices[voice]) if voice else AUTHORS for voice in heard]
    of_voice = np.full(len(compared.voices), NOBODY)
    of_voice[heard] = np.arange(len(heard))
    return Actors(actors, of_voice[compared.passages.voice[rows]], 0)


def _speaker(name: str) -> Actor:
    return Actor(voice_of(name), name)
