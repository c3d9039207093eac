"""Settings of a project on which it hangs whose coding is shown to whom."""

from typing import Any

from cstoannot.assignments.actions import record_looks
from cstoannot.core.versions import Expected
from cstoannot.projects.action import action
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Project, Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


@action
def change_settings(scope: Scope, *, expected: Expected | None = None, **changes: Any) -> Project:
    """Change the project as `change_project` does.

    Another visibility may close sources that were open by the visibility `done`: those who were
    shown the coding of others there are recorded first.
    """
    scope.require(Permission.MANAGE)
    if changes.get("visibility", Visibility.DONE) != Visibility.DONE:
        record_looks(scope)
    return change_project(scope, expected=expected, **changes)
