"""The board's filter: read from an address or a form, and written back."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from cstoannot.assignments.board_queries import NOT_GIVEN, BoardFilter, list_groups
from cstoannot.assignments.models import AssignmentState
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.core.errors import Invalid
from cstoannot.projects.scope import Scope

STATES = [*AssignmentState.choices, (NOT_GIVEN, "Not assigned")]


def parse_board_filter(given: QueryDict) -> BoardFilter:
    """Parse the filter; raise Invalid for what nothing can match."""
    state = given.get("state", "")
    if state and state not in dict(STATES):
        raise Invalid(f"state is one of: {', '.join(dict(STATES))}.", field="state")
    words = {name: given.get(name, "") for name in ("coder", "group")}
    if any("\x00" in word for word in words.values()):
        raise Invalid("A name has no NUL.", field="coder")
    return BoardFilter(
        annotator=words["coder"],
        state=state,
        round=_parse_round(given.get("round", "")),
        group=words["group"],
        late=given.get("late", "") == "1",
    )


def _parse_round(value: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if value else None
    except ValueError:
        raise Invalid("There is no such round.", field="round") from None


def list_board_fields(asked: BoardFilter) -> list[tuple[str, str]]:
    """Return the fields of a form or an address that ask the same; without empty ones."""
    fields = {
        "coder": asked.annotator,
        "state": asked.state,
        "round": str(asked.round or ""),
        "group": asked.group,
        "late": "1" if asked.late else "",
    }
    return [(name, value) for name, value in fields.items() if value]


def format_board_filter(asked: BoardFilter) -> str:
    return urlencode(list_board_fields(asked))


def list_board_choices(scope: Scope) -> dict[str, Any]:
    return {
        "states": STATES,
        "rounds": [(str(one.pk), one.name) for one in visible_rounds(scope)],
        "groups": list_groups(scope),
    }
