from datetime import UTC, datetime

import pytest

from cstoannot.annotations.actions import Draft, delete_annotation, save_annotation
from cstoannot.assignments.actions import set_assignment_state, unassign_source
from cstoannot.assignments.plan_actions import apply_plan
from cstoannot.assignments.plan_queries import PlanDraft
from cstoannot.codebook.actions import change_code, delete_code
from cstoannot.codebook.order_actions import place_code
from cstoannot.core.fields import ANY_VERSION
from cstoannot.decisions.actions import hand_on_source, open_decisions
from cstoannot.history.actions import record_event
from cstoannot.history.models import Event
from cstoannot.projects.actions import change_project, change_role, remove_member
from cstoannot.projects.invitation_actions import accept_invitation, withdraw_invitation
from cstoannot.sources.actions import change_source, delete_source, restore_source
from tests.builders import add_code, add_source, annotate, assign_to, finish, invite
from tests.exchange.handed_out import decide
from tests.web.pages import html_of, text_of


def test_lead_reads_everything_in_plain_words(world, lead, at):
    bob = world.scope(world.bob)
    delete_annotation(bob, world.said["bob plea"]["id"])
    finish(bob, world.bobs)
    change_code(world.lead, "failure", claim="Otherwise.", name="Breakdown")
    change_code(world.lead, "plea", retired=True)
    add_code(world.lead, "Praise")
    delete_code(world.lead, "praise")
    change_source(world.lead, world.bobs.pk, published="2021", author="Ann")
    delete_source(world.lead, world.beths.pk, confirmed=True)
    restore_source(world.lead, world.beths.pk)
    unassign_source(world.lead, world.assignments["beth beths"].pk, confirmed=True)
    change_role(world.lead, username="vera", role="annotator")
    remove_member(world.lead, username="vera")
    change_project(world.lead, visibility="done")
    accept_invitation(world.dan, secret=invite(world.lead, "viewer", note="Dan")[1])
    withdraw_invitation(world.lead, invite(world.lead)[0].pk)
    page = text_of(lead.get(at("history/")))
    for sentence in (
        "bob deleted ‘Plea’ at We asked in Shared",
        "bob marked ‘Breakdown’ (supports) at The alliance failed its member. in Shared",
        "bob marked as done: Bobs",
        "alice changed the name and claim of the code ‘Breakdown’",
        "alice retired the code ‘Plea’",
        "alice deleted the code ‘Praise’",
        "alice changed the author and date of Bobs",
        "alice removed Beths",
        "alice restored Beths",
        "alice unassigned from beth: Beths",
        "alice assigned to bob: Bobs",
        "alice changed the role of vera to annotator",
        "alice removed vera from the project",
        "alice changed the project’s what annotators see of each other",
        "alice invited somebody, as viewer",
        "dan accepted an invitation, as viewer",
        "dan became a member with the role viewer",
        "alice withdrew an invitation, as annotator",
        "alice created the project",
    ):
        assert sentence in page


def test_lead_reads_what_the_team_decides_and_plans(world, lead, at):
    decide(world)
    open_decisions(world.lead)
    open_decisions(world.lead, [world.shared.pk], False)
    hand_on_source(world.lead, world.shared.pk, "ada")
    hand_on_source(world.lead, world.shared.pk, "")
    hand_on_source(world.lead, world.shared.pk, "ada")
    apply_plan(world.lead, PlanDraft(name="All", annotators=["bob", "beth"]))
    page = text_of(lead.get(at("history/")))
    for sentence in (
        "ada decided (adopted: one reading) at failed its member. in Shared",
        "alice opened the team’s decisions to coders, on all sources",
        "alice closed the team’s decisions to coders: Shared",
        "alice handed on to ada to decide: Shared",
        "alice handed on to nobody to decide: Shared",
        "alice handed out sources by the plan ‘All’",
    ):
        assert sentence in page


@pytest.mark.parametrize("kind", ["decision", "thread", "comment", "plan", "round", "results_link"])
@pytest.mark.parametrize("action", ["create", "change", "delete", "revoke", "whatever"])
def test_no_event_of_a_team_breaks_the_history(world, lead, at, kind, action):
    record_event(world.lead, action=action, kind=kind, object_id="x", before={}, after=None)
    assert lead.get(at("history/")).status_code == 200


def test_blind_coder_reads_what_concerns_them(world, client_for, at):
    page = text_of(client_for(world.bob).get(at("history/")))
    assert "bob marked ‘Failure’" in page
    for hidden in ("beth", "Beths", "vera"):
        assert hidden not in page


def test_page_by_page(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.project.history_views.ON_A_PAGE", 10)
    seen, path = [], at("history/")
    while path:
        response = lead.get(path)
        seen += [one.words for one in response.context["told"]]
        following = response.context["next"]
        path = following and f"{at('history/')}?before={following}"
    assert seen[-1] == "created the project"
    assert len(seen) == len(lead.get(at("history/")).context["told"]) or len(seen) > 10


@pytest.mark.parametrize("name", ["bob", "vera", "dan"])
def test_who_was_invited_is_not_told_to_those_who_do_not_lead(world, client_for, at, name):
    accept_invitation(world.dan, secret=invite(world.lead)[1])
    page = text_of(client_for(getattr(world, name)).get(at("history/")))
    assert "invit" not in page
    assert ("dan became a member with the role annotator" in page) == (name == "dan")


@pytest.mark.parametrize("before", ["x", "1", "\x00"])
def test_place_that_is_none(world, lead, at, before):
    assert lead.get(at("history/"), {"before": before}).status_code == 422


@pytest.mark.parametrize("more", [0, 3])
def test_queries_are_as_many_for_any_number_of_events(
    world, lead, at, django_assert_num_queries, more
):
    for number in range(more):
        add_code(world.lead, f"Code {number}")
    with django_assert_num_queries(8):
        lead.get(at("history/"))


def test_quoted_passage_links_to_its_place(world, lead, at):
    page = html_of(lead.get(at("history/")))
    address = f"{at('')}sources/{world.shared.pk}/#at=0-31"
    assert (
        f'<a class="quoted" href="{address}"><q dir="auto">The alliance failed its member.</q></a>'
        in page
    )
    assert "characters" not in text_of(lead.get(at("history/")))


def test_moved_passage_is_quoted_before_and_after(world, lead, at):
    bob, row = world.scope(world.bob), world.said["bob plea"]
    draft = Draft(world.shared.pk, "plea", row["start"], row["end"] + 9, voice="The minister")
    save_annotation(bob, row["id"], draft, expected=ANY_VERSION)
    page = text_of(lead.get(at("history/")))
    assert "bob changed the passage of ‘Plea’ from We asked to We asked for help in Shared" in page


def test_long_quote_is_cut_and_stands_on_one_line(world, lead, at):
    source = add_source(world.lead, "Long", f"Begin\n\n{'word ' * 100}end.")
    assign_to(world.lead, source, world.bob)
    annotate(world.scope(world.bob), source, source.text)
    [passage] = lead.get(at("history/")).context["told"][1].passages
    assert passage.quote.startswith("Begin word word")
    assert passage.quote.endswith("word end.")
    assert len(passage.quote) < 160


def test_passage_of_a_removed_source_is_quoted_without_a_link(world, lead, at):
    delete_source(world.lead, world.shared.pk, confirmed=True)
    page = lead.get(at("history/")).content.decode()
    assert '<q dir="auto">We asked</q>' in page
    assert f"/sources/{world.shared.pk}/#at=" not in page


def test_blind_coder_reads_no_quote_of_others(world, client_for, at):
    page = client_for(world.bob).get(at("history/")).content.decode()
    assert '<q dir="auto">We asked</q>' in page
    assert '<q dir="auto">We asked for help</q>' not in page


def test_reopening_is_told(world, lead, at):
    bob = world.scope(world.bob)
    finish(bob, world.bobs)
    set_assignment_state(bob, world.assignments["bob bobs"].pk, "started")
    finish(bob, world.bobs)
    set_assignment_state(world.lead, world.assignments["bob bobs"].pk, "started")
    page = text_of(lead.get(at("history/")))
    assert "bob reopened: Bobs" in page
    assert "alice reopened for bob: Bobs" in page


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("", ("3 March 2026 20:15", "UTC")),
        ("Asia/Kolkata", ("4 March 2026 01:45", "Asia/Kolkata")),
        ("Asia/Calcutta", ("4 March 2026 01:45", "Asia/Kolkata")),
        ("America/St_Johns", ("3 March 2026 16:45", "America/St_Johns")),
        ("Mars/Phobos", ("3 March 2026 20:15", "UTC")),
        ("../../etc/passwd", ("3 March 2026 20:15", "UTC")),
    ],
)
def test_times_and_days_are_those_of_the_reader(world, lead, at, sent, told):
    time, zone = told
    if sent:
        lead.cookies["zone"] = sent
    event = Event(
        project=world.lead.project, actor=world.alice, action="create", kind="source",
        object="1", source=world.shared, at=datetime(2026, 3, 3, 20, 15, tzinfo=UTC),
    )  # fmt: skip
    event.save()
    response = lead.get(at("history/"))
    page = text_of(response)
    assert f"{time} alice added Shared" in page
    assert f"Times are in {zone}." in page
    assert "Cookie" in response["Vary"]


def test_moved_code_is_said_to_stand_elsewhere_only_if_it_does(world, lead, at):
    add_code(world.lead, "Praise")
    for parent, position in ((None, 0), ("failure", 0), (None, 1)):
        place_code(world.lead, "praise", parent=parent, position=position)
    page = text_of(lead.get(at("history/")))
    assert "alice moved the code ‘Praise’ to the top" in page
    assert "alice moved the code ‘Praise’ below ‘Failure’" in page
    assert page.count("alice moved the code ‘Praise’") == 3
