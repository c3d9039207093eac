from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import orjson

from cstoannot.exchange.exporting import pages
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.exchange.formats.lines import Shape, lines
from cstoannot.exchange.rows import Joined, Row

# The backslash first: the others' escapes bring their own.
_ESCAPES = {b"\\": b"\\\\", b'"': b'\\"', b"\n": b"\\n", b"\r": b"\\r", b"\t": b"\\t"}


def _insides(column: Joined) -> Sequence[bytes]:
    """All of them in one go: nothing of the mark is escaped."""
    return replace(column, text=_escaped(column.text)).each()


def _texts(column: Joined) -> Sequence[bytes]:
    mark = column.mark
    inside = _escaped(column.text).replace(mark, mark.join((b'"', b'"')))
    return replace(column, text=b'"%b"' % inside).each()


def _escaped(text: bytes) -> bytes:
    """As orjson does it, but without making a string of the bytes if it can be avoided."""
    written = text
    for character, escape in _ESCAPES.items():
        written = written.replace(character, escape)
    if (np.frombuffer(written, np.uint8) < ord(" ")).any():
        return orjson.dumps(text.decode())[1:-1]
    return written


_SHAPE = Shape(
    begin=b"{",
    end=b"}\n",
    field=lambda name: b'%b"%b":' % (b"" if name == Row._fields[0] else b",", name.encode()),
    number=(b"", b""),
    word=(b'"', b'"'),
    passage=(b'"', b'"'),
    passages=_insides,
    text=orjson.dumps,
    texts=_texts,
    truths=(b"false", b"true"),
    nobody=b"null",
)


def stream(asked: Asked) -> Iterator[bytes]:
    return lines(pages(asked), _SHAPE)


FORMAT = Format(
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
    stream=stream,
    name=lambda asked: "annotations",
)
