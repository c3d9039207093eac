"""How often the jackknife's 95 % intervals hold the true value, by simulation.

    python -m benchmarks.coverage [replications]

Each setting is a pool of documents, whose pooled value is the true one. Samples of documents are
drawn from it, and their intervals compared with the truth. Documents differ in length, in how often
the code occurs and in how hard they are; passages span two sentences on average. Writes one line of
JSON for each setting to standard output; `coverage_table` makes the page of it.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from cstoannot.stats.agreement.engine import (
    SufficientStatistics,
    build_statistics,
    compute_code_values,
    compute_measure,
)
from cstoannot.stats.coefficients.registry import MEASURES
from cstoannot.stats.results import Coefficient
from cstoannot.stats.tables import SpanTable, Units

SOURCES = (3, 5, 9, 10, 30)
PREVALENCES = (0.02, 0.05, 0.20)
ALPHAS = (0.5, 0.8, 0.97)
CODERS = (2, 3, 5)
MEASURED = ("krippendorff_alpha", "cohen_kappa", "u_alpha", "f1_overlap", "stance_alpha")
POOL, CALIBRATION = 800, 400  # documents
SENTENCES, CHARACTERS = 60, 100  # of a document, of a sentence
MEAN_LENGTH = 2.0  # sentences of a passage
REPLICATIONS = 200


@dataclass(frozen=True)
class Setting:
    prevalence: float
    alpha: float
    coders: int
    equal: bool


def draw_documents(
    setting: Setting, error: float, doubt: float, count: int, seed: int
) -> tuple[SpanTable, Units]:
    """Draw documents that all coders read.

    ``error``: how often a coder misses a passage or adds one; ``doubt``: how often a coder gives
    another stance than the true one.
    """
    random = np.random.default_rng(seed)
    spread = random.lognormal(-0.32, 0.8, count)
    sizes = np.full(count, SENTENCES)
    if not setting.equal:
        sizes = np.clip(np.rint(SENTENCES * spread), 8, 400).astype(np.int64)
    rows: list[tuple[int, int, int, int, int]] = []
    for source, size in enumerate(sizes.tolist()):
        share = min(setting.prevalence * random.gamma(2.0, 0.5), 0.6)
        hard, unsure = (min(rate * random.gamma(2.0, 0.5), 0.95) for rate in (error, doubt))
        passages = _draw_passages(random, size, share)
        leaning = random.dirichlet((1.0, 1.0, 1.0))
        stances = random.choice(3, len(passages), p=leaning) + 1
        for coder in range(setting.coders):
            rows += [
                (source, coder, *passage)
                for passage in _code_passages(random, passages, stances, hard, unsure)
            ]
            false = _draw_passages(random, size, hard * share)
            labels = random.integers(1, 4, len(false))
            rows += [
                (source, coder, low, high, int(label))
                for (low, high), label in zip(false, labels, strict=True)
            ]
    source, coder, low, high, stance = np.array(rows, np.int64).reshape(-1, 5).T
    spans = SpanTable.build(
        lengths=sizes * CHARACTERS,
        finished=np.ones((count, setting.coders), bool),
        n_codes=1,
        source=source,
        annotator=coder,
        code=np.zeros(len(source), np.int64),
        start=low * CHARACTERS,
        end=high * CHARACTERS,
        stance=stance,
    )
    starts = np.concatenate([np.arange(size) for size in sizes]) * CHARACTERS
    return spans, Units.build("sentence", sizes, starts, starts + CHARACTERS)


def _draw_passages(random: np.random.Generator, size: int, share: float) -> list[tuple[int, int]]:
    """Draw passages that cover about this share of the sentences."""
    number = random.poisson(size * share / MEAN_LENGTH)
    lows = random.integers(0, size, number)
    lengths = random.geometric(1.0 / MEAN_LENGTH, number)
    return [
        (low, min(low + length, size))
        for low, length in zip(lows.tolist(), lengths.tolist(), strict=True)
    ]


def _code_passages(
    random: np.random.Generator,
    passages: list[tuple[int, int]],
    stances: np.ndarray,
    hard: float,
    unsure: float,
) -> Iterator[tuple[int, int, int]]:
    """Yield the true passages that one coder finds, as they bound and judge them."""
    for (low, high), stance in zip(passages, stances.tolist(), strict=True):
        if random.random() < hard:
            continue
        longer = high - low > 1 and random.random() < hard
        given = random.integers(1, 4) if random.random() < unsure else stance
        yield low, high - 1 if longer else high, int(given)


def _measure_sources(
    statistics: SufficientStatistics, sources: np.ndarray | None = None
) -> Coefficient:
    measure = MEASURES[statistics.key]
    if measure.binary is not None and measure.binary.pairs:
        return compute_measure(statistics, sources=sources).overall
    return compute_code_values(statistics, sources=sources)[0].result


def calibrate_setting(setting: Setting) -> tuple[float, float]:
    """Find the rates of errors that give the setting's α, of the code and of the stance."""
    found = [0.0, 0.0]
    for place, key in enumerate(("krippendorff_alpha", "stance_alpha")):
        low, high = 0.0, 0.95
        for _ in range(9):
            found[place] = (low + high) / 2
            spans, units = draw_documents(setting, *found, CALIBRATION, seed=7)
            value = _measure_sources(build_statistics(key, spans, units)).value or 0.0
            low, high = (found[place], high) if value > setting.alpha else (low, found[place])
    return found[0], found[1]


def simulate_setting(setting: Setting, replications: int) -> Iterator[dict[str, object]]:
    """Yield, for each measure and number of sources, how often the interval holds the truth."""
    spans, units = draw_documents(setting, *calibrate_setting(setting), POOL, seed=11)
    for key in MEASURED:
        statistics = build_statistics(key, spans, units)
        truth = _measure_sources(statistics).value
        for sources in SOURCES:
            random = np.random.default_rng([sources, len(key)])
            results = [
                _measure_sources(statistics, random.choice(POOL, sources, replace=False))
                for _ in range(replications)
            ]
            given = [one.interval for one in results if one.interval]
            held = [one.low <= truth <= one.high for one in given]
            widths = [one.high - max(one.low, -1.0) for one in given]
            yield {
                "measure": key,
                "sources": sources,
                "prevalence": setting.prevalence,
                "alpha": setting.alpha,
                "coders": setting.coders,
                "lengths": "equal" if setting.equal else "unequal",
                "truth": truth,
                "intervals": len(given),
                "held": sum(held),
                "width": float(np.median(widths)) if widths else None,
                "replications": replications,
            }


def main() -> None:
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS
    settings = product(PREVALENCES, ALPHAS, CODERS, (True, False))
    for setting in settings:
        for found in simulate_setting(Setting(*setting), replications):
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
