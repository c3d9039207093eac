"""The layer that answers a query, from the cached view of the reader."""

from cstoannot.comparison.comparison_query import ComparisonQuery
from cstoannot.comparison.dataset import ComparisonDataset
from cstoannot.comparison.layers import AnsweringLayer, build_answering_layer
from cstoannot.comparison.project_cache import CachedComparison, load_cached_comparison
from cstoannot.projects.scope import Scope


def load_answering_layer(kept: CachedComparison, question: ComparisonQuery) -> AnsweringLayer:
    """Return the layer that answers a query; the caller holds the lock of the cache."""
    key = ("layer", question.layer, question.annotators, question.meaning)
    found: AnsweringLayer = kept.answer(
        key,
        lambda: build_answering_layer(kept.compared, question),
        cells=2 * len(kept.compared.passages)
        + kept.compared.decided.size * len(kept.compared.claims) // 5,
    )
    return found


def load_compared_layer(scope: Scope, question: ComparisonQuery) -> ComparisonDataset:
    """Return the reader's dataset with the passages of the layer that answers a query."""
    kept = load_cached_comparison(scope)
    with kept.lock:
        return load_answering_layer(kept, question).compared
