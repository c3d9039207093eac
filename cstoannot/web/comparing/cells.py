"""What the matrix's page shows of a comparison: a table of cells, or the same for a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from cstoannot.comparison.actors import Actor
from cstoannot.comparison.coding import Claim
from cstoannot.comparison.passages import of_cell
from cstoannot.comparison.question import Question
from cstoannot.comparison.reports import Alpha, Comparison
from cstoannot.core.plurals import count_of
from cstoannot.sources.dates import display_date
from cstoannot.stats.matrices import State, Verdict
from cstoannot.web.results.numbers import rounded

STATES = [state.name.lower() for state in State]
SIGNS = {
    "supports": "▲",
    "opposes": "▼",
    "mixed": "◆",
    "mentioned": "○",
    "silent": "·",
    "pending": "…",
    "unassigned": "–",
}
_ANY = Claim(0, "", "", "")
LEVELS = 9  # of a cell's tint: how much of its passages is on its side
STEADY = 4  # the tint of cells on no side
FOUND = State.SILENT  # states below it have passages
VERDICTS = {
    Verdict.AGREE: "at least two take a side, all the same one",
    Verdict.DIVERGE: "both sides are taken",
    Verdict.SINGLE: "one alone takes a side",
    Verdict.UNADDRESSED: "nobody takes a side",
}


@dataclass(frozen=True)
class Cell:
    state: str
    count: int
    level: int
    label: str
    split: bool
    link: str

    @property
    def sign(self) -> str:
        return SIGNS[self.state]


@dataclass(frozen=True)
class Head:
    """A column's head: a name as short as can be told apart, and what more is known."""

    name: str
    about: str
    full: str
    link: str
    query: str


@dataclass(frozen=True)
class Row:
    claim: Claim
    verdict: str
    meaning: str
    supports: int
    opposes: int
    tentative: bool
    alpha: str
    why_no_alpha: str | None
    link: str
    cells: Sequence[Cell]
    carrying: int
    """Single passages that carry the verdict."""


def heads_of(slug: str, found: Comparison, window: Sequence[int]) -> list[Head]:
    """The heads of some actors; links of their cells begin with `query` and end in a code."""
    names = _short_names(found)
    shown = []
    for place in window:
        actor = found.actors[place]
        link = reverse("annotate", args=[slug, actor.pk]) if actor.pk else ""
        query = _without_code(found.question, actor)
        shown.append(Head(names[place], _about(found, place), actor.name, link, query))
    return shown


def _short_names(found: Comparison) -> list[str]:
    """A source's publisher where that is enough to tell it from the others, else its title."""
    if found.question.by != "source":
        return [actor.name for actor in found.actors]
    publishers = [source.publisher for (source,) in found.members]
    known: dict[str, int] = {}
    for publisher in publishers:
        known[publisher] = known.get(publisher, 0) + 1
    pairs = zip(found.members, publishers, strict=True)
    return [
        publisher if publisher and known[publisher] == 1 else source.title
        for (source,), publisher in pairs
    ]


def _about(found: Comparison, place: int) -> str:
    if found.question.by == "source":
        return display_date(found.members[place][0].published)
    if found.question.by == "speaker":
        return ""
    return count_of(len(found.members[place]), "source")


def _without_code(question: Question, actor: Actor) -> str:
    return replace(of_cell(question, actor, _ANY), codes=()).address()


def claim_address(question: Question, claim: Claim) -> str:
    """What shows the passages of all on a claim."""
    return replace(question, codes=(claim.slug,), descendants=False).address()


def rows_of(
    slug: str,
    found: Comparison,
    claims: Sequence[int],
    window: Sequence[int],
    heads: list[Head],
    *,
    carrying: Mapping[str, int],
) -> list[Row]:
    """A row for each of the claims, with a cell for each actor in the window."""
    at = reverse("compare_passages", args=[slug])
    shown = []
    for place in claims:
        claim, alpha = found.claims[place], found.alphas[place]
        shown.append(
            Row(
                claim=claim,
                verdict=str(found.verdicts[place]),
                meaning=VERDICTS[found.verdicts[place]],
                supports=int(found.sides.supports[place]),
                opposes=int(found.sides.opposes[place]),
                tentative=found.tentative(place),
                alpha=_alpha(alpha),
                why_no_alpha=alpha.reason,
                link=f"{at}?{claim_address(found.question, claim)}",
                cells=_cells(found, place, window, heads, at),
                carrying=carrying.get(claim.slug, 0),
            )
        )
    return shown


def _alpha(alpha: Alpha) -> str:
    return rounded(alpha.value) if alpha.value is not None else ""


def _joined(code: str, query: str) -> str:
    first = urlencode([("code", code)])
    return f"{first}&{query}" if query else first


def _cells(
    found: Comparison, claim: int, window: Sequence[int], heads: list[Head], at: str
) -> list[Cell]:
    cells, code = found.matrix, found.claims[claim].slug
    counts = np.stack([part[window, claim] for part in _counts(found)], axis=1)
    states = cells.state[window, claim].tolist()
    levels = levels_of(found, claim, window).tolist()
    splits = cells.split[window, claim].tolist()
    return [
        Cell(
            state=STATES[state],
            count=sum(numbers),
            level=level,
            label=label_of(STATES[state], numbers, split),
            split=split,
            link=f"{at}?{_joined(code, head.query)}",
        )
        for state, numbers, level, split, head in zip(
            states, counts.tolist(), levels, splits, heads, strict=True
        )
    ]


def _counts(found: Comparison) -> tuple[Any, ...]:
    cells = found.matrix
    return cells.supports, cells.opposes, cells.mixed, cells.mentioned


def levels_of(found: Comparison, claim: int, window: Any) -> Any:
    """Strength as a tint from 0 to LEVELS: the balance's size for sides."""
    balance = np.abs(np.nan_to_num(found.matrix.balance[window, claim]))
    state = found.matrix.state[window, claim]
    level = np.round(balance * LEVELS).astype(np.int64)
    return np.where((state == State.SUPPORTS) | (state == State.OPPOSES), level, STEADY)


_WORDS = ("{} supporting", "{} opposing", "{} mixed", "{} without stance")


def label_of(state: str, counts: Sequence[int], split: bool) -> str:
    """A cell in words: supports: 2 supporting, 1 mixed; annotators split."""
    said = ", ".join(words.format(f"{n:,}") for words, n in zip(_WORDS, counts, strict=True) if n)
    found = f"{state}: {said}" if said else state
    return f"{found}; annotators split" if split else found


def sheet_of(
    slug: str,
    found: Comparison,
    claims: Sequence[int],
    window: Sequence[int],
    *,
    carrying: Mapping[str, int],
) -> dict[str, Any]:
    """The matrix for static/js/compare/sheet.js.

    `states`: a row a claim, a digit a cell, as in `words`; `levels` and `counts` (four each) are
    of the cells with passages alone, in order; `splits` are columns.
    """
    heads = heads_of(slug, found, window)
    rows = rows_of(slug, found, claims, [], [], carrying=carrying)
    columns = np.asarray(window, np.int64)
    states, levels, counts, splits = [], [], [], []
    for place in claims:
        state = found.matrix.state[columns, place]
        there = state < FOUND
        states.append("".join(map(str, state.tolist())))
        levels.append("".join(map(str, levels_of(found, place, columns)[there].tolist())))
        numbers = np.stack([part[columns, place] for part in _counts(found)], axis=1)
        counts.append(numbers[there].ravel().tolist())
        splits.append(np.flatnonzero(found.matrix.split[columns, place]).tolist())
    return {
        "passages": reverse("compare_passages", args=[slug]),
        "words": STATES,
        "signs": [SIGNS[state] for state in STATES],
        "heads": [[head.name, head.about, head.full, head.link, head.query] for head in heads],
        "claims": [_line(row) for row in rows],
        "states": states,
        "levels": levels,
        "counts": counts,
        "splits": splits,
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "slug": row.claim.slug,
        "name": row.claim.name,
        "claim": row.claim.claim,
        "link": row.link,
        "verdict": row.verdict,
        "meaning": row.meaning,
        "tentative": row.tentative,
        "alpha": row.alpha,
        "carrying": row.carrying,
        "supports": row.supports,
        "opposes": row.opposes,
    }
