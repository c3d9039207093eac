from collections.abc import Iterator, Sequence

import orjson

from cstoannot.exchange.exporting import pages
from cstoannot.exchange.formats.kinds import Asked, Format
from cstoannot.exchange.formats.lines import Shape, lines


def _several(names: Sequence[str], texts: Sequence[str]) -> bytes:
    """Fields of an object that is already open."""
    return orjson.dumps(dict(zip(names, texts, strict=True)))[1:-1]


_SHAPE = Shape(
    template=(
        b'{"id":"%b",%b,%b,"start":%d,"end":%d,"quote":%b,"stance":%b,"voice":%b,"note":%b,%b,'
        b'"version":%d,"revision":%d,"stale":%b,"created_at":"%b","updated_at":"%b"}\n'
    ),
    source=b'"source":%d,%b',
    person=b'"annotator":%b,"layer":"%b"',
    cell=orjson.dumps,
    several=_several,
    nobody=b"null",
)


def stream(asked: Asked) -> Iterator[bytes]:
    for page in pages(asked):
        yield from lines(page, _SHAPE)


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
