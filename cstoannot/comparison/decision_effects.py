"""What hangs on a place: the verdicts on its claims, and whether a decision would change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import Ints
from cstoannot.comparison.reports import ComparisonReport, build_comparison_report
from cstoannot.decisions.places import DecidablePlace, ProposedPassage
from cstoannot.projects.scope import Scope
from cstoannot.stats.comparison.positions import (
    CellState,
    Verdict,
    choose_verdict,
    compute_balances,
    compute_positions,
)

MAJORITY, NOTHING = "majority", "nothing"
_SIDES = ("supports", "opposes", "mixed")


@dataclass(frozen=True)
class VerdictEffect:
    """The verdict on one claim now, and by what would be adopted at the place.

    `options`: MAJORITY, NOTHING or a reading's number, with the verdict and the source's position
    (None: it takes no side) that would follow; `position`: the source's position now.
    """

    code: str
    verdict: Verdict
    position: str | None
    options: Mapping[str, tuple[Verdict, str | None]]

    @property
    def changing(self) -> dict[str, Verdict]:
        """Return the options under which the verdict would be another one."""
        return {
            option: verdict
            for option, (verdict, _) in self.options.items()
            if verdict != self.verdict
        }


def compute_verdict_effects(
    scope: Scope, places: Sequence[DecidablePlace]
) -> list[tuple[VerdictEffect, ...]]:
    """Return for each of these places what hangs on it, by the codes there that state a claim."""
    report = build_comparison_report(scope, ComparisonQuery())
    columns = {claim.slug: number for number, claim in enumerate(report.claims)}
    rows = {source.pk: number for number, (source,) in enumerate(report.members)}
    return [
        tuple(
            _compute_effect(report, (rows[place.source], columns[code]), place, code)
            for code in sorted(_collect_codes(place) & columns.keys())
            if place.source in rows
        )
        for place in places
    ]


def _collect_codes(place: DecidablePlace) -> set[str]:
    return {one.code for reading in place.readings for one in reading.passages}


def _compute_effect(
    report: ComparisonReport, cell: tuple[int, int], place: DecidablePlace, code: str
) -> VerdictEffect:
    """Recompute one cell of the comparison with another passage, or none, at the place."""
    counts = np.array([getattr(report.matrix, side)[cell] for side in _SIDES], np.int64)
    decided = place.decision.passages if place.decision else None
    # What the comparison counts there now; a source that is under way still has its majority.
    by_team = report.layers[cell[0]] == "consensus"
    current = decided if by_team and decided is not None else place.majority
    base = np.maximum(counts - _count_sides(current, code), 0)
    now = CellState(int(report.matrix.state[cell]))
    options: dict[str, tuple[Verdict, str | None]] = {}
    for option, passages in _list_options(place).items():
        position = _compute_position(base + _count_sides(passages, code))
        verdict = _compute_verdict(report, cell[1], now, position)
        options[option] = verdict, _name_position(position)
    return VerdictEffect(code, report.verdicts[cell[1]], _name_position(now), options)


def _list_options(place: DecidablePlace) -> dict[str, Sequence[ProposedPassage]]:
    readings = {str(one.number): one.passages for one in place.readings}
    return {MAJORITY: place.majority, **readings, NOTHING: ()}


def _count_sides(passages: Sequence[ProposedPassage], code: str) -> Ints:
    """Return how many passages of the code in the author's voice take each side."""
    said = [one.stance for one in passages if one.code == code and not one.voice]
    return np.array([said.count(side) for side in _SIDES], np.int64)


def _compute_position(counts: Ints) -> CellState:
    supports, opposes, mixed = (counts[n : n + 1] for n in range(3))
    return CellState(int(compute_positions(compute_balances(supports, opposes, mixed))[0]))


def _compute_verdict(
    report: ComparisonReport, claim: int, now: CellState, position: CellState
) -> Verdict:
    sides = {
        state: int(report.sides.by_state[state, claim])
        for state in (CellState.SUPPORTS, CellState.OPPOSES)
    }
    for state, change in ((now, -1), (position, 1)):
        if state in sides:
            sides[state] += change
    return choose_verdict(sides[CellState.SUPPORTS], sides[CellState.OPPOSES])


def _name_position(state: CellState) -> str | None:
    taken = (CellState.SUPPORTS, CellState.OPPOSES, CellState.MIXED)
    return state.name.lower() if state in taken else None
