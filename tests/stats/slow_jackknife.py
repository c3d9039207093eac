"""The delete-one-source jackknife as FORMULAE section 7 words it, one source after the other."""

import math
from itertools import combinations, groupby

from scipy.stats import chi2, norm, t


def interval(ratio, documents, runs, *, of_passages=False):
    """(low, high), or the reason why there is none, or None for an undefined value.

    ``ratio(documents, discordant)``: D_o/D_e with so many discordant judgements added to D_o.
    """
    plain = ratio(documents, 0)
    if plain is None:
        return None
    if len(documents) < 3:
        return "few_sources"
    count = len(documents)
    logs = []
    for left_out in range(count):
        rest = documents[:left_out] + documents[left_out + 1 :]
        without = ratio(rest, (count - 1) / count)
        if without is None:
            return "undefined_without_some_source"
        logs.append(math.log(without))
    mean = sum(logs) / count
    error = math.sqrt((count - 1) / count * sum((log - mean) ** 2 for log in logs))
    error = max(error, 1 / math.sqrt(runs + 1))
    centre = math.log(ratio(documents, 1))
    if plain == 0:
        return 1 - math.exp(centre + norm.ppf(0.975) * error), 1.0
    reach = t.ppf(0.975, count - 1) * error
    share = 1
    if of_passages and runs:
        # Garwood's exact limit of a Poisson count, as a share of the count.
        share = chi2.ppf(0.025, 2 * runs) / 2 / runs
    high = max(1 - math.exp(centre - reach), 1 - plain * share)
    return 1 - math.exp(centre + reach), min(1.0, high)


def _pooled(parts):
    """Σ D_o / Σ D_e over codes, of pairs of both."""
    parts = [(observed, expected) for observed, expected in parts if expected > 0]
    if not parts:
        return None
    return sum(one for one, _ in parts) / sum(other for _, other in parts)


def alpha(documents, discordant, codes):
    """Documents are lists of units, units are lists over coders of the set of codes given."""
    units = [unit for document in documents for unit in document]
    judged = sum(len(unit) for unit in units)
    parts = []
    for place, code in enumerate(codes):
        marked, apart = 0, discordant if place == 0 else 0
        for unit in units:
            having = sum(code in given for given in unit)
            marked += having
            apart += having * (len(unit) - having) / (len(unit) - 1)
        expected = 2 * marked * (judged - marked) / (judged * (judged - 1)) if judged > 1 else 0
        parts.append((2 * apart / judged if judged else 0, expected))
    return _pooled_with_first(parts)


def _pooled_with_first(parts):
    """As `_pooled`, with the judgement added to the first code counted even if it is unused."""
    expected = sum(chance for _, chance in parts)
    return sum(apart for apart, _ in parts) / expected if expected > 0 else None


def percent(documents, discordant, codes):
    units = [unit for document in documents for unit in document]
    judged = sum(len(unit) for unit in units)
    total, apart = 0, 2 * discordant / judged if judged else 0
    for code in codes:
        shares = []
        for unit in units:
            having, m = sum(code in given for given in unit), len(unit)
            shares.append(2 * having * (m - having) / (m * (m - 1)))
        apart += sum(shares) / len(shares) if shares else 0
        total += bool(shares)
    return apart / total if total else None


def kappa(documents, discordant, codes):
    """Of two coders."""
    units = [unit for document in documents for unit in document]
    n = len(units)
    parts = []
    for place, code in enumerate(codes):
        one = sum(code in unit[0] for unit in units)
        other = sum(code in unit[1] for unit in units)
        apart = sum((code in unit[0]) != (code in unit[1]) for unit in units)
        apart += discordant if place == 0 else 0
        chance = one * (n - other) + other * (n - one)
        parts.append((apart / n if n else 0, chance / n**2 if n else 0))
    return _pooled_with_first(parts)


def count_runs(documents, codes):
    """Maximal runs of neighbouring units on which coders differ about any of the codes."""
    runs = 0
    for document in documents:
        differs = [
            any(len({code in given for given in unit}) > 1 for code in codes) for unit in document
        ]
        runs += sum(apart for apart, _ in groupby(differs))
    return runs


def mean_over_pairs(ratio, documents, discordant, coders):
    """The mean ratio over pairs of ``coders``; documents are {coder: …}.

    A judgement of one of m coders changes m − 1 of the m(m − 1)/2 pairs. A pair's own judgement is
    spread over the documents that it shares.
    """
    found = []
    for pair in combinations(range(coders), 2):
        shared = [d for d in documents if pair[0] in d and pair[1] in d]
        value = ratio([[d[coder] for coder in pair] for d in shared], discordant(pair, shared))
        if value is not None:
            found.append(value)
    return sum(found) / len(found) if found else None


def label_alpha(documents, discordant):
    """Documents are lists of (label, label) of matched passages; nominal α."""
    pairs = [pair for document in documents for pair in document]
    counts = {}
    for label in (label for pair in pairs for label in pair):
        counts[label] = counts.get(label, 0) + 1
    n = 2 * len(pairs)
    expected = sum(count * (n - count) for count in counts.values()) / max(n * (n - 1), 1)
    apart = sum(one != other for one, other in pairs) + discordant
    return 2 * apart / n / expected if expected > 0 else None
