"""The fields of the rows that say how a team divides its work and decides."""

from collections.abc import Mapping
from typing import Any

from cstoannot.annotations.actions import LONGEST_VOICE
from cstoannot.annotations.models import Stance
from cstoannot.assignments.models import ConsensusState
from cstoannot.decisions.models import Outcome
from cstoannot.exchange.archive.values import (
    Check,
    build_choice_check,
    build_line_check,
    build_number_check,
    build_optional_check,
    build_text_check,
    build_unchanged_check,
    check_date_value,
    check_flag_value,
    check_row_fields,
    check_slug_value,
    check_time_value,
    check_username_value,
    check_uuid_value,
)
from cstoannot.threads.models import ThreadKind

LONGEST_NAME = 100  # characters of the name of a plan or a round
LONGEST_TEXT = 20_000
MOST_PERCENT = 100
_PERSON = build_optional_check(check_username_value)


def _check_percent_value(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_PERCENT:
        raise ValueError("not a percentage")
    return value


def check_username_list(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list of names")
    names = [check_username_value(one) for one in value]
    if len(set(names)) < len(names):
        raise ValueError("names somebody twice")
    return names


def _check_comment_text(value: Any) -> str:
    text = build_text_check(LONGEST_TEXT)(value)
    if not text:
        raise ValueError("empty")
    return str(text)


def _check_numbers(value: Any) -> list[int]:
    """Check the numbers of readings that a decision chose."""
    if not isinstance(value, list) or len(value) > MOST_READINGS:
        raise ValueError("not a list of numbers")
    return [_check_reading_number(one) for one in value]


def _check_passages_left(value: Any) -> list[Any]:
    """Check the passages that a decision left: ids, or what they say if it was made apart."""
    if not isinstance(value, list) or len(value) > MOST_PASSAGES:
        raise ValueError("not a list of passages")
    return [
        check_row_fields(one, _PASSAGE) if isinstance(one, dict) else str(check_uuid_value(one))
        for one in value
    ]


def check_readings(value: Any) -> list[dict[str, Any]]:
    """Check what a decision weighed: what each annotator marked, numbered."""
    if not isinstance(value, list) or len(value) > MOST_READINGS:
        raise ValueError("not a list of readings")
    found = [_check_reading(one) for one in value]
    annotators = [name for reading in found for name in reading["annotators"]]
    numbers = [reading["reading"] for reading in found]
    if len(set(annotators)) < len(annotators) or len(set(numbers)) < len(numbers):
        raise ValueError("a number or a name stands twice")
    return found


def _check_reading(value: Any) -> dict[str, Any]:
    found = check_row_fields(value, _READING)
    if not {one["annotator"] for one in found["passages"]} <= set(found["annotators"]):
        raise ValueError("a passage of somebody else")
    return found


def _check_weighed_passages(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST_PASSAGES:
        raise ValueError("not a list of passages")
    return [check_row_fields(one, _WEIGHED) for one in value]


def _check_reading_marks(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise ValueError("not a list of who has read it")
    found = [check_row_fields(one, _MARK) for one in value]
    names = [one["user"] for one in found]
    numbers = [one["number"] for one in found if one["number"] is not None]
    if len(set(names)) < len(names) or len(set(numbers)) < len(numbers):
        raise ValueError("a number or a name stands twice")
    return found


MOST_READINGS = 1_000
MOST_PASSAGES = 100_000
_check_reading_number = build_number_check(1)
_PASSAGE: Mapping[str, Check] = {
    "code": check_slug_value,
    "start": build_number_check(0),
    "end": build_number_check(1),
    "stance": build_choice_check(Stance.values),
    "voice": build_line_check(LONGEST_VOICE),
}
_WEIGHED: Mapping[str, Check] = {
    **_PASSAGE,
    "id": check_uuid_value,
    "version": build_number_check(1),
    "annotator": check_username_value,
}
_READING: Mapping[str, Check] = {
    "reading": _check_reading_number,
    "annotators": check_username_list,
    "passages": _check_weighed_passages,
}
_MARK: Mapping[str, Check] = {
    "user": check_username_value,
    "read_at": check_time_value,
    "number": build_optional_check(build_number_check(1)),
}


TEAM_SHAPES: Mapping[str, Mapping[str, Check]] = {
    "comments": {
        "id": check_uuid_value,
        "thread": check_uuid_value,
        "author": _PERSON,
        "text": _check_comment_text,
        "created_at": check_time_value,
        "edited_at": build_optional_check(check_time_value),
        "mentions": check_username_list,
    },
    "consensus": {
        "source": build_number_check(1),
        "state": build_choice_check(ConsensusState.values),
        "doubtful": check_flag_value,
        "opened_at": build_optional_check(check_time_value),
        "adjudicator": _PERSON,
    },
    "decisions": {
        "id": check_uuid_value,
        "source": build_number_check(1),
        "place": check_uuid_value,
        "start": build_number_check(0),
        "end": build_number_check(1),
        "outcome": build_choice_check(Outcome.values),
        "reason": build_text_check(LONGEST_TEXT),
        "rule": build_text_check(LONGEST_TEXT),
        "readings": check_readings,
        "chosen": _check_numbers,
        "passages": _check_passages_left,
        "apart": check_flag_value,
        "elsewhere": check_flag_value,
        "by": _PERSON,
        "at": check_time_value,
        "version": build_number_check(1),
    },
    "plans": {
        "id": check_uuid_value,
        "name": build_line_check(LONGEST_NAME),
        "each": build_number_check(1),
        "shared": _check_percent_value,
        "seed": build_number_check(0),
        "annotators": check_username_list,
        "deadline": build_optional_check(check_date_value),
        "made_by": _PERSON,
        "created_at": check_time_value,
    },
    "rounds": {
        "id": check_uuid_value,
        "name": build_line_check(LONGEST_NAME, required=True),
        "note": build_text_check(LONGEST_TEXT),
        "revision": build_number_check(0),
        "position": build_number_check(0),
        "created_at": check_time_value,
    },
    "threads": {
        "id": check_uuid_value,
        "kind": build_choice_check(ThreadKind.values),
        "source": build_optional_check(build_number_check(1)),
        "code": build_optional_check(check_slug_value),
        "decision": build_optional_check(check_uuid_value),
        "start": build_optional_check(build_number_check(0)),
        "end": build_optional_check(build_number_check(1)),
        "quote": build_unchanged_check(lambda value: value),
        "asks_again": check_flag_value,
        "proposal": build_optional_check(check_uuid_value),
        "opened_by": _PERSON,
        "created_at": check_time_value,
        "resolved_by": _PERSON,
        "resolved_at": build_optional_check(check_time_value),
        "version": build_number_check(1),
        "read": _check_reading_marks,
    },
}
