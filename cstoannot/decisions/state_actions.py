"""Store how far sources are decided, where their coding has changed since."""

from cstoannot.assignments.models import SourceConsensus
from cstoannot.decisions.record_actions import store_states
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action

SOURCES_AT_ONCE = 50
"""Sources in one transaction: those who save in them wait less than half a second."""


def refresh_consensus_states(scope: Scope) -> int:
    """Store the states of all sources that are in doubt; return how many there were.

    Others can save in between, and put a source in doubt again.
    """
    scope.require(Permission.DECIDE)
    doubtful = SourceConsensus.objects.filter(project_id=scope.project_id, doubtful=True)
    ids = sorted(doubtful.values_list("source_id", flat=True))
    for first in range(0, len(ids), SOURCES_AT_ONCE):
        _refresh_batch(scope, ids[first : first + SOURCES_AT_ONCE])
    return len(ids)


@project_action
def _refresh_batch(scope: Scope, source_ids: list[int]) -> None:
    scope.require(Permission.DECIDE)
    rows = SourceConsensus.objects.filter(project_id=scope.project_id, source_id__in=source_ids)
    # Whoever changes the coding now waits for these rows, and puts them in doubt afterwards.
    list(rows.select_for_update(of=("self",)).order_by("source_id").values_list("pk"))
    store_states(scope, source_ids, spelled=False)
