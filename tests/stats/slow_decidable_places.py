"""Places to decide by their definition: everything beside everything, joined until nothing joins.

A passage is (source, code, start, end), a decision (source, start, end, weighed, made, lost):
`weighed` {passage's number: whether unchanged}, `made` a list of (code, start, end).
"""


def group_slowly(passages, different, decisions):
    """Places as (source, start, end, state, numbers of passages, numbers of decisions), in order.

    `different`: pairs of numbers of passages, the same stretch under different codes.
    """
    settled = {
        number for *_, weighed, _, _ in decisions for number, same in weighed.items() if same
    }
    links = _list_links(passages, different, decisions, settled)
    nodes = [("passage", number) for number in range(len(passages))]
    nodes += [("decision", number) for number in range(len(decisions))]
    places = [{node} for node in nodes]
    for one, other in links:
        joined = [place for place in places if one in place or other in place]
        places = [place for place in places if place not in joined] + [set().union(*joined)]
    return sorted(_describe(place, passages, decisions, settled) for place in places)


def _list_links(passages, different, decisions, settled):
    links = []
    for number, (source, code, start, end) in enumerate(passages):
        for other, (where, what, begin, stop) in enumerate(passages[:number]):
            alike = (source, code) == (where, what) and start < stop and begin < end
            named = (number, other) in different or (other, number) in different
            if (alike or named) and not {number, other} <= settled:
                links.append((("passage", number), ("passage", other)))
        for decision, (where, _, _, weighed, made, _) in enumerate(decisions):
            reached = any(
                (source, code) == (where, what) and start < stop and begin < end
                for what, begin, stop in made
            )
            if number in weighed or (reached and number not in settled):
                links.append((("passage", number), ("decision", decision)))
    return links


def _describe(place, passages, decisions, settled):
    inside = sorted(number for kind, number in place if kind == "passage")
    decided = sorted(number for kind, number in place if kind == "decision")
    bounds = [(passages[n][0], *passages[n][2:]) for n in inside]
    bounds = bounds or [decisions[n][:3] for n in decided]
    state = "undecided"
    if decided:
        as_weighed = all(
            not lost and all(weighed.values())
            for *_, weighed, _, lost in (decisions[n] for n in decided)
        )
        state = "decided" if as_weighed and settled.issuperset(inside) else "again"
    (source,) = {one for one, _, _ in bounds}
    start, end = min(low for _, low, _ in bounds), max(high for _, _, high in bounds)
    return source, start, end, state, inside, decided
