"""What a comparison says does not depend on how many people read an article."""

import uuid
from itertools import product

import numpy as np
import pytest

from cstoannot.annotations.bulk_actions import MOST_AT_ONCE, save_annotations
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.annotations.serialization import Draft
from cstoannot.comparison.comparison_query import ACTORS, AUTHOR, EVERYONE, ComparisonQuery
from cstoannot.comparison.layer_passages import list_majority_passages
from cstoannot.comparison.leave_one_out import find_pivotal_passages
from cstoannot.comparison.network import build_network
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.comparison.reports import build_comparison_report
from cstoannot.sources.queries import visible_sources
from tests.agreement.demo import demo
from tests.builders import assign_to, finish, join, make_user

VOICES = [(AUTHOR,), (EVERYONE,), ("Armenian officials", AUTHOR)]
NETWORKS = [
    {},
    {"network": "conflict", "levels": 3, "normalisation": "none", "repeats": "all"},
    {"network": "two_mode_subtract"},
    {"network": "co_mention", "normalisation": "jaccard", "repeats": "month"},
]


def _describe_comparison(scope, question):
    """States, places on each side, verdicts and what they hang on."""
    found = build_comparison_report(scope, question)
    cells = found.matrix
    counts = [getattr(cells, name) for name in ("supports", "opposes", "mixed", "mentioned")]
    return (
        [actor.name for actor in found.actors],
        cells.state.tolist(),
        np.stack(counts).tolist(),
        np.round(np.nan_to_num(cells.balance, nan=9.0), 12).tolist(),
        [str(verdict) for verdict in found.verdicts],
        [counts for counts in map(found.sides.of_claim, range(len(found.claims)))],
        dict(find_pivotal_passages(found).by_claim),
        found.passages,
    )


def _describe_network(scope, asked):
    found = build_network(scope, asked)
    nodes = [(one.name, one.supports, one.opposes, one.mixed) for one in found.nodes]
    return nodes, found.listed(), found.said.silent, found.said.pending, len(found.said.repeats)


def _describe_everything(scope):
    questions = [ComparisonQuery(by=by, voices=voices) for by, voices in product(ACTORS, VOICES)]
    networks = [
        NetworkQuery(question, **options) for question, options in product(questions, NETWORKS)
    ]
    return (
        [_describe_comparison(scope, question) for question in questions],
        [_describe_network(scope, asked) for asked in networks],
    )


def _code_as_the_majority(lead, name, sources, coders=()):
    """Let a new coder read the sources and mark exactly what the majority has there."""
    filters = AnnotationFilter(sources=[one.pk for one in sources], annotators=coders)
    found = list_majority_passages(lead, filters, offset=0, limit=10_000).passages
    coder = join(lead, make_user(name), "annotator")
    for source in sources:
        assign_to(lead, source, coder.user)
    drafts = [
        (
            uuid.uuid4(),
            Draft(
                source=one.source,
                code=one.code,
                start=one.start,
                end=one.end,
                stance=one.stance,
                voice=one.voice,
            ),
        )
        for one in found
    ]
    for start in range(0, len(drafts), MOST_AT_ONCE):
        save_annotations(coder, drafts[start : start + MOST_AT_ONCE])
    for source in sources:
        finish(coder, source)
    return len(found)


@pytest.fixture
def lead(db):
    return demo()


@pytest.mark.parametrize("article", [None, 0, 3])
def test_coder_who_codes_as_the_majority_changes_nothing(lead, article):
    """In all articles, or in one that is then read by one more than the others."""
    before = _describe_everything(lead)
    sources = list(visible_sources(lead))
    read = sources if article is None else [sources[article]]
    assert _code_as_the_majority(lead, "coder-d", read) > 20
    found = build_comparison_report(lead, ComparisonQuery())
    readers = found.readers.read_by[:, 0].tolist()
    assert readers == [4 if source in read else 3 for source in sources]
    assert _describe_everything(lead) == before


def test_article_read_twice_weighs_as_much_as_one_read_once(lead):
    """Of one coder's reading, of two, and of three who found the same in two of the articles."""
    alone = ("coder-a",)
    before = [
        _describe_comparison(lead, ComparisonQuery(by=by, voices=voices, annotators=alone))
        for by, voices in product(ACTORS, VOICES)
    ]
    sources = list(visible_sources(lead))
    names = alone
    for name, read in (("coder-d", sources[:2]), ("coder-e", sources[1:3])):
        _code_as_the_majority(lead, name, read, alone)
        names = (*names, name)
        after = [
            _describe_comparison(lead, ComparisonQuery(by=by, voices=voices, annotators=names))
            for by, voices in product(ACTORS, VOICES)
        ]
        assert after == before
