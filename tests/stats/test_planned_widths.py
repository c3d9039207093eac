"""The widths that a plan expects, against simulated studies that follow it."""

import numpy as np
import pytest

from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.planned_widths import expect_planned_widths
from cstoannot.stats.tables import SpanTable, Units

SENTENCES, WIDTH = 40, 10


def simulate(random, finished, share=0.2, error=0.25):
    """Coding of one code by those who finished; sources differ in how hard they are."""
    sources, coders = finished.shape
    held = random.beta(2, 2 / share - 2, sources)
    wrong = error * random.uniform(0.5, 1.5, sources)
    truth = np.repeat(random.random((sources, SENTENCES // 2)) < held[:, None], 2, axis=1)
    flips = random.random((sources, coders, SENTENCES)) < wrong[:, None, None]
    marked = truth[:, None, :] ^ (flips & (truth[:, None, :] | (random.random(flips.shape) < 0.1)))
    source, annotator, unit = np.nonzero(marked)
    spans = SpanTable.build(
        lengths=[SENTENCES * WIDTH] * sources,
        finished=finished,
        n_codes=1,
        source=source,
        annotator=annotator,
        code=np.zeros(len(unit), int),
        start=unit * WIDTH,
        end=unit * WIDTH + WIDTH,
    )
    starts = np.tile(np.arange(SENTENCES) * WIDTH, sources)
    return spans, Units.build("sentence", [SENTENCES] * sources, starts, starts + WIDTH)


def rotating(random, counts, coders):
    finished = np.zeros((len(counts), coders), bool)
    for source, count in enumerate(counts):
        finished[source, random.choice(coders, count, replace=False)] = True
    return finished


def half_width(spans, units):
    result = compute_measure(build_statistics("krippendorff_alpha", spans, units)).codes[0].result
    return (result.interval.high - result.interval.low) / 2


PILOT = np.ones((15, 4), bool)


@pytest.mark.parametrize(
    ("counts", "coders"),
    [([2] * 60, 6), ([4] * 8 + [2] * 32, 4), ([3] * 50, 5), ([4] * 40, 4)],
    ids=["pairs of six", "a fifth shared", "three of five", "everybody"],
)
def test_expected_width_is_that_of_simulated_studies(counts, coders):
    """Within 10 %, from fifteen sources of four coders, on average over many pilots."""
    random = np.random.default_rng(5)
    expected = [
        expect_planned_widths(*simulate(random, PILOT), counts, len(counts), seed=n)[0]
        for n in range(20)
    ]
    widths = [half_width(*simulate(random, rotating(random, counts, coders))) for _ in range(30)]
    assert np.mean(expected) == pytest.approx(np.mean(widths), rel=0.10)


def test_more_coders_than_so_far_are_not_foretold():
    pilot = simulate(np.random.default_rng(1), np.ones((10, 2), bool))
    assert expect_planned_widths(*pilot, [9] * 30, 30) == expect_planned_widths(
        *pilot, [2] * 30, 30
    )


def test_same_seed_gives_the_same_widths():
    pilot = simulate(np.random.default_rng(1), PILOT)
    assert expect_planned_widths(*pilot, [2] * 30, 30) == expect_planned_widths(
        *pilot, [2] * 30, 30
    )


@pytest.mark.parametrize(
    ("finished", "counts"),
    [
        (np.ones((2, 3), bool), [2] * 9),
        (np.zeros((5, 3), bool), [2] * 9),
        (np.ones((9, 3), bool), [1] * 9),
        (np.ones((9, 3), bool), []),
    ],
    ids=["two sources", "nobody finished", "one coder each", "no sources"],
)
def test_without_an_interval_nothing_is_foretold(finished, counts):
    pilot = simulate(np.random.default_rng(1), finished)
    assert expect_planned_widths(*pilot, counts, max(len(counts), 1)) == {}
