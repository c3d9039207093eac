"""Plans: previewed, applied, extended, handed on; what is begun stays where it is."""

from datetime import date

import pytest

from cstoannot.assignments.actions import begin_assignment
from cstoannot.assignments.models import Assignment, Plan
from cstoannot.assignments.plan_actions import apply_plan, extend_plan, hand_on_sources
from cstoannot.assignments.plan_queries import (
    PlanDraft,
    build_extension_preview,
    build_hand_on_preview,
    build_plan_preview,
    load_plan_state,
)
from cstoannot.assignments.queries import (
    find_next_assignment,
    find_next_source_after,
    load_my_neighbours,
    load_next_sources_everywhere,
    order_by_turn,
)
from cstoannot.core.errors import Forbidden, Invalid
from cstoannot.history.models import Event
from cstoannot.projects.models import Role
from cstoannot.projects.scope import open_projects
from cstoannot.sources.queries import visible_sources
from tests.builders import add_code, add_source, annotate, finish, join, make_project, make_user


@pytest.fixture
def lead(db):
    lead = make_project(make_user("alice"))
    for name in ("anna", "ben", "cleo"):
        join(lead, make_user(name), Role.ANNOTATOR)
    add_code(lead)
    for number in range(6):
        add_source(lead, f"Source {number}", f"Words of {number}. " * (number + 1))
    return lead


NAMES = ("anna", "ben", "cleo")


def given(lead):
    rows = Assignment.objects.filter(project_id=lead.project_id)
    return set(rows.values_list("source_id", "annotator__username"))


def scope_of(lead, name):
    return next(iter(open_projects(make_user(name))))


def test_preview_changes_nothing_and_says_what_is_given(lead):
    found = build_plan_preview(lead, PlanDraft(NAMES))
    assert given(lead) == set()
    assert len(found.give) == 12
    assert set(found.coders_by_source.values()) == {2}
    assert [one.username for one in found.coders] == ["anna", "ben", "cleo"]
    assert sum(one.new for one in found.coders) == 12
    words = [one.words for one in found.coders]
    assert sum(words) == 2 * sum(visible_sources(lead).values_list("words", flat=True))
    assert found.pairs[0][1] == found.pairs[1][0]
    assert sum(map(sum, found.pairs)) == 2 * 6


def test_plan_gives_what_its_preview_says(lead):
    draft = PlanDraft(NAMES, name="Pilot", deadline=date(2030, 1, 31))
    before = build_plan_preview(lead, draft)
    plan, found = apply_plan(lead, draft)
    assert (found, given(lead)) == (before, set(before.give))
    assert set(Assignment.objects.values_list("plan_id", "deadline")) == {
        (plan.pk, date(2030, 1, 31))
    }
    assert load_plan_state(lead, plan).coders_by_source == dict.fromkeys(found.coders_by_source, 2)
    assert Event.objects.filter(kind="plan", action="create", object=str(plan.pk)).count() == 1
    assert Event.objects.filter(kind="assignment", action="create").count() == 12


def test_share_that_everybody_codes(lead):
    found = build_plan_preview(lead, PlanDraft(NAMES, each=1, shared=50))
    assert sorted(found.coders_by_source.values()) == [1, 1, 1, 3, 3, 3]
    assert found.shared == 3


def test_what_is_given_already_counts(lead):
    apply_plan(lead, PlanDraft(("anna",), each=1, name="First"))
    found = build_plan_preview(lead, PlanDraft(NAMES))
    assert len(found.give) == 6
    assert "anna" not in {name for _, name in found.give}


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (PlanDraft(()), "annotators"),
        (PlanDraft(("anna", "nobody")), "annotators"),
        (PlanDraft(("anna", "b\x00")), "annotators"),
        (PlanDraft(NAMES, each=0), "each"),
        (PlanDraft(NAMES, each=4), "each"),
        (PlanDraft(NAMES, shared=101), "shared"),
        (PlanDraft(NAMES, seed=-1), "seed"),
        (PlanDraft(NAMES, sources=(0,)), "sources"),
        (PlanDraft(NAMES, name="x" * 101), "name"),
    ],
)
def test_what_cannot_be_planned_is_refused(lead, draft, field):
    with pytest.raises(Invalid) as refused:
        apply_plan(lead, draft)
    assert refused.value.field == field
    assert not Plan.objects.exists()


def test_sources_come_in_each_annotators_own_order(lead):
    apply_plan(lead, PlanDraft(NAMES, each=3, seed=5))
    orders = {}
    for name in NAMES:
        scope = scope_of(lead, name)
        mine = [one.pk for one in order_by_turn(scope, visible_sources(scope))]
        first = find_next_assignment(scope).source
        assert load_next_sources_everywhere([scope])[lead.project_id] == mine[0] == first.pk
        assert [one.pk for one in load_my_neighbours(scope, first, reach=3)[1]] == mine[1:4]
        last = visible_sources(scope).get(pk=mine[-1])
        assert find_next_source_after(scope, first) == mine[1]
        assert find_next_source_after(scope, last) == mine[0]
        orders[name] = tuple(mine)
    assert len(set(orders.values())) == 3
    assert {tuple(sorted(one)) for one in orders.values()} == {tuple(sorted(mine))}


def test_extension_by_sources_moves_nothing(lead):
    plan, _ = apply_plan(lead, PlanDraft(NAMES))
    before = given(lead)
    fresh = add_source(lead, "New", "A new text.")
    extended, found = extend_plan(lead, plan.pk)
    assert {source for source, _ in found.give} == {fresh.pk}
    assert (len(found.give), found.take) == (2, ())
    assert given(lead) == before | set(found.give)
    assert extended.annotators == plan.annotators
    assert max(Assignment.objects.filter(source=fresh).values_list("rank", flat=True)) >= 4


def test_extension_by_an_annotator_moves_only_what_is_not_begun(lead):
    plan, _ = apply_plan(lead, PlanDraft(("anna", "ben"), each=1))
    anna = scope_of(lead, "anna")
    begun = set()
    for row in Assignment.objects.filter(annotator__username="anna"):
        begin_assignment(anna, row.pk)
        begun.add((row.source_id, "anna"))
    preview = build_extension_preview(lead, plan, annotators=["cleo"])
    extended, found = extend_plan(lead, plan.pk, annotators=["cleo"])
    assert preview == found
    assert found.take
    assert {name for _, name in found.take} == {"ben"}
    assert begun <= given(lead)
    assert {name for _, name in found.give} == {"cleo"}
    assert len(given(lead)) == 6
    assert len(extended.annotators) == 3


def test_source_with_annotations_is_begun_whatever_its_state(lead):
    apply_plan(lead, PlanDraft(("anna",), each=1))
    anna = scope_of(lead, "anna")
    source = visible_sources(lead).defer(None).first()
    annotate(anna, source, "Words")
    Assignment.objects.filter(source=source).update(state="todo")
    found = build_hand_on_preview(lead, "anna", to=["ben"])
    assert len(found.take) == 5
    assert source.pk not in {pk for pk, _ in found.take}


def test_leaver_hands_on_only_what_is_not_begun(lead):
    draft = PlanDraft(NAMES, each=2, deadline=date(2030, 1, 31))
    plan, _ = apply_plan(lead, draft)
    anna = scope_of(lead, "anna")
    first = find_next_assignment(anna).source
    finish(anna, first)
    before = Assignment.objects.filter(annotator__username="anna").count()
    preview = build_hand_on_preview(lead, "anna")
    found = hand_on_sources(lead, "anna")
    assert preview == found
    assert given(lead) >= {(first.pk, "anna")}
    assert Assignment.objects.filter(annotator__username="anna").count() == 1
    assert len(found.give) == len(found.take) == before - 1
    assert set(Assignment.objects.values_list("plan_id", "deadline")) == {
        (plan.pk, date(2030, 1, 31))
    }
    ranks = list(Assignment.objects.values_list("annotator_id", "rank"))
    assert len(ranks) == len(set(ranks))


def test_source_that_all_others_have_stays_with_the_leaver(lead):
    apply_plan(lead, PlanDraft(NAMES, each=3))
    found = hand_on_sources(lead, "anna")
    assert (found.give, found.take, found.left) == ((), (), 6)


def test_handing_on_needs_somebody_on_both_sides(lead):
    for name, to, field in (
        ("ben", (), "annotator"),
        ("b\x00", (), "annotator"),
        ("anna", ("nobody",), "to"),
        ("anna", ("anna",), "to"),
    ):
        if field == "to":
            apply_plan(lead, PlanDraft(("anna",), each=1))
        with pytest.raises(Invalid) as refused:
            hand_on_sources(lead, name, to=to)
        assert refused.value.field == field


def test_annotators_plan_nothing(lead):
    anna = scope_of(lead, "anna")
    for refused in (
        lambda: apply_plan(anna, PlanDraft(("anna",), each=1)),
        lambda: build_plan_preview(anna, PlanDraft(("anna",), each=1)),
        lambda: hand_on_sources(anna, "anna"),
    ):
        with pytest.raises(Forbidden):
            refused()
