"""Rows as lines of bytes, quickly: what CSV and JSON Lines share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from cstoannot.annotations.models import Stance
from cstoannot.exchange.rows import Names, Page, Raw, Row, layer_of

AT_ONCE = 250  # rows
_SOURCE = Row._fields[2:10]
_CODE = Row._fields[10:13]


@dataclass(frozen=True)
class Shape:
    """How a format writes a row.

    `template` takes, in the order of Row's fields: id, what `source` gives, the code's facts,
    start, end, quote, stance, voice, note, what `person` gives, version, revision, stale and the
    two moments. `source` takes a source's number and facts, `person` annotator and layer. `cell`
    writes a text, `several` texts under their names, `nobody` stands for the consensus's annotator.
    """

    template: bytes
    source: bytes
    person: bytes
    cell: Callable[[str], bytes]
    several: Callable[[Sequence[str], Sequence[str]], bytes]
    nobody: bytes


class _Written(NamedTuple):
    """What repeats in a page's rows, written once: by the keys that the rows have."""

    sources: Mapping[int, bytes]
    codes: Mapping[int, bytes]
    since: Mapping[int, int]
    stances: Mapping[str, bytes]
    voices: Mapping[int | None, bytes]
    people: Mapping[int | None, bytes]


def _write(names: Names, shape: Shape) -> _Written:
    voices: dict[int | None, bytes] = {None: shape.cell("")}
    voices |= {pk: shape.cell(name) for pk, name in names.voices.items()}
    people: dict[int | None, bytes] = {None: shape.nobody}
    people |= {pk: shape.cell(name) for pk, name in names.annotators.items()}
    return _Written(
        sources={
            pk: shape.source % (pk, shape.several(_SOURCE, facts))
            for pk, facts in names.sources.items()
        },
        codes={pk: shape.several(_CODE, facts[:3]) for pk, facts in names.codes.items()},
        since={pk: facts.meaning_revision for pk, facts in names.codes.items()},
        stances={stance: shape.cell(stance) for stance in Stance.values},
        voices=voices,
        people={pk: shape.person % (name, layer_of(pk).encode()) for pk, name in people.items()},
    )


def lines(page: Page, shape: Shape) -> Iterator[bytes]:
    """The page's rows, in bytes from the start, some at a time.

    This is the inner loop of a million rows. Formatting bytes takes half of what formatting and
    then encoding text does, and few rows stay in the processor's cache until they are sent.
    """
    written = _write(page.names, shape)
    rows = zip(page.rows, page.ids, page.created, page.updated, strict=True)
    while some := list(islice(rows, AT_ONCE)):
        yield _joined(some, written, shape)


def _joined(rows: list[tuple[Raw, bytes, bytes, bytes]], written: _Written, shape: Shape) -> bytes:
    template, cell, nothing = shape.template, shape.cell, shape.cell("")
    sources, codes, since, stances, voices, people = written
    # fmt: off
    return b"".join(
        [
            template % (
                id, sources[source], codes[code], start, start + len(quote), cell(quote),
                stances[stance], voices[voice], cell(note) if note else nothing, people[person],
                version, revision, b"true" if revision < since[code] else b"false",
                created, updated,
            )
            for (
                (_, source, code, start, quote, stance, voice, note, person,
                 version, revision, _, _),
                id, created, updated,
            ) in rows
        ]
    )
    # fmt: on
