"""The Web Annotation Data Model (W3C Recommendation, 2017) as JSON-LD.

Each passage has the text before and after it (`prefix`, `suffix`), so that it can be found in a
changed text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from django.conf import settings

from cstoannot.exchange.formats.base import ExportFormat, ExportRequest, count_exported_annotations
from cstoannot.exchange.queries import ProjectIdentifiers
from cstoannot.exchange.row_pages.output import read_row_pages
from cstoannot.exchange.row_pages.rows import ExportRow
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts

REACH = 32  # code points on each side
TEXTS_AT_ONCE = 20


class RowInContext(NamedTuple):
    """A row, and the text before and after its passage; None if the source is unreadable."""

    row: ExportRow
    prefix: str | None
    suffix: str | None


def iterate_rows_in_context(scope: Scope, rows: Iterable[ExportRow]) -> Iterator[RowInContext]:
    """Yield the rows with context; rows are ordered by source, and few texts are in memory."""
    by_source = ((pk, list(some)) for pk, some in groupby(rows, key=lambda row: row.source))
    while several := list(islice(by_source, TEXTS_AT_ONCE)):
        texts = load_source_texts(scope, [pk for pk, _ in several])
        for _, some in several:
            yield from iterate_row_contexts(texts, some)


def iterate_row_contexts(
    texts: Mapping[int, str], rows: Sequence[ExportRow]
) -> Iterator[RowInContext]:
    for row in rows:
        text = texts.get(row.source)
        if text is None:
            yield RowInContext(row, None, None)
        else:
            before = text[max(0, row.start - REACH) : row.start]
            yield RowInContext(row, before, text[row.end : row.end + REACH])


MEDIA_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
_OWN = ("layer", "stance", "voice", "version", "revision", "stale", "afterLook", "textSha256")
CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {name: f"urn:cstoannot:terms:{name}" for name in _OWN},
]
Node = dict[str, Any]


@dataclass(frozen=True)
class WebAnnotationBuilder:
    """Converts a project's rows to annotations; `root` is the API URL of the project."""

    root: str
    name: str
    identifiers: ProjectIdentifiers

    def annotation(self, told: RowInContext) -> Node:
        row = told.row
        return {
            "id": f"urn:uuid:{row.id}",
            "type": "Annotation",
            "motivation": "classifying",
            "created": row.created_at,
            "modified": row.updated_at,
            "creator": self._creator(row),
            "body": list(self._bodies(row)),
            "target": self._target(told),
            "layer": row.layer,
            "stance": row.stance,
            "voice": row.voice,
            "version": row.version,
            "revision": row.revision,
            "stale": row.stale,
            "afterLook": row.after_look,
        }

    def _creator(self, row: ExportRow) -> Node:
        if row.annotator is None:
            team = f"urn:uuid:{self.identifiers.of('layer', 'consensus')}"
            return {"id": team, "type": "Organization", "name": f"Consensus of {self.name}"}
        person = f"urn:uuid:{self.identifiers.of('person', row.annotator)}"
        return {"id": person, "type": "Person", "nickname": row.annotator}

    def _bodies(self, row: ExportRow) -> Iterator[Node]:
        code = f"{self.root}codes/{quote(row.code)}/"
        yield {"type": "SpecificResource", "source": code, "purpose": "classifying"}
        yield _build_textual_body(row.code_path, "tagging")
        if row.stance:
            yield _build_textual_body(f"stance:{row.stance}", "assessing")
        if row.voice:
            yield _build_textual_body(f"voice:{row.voice}", "identifying")
        if row.note:
            yield _build_textual_body(row.note, "commenting")

    def _target(self, told: RowInContext) -> Node:
        row = told.row
        words: Node = {"type": "TextQuoteSelector", "exact": row.quote}
        if told.prefix is not None:
            words |= {"prefix": told.prefix, "suffix": told.suffix}
        place = {"type": "TextPositionSelector", "start": row.start, "end": row.end}
        target: Node = {
            "type": "SpecificResource",
            "source": f"{self.root}sources/{row.source}/text/",
            "selector": [place, words],
        }
        if row.text_sha256:
            state = f'If-Match: "{row.text_sha256}"'
            target["state"] = {"type": "HttpRequestState", "value": state}
            target["textSha256"] = row.text_sha256
        if row.url:
            target["scope"] = row.url
        return target


def _build_textual_body(value: str, purpose: str) -> Node:
    return {"type": "TextualBody", "value": value, "purpose": purpose, "format": "text/plain"}


def build_web_annotation_builder(scope: Scope, site: str) -> WebAnnotationBuilder:
    """Build the converter; `site` is the URL of the installation, without a trailing slash."""
    root = f"{site}/api/v1/projects/{scope.project.slug}/"
    return WebAnnotationBuilder(root, scope.project.name, ProjectIdentifiers(scope))


def build_annotation_collection(
    shape: WebAnnotationBuilder, id: str, total: int, more: Mapping[str, Any]
) -> Node:
    return {
        "@context": CONTEXT,
        "id": id,
        "type": "AnnotationCollection",
        "label": shape.name,
        "total": total,
        **more,
    }


def stream_web_annotations(asked: ExportRequest) -> Iterator[bytes]:
    """Yield a collection with one embedded page that holds everything."""
    shape = build_web_annotation_builder(asked.scope, settings.PUBLIC_URL)
    whole, page = (f"urn:uuid:{shape.identifiers.of('file', part)}" for part in ("all", "page"))
    head = orjson.dumps(
        build_annotation_collection(shape, whole, count_exported_annotations(asked), {})
    )[:-1]
    first = orjson.dumps({"id": page, "type": "AnnotationPage", "startIndex": 0})
    yield head + b',"first":' + first[:-1] + b',"items":[\n'
    comma = b""
    for part in read_row_pages(asked):
        for told in iterate_rows_in_context(asked.scope, part):
            yield comma + orjson.dumps(shape.annotation(told))
            comma = b",\n"
    yield b"\n]}}\n"


FORMAT = ExportFormat(
    key="webannotation",
    title="W3C Web Annotation",
    extension="jsonld",
    media_type=MEDIA_TYPE,
    readers="Tools of the Web Annotation model and RDF: a collection in JSON-LD.",
    carries=(
        "every annotation with its place in code points, its words and 32 characters on each side",
        "code, stance, voice and note as bodies with their purposes; annotator or consensus",
        "the addresses of text and article, the text's SHA-256, codebook revision, moments",
    ),
    loses=(
        "the texts themselves, beyond the passages and what stands beside them",
        "the codes' definitions, claims and colours",
        "what is known of the sources beyond their addresses",
    ),
    stream=stream_web_annotations,
    name=lambda asked: "annotations",
)
