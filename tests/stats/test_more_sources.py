"""How many more sources an interval needs: from the interval, and by simulation."""

from statistics import median

import numpy as np
import pytest

from cstoannot.stats.agreement.engine import build_statistics, compute_measure
from cstoannot.stats.agreement.more_sources import count_further_sources
from cstoannot.stats.results import (
    Coefficient,
    ConfidenceInterval,
    IntervalMethod,
    UndefinedReason,
)
from cstoannot.stats.tables import SpanTable, Units

SENTENCES, WIDTH = 40, 10


def simulate(random, sources, share, error, coders=3):
    """A code's α where sources differ in how much of it they hold and how hard they are."""
    # True units come in runs of two; a coder errs on each unit with the source's own chance.
    held = random.beta(2, 2 / share - 2, sources)
    wrong = error * random.uniform(0.5, 1.5, sources)
    truth = np.repeat(random.random((sources, SENTENCES // 2)) < held[:, None], 2, axis=1)
    flips = random.random((sources, coders, SENTENCES)) < wrong[:, None, None]
    marked = truth[:, None, :] ^ (flips & (truth[:, None, :] | (random.random(flips.shape) < 0.1)))
    source, annotator, unit = np.nonzero(marked)
    spans = SpanTable.build(
        lengths=[SENTENCES * WIDTH] * sources,
        finished=np.ones((sources, coders), bool),
        n_codes=1,
        source=source,
        annotator=annotator,
        code=np.zeros(len(unit), int),
        start=unit * WIDTH,
        end=unit * WIDTH + WIDTH,
    )
    starts = np.tile(np.arange(SENTENCES) * WIDTH, sources)
    units = Units.build("sentence", [SENTENCES] * sources, starts, starts + WIDTH)
    return compute_measure(build_statistics("krippendorff_alpha", spans, units)).codes[0].result


def half_width(result):
    return (result.interval.high - result.interval.low) / 2


@pytest.mark.parametrize(
    ("share", "error", "target"), [(0.2, 0.15, 0.05), (0.1, 0.3, 0.10), (0.2, 0.4, 0.05)]
)
def test_with_so_many_sources_the_interval_is_as_wide_as_foretold(share, error, target):
    """Within 10 %, from twelve sources on average over many projects."""
    random = np.random.default_rng(11)
    pilots = [simulate(random, 12, share, error) for _ in range(60)]
    needed = median(count_further_sources(pilot, target) + 12 for pilot in pilots)
    assert needed > 15
    widths = [half_width(simulate(random, round(needed), share, error)) for _ in range(60)]
    assert np.mean(widths) == pytest.approx(target, rel=0.10)


def with_interval(value, low, high, method=IntervalMethod.JACKKNIFE):
    interval = ConfidenceInterval(low, high, 0.95, method, 10)
    return Coefficient(value, None, 400, 3, interval)


def test_a_narrow_interval_needs_no_more():
    assert count_further_sources(with_interval(0.8, 0.76, 0.84), 0.05) == 0


def test_a_wider_interval_and_a_narrower_target_need_more():
    few = count_further_sources(with_interval(0.8, 0.7, 0.866), 0.05)
    assert 0 < few < count_further_sources(with_interval(0.8, 0.6, 0.9), 0.05)
    assert few < count_further_sources(with_interval(0.8, 0.7, 0.866), 0.02)


def test_without_disagreement_the_width_falls_with_the_number_of_sources():
    assert count_further_sources(with_interval(1.0, 0.8, 1.0), 0.05) == 10


def test_what_has_no_interval_of_the_jackknife_has_no_answer():
    undefined = Coefficient(None, UndefinedReason.SINGLE_CATEGORY, 400, 3)
    assert count_further_sources(undefined, 0.05) is None
    assert count_further_sources(Coefficient(0.8, None, 400, 3), 0.05) is None
    drawn = with_interval(0.8, 0.6, 0.9, IntervalMethod.BOOTSTRAP)
    assert count_further_sources(drawn, 0.05) is None
    assert count_further_sources(with_interval(0.0, -9.0, 0.9), 0.001) is None
