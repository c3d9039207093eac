"""The comparison matrix as a table or as data for a script; descriptions of cell states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from cstoannot.annotations.models import Layer
from cstoannot.comparison.actors import Actor
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import Claim
from cstoannot.comparison.passages import build_cell_query
from cstoannot.comparison.reports import CodeAlpha, ComparisonReport
from cstoannot.core.plurals import count_of
from cstoannot.sources.details import format_partial_date
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.web.coefficient_display import format_coefficient

STATES = [state.name.lower() for state in CellState]
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
LEVELS = 9  # of a cell's tint: the share of its passages on its side
STEADY = 4  # tint of cells without a side
FOUND = CellState.SILENT  # lower states have passages
VERDICTS = {
    Verdict.AGREE: "at least two take a side, and all take the same one",
    Verdict.DIVERGE: "some support the claim, others oppose it",
    Verdict.SINGLE: "only one takes a side",
    Verdict.UNADDRESSED: "nobody takes a side",
}


@dataclass(frozen=True)
class MatrixTableCell:
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
class ActorHead:
    """A column head: the shortest unambiguous name, and details."""

    name: str
    about: str
    full: str
    link: str
    query: str


@dataclass(frozen=True)
class ClaimRow:
    claim: Claim
    verdict: str
    meaning: str
    supports: int
    opposes: int
    tentative: bool
    alpha: str
    why_no_alpha: str | None
    link: str
    cells: Sequence[MatrixTableCell]
    carrying: int
    """Number of single passages on which the verdict depends."""


def build_actor_heads(slug: str, found: ComparisonReport, window: Sequence[int]) -> list[ActorHead]:
    """Build the heads of some actors; their cells' links begin with `query` and end with a code."""
    names = _list_short_actor_names(found)
    shown = []
    for place in window:
        actor = found.actors[place]
        link = reverse("annotate", args=[slug, actor.pk]) if actor.pk else ""
        query = _format_actor_query(found.question, actor)
        shown.append(
            ActorHead(names[place], _describe_actor(found, place), actor.name, link, query)
        )
    return shown


def _list_short_actor_names(found: ComparisonReport) -> list[str]:
    """Return a source's publisher if it is unambiguous, else its title."""
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


def _describe_actor(found: ComparisonReport, place: int) -> str:
    if found.question.by == "source":
        return format_partial_date(found.members[place][0].published)
    if found.question.by == "speaker":
        return ""
    return count_of(len(found.members[place]), "source")


def _format_actor_query(question: ComparisonQuery, actor: Actor) -> str:
    return replace(build_cell_query(question, actor, _ANY), codes=()).address()


def format_claim_query(question: ComparisonQuery, claim: Claim) -> str:
    """Return the query for all passages on a claim."""
    return replace(question, codes=(claim.slug,), descendants=False).address()


def build_claim_rows(
    slug: str,
    found: ComparisonReport,
    claims: Sequence[int],
    window: Sequence[int],
    heads: list[ActorHead],
    *,
    carrying: Mapping[str, int],
) -> list[ClaimRow]:
    """Build a row for each claim, with a cell for each actor in the window."""
    at = reverse("compare_passages", args=[slug])
    shown = []
    for place in claims:
        claim, alpha = found.claims[place], found.alphas[place]
        shown.append(
            ClaimRow(
                claim=claim,
                verdict=str(found.verdicts[place]),
                meaning=VERDICTS[found.verdicts[place]],
                supports=int(found.sides.supports[place]),
                opposes=int(found.sides.opposes[place]),
                tentative=found.tentative(place),
                alpha=_format_claim_alpha(alpha),
                why_no_alpha=alpha.reason,
                link=f"{at}?{format_claim_query(found.question, claim)}",
                cells=_build_matrix_cells(found, place, window, heads, at),
                carrying=carrying.get(claim.slug, 0),
            )
        )
    return shown


def _format_claim_alpha(alpha: CodeAlpha) -> str:
    return format_coefficient(alpha.value) if alpha.value is not None else ""


def _prepend_code_field(code: str, query: str) -> str:
    first = urlencode([("code", code)])
    return f"{first}&{query}" if query else first


def _build_matrix_cells(
    found: ComparisonReport, claim: int, window: Sequence[int], heads: list[ActorHead], at: str
) -> list[MatrixTableCell]:
    cells, code = found.matrix, found.claims[claim].slug
    counts = np.stack([part[window, claim] for part in _list_stance_counts(found)], axis=1)
    states = cells.state[window, claim].tolist()
    levels = compute_tint_levels(found, claim, window).tolist()
    splits = cells.split[window, claim].tolist()
    return [
        MatrixTableCell(
            state=STATES[state],
            count=sum(numbers),
            level=level,
            label=describe_matrix_cell(STATES[state], numbers, split),
            split=split,
            link=f"{at}?{_prepend_code_field(code, head.query)}",
        )
        for state, numbers, level, split, head in zip(
            states, counts.tolist(), levels, splits, heads, strict=True
        )
    ]


def _list_stance_counts(found: ComparisonReport) -> tuple[Any, ...]:
    cells = found.matrix
    return cells.supports, cells.opposes, cells.mixed, cells.mentioned


def compute_tint_levels(found: ComparisonReport, claim: int, window: Any) -> Any:
    """Return strengths as tints from 0 to LEVELS: the size of the balance if it has a side."""
    balance = np.abs(np.nan_to_num(found.matrix.balance[window, claim]))
    state = found.matrix.state[window, claim]
    level = np.round(balance * LEVELS).astype(np.int64)
    return np.where((state == CellState.SUPPORTS) | (state == CellState.OPPOSES), level, STEADY)


_WORDS = ("{} supporting", "{} opposing", "{} mixed", "{} without stance")


def describe_matrix_cell(state: str, counts: Sequence[int], split: bool) -> str:
    """Describe a cell in words: supports: 2 supporting, 1 mixed; coders split."""
    said = ", ".join(words.format(f"{n:,}") for words, n in zip(_WORDS, counts, strict=True) if n)
    found = f"{state}: {said}" if said else state
    return f"{found}; coders split" if split else found


def build_matrix_grid(
    slug: str,
    found: ComparisonReport,
    claims: Sequence[int],
    window: Sequence[int],
    *,
    carrying: Mapping[str, int],
) -> dict[str, Any]:
    """Build the matrix for static/js/compare/virtual-grid.js.

    `states`: a row for each claim, a digit for each cell, an index into `words`; `levels` and
    `counts` (four each) of cells with passages only, in order; `splits`: columns.
    """
    heads = build_actor_heads(slug, found, window)
    rows = build_claim_rows(slug, found, claims, [], [], carrying=carrying)
    columns = np.asarray(window, np.int64)
    states, levels, counts, splits = [], [], [], []
    for place in claims:
        state = found.matrix.state[columns, place]
        there = state < FOUND
        states.append("".join(map(str, state.tolist())))
        levels.append("".join(map(str, compute_tint_levels(found, place, columns)[there].tolist())))
        numbers = np.stack([part[columns, place] for part in _list_stance_counts(found)], axis=1)
        counts.append(numbers[there].ravel().tolist())
        splits.append(np.flatnonzero(found.matrix.split[columns, place]).tolist())
    return {
        "passages": reverse("compare_passages", args=[slug]),
        "words": STATES,
        "signs": [SIGNS[state] for state in STATES],
        "heads": [[head.name, head.about, head.full, head.link, head.query] for head in heads],
        "claims": [_build_grid_claim(row) for row in rows],
        "states": states,
        "levels": levels,
        "counts": counts,
        "splits": splits,
    }


def _build_grid_claim(row: ClaimRow) -> dict[str, Any]:
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


_FOUND = {
    "supports": "supports the claim",
    "opposes": "opposes the claim",
    "mixed": "neither side leads by more than a third",
    "mentioned": "without a stance",
}
_INDIVIDUAL = {
    "silent": "finished, no passage on this claim",
    "pending": "not finished yet",
    "unassigned": "not assigned to any of the compared coders",
}
_CONSENSUS = {
    "silent": "decided, no passage on this claim in the consensus",
    "pending": "not decided yet",
    "unassigned": "nothing to decide that you may see",
}


def describe_silence_states(found: ComparisonReport) -> Mapping[str, str]:
    """Return the reasons why an actor says nothing, by state."""
    return _CONSENSUS if found.layer == Layer.CONSENSUS else _INDIVIDUAL


def build_state_legend(found: ComparisonReport) -> Mapping[str, str]:
    """Return the meanings of all states, with the state's name where a sign is not enough."""
    named = {**_FOUND, **describe_silence_states(found)}
    plain = ("supports", "opposes")
    return {
        state: words if state in plain else f"{state}: {words}" for state, words in named.items()
    }
