"""Files as they leave, and what they are compared with."""

from typing import Any

from cstoannot.annotations.queries import (
    AnnotationFilter,
    complete_annotation_row,
    select_annotation_values,
    visible_annotations,
)
from cstoannot.exchange.exporting import prepare_export
from cstoannot.exchange.formats.registry import build_export_request, require_format
from cstoannot.projects.scope import Scope

# What formats stumble over: a formula, an emoji, a combining mark, quotes, separators, a tab,
# right-to-left letters with points, line ends of three kinds.
ODD = '=1+1 🙂 cafe\u0301 “q” a,b;c\tשָׁלוֹם עולם\n-second "line"\u2028end'


def file_of(
    scope: Scope, key: str, filters: AnnotationFilter | None = None, **options: str
) -> bytes:
    """The file that this member gets."""
    format = require_format(key)
    asked = build_export_request(
        scope, format, AnnotationFilter() if filters is None else filters, options
    )
    return b"".join(prepare_export(format, asked).chunks)


def stored(scope: Scope) -> list[dict[str, Any]]:
    """The visible annotations, flat, in the order of exports."""
    found = select_annotation_values(visible_annotations(scope)).order_by(
        "source_id", "start", "id"
    )
    return [complete_annotation_row(row) for row in found]
