"""The state of every place of a source by its definition, pair by pair, from plain rows."""

from cstoannot.annotations.models import Annotation
from cstoannot.assignments.models import Assignment
from cstoannot.decisions.models import Decision


def compute_slow_states(source):
    """Start, end and state of every place, in order, of a source with one code."""
    done = Assignment.objects.filter(source=source, state="done").values_list("annotator_id")
    readers = {pk for (pk,) in done}
    decisions = list(Decision.objects.filter(source=source, apart=False))
    weighed = {one.pk: _list_weighed(one) for one in decisions}
    settled = {pair for pairs in weighed.values() for pair in pairs}
    rows = [
        one
        for one in Annotation.objects.filter(source=source, layer="individual")
        if one.annotator_id in readers or (one.pk, one.version) in settled
    ]
    places = [{"rows": [one], "decisions": []} for one in rows]
    places += [{"rows": [], "decisions": [one]} for one in decisions]
    made = {one.pk: one for one in Annotation.objects.filter(source=source, layer="consensus")}
    while (pair := _find_linked(places, settled, weighed, made)) is not None:
        one, other = pair
        one["rows"] += other["rows"]
        one["decisions"] += other["decisions"]
        places.remove(other)
    return sorted(_describe(place, settled, weighed) for place in places)


def _list_weighed(decision):
    return {
        (type(decision.pk)(one["id"]), one["version"])
        for reading in decision.readings
        for one in reading["passages"]
    }


def _find_linked(places, settled, weighed, made):
    for number, one in enumerate(places):
        for other in places[number + 1 :]:
            if _are_linked(one, other, settled, weighed, made):
                return one, other
    return None


def _are_linked(one, other, settled, weighed, made):
    for first, second in ((one, other), (other, one)):
        for row in first["rows"]:
            is_settled = (row.pk, row.version) in settled
            for two in second["rows"]:
                both = is_settled and (two.pk, two.version) in settled
                if not both and row.start < two.end and two.start < row.end:
                    return True
            for decision in second["decisions"]:
                if row.pk in {pk for pk, _ in weighed[decision.pk]}:
                    return True
                left = [made[type(row.pk)(pk)] for pk in decision.passages]
                if not is_settled and any(
                    row.start < passage.end and passage.start < row.end for passage in left
                ):
                    return True
    return False


def _describe(place, settled, weighed):
    rows, decisions = place["rows"], place["decisions"]
    bounds = rows or decisions
    start, end = min(one.start for one in bounds), max(one.end for one in bounds)
    there = {(one.pk, one.version) for one in rows}
    if not decisions:
        return start, end, "undecided"
    wanted = set().union(*(weighed[one.pk] for one in decisions))
    return start, end, "decided" if there == wanted else "again"
