# ruff: noqa
# fmt: off
# Kept as it came with the reference cases, apart from a few measures added: a transcription of the
# published formulae, written by the project's own authors, to compare quicker code with.
"""Naive, obviously-correct reference implementation (an *oracle* for property tests).

Everything here is a direct transcription of the definitions: nested loops over
annotators and units, no sweeps, no caching, no NumPy.  Quadratic (or worse) on purpose.
Written from the published formulas, without third-party code.

Contents
--------
unitizing, 2016 family (Krippendorff, Mathet, Bouvry & Widloecher 2016; Krippendorff 2019 sec. 12.6)
    unitizing_family(...)      u_alpha, bar_u_alpha, cu_alpha, (k)u_alpha + all the matrices
    unitizing_bruteforce(...)  the same u_alpha / bar_u_alpha from *pairs of characters*, as a
                               second, independent route to the same numbers (O((mL)^2))
unitizing, 1995/2004 measure (Krippendorff 1995; 2004 Q&Q 38; 2004 book ch. 11)
    delta2_1995, unitizing_1995(...)
coding of predefined units
    percent_agreement, cohen_kappa, scott_pi, fleiss_kappa, gwet_ac1, krippendorff_alpha
span matching
    span_prf(...)              exact / overlap / partial-credit / character-level P, R, F1

Conventions
-----------
* A span is (start, end, code), half-open [start, end), integer positions, start < end.
* An annotator is a list of spans; a *document* is a list of annotators; a *corpus* is a list
  of (annotators, length).  All annotators in the list HAVE annotated the document (an annotator
  with an empty list says "nothing here is relevant").  An annotator who did not look at the
  document must be left out of it.
* Within one annotator and one *layer*, spans must not overlap (touching is fine): that is what
  the definitions require.  For overlapping codes call these functions once per code
  (``binarise``), which gives one layer per code.
* Undefined results are float('nan'); never silently 0 or 1.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import combinations

GAP = None  # the value "phi" of the paper: a stretch the annotator left uncoded
NAN = float("nan")


# ------------------------------------------------------------------ helpers


def check_layer(spans, begin, length):
    spans = sorted(spans, key=lambda s: (s[0], s[1]))
    prev_end = begin
    for start, end, code in spans:
        if code is GAP:
            raise ValueError("None is reserved for gaps")
        if not (start < end):
            raise ValueError("empty or negative span %r" % ((start, end, code),))
        if start < prev_end:
            raise ValueError(
                "spans of one annotator overlap (or leave the continuum) at %r"
                % ((start, end, code),)
            )
        prev_end = end
    if prev_end > begin + length:
        raise ValueError("span leaves the continuum")
    return spans


def with_gaps(spans, begin, length):
    """Partition [begin, begin+length) into the annotator's units and the gaps between them."""
    out, pos = [], begin
    for start, end, code in check_layer(spans, begin, length):
        if pos < start:
            out.append((pos, start, GAP))
        out.append((start, end, code))
        pos = end
    if pos < begin + length:
        out.append((pos, begin + length, GAP))
    return out


def binarise(spans, code, merge=True):
    """One annotator's layer for one code; overlapping/nested spans of that code are united.

    merge=True also unites *touching* spans of the same code only if they overlap;
    touching spans stay two units (the 1995/2016 measures are sensitive to that).
    """
    own = sorted((s, e) for s, e, c in spans if c == code)
    out = []
    for s, e in own:
        if merge and out and s < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], e))
        else:
            out.append((s, e))
    return [(s, e, code) for s, e in out]


def intersection(a, b):
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _ratio(do, de):
    """1 - do/de; undefined (nan) when nothing could have disagreed."""
    if de == 0:
        return NAN
    return float(1 - Fraction(do) / Fraction(de))


# ------------------------------------------------------------------ 2016 family


def unitizing_family(corpus, begin=0, cu_correction="pairwise"):
    """u, |u, cu and (k)u alpha, nominal.

    corpus: list of (annotators, length); annotators: list (>= 2) of span lists.
    Documents are separate continua: coincidences, self-pairings and lengths add up over them,
    which is the same as concatenating them when every document has the same number of
    annotators m; with unequal m each document's coincidences carry its own 1/(m-1).

    cu_correction: how the self-pairing of the valued intersections (the subtracted sum in
    the expected coincidences of cu_alpha) is counted; matters only for m > 2:
      "pairwise" 1/(m-1) * sum_{i} sum_{j != i} sum_{g in i} (sum_{h in j, valued} |g^h|)^2
      "union"    sum_{i} sum_{g in i} |g ^ union_{j != i} valued_j|^2
    """
    obs = defaultdict(Fraction)  # l_ck
    self_c = defaultdict(Fraction)  # sum of squares (units) / lengths (gaps), by value
    cu_self_c = defaultdict(Fraction)
    values = set()
    for annotators, length in corpus:
        m = len(annotators)
        if m < 2:
            continue
        parts = [with_gaps(a, begin, length) for a in annotators]
        for i in range(m):
            for g in parts[i]:
                values.add(g[2])
                n = g[1] - g[0]
                self_c[g[2]] += n if g[2] is GAP else n * n
                for j in range(m):
                    if j == i:
                        continue
                    for h in parts[j]:
                        obs[g[2], h[2]] += Fraction(intersection(g, h), m - 1)
                if g[2] is GAP:
                    continue
                if cu_correction == "pairwise":
                    for j in range(m):
                        if j != i:
                            x = sum(intersection(g, h) for h in parts[j] if h[2] is not GAP)
                            cu_self_c[g[2]] += Fraction(x * x, m - 1)
                elif cu_correction == "union":
                    covered = set()
                    for j in range(m):
                        if j != i:
                            for h in parts[j]:
                                if h[2] is not GAP:
                                    covered.update(range(max(g[0], h[0]), min(g[1], h[1])))
                    cu_self_c[g[2]] += len(covered) ** 2
                else:
                    raise ValueError(cu_correction)

    units = sorted((v for v in values if v is not GAP), key=str)
    everything = ([GAP] if GAP in values else []) + units
    l_c = {c: sum((obs[c, k] for k in everything), Fraction(0)) for c in everything}
    total = sum(l_c.values(), Fraction(0))
    denom = total * total - sum(self_c.values(), Fraction(0))
    exp = {}
    for c in everything:
        for k in everything:
            num = l_c[c] * l_c[k] - (self_c[c] if c == k else 0)
            exp[c, k] = total * num / denom if denom else Fraction(0)

    u = (
        _ratio(
            total - sum(obs[c, c] for c in everything), total - sum(exp[c, c] for c in everything)
        )
        if denom
        else NAN
    )

    if GAP in values and units and denom:
        bar = _ratio(l_c[GAP] - obs[GAP, GAP], sum(exp[GAP, k] for k in everything) - exp[GAP, GAP])
    else:
        bar = NAN

    cl = {c: sum((obs[c, k] for k in units), Fraction(0)) for c in units}
    ctotal = sum(cl.values(), Fraction(0))
    cdenom = ctotal * ctotal - sum(cu_self_c.values(), Fraction(0))
    cexp, cu, k_alpha, coverage = {}, NAN, {}, {}
    if ctotal and cdenom:
        for c in units:
            for k in units:
                num = cl[c] * cl[k] - (cu_self_c[c] if c == k else 0)
                cexp[c, k] = ctotal * num / cdenom
        cu = _ratio(ctotal - sum(obs[c, c] for c in units), ctotal - sum(cexp[c, c] for c in units))
        for k in units:
            e_k = sum(cexp[k, c] for c in units)
            if cl[k] == 0 or e_k - cexp[k, k] == 0:
                k_alpha[k] = NAN
            else:
                k_alpha[k] = float(1 - (e_k / cl[k]) * (cl[k] - obs[k, k]) / (e_k - cexp[k, k]))
    for k in units:
        k_alpha.setdefault(k, NAN)
        coverage[k] = float(cl[k] / l_c[k]) if l_c[k] else NAN
    return {
        "u_alpha": u,
        "bar_u_alpha": bar,
        "cu_alpha": cu,
        "ku_alpha": k_alpha,
        "cu_coverage": float(ctotal / total) if total else NAN,
        "ku_coverage": coverage,
        "observed": {ck: float(v) for ck, v in obs.items() if v},
        "expected": {ck: float(v) for ck, v in exp.items()},
        "cu_expected": {ck: float(v) for ck, v in cexp.items()},
        "margins": {c: float(v) for c, v in l_c.items()},
        "total": float(total),
    }


def unitizing_bruteforce(annotators, length, begin=0):
    """u_alpha and |u_alpha of ONE continuum from first principles, one character at a time.

    Observed: every pair of annotators, every position.
    Expected: every ordered pair of (annotator, position) cells anywhere on the m continua,
    except pairs inside one and the same unit; gaps have no structure, so only the pair of a
    gap cell with itself is excluded.
    """
    m = len(annotators)
    cells = []  # (value, unit identity)
    for i, a in enumerate(annotators):
        row = []
        for n, (s, e, c) in enumerate(with_gaps(a, begin, length)):
            for p in range(s, e):
                row.append((c, ("gap", i, p) if c is GAP else ("unit", i, n)))
        cells.append(row)
    d_obs = d_obs_bar = n_obs = 0
    for i in range(m):
        for j in range(m):
            if i != j:
                for p in range(length):
                    n_obs += 1
                    a, b = cells[i][p][0], cells[j][p][0]
                    d_obs += a != b
                    d_obs_bar += (a is GAP) != (b is GAP)
    flat = [c for row in cells for c in row]
    d_exp = d_exp_bar = n_exp = 0
    for a in flat:
        for b in flat:
            if a[1] == b[1]:
                continue
            n_exp += 1
            d_exp += a[0] != b[0]
            d_exp_bar += (a[0] is GAP) != (b[0] is GAP)
    out = {}
    for name, o, e in (("u_alpha", d_obs, d_exp), ("bar_u_alpha", d_obs_bar, d_exp_bar)):
        out[name] = NAN if e == 0 else float(1 - Fraction(o, n_obs) / Fraction(e, n_exp))
    return out


# ------------------------------------------------------------------ 1995 / 2004 measure


def delta2_1995(g, h):
    """Squared difference of two sections (b, l, v): begin, length, v = 1 unit / 0 gap."""
    bg, lg, vg = g
    bh, lh, vh = h
    if vg and vh and -lg < bg - bh < lh:
        return (bg - bh) ** 2 + (bg + lg - bh - lh) ** 2
    if vg and not vh and lh - lg >= bg - bh >= 0:
        return lg**2
    if vh and not vg and lh - lg <= bg - bh <= 0:
        return lh**2
    return 0


def unitizing_1995(annotators, length, begin=0, categories=None):
    """alpha_U of Krippendorff (1995), with the corrected D_e of Krippendorff (2004).

    -> {"alpha": overall, "do": {c: ..}, "de": {c: ..}, "per_category": {c: ..}}
    """
    m, big_l = len(annotators), length
    if categories is None:
        categories = sorted({s[2] for a in annotators for s in a}, key=str)
    do, de, per = {}, {}, {}
    for c in categories:
        rows = []
        for a in annotators:
            own = [s for s in a if s[2] == c]
            rows.append(
                [(s, e - s, int(v is not GAP)) for s, e, v in with_gaps(own, begin, length)]
            )
        total = 0
        for i in range(m):
            for j in range(m):
                if i != j:
                    for g in rows[i]:
                        for h in rows[j]:
                            total += delta2_1995(g, h)
        do[c] = Fraction(total, m * (m - 1) * big_l**2)
        n_c = sum(g[2] for row in rows for g in row)
        num, sub = Fraction(0), 0
        for row in rows:
            for _, lg, vg in row:
                if not vg:
                    continue
                sub += lg * (lg - 1)
                num += Fraction(n_c - 1, 3) * (2 * lg**3 - 3 * lg**2 + lg)
                num += lg**2 * sum(
                    lh - lg + 1 for other in rows for _, lh, vh in other if not vh and lh >= lg
                )
        denom = m * big_l * (m * big_l - 1) - sub
        de[c] = Fraction(2, big_l) * num / denom
        per[c] = _ratio(do[c], de[c])
    return {
        "alpha": _ratio(sum(do.values()), sum(de.values())) if categories else NAN,
        "per_category": per,
        "do": {c: float(v) for c, v in do.items()},
        "de": {c: float(v) for c, v in de.items()},
    }


# ------------------------------------------------------------------ coding of given units
# ratings: list of units, each a list with one entry per annotator (None = missing)


def _pairs(unit):
    vals = [v for v in unit if v is not None]
    return [(vals[a], vals[b]) for a in range(len(vals)) for b in range(len(vals)) if a != b]


def percent_agreement(ratings):
    """Mean over units with >= 2 values of the share of agreeing pairs (Fleiss' P-bar)."""
    per = []
    for u in ratings:
        p = _pairs(u)
        if p:
            per.append(Fraction(sum(a == b for a, b in p), len(p)))
    return float(sum(per) / len(per)) if per else NAN


def cohen_kappa(ratings):
    both = [(u[0], u[1]) for u in ratings if u[0] is not None and u[1] is not None]
    n = len(both)
    if n == 0:
        return NAN
    cats = {v for ab in both for v in ab}
    po = Fraction(sum(a == b for a, b in both), n)
    pe = sum(
        Fraction(sum(a == c for a, _ in both) * sum(b == c for _, b in both), n * n) for c in cats
    )
    return _ratio(1 - po, 1 - pe)


def light_kappa(ratings):
    """The mean of the pairs' kappas that are defined (Light 1971)."""
    each = [cohen_kappa(pair) for pair in _of_pairs(ratings)]
    some = [value for value in each if not math.isnan(value)]
    return sum(some) / len(some) if some else NAN


def hubert_kappa(ratings):
    """Agreement and chance agreement each averaged over pairs (Hubert 1977, Conger 1980).
    Every unit has a value from everybody."""
    observed, expected = [], []
    for pair in _of_pairs(ratings):
        n = len(pair)
        one, other = (Counter(values) for values in zip(*pair))
        observed.append(Fraction(sum(a != b for a, b in pair), n))
        expected.append(1 - sum(Fraction(one[c] * other[c], n * n) for c in one))
    return _ratio(sum(observed), sum(expected))


def _of_pairs(ratings):
    for i, j in combinations(range(len(ratings[0])), 2):
        yield [(unit[i], unit[j]) for unit in ratings]


def pairable_agreement(ratings):
    """Percent agreement, each unit weighted by its number of values (Krippendorff 2004, p. 230)."""
    full = [[v for v in u if v is not None] for u in ratings]
    full = [u for u in full if len(u) >= 2]
    agreed = sum(sum(a == b for a, b in _pairs(u)) / Fraction(len(u) - 1) for u in full)
    return float(agreed / sum(map(len, full)))


def scott_pi(ratings):
    both = [(u[0], u[1]) for u in ratings if u[0] is not None and u[1] is not None]
    n = len(both)
    if n == 0:
        return NAN
    cats = {v for ab in both for v in ab}
    po = Fraction(sum(a == b for a, b in both), n)
    pe = sum(Fraction(sum((a == c) + (b == c) for a, b in both), 2 * n) ** 2 for c in cats)
    return _ratio(1 - po, 1 - pe)


def fleiss_kappa(ratings):
    """Fleiss (1971) for complete data; Gwet's generalisation when values are missing:
    pa over units with >= 2 values, category shares as the mean over units with >= 1 value of
    the unit's share of that category."""
    full = [[v for v in u if v is not None] for u in ratings]
    full = [u for u in full if u]
    if not any(len(u) >= 2 for u in full):
        return NAN
    cats = {v for u in full for v in u}
    pa = Fraction(percent_agreement_exact(full))
    pe = sum((sum(Fraction(u.count(c), len(u)) for u in full) / len(full)) ** 2 for c in cats)
    return _ratio(1 - pa, 1 - pe)


def percent_agreement_exact(full):
    per = []
    for u in full:
        if len(u) >= 2:
            p = _pairs(u)
            per.append(Fraction(sum(a == b for a, b in p), len(p)))
    return sum(per) / len(per)


def gwet_ac1(ratings, categories=None):
    full = [[v for v in u if v is not None] for u in ratings]
    full = [u for u in full if u]
    if not any(len(u) >= 2 for u in full):
        return NAN
    cats = set(categories) if categories is not None else {v for u in full for v in u}
    q = len(cats)
    if q < 2:
        return NAN
    pa = percent_agreement_exact(full)
    pe = Fraction(0)
    for c in cats:
        pi = sum(Fraction(u.count(c), len(u)) for u in full) / len(full)
        pe += pi * (1 - pi)
    pe /= q - 1
    return _ratio(1 - pa, 1 - pe)


def brennan_prediger(ratings, categories=None):
    """Chance is 1/k for each of k categories (Brennan & Prediger 1981, kappa_n)."""
    full = [[v for v in u if v is not None] for u in ratings]
    full = [u for u in full if u]
    if not any(len(u) >= 2 for u in full):
        return NAN
    cats = set(categories) if categories is not None else {v for u in full for v in u}
    if len(cats) < 2:
        return NAN
    return _ratio(1 - percent_agreement_exact(full), 1 - Fraction(1, len(cats)))


def krippendorff_alpha(ratings, metric="nominal"):
    """From all pairs of pairable values.  metric: nominal, ordinal, interval, ratio."""
    pairable = [[v for v in u if v is not None] for u in ratings]
    pairable = [u for u in pairable if len(u) >= 2]
    flat = [v for u in pairable for v in u]
    n = len(flat)
    if n == 0:
        return NAN
    ordered = sorted(set(flat)) if metric != "nominal" else None

    def d2(a, b):
        if metric == "nominal":
            return Fraction(int(a != b))
        if metric == "interval":
            return Fraction(a - b) ** 2
        if metric == "ratio":
            return Fraction(0) if a == b else (Fraction(a - b) / Fraction(a + b)) ** 2
        if metric == "ordinal":
            lo, hi = min(a, b), max(a, b)
            between = sum(flat.count(g) for g in ordered if lo <= g <= hi)
            return (between - Fraction(flat.count(lo) + flat.count(hi), 2)) ** 2
        raise ValueError(metric)

    memo = {}

    def d(a, b):
        if (a, b) not in memo:
            memo[a, b] = d2(a, b) if a != b else Fraction(0)
        return memo[a, b]

    do = sum(sum(d(a, b) for a, b in _pairs(u)) / (len(u) - 1) for u in pairable) / n
    counts = defaultdict(int)
    for v in flat:
        counts[v] += 1
    de = sum(d(a, b) * counts[a] * counts[b] for a in counts for b in counts) / (n * (n - 1))
    return _ratio(do, de)


# ------------------------------------------------------------------ span precision / recall / F1


def span_prf(gold, pred, mode="exact", typed=True):
    """P, R, F1 of pred against gold (lists of (start, end, code), half-open).

    exact    identical boundaries (and code when typed); one-to-one
    overlap  a span counts as found if any span of the other side (same code when typed)
             shares at least one position with it; P over pred, R over gold
    chars    (position, code) pairs as sets; multiset-free, so overlaps of the same code count once
    """
    key = (lambda s: s) if typed else (lambda s: (s[0], s[1], None))
    gold, pred = [key(s) for s in gold], [key(s) for s in pred]
    if mode == "exact":
        left, tp = list(gold), 0
        for s in pred:
            if s in left:
                left.remove(s)
                tp += 1
        p_num = r_num = tp
        p_den, r_den = len(pred), len(gold)
    elif mode == "overlap":
        hit = lambda s, others: any(s[2] == o[2] and intersection(s, o) > 0 for o in others)
        p_num, p_den = sum(hit(s, gold) for s in pred), len(pred)
        r_num, r_den = sum(hit(s, pred) for s in gold), len(gold)
    elif mode == "chars":
        cells = lambda spans: {(p, c) for s, e, c in spans for p in range(s, e)}
        a, b = cells(gold), cells(pred)
        p_num = r_num = len(a & b)
        p_den, r_den = len(b), len(a)
    else:
        raise ValueError(mode)
    p = p_num / p_den if p_den else NAN
    r = r_num / r_den if r_den else NAN
    f = NAN if math.isnan(p) or math.isnan(r) else (0.0 if p + r == 0 else 2 * p * r / (p + r))
    return p, r, f


# ------------------------------------------------------------------ Gwet's analytic standard errors


def gwet_family(ratings, coefficient="ac1", categories=None):
    """(estimate, standard error, n) by Gwet's linearisation (Gwet 2014, ch. 5; 2021), unweighted.

    coefficient: "ac1", "fleiss", "alpha", "percent".  Inference is to the universe of UNITS
    (raters fixed), finite-population correction 0.  CI = estimate +- t_{n-1, 1-a/2} * SE, cut at 1.
    """
    units = [[v for v in u if v is not None] for u in ratings]
    units = [u for u in units if u]
    if coefficient == "alpha":
        units = [u for u in units if len(u) >= 2]
    cats = sorted(set(categories) if categories else {v for u in units for v in u}, key=str)
    q, n = len(cats), len(units)
    n2 = sum(len(u) >= 2 for u in units)
    if n2 == 0 or n < 2:
        return NAN, NAN, n
    cnt = [[u.count(c) for c in cats] for u in units]
    if coefficient == "alpha":
        rbar = sum(map(len, units)) / n
        eps = 1.0 / (n * rbar)
        raw = [sum(k * (k - 1) for k in row) / (rbar * (len(u) - 1)) for row, u in zip(cnt, units)]
        pi = [sum(row[c] for row in cnt) / (n * rbar) for c in range(q)]
        pa0 = sum(raw) / n
        pa = (1 - eps) * pa0 + eps
        pe = sum(p * p for p in pi)
        if pe == 1:
            return NAN, NAN, n
        est = (pa - pe) / (1 - pe)
        # the standard error is that of the coefficient without the small-sample term eps,
        # exactly as in Gwet's own irrCAC package (R and Python)
        est0 = (pa0 - pe) / (1 - pe)
        tot = 0.0
        for row, u, p in zip(cnt, units, raw):
            pa_i = p - pa * (len(u) - rbar) / rbar
            pe_i = sum(pi[c] * row[c] for c in range(q)) / rbar - pe * (len(u) - rbar) / rbar
            tot += ((pa_i - pe) / (1 - pe) - 2 * (1 - est0) * (pe_i - pe) / (1 - pe) - est0) ** 2
        return est, math.sqrt(tot / (n * (n - 1))), n
    pi = [sum(row[c] / len(u) for row, u in zip(cnt, units)) / n for c in range(q)]
    pa_i = [
        sum(k * (k - 1) for k in row) / (len(u) * (len(u) - 1)) if len(u) >= 2 else 0.0
        for row, u in zip(cnt, units)
    ]
    pa = sum(pa_i) / n2
    if coefficient == "percent":
        pe, pe_i = 0.0, [0.0] * n
    elif coefficient == "fleiss":
        pe = sum(p * p for p in pi)
        pe_i = [sum(pi[c] * row[c] / len(u) for c in range(q)) for row, u in zip(cnt, units)]
    elif coefficient == "ac1":
        if q < 2:
            return NAN, NAN, n
        pe = sum(p * (1 - p) for p in pi) / (q - 1)
        pe_i = [
            sum((1 - pi[c]) * row[c] / len(u) for c in range(q)) / (q - 1)
            for row, u in zip(cnt, units)
        ]
    else:
        raise ValueError(coefficient)
    if pe == 1:
        return NAN, NAN, n
    est = (pa - pe) / (1 - pe)
    tot = 0.0
    for u, p, e in zip(units, pa_i, pe_i):
        own = (n / n2) * (p - pe) / (1 - pe) if len(u) >= 2 else 0.0
        tot += (own - 2 * (1 - est) * (e - pe) / (1 - pe) - est) ** 2
    return est, math.sqrt(tot / (n * (n - 1))), n


def cohen_error(ratings):
    """(standard error, n) of Cohen's kappa, the variance divided by n as irrCAC does for tables."""
    n = len(ratings)
    one, other = (Counter(values) for values in zip(*ratings))
    po = sum(a == b for a, b in ratings) / n
    pe = sum(one[c] * other[c] for c in one) / n**2
    kappa = (po - pe) / (1 - pe)
    total = 0.0
    for a, b in ratings:
        own = (one[b] + other[a]) / (2 * n)
        part = ((a == b) - pe - 2 * (1 - kappa) * (own - pe)) / (1 - pe)
        total += (part - kappa) ** 2
    return math.sqrt(total) / n, n


# ------------------------------------------------------------------ Krippendorff's own bootstrap


def krippendorff_bootstrap(ratings, metric="nominal", replicates=2000, seed=1):
    """Krippendorff's bootstrap (2006/2016; the KALPHA macro of Hayes & Krippendorff 2007).

    Draws, for every unit with m_u values, its m_u (m_u - 1) / 2 pairs independently from the
    observed coincidence distribution o_ck / n..; the expected disagreement stays FIXED.
    Returns (alpha, sorted replicates).  Narrower than resampling units: pairs of one unit are
    treated as independent and D_e as known.
    """
    import random

    pairable = [[v for v in u if v is not None] for u in ratings]
    pairable = [u for u in pairable if len(u) >= 2]
    flat = [v for u in pairable for v in u]
    n = len(flat)
    values = sorted(set(flat), key=lambda v: (str(type(v)), v))
    count = {v: flat.count(v) for v in values}
    obs = defaultdict(float)
    for u in pairable:
        for a, b in _pairs(u):
            obs[a, b] += 1.0 / (len(u) - 1)

    def d2(a, b):
        if metric == "nominal":
            return float(a != b)
        if metric == "interval":
            return float(a - b) ** 2
        if metric == "ordinal":
            lo, hi = min(a, b), max(a, b)
            return (
                sum(count[g] for g in values if lo <= g <= hi) - (count[lo] + count[hi]) / 2
            ) ** 2
        raise ValueError(metric)

    de = sum(d2(a, b) * count[a] * count[b] for a in values for b in values) / (n * (n - 1))
    if de == 0:
        return NAN, []
    alpha = 1 - sum(d2(a, b) * o for (a, b), o in obs.items()) / n / de
    cells = list(obs)
    delta = [d2(a, b) for a, b in cells]
    prob = [obs[c] for c in cells]
    weights = [2.0 / (len(u) - 1) for u in pairable for _ in range(len(u) * (len(u) - 1) // 2)]
    rnd, out = random.Random(seed), []
    for _ in range(replicates):
        draw = rnd.choices(delta, prob, k=len(weights))
        out.append(1 - sum(w * d for w, d in zip(weights, draw)) / (n * de))
    return alpha, sorted(out)


# ------------------------------------------------------------------ sets of codes


def jaccard_distance(a, b):
    """1 - |a & b| / |a | b|; two empty sets are equal."""
    return Fraction(0) if a == b else 1 - Fraction(len(a & b), len(a | b))


def masi_distance(a, b):
    """1 - J * M (Passonneau 2006), with M = 1, 2/3, 1/3 or 0."""
    if a == b:
        return Fraction(0)
    if not a & b:
        return Fraction(1)
    m = Fraction(2, 3) if a <= b or b <= a else Fraction(1, 3)
    return 1 - m * Fraction(len(a & b), len(a | b))


def set_alpha(units, distance):
    """Krippendorff's alpha of sets: `units` are rows of frozensets, None where one is missing.

    Straight from the definition: all ordered pairs of values of a unit, each weighted by 1/(m - 1),
    against all ordered pairs of pairable values.
    """
    rows = [[v for v in unit if v is not None] for unit in units]
    rows = [row for row in rows if len(row) >= 2]
    values = [v for row in rows for v in row]
    n = len(values)
    if n < 2:
        return NAN
    observed = Fraction(0)
    for row in rows:
        for i, a in enumerate(row):
            for j, b in enumerate(row):
                if i != j:
                    observed += distance(a, b) / (len(row) - 1)
    expected = Fraction(0)
    for i, a in enumerate(values):
        for j, b in enumerate(values):
            if i != j:
                expected += distance(a, b)
    return _ratio(observed / n, expected / (n * (n - 1)))
