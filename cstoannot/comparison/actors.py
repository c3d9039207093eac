"""The actors whose positions are compared: sources, groups, publishers or speakers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.comparison_query import AUTHOR, format_name, format_voice
from cstoannot.comparison.dataset import ComparisonDataset, ComparisonSelection, Ints


@dataclass(frozen=True)
class Actor:
    """An actor; `key` identifies it in URLs, within one query; `pk` is a source's primary key."""

    key: str
    name: str
    pk: int | None = None


AUTHORS = Actor(AUTHOR, "the authors themselves")


@dataclass(frozen=True, eq=False)
class ActorIndex:
    """The actors of a query. `of_row` (R,): the actor's index for each given row.

    `of_source`: the actor of each selected source, in their order; None for speakers, for whom
    every source counts. `unnamed`: indexes of the selected sources without a group or publisher,
    which together are the last actor.
    """

    actors: Sequence[Actor]
    of_row: Ints
    of_source: Ints | None
    unnamed: Sequence[int] = ()


def build_actor_index(
    compared: ComparisonDataset, chosen: ComparisonSelection, rows: Ints
) -> ActorIndex:
    """Return the actors of a query: sources in the list's order, names alphabetically."""
    by = chosen.question.by
    if by == "speaker":
        return _build_speaker_index(compared, chosen, rows)
    sources = [compared.sources[place] for place in chosen.sources.tolist()]
    unnamed: list[int] = []
    if by == "source":
        actors = [Actor(str(source.pk), source.title, source.pk) for source in sources]
        numbers = list(range(len(sources)))
    else:
        names = [source.group if by == "group" else source.publisher for source in sources]
        known = sorted(set(names), key=lambda name: (not name, name))
        place = {name: number for number, name in enumerate(known)}
        actors = [Actor(format_name(name), name or f"without a {by}") for name in known]
        numbers = [place[name] for name in names]
        unnamed = [chosen.sources[n] for n, name in enumerate(names) if not name]
    owner = np.asarray(numbers, np.int64)
    of_source = np.zeros(len(compared.sources), np.int64)
    of_source[chosen.sources] = owner
    return ActorIndex(actors, of_source[compared.passages.source[rows]], owner, unnamed)


def _build_speaker_index(
    compared: ComparisonDataset, chosen: ComparisonSelection, rows: Ints
) -> ActorIndex:
    """Return the voices that occur; the authors come first, as one actor."""
    heard = np.flatnonzero(chosen.voices).tolist()
    heard = sorted(heard, key=lambda voice: (voice > 0, compared.voices[voice]))
    actors = [_build_speaker_actor(compared.voices[voice]) if voice else AUTHORS for voice in heard]
    of_voice = np.zeros(len(compared.voices), np.int64)
    of_voice[heard] = np.arange(len(heard))
    return ActorIndex(actors, of_voice[compared.passages.voice[rows]], None)


def _build_speaker_actor(name: str) -> Actor:
    return Actor(format_voice(name), name)
