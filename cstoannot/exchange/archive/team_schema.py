"""The fields of the rows that say how a team divides its work and decides."""

from collections.abc import Mapping
from typing import Any

from cstoannot.exchange.archive.values import (
    Check,
    build_line_check,
    build_number_check,
    build_optional_check,
    build_text_check,
    check_date_value,
    check_time_value,
    check_username_value,
    check_uuid_value,
)

LONGEST_NAME = 100  # characters of the name of a plan or a round
LONGEST_TEXT = 20_000
MOST_PERCENT = 100
_PERSON = build_optional_check(check_username_value)


def _check_percent_value(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_PERCENT:
        raise ValueError("not a percentage")
    return value


def _check_username_list(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list of names")
    names = [check_username_value(one) for one in value]
    if len(set(names)) < len(names):
        raise ValueError("names somebody twice")
    return names


TEAM_SHAPES: Mapping[str, Mapping[str, Check]] = {
    "plans": {
        "id": check_uuid_value,
        "name": build_line_check(LONGEST_NAME),
        "each": build_number_check(1),
        "shared": _check_percent_value,
        "repeated": _check_percent_value,
        "weeks": build_number_check(0),
        "seed": build_number_check(0),
        "annotators": _check_username_list,
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
}
