"""The load "large" is the same bytes every time, and looks like a team's coding."""

from __future__ import annotations

import hashlib
from uuid import UUID

from benchmarks.large import Large, document

SMALL = Large(sources=10)


def digest(large: Large) -> str:
    """A checksum of all sources and annotations."""
    rows = [*large.source_texts(), *large.annotations()]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def test_large_same_seed() -> None:
    assert digest(SMALL) == digest(Large(sources=10)) != digest(Large(sources=10, seed=2))


def test_large_numbers() -> None:
    assert len(list(SMALL.codebook())) == 200
    assert [source.number for source in SMALL.source_texts()] == list(range(1, 11))
    annotations = list(SMALL.annotations())
    assert len({annotation.id for annotation in annotations}) == 1000
    assert {UUID(annotation.id).version for annotation in annotations} == {7}


def test_large_annotations_fit_their_sources() -> None:
    texts = {source.number: source.text for source in SMALL.source_texts()}
    for annotation in SMALL.annotations():
        quote = texts[annotation.source][annotation.start : annotation.end]
        assert quote == quote.strip() != ""
        assert len(quote) == annotation.end - annotation.start
        assert annotation.annotator in SMALL.readers(annotation.source)


def test_large_annotators_partly_agree() -> None:
    passages: dict[tuple[int, str, int, int], set[str]] = {}
    for annotation in SMALL.annotations():
        place = (annotation.source, annotation.code, annotation.start, annotation.end)
        passages.setdefault(place, set()).add(annotation.annotator)
    shared = sum(1 for readers in passages.values() if len(readers) > 1)
    assert 0.2 < shared / len(passages) < 0.8


def test_document_passages() -> None:
    text, spans = document(8000, 1000)
    assert (text, spans) == document(8000, 1000)
    assert 8000 <= len(text) < 8400
    assert len(spans) == 1000
    assert all(0 <= start < end <= len(text) for start, end in spans)
