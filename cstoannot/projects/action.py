"""How an action of a project runs: in one transaction, by somebody who may act at that moment."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from django.db import connection

from cstoannot.core.errors import NotFound
from cstoannot.database.retry import atomic_with_retry
from cstoannot.projects.scope import Scope

P = ParamSpec("P")
R = TypeVar("R")

_FIND_ROLE = """
    SELECT m.role FROM cstoannot_membership m JOIN cstoannot_project p ON p.id = m.project_id
    WHERE m.user_id = %s AND m.project_id = %s AND p.deleted_at IS NULL
"""


def action(
    function: Callable[Concatenate[Scope, P], R],
) -> Callable[Concatenate[Scope, P], R]:
    """Run `function` in a transaction, with the scope as the membership stands in it.

    The request opened its scope before: since then the member may have been removed or given
    another role. The membership stays locked until the end, so a removal comes before the action
    or after it. The function may run several times (see `atomic_with_retry`).
    """

    @functools.wraps(function)
    def run(scope: Scope, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(confirm_membership(scope), *args, **kwargs)

    return atomic_with_retry(run)


def confirm_membership(scope: Scope) -> Scope:
    """The scope with the role of this moment, locked; raises NotFound for a former member.

    Call it inside a transaction. A scope that an outer action has confirmed stays as it is.
    """
    if scope.confirmed:
        return scope
    # On SQLite the transaction has the whole database to itself.
    lock = " FOR SHARE OF m" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_FIND_ROLE + lock, [scope.user_id, scope.project_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such project, or you are not a member of it.")
    return replace(scope, role=row[0], confirmed=True)
