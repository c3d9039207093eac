"""The definitions of discourse networks, said again with loops over passages and nothing else.

A passage is (actor, code, level), the level being a number of the scale.
"""

from fractions import Fraction
from math import sqrt


def tallied(passages):
    counts = {}
    for passage in passages:
        counts[passage] = counts.get(passage, 0) + 1
    return counts


def weight(passages, scale, kind, one, other):
    """Over every passage of the one and every passage of the other on the same code."""
    length = max(scale) - min(scale)
    total = Fraction(0)
    for first, code, level in passages:
        for second, same, against in passages:
            if (first, second) == (one, other) and code == same:
                distance = Fraction(abs(level - against)) / length
                total += {
                    "co_mention": Fraction(1),
                    "congruence": 1 - distance,
                    "conflict": distance,
                    "subtract": (1 - distance) - distance,
                }[kind]
    return total


def denominator(passages, by, one, other):
    counts = tallied(passages)
    mine = {(code, level): n for (actor, code, level), n in counts.items() if actor == one}
    theirs = {(code, level): n for (actor, code, level), n in counts.items() if actor == other}
    if by == "none":
        return 1
    if by == "average_activity":
        return Fraction(sum(mine.values()) + sum(theirs.values()), 2)
    if by == "product_of_totals":
        return sum(mine.values()) * sum(theirs.values())
    if by == "cosine":
        return sqrt(sum(n * n for n in mine.values())) * sqrt(sum(n * n for n in theirs.values()))
    alone = sum(n for place, n in mine.items() if place not in theirs)
    alone += sum(n for place, n in theirs.items() if place not in mine)
    return alone + sum(n * theirs.get(place, 0) for place, n in mine.items())


def normalised(passages, scale, how, one, other):
    kind, by = how
    below = denominator(passages, by, one, other)
    return float(weight(passages, scale, kind, one, other)) / float(below) if below else 0.0


def cell(passages, kind, actor, code):
    levels = [level for who, what, level in passages if (who, what) == (actor, code)]
    if kind == "count":
        return len(levels)
    if kind == "subtract":
        return sum(levels)
    supports, opposes = any(n >= 0 for n in levels), any(n <= 0 for n in levels)
    return {(False, False): 0, (True, False): 1, (False, True): 2, (True, True): 3}[
        supports, opposes
    ]


def first_only(passages, windows, order, *, stance):
    """The places of the passages that count, of each group the one that comes first."""
    best = {}
    for place, (actor, code, level) in enumerate(passages):
        group = (actor, code, windows[place], level if stance else None)
        if group not in best or order[place] < order[best[group]]:
            best[group] = place
    return sorted(best.values())
