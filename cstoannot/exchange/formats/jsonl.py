from collections.abc import Iterator

import orjson

from cstoannot.exchange.formats.base import ExportFormat, ExportRequest
from cstoannot.exchange.row_pages.cells import CellStyle
from cstoannot.exchange.row_pages.output import write_lines
from cstoannot.exchange.row_pages.rows import COLUMNS

_IN_QUOTES = ("id", "layer", "created_at", "updated_at")  # the other texts are already quoted


def _encode_json_text(text: str) -> str:
    return orjson.dumps(text).decode()


_STYLE = CellStyle(_encode_json_text, nobody="null")
_FIELDS = (f'"{name}":"%s"' if name in _IN_QUOTES else f'"{name}":%s' for name in COLUMNS)
_LINE = "{" + ",".join(_FIELDS) + "}\n"


def stream_json_lines(asked: ExportRequest) -> Iterator[bytes]:
    return write_lines(asked, _LINE, _STYLE)


FORMAT = ExportFormat(
    key="jsonl",
    title="JSON Lines",
    extension="jsonl",
    media_type="application/jsonl",
    readers="Scripts: one JSON object for each annotation, named as in the API.",
    carries=(
        "every annotation with its passage, place in code points, stance, voice and note",
        "annotator, layer, version, codebook revision and moments",
        "what is known of the source, and the hash of its text",
    ),
    loses=(
        "the texts themselves, beyond the passages",
        "the codes' definitions, claims and colours",
    ),
    stream=stream_json_lines,
    name=lambda asked: "annotations",
)
