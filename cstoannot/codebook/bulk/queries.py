from collections.abc import Sequence

from cstoannot.codebook.bulk.planning import CodeDraft, Plan, check_count, plan_codes
from cstoannot.codebook.queries import visible_codes
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


def preview_codes(scope: Scope, drafts: Sequence[CodeDraft]) -> Plan:
    """What `create_codes` would make of these drafts, and what it would refuse."""
    scope.require(Permission.EDIT_CODEBOOK)
    check_count(len(drafts))
    return plan_codes(list(visible_codes(scope)), drafts)
