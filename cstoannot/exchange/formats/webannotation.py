"""The Web Annotation Data Model (W3C Recommendation, 2017) as JSON-LD."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings

from cstoannot.exchange.exporting import pages
from cstoannot.exchange.formats.kinds import Asked, Format, count_annotations
from cstoannot.exchange.identifiers import Identifiers
from cstoannot.exchange.rows import Row, named
from cstoannot.exchange.surroundings import Surrounded, surrounded
from cstoannot.projects.scope import Scope

MEDIA_TYPE = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"'
_OWN = ("layer", "stance", "voice", "version", "revision", "stale", "afterLook", "textSha256")
CONTEXT = [
    "http://www.w3.org/ns/anno.jsonld",
    {name: f"urn:cstoannot:terms:{name}" for name in _OWN},
]
Node = dict[str, Any]


@dataclass(frozen=True)
class Shape:
    """How a project's rows become annotations; `root` is the API's address of the project."""

    root: str
    name: str
    identifiers: Identifiers

    def annotation(self, told: Surrounded) -> Node:
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

    def _creator(self, row: Row) -> Node:
        if row.annotator is None:
            team = f"urn:uuid:{self.identifiers.of('layer', 'consensus')}"
            return {"id": team, "type": "Organization", "name": f"Consensus of {self.name}"}
        person = f"urn:uuid:{self.identifiers.of('person', row.annotator)}"
        return {"id": person, "type": "Person", "nickname": row.annotator}

    def _bodies(self, row: Row) -> Iterator[Node]:
        code = f"{self.root}codes/{quote(row.code)}/"
        yield {"type": "SpecificResource", "source": code, "purpose": "classifying"}
        yield _said(row.code_path, "tagging")
        if row.stance:
            yield _said(f"stance:{row.stance}", "assessing")
        if row.voice:
            yield _said(f"voice:{row.voice}", "identifying")
        if row.note:
            yield _said(row.note, "commenting")

    def _target(self, told: Surrounded) -> Node:
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


def _said(value: str, purpose: str) -> Node:
    return {"type": "TextualBody", "value": value, "purpose": purpose, "format": "text/plain"}


def shape_of(scope: Scope, site: str) -> Shape:
    """`site` is the address of the installation, without a slash at its end."""
    root = f"{site}/api/v1/projects/{scope.project.slug}/"
    return Shape(root, scope.project.name, Identifiers(scope))


def collection(shape: Shape, id: str, total: int, more: Mapping[str, Any]) -> Node:
    return {
        "@context": CONTEXT,
        "id": id,
        "type": "AnnotationCollection",
        "label": shape.name,
        "total": total,
        **more,
    }


def stream(asked: Asked) -> Iterator[bytes]:
    """A collection whose first page, which holds everything, stands in it."""
    shape = shape_of(asked.scope, settings.PUBLIC_URL)
    whole, page = (f"urn:uuid:{shape.identifiers.of('file', part)}" for part in ("all", "page"))
    head = orjson.dumps(collection(shape, whole, count_annotations(asked), {}))[:-1]
    first = orjson.dumps({"id": page, "type": "AnnotationPage", "startIndex": 0})
    yield head + b',"first":' + first[:-1] + b',"items":[\n'
    comma = b""
    for part in pages(asked):
        for told in surrounded(asked.scope, named(part)):
            yield comma + orjson.dumps(shape.annotation(told))
            comma = b",\n"
    yield b"\n]}}\n"


FORMAT = Format(
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
    stream=stream,
    name=lambda asked: "annotations",
)
