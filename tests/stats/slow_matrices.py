"""The definitions of states, verdicts and distances, cell by cell and in fractions."""

from fractions import Fraction


def balance(stances):
    """Of one source's stances; None without any."""
    s, o, m = (stances.count(one) for one in ("supports", "opposes", "mixed"))
    return Fraction(s - o, s + o + m) if s + o + m else None


def position(b):
    if b is None:
        return None
    if b >= Fraction(1, 3):
        return "supports"
    return "opposes" if b <= Fraction(-1, 3) else "mixed"


def side(b):
    return None if b is None else Fraction({"supports": 1, "opposes": -1, "mixed": 0}[position(b)])


def cell(by_source, *, empty, is_source):
    """A cell from the stances in each of its sources: state, counts, balance.

    `empty`: its state if there is no passage; `is_source`: it is one source's own cell.
    """
    own = [balance(stances) for stances in by_source]
    known = [b if is_source else side(b) for b in own if b is not None]
    mean = sum(known, Fraction(0)) / len(known) if known else None
    every = [stance for stances in by_source for stance in stances]
    state = position(mean) or ("mentioned" if every else empty)
    return {
        "state": state,
        "supports": every.count("supports"),
        "opposes": every.count("opposes"),
        "mixed": every.count("mixed"),
        "mentioned": every.count(""),
        "balance": mean,
    }


def empty(*, contested, quoted, read, given):
    """The state of a cell without a passage."""
    if contested:
        return "contested"
    if quoted:
        return "quoted"
    if read:
        return "silent"
    return "pending" if given else "unassigned"


def verdict(states):
    sides = [state for state in states if state in {"supports", "opposes"}]
    if len(set(sides)) == 2:
        return "diverge"
    if len(sides) >= 2:
        return "agree"
    return "single" if sides else "unaddressed"


def divergence(found):
    """The variance of the balances there are; None of fewer than two."""
    known = [b for b in found if b is not None]
    if len(known) < 2:
        return None
    mean = sum(known, Fraction(0)) / len(known)
    return sum((b - mean) ** 2 for b in known) / len(known)


def left_out(states):
    """The places of the silent, where others take a side."""
    taken = any(state in {"supports", "opposes"} for state in states)
    return [n for n, state in enumerate(states) if state == "silent" and taken]
