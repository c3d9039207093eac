"""The comparison matrix as a table or as data for a script; descriptions of cell states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import numpy as np
from django.urls import reverse

from cstoannot.codebook.meaning import CURRENT
from cstoannot.comparison.actors import Actor
from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import Claim
from cstoannot.comparison.passages import (
    READER_COUNTS,
    build_cell_query,
    collect_reader_counts,
    count_early_readers,
)
from cstoannot.comparison.reports import NOT_OPEN, CodeAgreement, CodeAlpha, ComparisonReport
from cstoannot.core.plurals import count_of
from cstoannot.sources.details import format_partial_date
from cstoannot.stats.comparison.positions import CellState, Verdict
from cstoannot.web.cell_words import (
    PLACE_WORDS,
    READER_WORDS,
    SIGNS,
    STATES,
    VERDICTS,
    describe_cell,
    describe_codebook_changes,
    describe_tentative_reasons,
    list_sides,
    name_verdict,
)
from cstoannot.web.coefficient_display import format_coefficient, format_interval

ANY_CLAIM = Claim(0, "", "", "")
MOST_LINKED = 60  # sources in a URL
LEVELS = 9  # of a cell's tint: the share of its passages on its side
STEADY = 4  # tint of cells without a side
FOUND = CellState.SILENT  # in lower states, somebody marked something


@dataclass(frozen=True)
class MatrixTableCell:
    state: str
    count: int
    detail: str
    level: int
    label: str
    split: bool
    link: str

    @property
    def shown(self) -> str:
        """Return the sign with the number of places, or how many of the coders marked something."""
        number = f"{self.count}" if self.count else self.detail
        return f"{SIGNS[self.state]} {number}".rstrip()


@dataclass(frozen=True)
class ActorHead:
    """A column head: the shortest unambiguous name, and details."""

    name: str
    about: str
    full: str
    link: str
    query: str


@dataclass(frozen=True)
class SideCount:
    """How many actors are in one state, in words, and the URL of their passages or ""."""

    words: str
    link: str


@dataclass(frozen=True)
class ClaimRow:
    claim: Claim
    verdict: str
    verdict_name: str
    meaning: str
    sides: Sequence[SideCount]
    tentative: Sequence[str]
    """Why the verdict is tentative, in phrases."""
    alphas: Sequence[tuple[str, str]]
    agreement_link: str
    link: str
    cells: Sequence[MatrixTableCell]
    changes: Sequence[str]
    """What changes of the codebook mean for the verdict, in phrases."""
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
    return replace(build_cell_query(question, actor, ANY_CLAIM), codes=()).address()


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
    closed: bool,
) -> list[ClaimRow]:
    """Build a row for each claim, with a cell for each actor in the window.

    `closed`: the reader sees only what is decided.
    """
    at = reverse("compare_passages", args=[slug])
    current = "&meaning=current" if found.question.meaning == CURRENT else ""
    shown = []
    for place in claims:
        claim, verdict = found.claims[place], found.verdicts[place]
        agreement = found.agreement[place]
        shown.append(
            ClaimRow(
                claim=claim,
                verdict=str(verdict),
                verdict_name=name_verdict(verdict, found.question.by, closed=closed),
                meaning=_explain_verdict(verdict, closed=closed),
                sides=_build_side_counts(found, place, at),
                tentative=describe_tentative_reasons(found.tentative[place], agreement),
                alphas=list_claim_alphas(agreement),
                agreement_link=f"{reverse('agreement', args=[slug])}?code={claim.slug}{current}",
                link=f"{at}?{format_claim_query(found.question, claim)}",
                cells=_build_matrix_cells(found, place, window, heads, at),
                changes=describe_codebook_changes(
                    found.stale[place], found.read_before[place], found.question.meaning
                ),
                carrying=carrying.get(claim.slug, 0),
            )
        )
    return shown


def _explain_verdict(verdict: Verdict, *, closed: bool) -> str:
    if closed and verdict is Verdict.UNADDRESSED:
        return "Results are not open yet"
    return VERDICTS[verdict]


def _build_side_counts(found: ComparisonReport, claim: int, at: str) -> list[SideCount]:
    """Build the counts of states; of sources with passages, each opens those that it counts."""
    states = found.matrix.state[:, claim]
    counts = []
    for state, words in list_sides(found.sides.of_claim(claim)):
        every = (found.actors[n].pk for n in np.flatnonzero(states == CellState[state.upper()]))
        actors = [pk for pk in every if pk]
        link = ""
        there = CellState[state.upper()] <= CellState.MENTIONED
        if there and found.question.by == "source" and len(actors) <= MOST_LINKED:
            slug = found.claims[claim].slug
            asked = replace(found.question, codes=(slug,), descendants=False, sources=tuple(actors))
            link = f"{at}?{asked.address()}"
        counts.append(SideCount(words, link))
    return counts


def list_claim_alphas(agreement: CodeAgreement) -> list[tuple[str, str]]:
    """Return names and values, with intervals, of the coefficients that the reader may know."""
    named = (("α", agreement.alpha), ("stance α", agreement.stance))
    return [(name, _format_claim_alpha(alpha)) for name, alpha in named if alpha.reason != NOT_OPEN]


def _format_claim_alpha(alpha: CodeAlpha) -> str:
    if alpha.value is None:
        return "–"
    value = format_coefficient(alpha.value)
    return f"{value} ({format_interval(alpha.interval)})" if alpha.interval else value


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
    readers = [collect_reader_counts(found, actor, claim) for actor in window]
    too_early = [count_early_readers(found, actor, claim) for actor in window]
    return [
        MatrixTableCell(
            state=STATES[state],
            count=sum(numbers),
            detail=_format_contested_share(STATES[state], readings),
            level=level,
            label=describe_cell(STATES[state], numbers, readings, early),
            split=bool(readings and readings["supports"] and readings["opposes"]),
            link=f"{at}?{_prepend_code_field(code, head.query)}",
        )
        for state, numbers, level, readings, early, head in zip(
            states, counts.tolist(), levels, readers, too_early, heads, strict=True
        )
    ]


def _format_contested_share(state: str, readers: Mapping[str, int]) -> str:
    """Return how many of the readers marked something, where most did not; otherwise empty."""
    if state != "contested" or not readers:
        return ""
    return f"{readers['read_by'] - readers['silent']} of {readers['read_by']}"


def _list_stance_counts(found: ComparisonReport) -> tuple[Any, ...]:
    cells = found.matrix
    return cells.supports, cells.opposes, cells.mixed, cells.mentioned


def compute_tint_levels(found: ComparisonReport, claim: int, window: Any) -> Any:
    """Return strengths as tints from 0 to LEVELS: the size of the balance if it has a side."""
    balance = np.abs(np.nan_to_num(found.matrix.balance[window, claim]))
    state = found.matrix.state[window, claim]
    level = np.round(balance * LEVELS).astype(np.int64)
    return np.where((state == CellState.SUPPORTS) | (state == CellState.OPPOSES), level, STEADY)


def build_matrix_grid(
    slug: str,
    found: ComparisonReport,
    claims: Sequence[int],
    window: Sequence[int],
    *,
    carrying: Mapping[str, int],
    closed: bool,
) -> dict[str, Any]:
    """Build the matrix for static/js/compare/virtual-grid.js.

    `states`: a row for each claim, a digit for each cell, an index into `words`; `levels`,
    `counts` (four each) and `readers` (six each, or none at all) of cells in which somebody marked
    something only, in order.
    """
    heads = build_actor_heads(slug, found, window)
    rows = build_claim_rows(slug, found, claims, [], [], carrying=carrying, closed=closed)
    columns = np.asarray(window, np.int64)
    states, levels, counts, readers = [], [], [], []
    for place in claims:
        state = found.matrix.state[columns, place]
        there = state < FOUND
        states.append("".join(map(str, state.tolist())))
        levels.append("".join(map(str, compute_tint_levels(found, place, columns)[there].tolist())))
        numbers = np.stack([part[columns, place] for part in _list_stance_counts(found)], axis=1)
        counts.append(numbers[there].ravel().tolist())
        if found.readers is not None:
            sides = [getattr(found.readers, name)[columns, place] for name in READER_COUNTS]
            readers.append(np.stack(sides, axis=1)[there].ravel().tolist())
    return {
        "passages": reverse("compare_passages", args=[slug]),
        "words": STATES,
        "signs": [SIGNS[state] for state in STATES],
        "heads": [[head.name, head.about, head.full, head.link, head.query] for head in heads],
        "claims": [_build_grid_claim(row) for row in rows],
        "states": states,
        "levels": levels,
        "counts": counts,
        "readers": readers,
        "places": PLACE_WORDS,
        "coders": list(READER_WORDS.values()),
    }


def _describe_meaning(row: ClaimRow) -> str:
    return f"{row.meaning}: {' · '.join(side.words for side in row.sides)}"


def _build_grid_claim(row: ClaimRow) -> dict[str, Any]:
    return {
        "slug": row.claim.slug,
        "name": row.claim.name,
        "claim": row.claim.claim,
        "link": row.link,
        "verdict": row.verdict,
        "verdict_name": row.verdict_name,
        "meaning": "; ".join([_describe_meaning(row), *row.changes]),
        "tentative": "; ".join(row.tentative),
        "carrying": row.carrying,
    }
