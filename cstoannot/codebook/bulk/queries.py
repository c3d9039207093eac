from collections.abc import Sequence

from cstoannot.codebook.bulk.planning import CodeDraft, Plan, plan_codes
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import TooLarge
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

MOST_CODES = 2_000  # at once


def check_count(count: int) -> None:
    """Raise TooLarge for more codes than can be added at once."""
    if count > MOST_CODES:
        raise TooLarge(f"{count:,} codes at once: add {MOST_CODES:,} at most.")


def preview_codes(scope: Scope, drafts: Sequence[CodeDraft]) -> Plan:
    """What `create_codes` would make of these drafts, and what it would refuse."""
    scope.require(Permission.EDIT_CODEBOOK)
    check_count(len(drafts))
    return plan_codes(list(visible_codes(scope)), drafts)
