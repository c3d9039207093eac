"""Each coder against the consensus, beside an independent computation."""

import random
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from cstoannot.agreement.consensus_reports import ADDED, build_consensus_report
from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.decisions.actions import decide_place, open_decisions
from cstoannot.decisions.drafts import DecisionDraft
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.models import Annotation
from cstoannot.text.spans import unpack_flat_bounds
from tests.builders import add_source, annotate, assign_to, finish

TEXT = " ".join(f"Sentence number {n} says something about aid." for n in range(12))


def consensus(source, code, start, end, **said):
    """A passage of the consensus from elsewhere."""
    now = timezone.now()
    return Annotation.objects.create(
        id=uuid4(),
        project_id=source.project_id,
        source=source,
        code=code,
        layer="consensus",
        start=start,
        end=end,
        quote=source.text[start:end],
        revision=2,
        created_at=now,
        updated_at=now,
        **said,
    )


def _stretches(dice):
    at, found = 0, []
    while (start := at + dice.randrange(1, 60)) < len(TEXT) - 40:
        at = start + dice.randrange(5, 40)
        found.append((start, at))
    return found


@pytest.fixture
def coded(world):
    """Four sources with random coding by Bob and a random consensus; passages by source, code."""
    dice, bob = random.Random(7), world.scope(world.bob)
    sources = [add_source(world.lead, f"Random {n}", TEXT) for n in range(4)]
    own, made = {}, {}
    for source in sources:
        assign_to(world.lead, source, world.bob)
        for slug in ("failure", "plea"):
            made[source.pk, slug] = _stretches(dice)
            near = made[source.pk, slug][: dice.randrange(1, 9)]
            moved = [(start + dice.choice([0, 0, 2]), end) for start, end in near]
            own[source.pk, slug] = [*moved, (3, 9)]
            for start, end in made[source.pk, slug]:
                consensus(source, world.codes[slug], start, end)
            for start, end in own[source.pk, slug]:
                _mark(bob, source, slug, start, end)
        finish(bob, source)
    return sources, own, made


def _mark(coder, source, code, start, end):
    save_annotation(coder, uuid4(), Draft(source=source.pk, code=code, start=start, end=end))


def _touch(one, others):
    return any(one[0] < other[1] and other[0] < one[1] for other in others)


def _shares(own, made, keys):
    """Precision and recall: exact, overlap, by characters; over the sources and codes of `keys`."""
    exact = sum(len(set(own[key]) & set(made[key])) for key in keys)
    of_own, of_made = (sum(len(part[key]) for key in keys) for part in (own, made))
    hit = sum(_touch(one, made[key]) for key in keys for one in own[key])
    met = sum(_touch(one, own[key]) for key in keys for one in made[key])
    letters = [
        {(key, at) for key in keys for start, end in part[key] for at in range(start, end)}
        for part in (own, made)
    ]
    both = len(letters[0] & letters[1])
    return {
        "exact": (exact / of_own, exact / of_made),
        "overlap": (hit / of_own, met / of_made),
        "characters": (both / len(letters[0]), both / len(letters[1])),
    }


def _alpha(sources, own, made, code):
    """Krippendorff's nominal α of two annotators without missing values, over sentences."""
    pairs = [
        (_touch(span, own[source.pk, code]), _touch(span, made[source.pk, code]))
        for source in sources
        for span in unpack_flat_bounds(bytes(source.sentences))
    ]
    values = [value for pair in pairs for value in pair]
    n, positive = len(values), sum(values)
    observed = sum(a != b for a, b in pairs) / len(pairs)
    return 1 - observed / (2 * positive * (n - positive) / (n * (n - 1)))


def test_values_equal_an_independent_computation(world, coded):
    sources, own, made = coded
    (bob,) = build_consensus_report(world.lead).coders
    assert (bob.annotator.username, bob.sources) == ("bob", 4)
    every = _shares(own, made, list(own))
    for name, (precision, recall) in every.items():
        match = bob.overall.matches[name]
        assert match.shares.precision == pytest.approx(precision)
        assert match.shares.recall == pytest.approx(recall)
        assert match.f1.value == pytest.approx(2 * precision * recall / (precision + recall))
        assert match.f1.interval.low < match.f1.value < match.f1.interval.high
    for row in bob.codes:
        slug = row.code.slug
        expected = _shares(own, made, [(one.pk, slug) for one in sources])
        for name, (precision, recall) in expected.items():
            shares = row.values.matches[name].shares
            assert (shares.precision, shares.recall) == pytest.approx((precision, recall))
        assert row.values.alpha.value == pytest.approx(_alpha(sources, own, made, slug))
        assert row.values.alpha.interval is not None


def test_differences_are_the_passages_behind_the_values(world, coded):
    (bob,) = build_consensus_report(world.lead).coders
    shares = bob.overall.matches["overlap"].shares
    missed = shares.reference - round(shares.recall * shares.reference)
    added = shares.own - round(shares.precision * shares.own)
    together = bob.counts["different_code"]
    assert bob.counts["missed"] + together == missed
    assert bob.counts[ADDED] + together == added
    assert all(one.own for one in bob.differences if one.kind == ADDED)
    assert all(one.consensus for one in bob.differences if one.kind == "missed")


def decide_all(world, **draft):
    """Both finish the shared source, and Ada decides every place."""
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    ada = world.scope(world.ada)
    for place in list_decidable_places(ada, world.shared.pk):
        decide_place(ada, place.id, DecisionDraft(**(draft or {"outcome": "majority"})))


def test_coder_has_their_own_values_once_decisions_are_opened(world):
    decide_all(world)
    assert {one.annotator.username for one in build_consensus_report(world.lead).coders} == {
        "bob",
        "beth",
    }
    bob = world.scope(world.bob)
    assert build_consensus_report(bob).coders == ()
    open_decisions(world.lead, [world.shared.pk])
    (own,) = build_consensus_report(world.scope(world.bob)).coders
    assert own.annotator.username == "bob"
    of_lead = {one.annotator.username: one for one in build_consensus_report(world.lead).coders}
    assert own.overall == of_lead["bob"].overall


def test_sources_that_are_not_decided_take_no_part(world):
    decide_all(world)
    annotate(world.scope(world.bob), world.shared, "Nobody came.")
    assert build_consensus_report(world.lead).coders == ()


def test_passages_where_several_readings_stand_take_no_side(world):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    ada = world.scope(world.ada)
    first, second = list_decidable_places(ada, world.shared.pk)
    numbers = tuple(one.number for one in first.readings)
    draft = DecisionDraft(outcome="plural", readings=numbers, reason="Both hold.")
    decide_place(ada, first.id, draft)
    decide_place(ada, second.id, DecisionDraft(outcome="majority"))
    found = build_consensus_report(world.lead)
    assert found.plural == 2
    assert {code.code.slug for one in found.coders for code in one.codes} == {
        passage.code for passage in second.majority
    } | {one.code for reading in second.readings for one in reading.passages}


def test_ids_are_those_of_the_passages(world, coded):
    (bob,) = build_consensus_report(world.lead).coders
    ids = {one.annotation_id for row in bob.differences for one in (*row.own, *row.consensus)}
    assert ids <= set(Annotation.objects.values_list("pk", flat=True))
    assert all(isinstance(one, UUID) for one in ids)
