"""Keep decisions as they are when codes or speakers are merged: nobody changed their mind."""

import uuid
from collections.abc import Mapping

from cstoannot.decisions.models import Decision
from cstoannot.projects.scope import Scope

AT_ONCE = 50  # rows in one statement


def carry_decisions(
    scope: Scope,
    versions: Mapping[uuid.UUID, int],
    source_ids: set[int],
    said: Mapping[str, str],
) -> None:
    """Let decisions weigh the next version of annotations that a merge has rewritten.

    `versions`: those before it; `said`: the new code, voice or stance. What was weighed in another
    version is to be looked at again as before.
    """
    found = Decision.objects.filter(project_id=scope.project_id, source_id__in=source_ids)
    carried = [
        one
        for one in found.select_for_update(of=("self",)).order_by("pk")
        if _carry_readings(one, versions, said)
    ]
    Decision.objects.bulk_update(carried, ["readings"], batch_size=AT_ONCE)


def _carry_readings(
    decision: Decision, versions: Mapping[uuid.UUID, int], said: Mapping[str, str]
) -> bool:
    """Rewrite the passages that the decision weighed; return whether there are any."""
    carried = False
    for reading in decision.readings:
        for passage in reading["passages"]:
            if versions.get(uuid.UUID(passage["id"])) == passage["version"]:
                passage["version"] += 1
                passage.update(said)
                carried = True
    return carried
