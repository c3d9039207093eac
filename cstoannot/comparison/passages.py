"""What the actors say on one claim, in their own words: the passages behind the matrix's cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cstoannot.comparison.actors import AUTHORS, NOBODY, Actor, actors_of
from cstoannot.comparison.coding import Chosen, Claim, Compared, Ints, choose, rows_of
from cstoannot.comparison.keeping import Kept, compared_of
from cstoannot.comparison.places import Place, in_text_order, places_of
from cstoannot.comparison.question import AUTHOR, Question, allowed
from cstoannot.comparison.reports import Comparison, compare
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.projects.scope import Scope
from cstoannot.stats.matrices import State

COLUMNS = 12  # on a page, of those in which something is said
IN_COLUMN = 40  # passages of a column that does not stand alone
ALONE = 100  # of one that does


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix: an actor's state on a claim, and the passages that make it."""

    actor: Actor
    claim: Claim
    state: str
    split: bool
    supports: int
    opposes: int
    mixed: int
    mentioned: int

    @property
    def passages(self) -> int:
        return self.supports + self.opposes + self.mixed + self.mentioned


@dataclass(frozen=True)
class Column:
    """One actor's passages, from `first` (counted from 0) on; `listed` of them are here."""

    cell: Cell
    places: tuple[Place, ...]
    first: int = 0

    @property
    def listed(self) -> int:
        return sum(len(place.said) for place in self.places)


@dataclass(frozen=True, eq=False)
class Listing:
    """One claim in columns. `cells` are all actors', `columns` those of this page; `claims` are
    all there are, in the codebook's order.

    `total`: what pages are counted in, `size` on each: columns, or where one actor alone says
    something, its passages.
    """

    question: Question
    comparison: Comparison
    claim: Claim
    claims: tuple[Claim, ...]
    cells: tuple[Cell, ...]
    columns: tuple[Column, ...]
    total: int
    size: int

    @property
    def passages(self) -> int:
        return sum(cell.passages for cell in self.cells)

    def claim_at(self, step: int) -> Claim | None:
        """The claim so many steps from this one."""
        place = self.claims.index(self.claim) + step
        return self.claims[place] if 0 <= place < len(self.claims) else None


@dataclass(frozen=True)
class Entry:
    """One place as one actor's."""

    actor: Actor
    place: Place


def in_columns(scope: Scope, question: Question, *, page: int = 1) -> Listing | None:
    """The passages on one claim, an actor's in each column; past the end, the last page.

    The claim is the first of those that the question names, or without any the first that
    somebody has a passage on. None where there is no claim; raises Invalid for codes that state
    none.
    """
    kept = compared_of(scope)
    claim = claim_asked(kept.compared, question)
    if claim is None:
        return None
    question = replace(allowed(scope, question), codes=(claim.slug,), descendants=False)
    found = compare(scope, question)
    cells = tuple(cell_of(found, number, 0) for number in range(len(found.actors)))
    speaking = [number for number, cell in enumerate(cells) if cell.passages]
    alone = len(speaking) == 1
    total = cells[speaking[0]].passages if alone else len(speaking)
    size = ALONE if alone else COLUMNS
    first = (min(page, max(1, -(-total // size))) - 1) * size
    window = {number: (0, IN_COLUMN) for number in speaking[first : first + size]}
    if alone:
        window = {speaking[0]: (first, size)}
    columns = tuple(_columns(scope, kept, question, cells, window))
    return Listing(question, found, claim, kept.compared.claims, cells, columns, total, size)


def claim_asked(compared: Compared, question: Question) -> Claim | None:
    """The claim that a question is about; see `in_columns`."""
    chosen = choose(compared, question)
    if question.codes and not len(chosen.claims):
        message = "This code states no claim that sources could support or oppose."
        raise Invalid(message, field="code")
    if question.codes or not len(chosen.claims):
        return compared.claims[int(chosen.claims[0])] if question.codes else None
    used = np.unique(compared.passages.claim[rows_of(compared, chosen)])
    return compared.claims[int(used[0]) if len(used) else 0]


def _columns(
    scope: Scope,
    kept: Kept,
    question: Question,
    cells: Sequence[Cell],
    window: dict[int, tuple[int, int]],
) -> Iterator[Column]:
    """The columns of these actors, each from its first passage on as many as are asked for."""
    rows, actor = _by_actor(kept, question)
    parts = {
        number: rows[actor == number][first : first + size]
        for number, (first, size) in window.items()
    }
    places = _places(scope, kept.compared, parts)
    for number, (first, _) in window.items():
        yield Column(cells[number], tuple(places[number]), first)


def _places(scope: Scope, compared: Compared, parts: dict[int, Ints]) -> dict[int, list[Place]]:
    """The places of several actors' rows, in as many queries as those of one."""
    whole = np.concatenate([np.zeros(0, np.int64), *parts.values()])
    apart = np.repeat(list(parts), [len(part) for part in parts.values()]).astype(np.int64)
    found: dict[int, list[Place]] = {number: [] for number in parts}
    for number, place in places_of(scope, compared, whole, apart):
        found[number].append(place)
    return found


def _by_actor(kept: Kept, question: Question) -> tuple[Ints, Ints]:
    """The rows that take part, and whose they are: by claim, actor, and place in the text."""
    compared = kept.compared
    chosen = choose(compared, question)
    with kept.lock:
        found: tuple[Ints, Ints] = kept.answer(
            ("passages", question),
            lambda: _sorted(compared, chosen),
            cells=len(compared.passages),
        )
    return found


def _sorted(compared: Compared, chosen: Chosen) -> tuple[Ints, Ints]:
    rows = in_text_order(compared, rows_of(compared, chosen))
    actor = actors_of(compared, chosen, rows).of_row
    order = np.lexsort((actor, compared.passages.claim[rows]))
    order = order[actor[order] != NOBODY]
    return rows[order], actor[order]


@dataclass(frozen=True, eq=False)
class Flat:
    """A stretch of the list of all passages that answer a question."""

    comparison: Comparison
    total: int
    entries: tuple[Entry, ...]


def on_one_claim(scope: Scope, question: Question) -> Flat:
    """All passages on the claim of `in_columns`; raises NotFound where there is none."""
    claim = claim_asked(compared_of(scope).compared, question)
    if claim is None:
        raise NotFound("No code of this project states a claim.")
    question = replace(question, codes=(claim.slug,), descendants=False)
    return one_by_one(scope, question, offset=0, limit=None)


def one_by_one(scope: Scope, question: Question, *, offset: int, limit: int | None) -> Flat:
    """The passages by claim, actor and place in the text; `limit` None asks for all."""
    question = allowed(scope, question)
    found = compare(scope, question)
    kept = compared_of(scope)
    rows, actor = _by_actor(kept, question)
    end = None if limit is None else offset + limit
    some, whose = rows[offset:end], actor[offset:end]
    # Each for itself: what is united in columns are several passages here.
    places = places_of(scope, kept.compared, some, np.arange(len(some)))
    entries = (Entry(found.actors[whose[number]], place) for number, place in places)
    return Flat(found, len(rows), tuple(entries))


def cell_of(found: Comparison, actor: int, claim: int) -> Cell:
    cells = found.matrix
    return Cell(
        actor=found.actors[actor],
        claim=found.claims[claim],
        state=State(cells.state[actor, claim]).name.lower(),
        split=bool(cells.split[actor, claim]),
        supports=int(cells.supports[actor, claim]),
        opposes=int(cells.opposes[actor, claim]),
        mixed=int(cells.mixed[actor, claim]),
        mentioned=int(cells.mentioned[actor, claim]),
    )


def of_cell(question: Question, actor: Actor, claim: Claim) -> Question:
    """What lists the passages of one cell of the matrix, and no others."""
    question = replace(question, codes=(claim.slug,), descendants=False)
    if question.by == "source":
        return replace(question, sources=(actor.pk or 0,))
    if question.by == "group":
        return replace(question, groups=(actor.key,))
    if question.by == "publisher":
        return replace(question, publishers=(actor.key,))
    if actor == AUTHORS:
        # Among speakers, `author` asks for everybody but the authors.
        return replace(question, by="source", voice=AUTHOR)
    return replace(question, voice=actor.key)
