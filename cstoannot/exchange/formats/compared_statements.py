"""Statements of the layer that a comparison runs on: each place once, however many marked it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cstoannot.agreement.dataset import STANCES
from cstoannot.comparison.comparison_query import CONSENSUS_OR_MAJORITY
from cstoannot.comparison.dataset import CONSENSUS, MAJORITY, ComparisonDataset, Ints
from cstoannot.comparison.layer_passages import select_layer_rows
from cstoannot.exchange.formats.base import ExportRequest
from cstoannot.exchange.queries import load_code_facts, load_source_facts
from cstoannot.exchange.row_pages.rows import SourceFacts
from cstoannot.sources.queries import load_source_texts

CODERS = {CONSENSUS: "Consensus", MAJORITY: "Majority"}


@dataclass(frozen=True)
class StatementRow:
    """What a statement says; the fields that it shares with `ExportRow` mean the same."""

    source: int
    source_title: str
    publisher: str
    author: str
    published: str
    group: str
    code_path: str
    start: int
    end: int
    quote: str
    stance: str
    voice: str
    annotator: str | None


def count_compared_statements(asked: ExportRequest) -> int:
    return len(_select_rows(asked)[1])


def read_compared_statements(asked: ExportRequest, at_once: int) -> Iterator[list[StatementRow]]:
    """Yield pages of statements by source and position, of `at_once` sources each."""
    compared, rows = _select_rows(asked)
    paths = {one.slug: one.path for one in load_code_facts(asked.scope).values()}
    source = compared.passages.source[rows]
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    for part in np.split(rows, starts[at_once::at_once]):
        pks = [compared.sources[place].pk for place in compared.passages.source[part].tolist()]
        texts = load_source_texts(asked.scope, list(set(pks)))
        facts = load_source_facts(asked.scope, set(pks))
        yield [
            _build_statement_row(compared, row, facts[pk], texts[pk], paths)
            for row, pk in zip(part.tolist(), pks, strict=True)
            if pk in texts
        ]


def _select_rows(asked: ExportRequest) -> tuple[ComparisonDataset, Ints]:
    layer = asked.filters.layer or CONSENSUS_OR_MAJORITY
    return select_layer_rows(asked.scope, asked.filters, layer=layer)


def _build_statement_row(
    compared: ComparisonDataset, row: int, facts: SourceFacts, text: str, paths: dict[str, str]
) -> StatementRow:
    part = compared.passages
    start, end, annotator = int(part.start[row]), int(part.end[row]), int(part.annotator[row])
    source = compared.sources[part.source[row]]
    return StatementRow(
        source=source.pk,
        source_title=source.title,
        publisher=facts.publisher,
        author=facts.author,
        published=source.published,
        group=facts.group,
        code_path=paths[compared.claims[part.claim[row]].slug],
        start=start,
        end=end,
        quote=text[start:end],
        stance=STANCES[part.stance[row]],
        voice=compared.voices[part.voice[row]],
        annotator=CODERS.get(annotator) or compared.annotators[annotator].username,
    )
