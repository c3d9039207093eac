"""The fields of each kind of row in an archive and the check of each value.

Every row is checked before any is stored.
"""

from collections.abc import Mapping
from typing import Any

from cstoannot.annotations.actions import LONGEST_NOTE, LONGEST_VOICE
from cstoannot.annotations.models import Layer, ProposalState, Stance
from cstoannot.annotations.proposal_actions import LONGEST_CLAIM, LONGEST_REASON
from cstoannot.assignments.models import AssignmentState
from cstoannot.core.errors import Invalid
from cstoannot.exchange.archive.codebook_values import (
    CODE_SHAPE,
    check_codebook_changes,
    check_codebook_snapshot,
)
from cstoannot.exchange.archive.layout import BOUNDS, PROJECT_FLAGS, format_archive_path
from cstoannot.exchange.archive.team_schema import LONGEST_NAME, TEAM_SHAPES
from cstoannot.exchange.archive.values import (
    Check,
    build_choice_check,
    build_line_check,
    build_number_check,
    build_optional_check,
    build_text_check,
    build_unchanged_check,
    check_bounds_value,
    check_date_value,
    check_event_id_value,
    check_event_state_value,
    check_flag_value,
    check_row_fields,
    check_slug_value,
    check_time_value,
    check_username_value,
    check_uuid_value,
)
from cstoannot.projects.models import AgreedBounds, Results, Role, Visibility
from cstoannot.sources.details import clean_source_details
from cstoannot.text.normalise import normalise_text

_PERSON = build_optional_check(check_username_value)


def _build_detail_check(name: str) -> Check:
    return build_unchanged_check(lambda value: clean_source_details({name: value})[name])


SHAPES: Mapping[str, Mapping[str, Check]] = {
    "project": {
        "slug": check_slug_value,
        "name": build_line_check(200, required=True),
        "about": build_text_check(20_000),
        "guidelines": build_text_check(20_000),
        "visibility": build_choice_check(Visibility.values),
        **dict.fromkeys(PROJECT_FLAGS, check_flag_value),
        "results": build_choice_check(Results.values),
        "agreed_bounds": build_choice_check(AgreedBounds.values),
        "version": build_number_check(1),
        "created_at": check_time_value,
    },
    "people": {
        "username": check_username_value,
        "role": build_optional_check(build_choice_check(Role.values)),
        "created_at": build_optional_check(check_time_value),
    },
    "codes": {
        **CODE_SHAPE,
        "meaning_revision": build_number_check(0),
        "added_revision": build_number_check(1),
        "version": build_number_check(1),
        "retired_at": build_optional_check(check_time_value),
    },
    "revisions": {
        "number": build_number_check(1),
        "at": check_time_value,
        "by": _PERSON,
        "note": build_text_check(300),
        "changes": check_codebook_changes,
    },
    "proposals": {
        "id": check_uuid_value,
        "proposed_by": _PERSON,
        "decided_by": _PERSON,
        "source": build_optional_check(build_number_check(1)),
        "parent": build_optional_check(check_slug_value),
        "code": build_optional_check(check_slug_value),
        "name": build_line_check(100, required=True),
        "claim": build_text_check(LONGEST_CLAIM),
        "start": build_optional_check(build_number_check(0)),
        "end": build_optional_check(build_number_check(1)),
        "quote": build_unchanged_check(lambda value: value),
        "state": build_choice_check(ProposalState.values),
        "reason": build_text_check(LONGEST_REASON),
        "created_at": check_time_value,
        "decided_at": build_optional_check(check_time_value),
    },
    "speakers": {
        "key": check_uuid_value,
        "name": build_line_check(LONGEST_VOICE, required=True),
        "note": build_text_check(LONGEST_NOTE),
        "listed": check_flag_value,
        "created_at": check_time_value,
    },
    "sources": {
        "number": build_number_check(1),
        **{
            name: _build_detail_check(name)
            for name in (
                *("title", "publisher", "author", "published"),
                *("url", "language", "group", "note"),
            )
        },
        "text": build_unchanged_check(normalise_text),
        "sha256": build_line_check(64),
        **dict.fromkeys(BOUNDS, check_bounds_value),
        "position": build_number_check(0),
        "round": build_optional_check(build_line_check(LONGEST_NAME, required=True)),
        "version": build_number_check(1),
        "created_at": check_time_value,
        "deleted_at": build_optional_check(check_time_value),
    },
    "assignments": {
        "id": check_uuid_value,
        "source": build_number_check(1),
        "annotator": check_username_value,
        "state": build_choice_check(AssignmentState.values),
        "created_at": check_time_value,
        "done_at": build_optional_check(check_time_value),
        "finished_under": build_optional_check(build_number_check(0)),
        "plan": build_optional_check(check_uuid_value),
        "rank": build_optional_check(build_number_check(0)),
        "deadline": build_optional_check(check_date_value),
        "practice": check_flag_value,
    },
    "annotations": {
        "id": check_uuid_value,
        "source": build_number_check(1),
        "code": check_slug_value,
        "annotator": _PERSON,
        "layer": build_choice_check(Layer.values),
        "start": build_number_check(0),
        "end": build_number_check(1),
        "quote": build_unchanged_check(lambda value: value),
        "stance": build_choice_check(Stance.values),
        "voice": build_optional_check(build_line_check(LONGEST_VOICE, required=True)),
        "note": build_text_check(LONGEST_NOTE),
        "version": build_number_check(1),
        "revision": build_number_check(0),
        "created_at": check_time_value,
        "updated_at": check_time_value,
    },
    "events": {
        "id": check_event_id_value,
        "actor": _PERSON,
        "action": build_line_check(40, required=True),
        "kind": build_line_check(20, required=True),
        "object": build_line_check(64),
        "about": _PERSON,
        "source": build_optional_check(build_number_check(1)),
        "before": build_optional_check(check_event_state_value),
        "after": build_optional_check(check_event_state_value),
        "at": check_time_value,
    },
    **TEAM_SHAPES,
}


def _drop_fields(kind: str, *names: str) -> dict[str, Check]:
    return {name: check for name, check in SHAPES[kind].items() if name not in names}


# Fields that may be absent in archives of earlier versions.
_OPTIONAL: Mapping[str, Mapping[str, Check]] = {"project": {"counts_after_look": check_flag_value}}
# The fields of rows in archives of earlier versions that differ.
_PLANNED = ("plan", "rank", "deadline", "practice")
_THIRD_SHAPES: Mapping[str, Mapping[str, Check]] = {
    "assignments": _drop_fields("assignments", *_PLANNED),
    "project": _drop_fields("project", *PROJECT_FLAGS[1:], "results", "agreed_bounds"),
    "sources": _drop_fields("sources", "round"),
}
_SECOND_SHAPES: Mapping[str, Mapping[str, Check]] = {
    **_THIRD_SHAPES,
    "assignments": _drop_fields("assignments", *_PLANNED, "finished_under"),
}
_FIRST_SHAPES: Mapping[str, Mapping[str, Check]] = {
    **_SECOND_SHAPES,
    "codes": _drop_fields("codes", "added_revision"),
    "revisions": {**_drop_fields("revisions", "changes"), "snapshot": check_codebook_snapshot},
}
_EARLIER_SHAPES = {1: _FIRST_SHAPES, 2: _SECOND_SHAPES, 3: _THIRD_SHAPES}


def check_archive_row(kind: str, number: int, row: Any, *, version: int) -> dict[str, Any]:
    """Return the row with values for the database; raises Invalid naming file, line and field."""
    shape = _EARLIER_SHAPES.get(version, {}).get(kind, SHAPES[kind])
    try:
        more = _OPTIONAL.get(kind, {}) if version in _EARLIER_SHAPES else {}
        there = {name: more[name] for name in more if isinstance(row, dict) and name in row}
        return check_row_fields(row, {**shape, **there})
    except ValueError as error:
        raise build_row_error(kind, number, str(error)) from None


def build_row_error(kind: str, number: int, why: str) -> Invalid:
    return Invalid(f"{format_archive_path(kind)}, line {number}: {why}.", field="archive")
