"""Plans: how many coders each source gets, how even the loads and pairs are, and what stays."""

import time

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from cstoannot.stats.plans import (
    PlanTask,
    count_pairs,
    draw_order,
    draw_share,
    plan_assignments,
)


def study(sources, seed=3):
    return np.random.default_rng(seed).integers(150, 3_000, sources)


def planned(words, coders, each=2, seed=1, shared=0):
    wanted = np.where(draw_share(len(words), shared, seed), coders, each)
    return plan_assignments(PlanTask.build(words, wanted, coders, seed))


@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 5), st.integers(0, 100))
def test_every_source_gets_as_many_coders_as_wanted(sources, coders, each, shared):
    plan = planned(study(sources), coders, each, shared=shared)
    everybody = draw_share(sources, shared, 1)
    assert plan.sum(axis=1).tolist() == np.where(everybody, coders, min(each, coders)).tolist()


def test_loads_and_pairs_are_even():
    words = study(200)
    plan = planned(words, 6, each=2)
    loads = words @ plan
    assert loads.max() / loads.min() < 1.01
    pairs = count_pairs(plan)[np.triu_indices(6, 1)]
    assert pairs.sum() == 200
    assert pairs.max() - pairs.min() <= 2


def test_the_same_seed_gives_the_same_plan():
    words = study(60)
    assert (planned(words, 5) == planned(words, 5)).all()
    assert (planned(words, 5) != planned(words, 5, seed=2)).any()
    assert draw_order(6, 1, "anna").tolist() == draw_order(6, 1, "anna").tolist()


def test_share_is_rounded_and_random():
    assert draw_share(10, 25, 1).sum() == 3
    assert draw_share(0, 25, 1).sum() == 0
    assert (draw_share(10, 30, 1) != draw_share(10, 30, 2)).any()


def test_what_is_kept_stays_and_counts():
    words = np.full(12, 500)
    kept = np.zeros((12, 3), bool)
    kept[:6, 0] = True
    task = PlanTask(words, np.ones(12, int), kept, np.zeros_like(kept), np.zeros(3, int))
    plan = plan_assignments(task)
    assert plan[:6, 0].all()
    assert plan.sum(axis=0).tolist() == [6, 3, 3]


def test_other_work_of_a_coder_counts():
    task = PlanTask.build(np.full(9, 100), np.ones(9, int), 3, 1)
    busy = PlanTask(task.words, task.wanted, task.kept, task.movable, np.array([300, 0, 0]))
    assert plan_assignments(busy).sum(axis=0).tolist() == [1, 4, 4]


def test_new_coder_takes_over_only_what_evens_the_loads():
    words = np.full(30, 400)
    before = planned(words, 2, each=1)
    movable = np.column_stack([before, np.zeros(30, bool)])
    nothing = np.zeros_like(movable)
    task = PlanTask(words, np.ones(30, int), nothing, movable, np.zeros(3, int))
    plan = plan_assignments(task)
    assert plan.sum(axis=0).tolist() == [10, 10, 10]
    assert (plan & movable).sum() == 20


def test_source_with_more_coders_than_wanted_keeps_them():
    kept = np.ones((1, 3), bool)
    task = PlanTask(np.array([10]), np.array([1]), kept, ~kept, np.zeros(3, int))
    assert plan_assignments(task).all()


def test_a_thousand_sources_and_twelve_coders_are_quick():
    words = study(1_000)
    began = time.process_time()
    plan = planned(words, 12, each=3, shared=10)
    assert time.process_time() - began < 2
    loads = words @ plan
    assert loads.max() / loads.min() < 1.005
