"""The load "large" as plain data: 10,000 sources, 200 codes, 10 annotators, 1,000,000 annotations.

Seeded: the same parameters give the same bytes (with the same version of Python), and each source
can be generated without those before it. Offsets are code points, half-open; times are
milliseconds since 1970. Independent of how the data are stored.

    python -m benchmarks.large 10000        # generates all of it, prints how long it took
"""

from __future__ import annotations

import sys
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import NamedTuple

VOCABULARY = (
    "the of to and a in that is for on it by with as was not at from has its their be this which "
    "had will have but an were are they or would more been also who only between after when than "
    "treaty article members alliance organisation charter council state government president "
    "minister forces border conflict attack aid request mission observers peacekeepers decision "
    "statement consensus obligation guarantee territory region war ceasefire crisis sanctions "
    "neighbours partners exercise command secretary meeting summit session clause security "
    "defence support refusal silence credibility mandate intervention bilateral collective joint "
    "regional foreign national military political legal formal public former recent several "
    "invoked refused argued claimed denied reported stated sent asked failed acted agreed "
    "expected warned deployed remained followed called noted described considered withdrew "
    "however therefore although because while despite against before during under without within "
    "analysts observers officials diplomats soldiers citizens experts leaders opposition protests "
    "Yerevan Minsk Moscow Bishkek Dushanbe “unprovoked” “internal” façade naïve coup détat 2020 "
    "2021 2022 first second third most some any all other such same own new large small clear"
)
WORDS = VOCABULARY.split()
# Frequencies fall with the rank, as in natural text (Zipf).
WORD_WEIGHTS = list(accumulate(1 / (rank + 3) for rank in range(len(WORDS))))
STANCES = ("supports", "opposes", "mixed", "")
STANCE_WEIGHTS = (0.45, 0.75, 0.83, 1.0)
NOTES = ("unsure about the boundary", "see also the paragraph before", "irony?", "quoted speech")
EPOCH = 1_735_689_600_000  # 2025-01-01
SPEAKERS = tuple(f"Speaker {number:02d}" for number in range(1, 31))


class Code(NamedTuple):
    """An entry of the codebook; `parent` is a slug, empty at the top."""

    slug: str
    name: str
    parent: str
    claim: str


class Source(NamedTuple):
    """A text with its metadata; `number` counts from 1."""

    number: int
    title: str
    publisher: str
    author: str
    date: str
    text: str


class Annotation(NamedTuple):
    """One annotator's statement that a passage carries a code."""

    id: str
    source: int
    annotator: str
    code: str
    start: int
    end: int
    stance: str
    voice: str
    note: str
    created: int


class Prose(NamedTuple):
    """A text with the spans of its words and sentences."""

    text: str
    starts: list[int]
    ends: list[int]
    sentences: list[tuple[int, int]]
    """First and last word of each sentence."""


class Passage(NamedTuple):
    """The true passage, which annotators approximate: first and last word, code and the rest."""

    first: int
    last: int
    code: int
    stance: str
    voice: str


def prose(random: Random, characters: int) -> Prose:
    """Return sentences of 8–36 words in paragraphs of 2–7 sentences, about `characters` long."""
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[tuple[int, int]] = []
    at, left = 0, random.randint(2, 7)
    while at < characters:
        words = random.choices(WORDS, cum_weights=WORD_WEIGHTS, k=random.randint(8, 36))
        words[0] = words[0][0].upper() + words[0][1:]
        words[len(words) // 2] += ","
        words[-1] += "."
        first = len(starts)
        for word in words:
            starts.append(at)
            at += len(word)
            ends.append(at)
            at += 1
        sentences.append((first, len(starts) - 1))
        left -= 1
        parts.append(" ".join(words))
        if left:
            parts.append(" ")
        else:
            parts.append("\n\n")
            at += 1
            left = random.randint(2, 7)
    return Prose("".join(parts).rstrip(), starts, ends, sentences)


def choose_words(random: Random, text: Prose) -> tuple[int, int]:
    """Return the first and last word of a passage: a sentence, part of one, or two."""
    number = int(random.random() * len(text.sentences))
    first, last = text.sentences[number]
    kind = random.random()
    if kind < 0.3:
        length = last - first + 1
        size = max(2, int(length * (0.2 + 0.5 * random.random())))
        first += int(random.random() * (length - size))
        last = first + size - 1
    elif kind > 0.85 and number + 1 < len(text.sentences):
        last = text.sentences[number + 1][1]
    return first, last


def document(characters: int, passages: int, *, seed: int = 1) -> tuple[str, list[tuple[int, int]]]:
    """Return one text and `passages` spans, for benchmarks that need no project."""
    random = Random(f"{seed}:document")
    text = prose(random, characters)
    chosen = (choose_words(random, text) for _ in range(passages))
    return text.text, [(text.starts[first], text.ends[last]) for first, last in chosen]


@dataclass(frozen=True)
class Large:
    """The load at any size; `annotations()` yields `sources * per_source` annotations."""

    sources: int = 10_000
    codes: int = 200
    annotators: int = 10
    per_source: int = 100
    characters: int = 8_000
    seed: int = 1

    def codebook(self) -> Iterator[Code]:
        """Yield codes of a tree of two levels, parents before their children."""
        for number in range(self.codes):
            parent = number - number % 10
            yield Code(
                slug=f"code-{number + 1:03d}",
                name=f"Code {number + 1}",
                parent="" if parent == number else f"code-{parent + 1:03d}",
                claim=f"What code {number + 1} claims is so in the events discussed.",
            )

    def annotator_names(self) -> list[str]:
        return [f"annotator-{number + 1:02d}" for number in range(self.annotators)]

    def readers(self, number: int) -> list[str]:
        """Return the two to four annotators who were assigned the source and finished it."""
        random = Random(f"{self.seed}:readers:{number}")
        count = min(self.annotators, random.choices((2, 3, 4), (20, 60, 20))[0])
        return sorted(random.sample(self.annotator_names(), count))

    def _prose(self, number: int) -> Prose:
        return prose(Random(f"{self.seed}:text:{number}"), self.characters)

    def source_texts(self) -> Iterator[Source]:
        """Yield all sources in order."""
        for number in range(1, self.sources + 1):
            yield Source(
                number=number,
                title=f"Source {number}",
                publisher=f"Publisher {number % 40 + 1}",
                author=f"Author {number % 700 + 1}",
                date=f"{2015 + number % 8}-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
                text=self._prose(number).text,
            )

    def annotations(self) -> Iterator[Annotation]:
        """Yield all annotations by source and annotator."""
        codes = [code.slug for code in self.codebook()]
        weights = list(accumulate(1 / (rank + 5) for rank in range(self.codes)))
        for number in range(1, self.sources + 1):
            yield from _coding(self, number, codes, weights)


def _passages(random: Random, text: Prose, weights: Sequence[float]) -> Iterator[Passage]:
    """Yield passages without end, with codes by their weights."""
    voices = random.sample(SPEAKERS, 3)
    while True:
        first, last = choose_words(random, text)
        yield Passage(
            first=first,
            last=last,
            code=bisect_right(weights, random.random() * weights[-1]),
            stance=STANCES[bisect_right(STANCE_WEIGHTS, random.random())],
            voice=random.choice(voices) if random.random() < 0.25 else "",
        )


def _misread(random: Random, passage: Passage, codes: int, words: int) -> Passage:
    """Return the passage as one annotator marks it: often equal, sometimes slightly different."""
    first, last, code, stance, voice = passage
    if random.random() < 0.3:
        first = min(words - 1, max(0, first + int(random.random() * 7) - 3))
        last = min(words - 1, max(first, last + int(random.random() * 7) - 3))
    if random.random() < 0.1:
        # Mistaken for another code under the same parent.
        code = min(codes - 1, code - code % 10 + int(random.random() * 10))
    if random.random() < 0.12:
        stance = STANCES[int(random.random() * 4)]
    if random.random() < 0.08:
        voice = ""
    return Passage(first, last, code, stance, voice)


def _coding(
    large: Large, number: int, codes: Sequence[str], weights: Sequence[float]
) -> Iterator[Annotation]:
    """Yield the annotations of one source: each reader finds most passages, none finds all."""
    random = Random(f"{large.seed}:coding:{number}")
    text = large._prose(number)
    readers = large.readers(number)
    care = {reader: 0.65 + 0.3 * random.random() for reader in readers}
    found: dict[str, list[Passage]] = {reader: [] for reader in readers}
    left = large.per_source
    for passage in _passages(random, text, weights):
        for reader in readers:
            if left and random.random() < care[reader]:
                found[reader].append(_misread(random, passage, len(codes), len(text.starts)))
                left -= 1
        if not left:
            break
    moment = EPOCH + number * 3_600_000
    for reader, passages in found.items():
        for passage in passages:
            moment += 20_000
            yield Annotation(
                id=identifier(random, moment),
                source=number,
                annotator=reader,
                code=codes[passage.code],
                start=text.starts[passage.first],
                end=text.ends[passage.last],
                stance=passage.stance,
                voice=passage.voice,
                note=random.choice(NOTES) if random.random() < 0.03 else "",
                created=moment,
            )


def identifier(random: Random, moment: int) -> str:
    """Return a UUID of version 7, as clients generate them."""
    bits = random.getrandbits(74)
    tail = f"{bits & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000:016x}"
    return f"{moment >> 16:08x}-{moment & 0xFFFF:04x}-7{bits >> 62:03x}-{tail[:4]}-{tail[4:]}"


def main() -> None:
    """Generate everything once and print how long it took."""
    large = Large(sources=int(sys.argv[1]) if len(sys.argv) > 1 else Large.sources)
    began = time.process_time()
    characters = sum(len(source.text) for source in large.source_texts())
    middle = time.process_time()
    count = sum(1 for _ in large.annotations())
    ended = time.process_time()
    print(f"{large.sources:,} sources, {characters:,} characters: {middle - began:.1f} CPU s")
    print(f"{count:,} annotations: {ended - middle:.1f} CPU s")


if __name__ == "__main__":
    main()
