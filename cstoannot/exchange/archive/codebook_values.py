"""Checks of the codes and codebook revisions in an archive."""

from collections.abc import Mapping
from typing import Any

from cstoannot.codebook.actions import TEXTS
from cstoannot.codebook.colours import check_colour
from cstoannot.exchange.archive.values import (
    Check,
    build_line_check,
    build_number_check,
    build_optional_check,
    build_text_check,
    build_unchanged_check,
    check_flag_value,
    check_row_fields,
    check_shortcut_value,
    check_slug_value,
)


def check_codebook_snapshot(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("not a codebook")
    return [check_row_fields(one, _ENTRY) for one in value]


def check_slug_list(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list of slugs")
    return [check_slug_value(one) for one in value]


def check_changed_codes(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not changes by slug")
    return {check_slug_value(slug): check_changed_fields(fields) for slug, fields in value.items()}


def check_changed_fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not value.keys() <= _ENTRY.keys() - {"slug"}:
        raise ValueError("not fields of a code")
    return check_row_fields(value, {name: _ENTRY[name] for name in value})


def check_codebook_changes(value: Any) -> dict[str, Any]:
    """Check what a revision stores: see `codebook/deltas.py`."""
    shape = {
        "added": check_codebook_snapshot,
        "changed": check_changed_codes,
        "removed": check_slug_list,
        "order": check_slug_list,
    }
    if not isinstance(value, dict) or not value.keys() <= shape.keys():
        raise ValueError("not changes of a codebook")
    return check_row_fields(value, {name: shape[name] for name in value})


CODE_SHAPE = {
    "slug": check_slug_value,
    "parent": build_optional_check(check_slug_value),
    "name": build_line_check(100, required=True),
    "colour": build_unchanged_check(check_colour),
    "shortcut": check_shortcut_value,
    **dict.fromkeys(TEXTS, build_text_check(5_000)),
    "position": build_number_check(0),
}
_ENTRY: Mapping[str, Check] = {**CODE_SHAPE, "retired": check_flag_value}
