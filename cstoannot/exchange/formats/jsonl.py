from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import orjson

from cstoannot.exchange.columnar.lines import LineFormat, render_page_lines
from cstoannot.exchange.columnar.rows import ExportRow, JoinedColumn
from cstoannot.exchange.exporting import iterate_export_pages
from cstoannot.exchange.formats.base import ExportFormat, ExportRequest

# The backslash first: the others' escapes bring their own.
_ESCAPES = {b"\\": b"\\\\", b'"': b'\\"', b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t"}


def _format_json_passages(column: JoinedColumn) -> Sequence[bytes]:
    """All of them in one go: nothing of the mark is escaped."""
    return replace(column, text=_escape_json_text(column.text)).each()


def _format_json_texts(column: JoinedColumn) -> Sequence[bytes]:
    mark = column.mark
    inside = _escape_json_text(column.text).replace(mark, mark.join((b'"', b'"')))
    return replace(column, text=b'"%b"' % inside).each()


def _escape_json_text(text: bytes) -> bytes:
    """As orjson does it, but without making a string of the bytes if it can be avoided."""
    written = text
    for character, escape in _ESCAPES.items():
        written = written.replace(character, escape)
    if (np.frombuffer(written, np.uint8) < ord(" ")).any():
        return orjson.dumps(text.decode())[1:-1]
    return written


_SHAPE = LineFormat(
    begin=b"{",
    end=b"}\n",
    field=lambda name: b'%b"%b":' % (b"" if name == ExportRow._fields[0] else b",", name.encode()),
    number=(b"", b""),
    word=(b'"', b'"'),
    passage=(b'"', b'"'),
    passages=_format_json_passages,
    text=orjson.dumps,
    texts=_format_json_texts,
    truths=(b"false", b"true"),
    nobody=b"null",
)


def stream_json_lines(asked: ExportRequest) -> Iterator[bytes]:
    return render_page_lines(iterate_export_pages(asked), _SHAPE)


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
