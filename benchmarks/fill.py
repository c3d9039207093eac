"""Inserts the load "large" into the database of DATABASE_URL, as the project `large`.

    DATABASE_URL=postgres://… python -m benchmarks.fill [SOURCES]

Rows are inserted in bulk: through the actions, a million would take an hour. The database's
triggers apply, and PostgreSQL is analysed afterwards. Sources are created on all cores.
"""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import django

from benchmarks.large import Annotation as Said
from benchmarks.large import Large
from benchmarks.large import Source as Text

SLUG = "large"
LEAD = "benchmark-lead"
BATCH = 5_000


def cut(text: Text) -> dict[str, Any]:
    """Return a source's columns; runs in worker processes."""
    from cstoannot.text.normalise import compute_text_hash
    from cstoannot.text.segment import pack_bounds, segment_text

    parts = segment_text(text.text, "en")
    return {
        "title": text.title,
        "publisher": text.publisher,
        "author": text.author,
        "published": text.date,
        "language": "en",
        "text": text.text,
        "sha256": compute_text_hash(text.text),
        "length": len(text.text),
        "words": len(parts.tokens),
        "paragraphs": pack_bounds(parts.paragraphs),
        "sentences": pack_bounds(parts.sentences),
        "tokens": pack_bounds(parts.tokens),
        "position": text.number,
    }


def batches(rows: Iterator[Any], size: int = BATCH) -> Iterator[list[Any]]:
    while batch := list(islice(rows, size)):
        yield batch


def people(scope: Any, large: Large) -> dict[str, int]:
    """Create the annotators as members; return their ids by name."""
    from cstoannot.accounts.actions import ensure_user
    from cstoannot.projects.actions import add_member

    for name in large.annotator_names():
        ensure_user(name)
        add_member(scope, username=name, role="annotator")
    return {name: ensure_user(name)[0].pk for name in large.annotator_names()}


def codebook(scope: Any, large: Large) -> dict[str, int]:
    """Create the codes; return their ids by slug."""
    from cstoannot.codebook.bulk_actions import add_codebook
    from cstoannot.codebook.queries import visible_codes

    entries: dict[str, dict[str, Any]] = {}
    for code in large.codebook():
        entry = {"slug": code.slug, "name": code.name, "claim": code.claim, "children": []}
        entries[code.slug] = entry
        if code.parent:
            entries[code.parent]["children"].append(entry)
    roots = [entries[code.slug] for code in large.codebook() if not code.parent]
    add_codebook(scope, roots, note="benchmark")
    return dict(visible_codes(scope).values_list("slug", "pk"))


def sources(scope: Any, large: Large) -> dict[int, tuple[int, str]]:
    """Create the sources; return id and text by number."""
    from cstoannot.models import Source

    found: dict[int, tuple[int, str]] = {}
    with ProcessPoolExecutor() as pool:
        for batch in batches(pool.map(cut, large.source_texts(), chunksize=100), 500):
            rows = [Source(project_id=scope.project_id, **columns) for columns in batch]
            for row in Source.objects.bulk_create(rows):
                found[row.position] = (row.pk, row.text)
    return found


def assignments(
    scope: Any, large: Large, users: dict[str, int], texts: dict[int, tuple[int, str]]
) -> None:
    from cstoannot.codebook.queries import load_current_revision
    from cstoannot.models import Assignment

    now, newest = datetime.now(UTC), load_current_revision(scope)
    rows = (
        Assignment(
            project_id=scope.project_id,
            source_id=pk,
            annotator_id=users[name],
            state="done",
            done_at=now,
            finished_under=newest,
        )
        for number, (pk, _) in texts.items()
        for name in large.readers(number)
    )
    for batch in batches(rows):
        Assignment.objects.bulk_create(batch)


def annotations(
    scope: Any,
    large: Large,
    users: dict[str, int],
    codes: dict[str, int],
    texts: dict[int, tuple[int, str]],
) -> int:
    """Create all annotations; return their number."""
    from cstoannot.models import Annotation, Speaker

    speakers: dict[str, int] = {}

    def voice(name: str) -> int | None:
        if name and name not in speakers:
            speakers[name] = Speaker.objects.create(project_id=scope.project_id, name=name).pk
        return speakers.get(name)

    def row(said: Said) -> Annotation:
        pk, text = texts[said.source]
        at = datetime.fromtimestamp(said.created / 1000, UTC)
        return Annotation(
            id=uuid.UUID(said.id),
            project_id=scope.project_id,
            source_id=pk,
            code_id=codes[said.code],
            annotator_id=users[said.annotator],
            start=said.start,
            end=said.end,
            quote=text[said.start : said.end],
            stance=said.stance,
            voice_id=voice(said.voice),
            note=said.note,
            revision=1,
            created_at=at,
            updated_at=at,
        )

    count = 0
    for batch in batches(map(row, large.annotations())):
        Annotation.objects.bulk_create(batch)
        count += len(batch)
    return count


def fill(large: Large) -> str:
    """Insert everything; return a sentence on how long each part took."""
    from django.db import connection

    from cstoannot.accounts.actions import ensure_user
    from cstoannot.core.errors import NotFound
    from cstoannot.projects.actions import create_project
    from cstoannot.projects.scope import open_project

    lead, _ = ensure_user(LEAD)
    try:
        open_project(lead, SLUG)
    except NotFound:
        scope = create_project(lead, name="Large", slug=SLUG)
    else:
        return "The project “large” is there already."
    began = time.monotonic()
    users, codes = people(scope, large), codebook(scope, large)
    texts = sources(scope, large)
    middle = time.monotonic()
    assignments(scope, large, users, texts)
    count = annotations(scope, large, users, codes, texts)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    ended = time.monotonic()
    return (
        f"{len(texts):,} sources in {middle - began:.0f} s, "
        f"{count:,} annotations in {ended - middle:.0f} s"
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    django.setup()
    print(fill(Large(sources=int(sys.argv[1]) if len(sys.argv) > 1 else Large.sources)))
