import pytest

from cstoannot.assignments.queries import visible_assignments
from tests.builders import add_source, finish
from tests.web.pages import html_of, text_of


def given(world):
    rows = visible_assignments(world.lead)
    return {f"{row.source_id}:{row.annotator.username}" for row in rows}


def box(source, username):
    return f"{source.pk}:{username}"


def ticks(world, *, without=(), more=(), **extra):
    """The page as it was shown, with some boxes cleared and others ticked."""
    shown = given(world)
    return {"shown": " ".join(shown), "given": sorted(shown - set(without) | set(more)), **extra}


def test_page_shows_who_has_what(world, lead, at):
    finish(world.scope(world.bob), world.shared)
    page = text_of(lead.get(at("assignments/")))
    assert "Source beth 0 of 2 done none done lately bob 1 of 2 done 1 a week, until" in page
    assert "ada adjudicator alice owner" in page
    assert "Shared, bob Done Reopen Shared for bob" in page
    assert "charlie" not in page
    assert "vera" not in page


def test_save_what_was_ticked(world, lead, at):
    sent = ticks(world, without=[box(world.bobs, "bob")], more=[box(world.beths, "bob")])
    response = lead.post(at("assignments/"), sent, follow=True)
    assert "Saved: 1 source assigned, 1 source unassigned." in text_of(response)
    assert box(world.beths, "bob") in given(world)
    assert box(world.bobs, "bob") not in given(world)


def test_what_another_changed_meanwhile_stays(world, lead, at):
    sent = ticks(world)
    sent["shown"] = sent["shown"].replace(box(world.bobs, "bob"), "")
    sent["given"].remove(box(world.bobs, "bob"))
    response = lead.post(at("assignments/"), sent, follow=True)
    assert "No changes to save." in text_of(response)
    assert box(world.bobs, "bob") in given(world)


def test_taking_what_is_coded_asks_twice(world, lead, at):
    cleared, ticked = box(world.shared, "beth"), box(world.beths, "bob")
    response = lead.post(at("assignments/"), ticks(world, without=[cleared], more=[ticked]))
    page = html_of(response)
    assert "beth has 2 annotations" in text_of(response)
    assert f'value="{ticked}" checked' in page
    assert f'value="{cleared}">' in page
    assert cleared in given(world)
    sent = ticks(world, without=[cleared], more=[ticked], confirm="on")
    lead.post(at("assignments/"), sent)
    assert cleared not in given(world)
    assert ticked in given(world)


@pytest.mark.parametrize(
    "nonsense", ["x", "1", ":bob", "x:bob", "1:nobody", f"{10**18}:bob", "²:bob"]
)
def test_nonsense_is_refused(world, lead, at, nonsense):
    before = given(world)
    assert lead.post(at("assignments/"), ticks(world, more=[nonsense])).status_code in (409, 422)
    assert given(world) == before


def test_assign_all_to_one_and_to_everybody(world, lead, at):
    lead.post(at("assignments/all/"), {"annotator": "beth"})
    assert box(world.bobs, "beth") in given(world)
    assert box(world.beths, "bob") not in given(world)
    lead.post(at("assignments/all/"))
    assert len(given(world)) == 6


def test_reopen(world, lead, at):
    assignment = finish(world.scope(world.bob), world.shared)
    path = at(f"assignments/{assignment.pk}/reopen/")
    assert lead.get(path).status_code == 302
    assignment.refresh_from_db()
    assert assignment.state == "done"
    response = lead.post(path, {"page": "1"}, follow=True)
    assert "Reopened for bob." in text_of(response)
    assignment.refresh_from_db()
    assert assignment.state == "started"


def test_only_for_those_who_edit_sources(world, client_for, at):
    before = given(world)
    reopen = f"assignments/{world.assignments['bob shared'].pk}/reopen/"
    for path in ("assignments/", "assignments/all/", reopen):
        assert client_for(world.bob).post(at(path), ticks(world)).status_code == 403
        assert client_for(world.vera).get(at(path)).status_code == 403
        assert client_for(world.charlie).post(at(path)).status_code == 404
    assert given(world) == before


def test_assignment_of_another_project_is_not_there(world, lead, at):
    from cstoannot.assignments.queries import visible_assignments as visible

    foreign = visible(world.elsewhere).first()
    assert lead.post(at(f"assignments/{foreign.pk}/reopen/")).status_code == 404


@pytest.mark.parametrize("more", [0, 3])
def test_queries_are_as_many_for_any_number_of_sources(
    world, lead, at, django_assert_num_queries, more
):
    for number in range(more):
        add_source(world.lead, f"More {number}")
    with django_assert_num_queries(17):
        lead.get(at("assignments/"))


def test_board_shows_what_matches(world, lead, at):
    page = text_of(lead.get(at("assignments/?coder=bob&state=todo")))
    assert "Change 1 assignment at once (all that match the filter)" in page
    assert "Bobs, bob" in page
    assert "Beths, " not in page
    assert "beth 0 of 2" not in page
    assert "No source matches." in text_of(lead.get(at("assignments/?late=1")))


def test_many_are_changed_at_once(world, lead, at):
    path = at("assignments/many/")
    late = {"act": "deadline", "deadline": "2020-01-31", "coder": "bob"}
    answer = lead.post(path, late, follow=True)
    assert answer.redirect_chain[0][0] == f"{at('assignments/')}?coder=bob"
    page = text_of(answer)
    assert "2 deadlines set." in page
    assert "2 late" in page
    assert "late: 31 Jan" in page
    assert "bob" in text_of(lead.get(at("assignments/?late=1")))
    page = text_of(lead.post(path, {"act": "give", "to": ["ada"], "coder": "bob"}, follow=True))
    assert "3 sources assigned" in page
    page = text_of(lead.post(path, {"act": "take", "coder": "bob"}, follow=True))
    assert "On the sources that you unassign bob has 2 annotations." in page
    page = text_of(lead.post(path, {"act": "take", "coder": "bob", "confirm": "on"}, follow=True))
    assert "2 sources unassigned" in page
    finish(world.scope(world.beth), world.shared)
    assert "1 source reopened." in text_of(lead.post(path, {"act": "reopen"}, follow=True))


@pytest.mark.parametrize(
    "query", ["state=late", "round=1", "round=x%00", "coder=b%00", "group=%00", "state=%00"]
)
def test_filters_that_nothing_can_match_are_refused(world, lead, at, query):
    assert lead.get(at(f"assignments/?{query}")).status_code == 422


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "x" * 1000, "1", "\x00"])
def test_deadlines_that_are_no_days_are_refused(world, lead, at, day):
    sent = {"act": "deadline", "deadline": day}
    assert "Enter a day" in text_of(lead.post(at("assignments/many/"), sent, follow=True))
