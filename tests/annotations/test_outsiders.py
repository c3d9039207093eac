"""Who the people of an archive are, an owner says; what they coded goes along, and comes back."""

import io
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cstoannot.accounts.models import User
from cstoannot.annotations import outsider_actions
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.outsider_actions import tie_outsider, untie_outsider
from cstoannot.annotations.outsider_queries import list_outsiders
from cstoannot.annotations.reader_queries import load_reader_state
from cstoannot.assignments.actions import unassign_source
from cstoannot.assignments.models import Assignment
from cstoannot.core.errors import Conflict, Forbidden, NotFound
from cstoannot.exchange.archive.restoring import restore_archive
from cstoannot.history.models import Event
from cstoannot.projects.actions import add_member, change_project, remove_member
from cstoannot.projects.models import Outsider
from cstoannot.projects.scope import open_project
from cstoannot.sources.models import Source
from tests.builders import annotate, assign_to
from tests.exchange.reading import file_of, stored
from tests.exchange.zips import parts_of


@pytest.fixture
def lead(world):
    """The scope of whoever has restored a copy, in which Bob is a member beside an outsider."""
    data = file_of(world.lead, "archive")
    scope = restore_archive(io.BytesIO(data), by=world.alice, slug="copy").scope
    add_member(scope, username="bob", role="annotator")
    return scope


BOB = "bob (archive)"


def _held(scope):
    """How many annotations and assignments stand under each name."""
    held = {}
    for model in (Annotation, Assignment):
        found = model.objects.filter(project=scope.project).exclude(annotator=None)
        for one in found.select_related("annotator"):
            outsider = one.annotator.is_outsider
            held.setdefault((one.annotator.username, outsider), [0, 0])
            held[one.annotator.username, outsider][model is Assignment] += 1
    return held


def test_what_an_outsider_coded_becomes_the_members(world, lead):
    before = _held(lead)
    tie_outsider(lead, name=BOB, username="bob")
    after = _held(lead)
    assert after[("bob", False)] == before[(BOB, True)]
    assert (BOB, True) not in after
    assert {key: held for key, held in after.items() if key[0] != "bob"} == {
        key: held for key, held in before.items() if key[0] != BOB
    }
    assert Event.objects.filter(project=lead.project, kind="outsider").count() == 1
    rows = Annotation.objects.filter(project=lead.project, annotator=world.bob)
    assert rows.count() == before[(BOB, True)][0]


def test_undone_it_is_as_before(world, lead):
    before = _held(lead)
    tie_outsider(lead, name=BOB, username="bob")
    untie_outsider(lead, name=BOB)
    assert _held(lead) == before
    told = Event.objects.filter(project=lead.project, kind="outsider").order_by("id")
    assert [one.action for one in told] == ["tie", "untie"]
    tie_outsider(lead, name=BOB, username="bob")


def test_what_has_changed_since_cannot_be_told_apart(world, lead):
    tie_outsider(lead, name=BOB, username="bob")
    source = Source.objects.get(project=lead.project, title=world.shared.title)
    annotate(open_project(world.bob, "copy"), source, "alliance")
    held = _held(lead)
    with pytest.raises(Conflict, match="has since changed"):
        untie_outsider(lead, name=BOB)
    assert _held(lead) == held


def test_member_who_has_coded_the_same_source_is_not_tied(world, lead):
    source = Source.objects.get(project=lead.project, title=world.shared.title)
    assign_to(lead, source, world.bob)
    held = _held(lead)
    with pytest.raises(Conflict, match="1 of the same sources"):
        tie_outsider(lead, name=BOB, username="bob")
    assert _held(lead) == held


def test_interrupted_it_goes_on_when_asked_again(world, lead, monkeypatch):
    move = outsider_actions._transfer_source
    moved = []

    def once(scope, source, way):
        if moved:
            raise KeyboardInterrupt
        moved.append(source)
        move(scope, source, way)

    before = _held(lead)
    with monkeypatch.context() as patch:
        patch.setattr(outsider_actions, "_transfer_source", once)
        with pytest.raises(KeyboardInterrupt):
            tie_outsider(lead, name=BOB, username="bob")
    assert {("bob", False), (BOB, True)} <= _held(lead).keys()
    with pytest.raises(Conflict, match="already linked to bob"):
        tie_outsider(lead, name=BOB, username="alice")
    tie_outsider(lead, name=BOB, username="bob")
    assert _held(lead)[("bob", False)] == before[(BOB, True)]
    untie_outsider(lead, name=BOB)
    assert _held(lead) == before


def _meanwhile(monkeypatch, act):
    """`act` once a tie has begun, or its undoing, before anything has moved."""
    carry_out = outsider_actions._transfer_sources

    def later(scope, move):
        act()
        carry_out(scope, move)

    monkeypatch.setattr(outsider_actions, "_transfer_sources", later)


def test_source_given_to_the_member_meanwhile_is_refused_and_told(world, lead, monkeypatch):
    source = Source.objects.get(project=lead.project, title=world.shared.title)
    theirs = _held(lead)[(BOB, True)]
    with monkeypatch.context() as patch:
        _meanwhile(patch, lambda: assign_to(lead, source, world.bob))
        with pytest.raises(Conflict, match="bob was assigned one of these sources in the meantime"):
            tie_outsider(lead, name=BOB, username="bob")
    # What is the member's own stays theirs when it is undone, and the tie can go on without it.
    untie_outsider(lead, name=BOB)
    assert _held(lead)[(BOB, True)] == theirs
    assert _held(lead)[("bob", False)] == [0, 1]
    unassign_source(lead, Assignment.objects.get(source=source, annotator=world.bob).pk)
    tie_outsider(lead, name=BOB, username="bob")
    assert _held(lead)[("bob", False)] == theirs


def test_what_the_member_saves_while_it_is_undone_stays_theirs(world, lead, monkeypatch):
    tie_outsider(lead, name=BOB, username="bob")
    source = Source.objects.get(project=lead.project, title=world.shared.title)
    bob = open_project(world.bob, "copy")
    _meanwhile(monkeypatch, lambda: annotate(bob, source, "alliance"))
    with pytest.raises(Conflict, match="bob has since changed annotations in these sources"):
        untie_outsider(lead, name=BOB)
    mine = Annotation.objects.filter(source=source, annotator=world.bob, quote="alliance")
    assert mine.count() == 1


@pytest.mark.parametrize(("visibility", "news"), [("own", False), ("done", True), ("all", True)])
def test_tie_is_news_to_who_may_see_whose_coding_it_is(world, lead, visibility, news):
    """What is kept for a reader names people; a blind coder is told nothing by the time."""
    change_project(lead, visibility=visibility)
    add_member(lead, username="dan", role="annotator")
    states = []
    for change in (None, tie_outsider, untie_outsider):
        if change is not None:
            change(lead, name=BOB, **({"username": "bob"} if change is tie_outsider else {}))
        states.append(load_reader_state(open_project(world.dan, "copy")))
    first, tied, untied = states
    assert [first != tied, tied != untied, first != untied] == [news] * 3
    assert len(set(map(str, states))) == (3 if news else 1)


def test_archive_has_a_tied_outsider_under_the_members_name(world, lead):
    tie_outsider(lead, name=BOB, username="bob")
    data = file_of(lead, "archive")
    assert BOB.encode() not in parts_of(data)["data/people.jsonl"]
    people = [json.loads(one) for one in parts_of(data)["data/people.jsonl"].splitlines()]
    assert [one["username"] for one in people].count("bob") == 1
    told = [json.loads(one) for one in parts_of(data)["data/events.jsonl"].splitlines()]
    assert {one["actor"] for one in told if one["kind"] == "annotation"} == {"bob", "beth"}
    scope = restore_archive(io.BytesIO(data), by=world.alice, slug="again").scope
    coded, before = map(_coded, (stored(scope), stored(lead)))
    assert coded == before


def _coded(rows):
    return sorted((row["quote"], row["code"], row["annotator"]) for row in rows)


def test_archive_tells_an_account_from_an_outsider_whose_name_it_was_given(world, lead):
    for user, name in ((world.beth, "elizabeth"), (world.bob, "beth")):
        user.username = name
        user.save()
    people = [
        json.loads(one)["username"]
        for one in parts_of(file_of(lead, "archive"))["data/people.jsonl"].splitlines()
    ]
    assert sorted(people) == sorted(set(people))
    assert {"beth", "beth (archive)"} < set(people)
    scope = restore_archive(
        io.BytesIO(file_of(lead, "archive")), by=world.alice, slug="again"
    ).scope
    assert len(stored(scope)) == len(stored(lead))


def test_archive_names_a_member_who_has_left_and_to_whom_one_is_tied(world, lead):
    tie_outsider(lead, name="beth", username="bob")
    Annotation.objects.filter(project=lead.project, annotator=world.bob).delete()
    Assignment.objects.filter(project=lead.project, annotator=world.bob).delete()
    remove_member(lead, username="bob")
    assert b'"bob"' in parts_of(file_of(lead, "archive"))["data/people.jsonl"]


@pytest.mark.parametrize("name", ["Anna / Boris", "a/tie", "tie", "/", "Ünal? #1%"])
def test_page_reaches_outsiders_whatever_they_are_called(world, lead, client_for, name):
    outsider = Outsider.objects.get(project=lead.project, name=BOB)
    Outsider.objects.filter(pk=outsider.pk).update(name=name)
    client = client_for(world.alice)
    tie, untie = (reverse(f"outsider_{way}", args=["copy", name]) for way in ("tie", "untie"))
    assert client.get("/projects/copy/members/").status_code == 200
    client.post(tie, {"username": "bob"})
    assert Outsider.objects.get(pk=outsider.pk).tied_to == world.bob
    client.post(untie)
    assert Outsider.objects.get(pk=outsider.pk).tied_to is None


def test_only_owners_tie_and_only_members(world, lead):
    with pytest.raises(Forbidden):
        tie_outsider(open_project(world.bob, "copy"), name=BOB, username="bob")
    with pytest.raises(NotFound):
        tie_outsider(lead, name=BOB, username="vera")
    with pytest.raises(NotFound):
        tie_outsider(lead, name="nobody", username="bob")
    with pytest.raises(NotFound):
        tie_outsider(world.lead, name=BOB, username="bob")


def test_names_that_match_are_offered_of_members_alone(world, lead):
    offered = {one.outsider.name: one.member and one.member.user for one in list_outsiders(lead)}
    assert offered == {
        "ada": None,
        "alice (archive)": world.alice,
        "beth": None,
        BOB: world.bob,
        "vera": None,
    }


def test_database_ascribes_coding_to_nobody_else(world, lead):
    theirs = Annotation.objects.filter(project=lead.project, annotator__username=BOB)
    with pytest.raises(IntegrityError), transaction.atomic():
        theirs.update(annotator=world.bob)


def test_page_ties_and_offers_to_undo(world, lead, client_for):
    client = client_for(world.alice)
    page = client.get("/projects/copy/members/").content.decode()
    assert "Link the 2 with the same name as a member" in page
    before = _held(lead)
    client.post("/projects/copy/outsiders/tie/")
    assert _held(lead)[("bob", False)] == before[(BOB, True)]
    page = client.get("/projects/copy/members/").content.decode()
    assert "linked to <b>bob</b>" in page
    history = client.get("/projects/copy/history/").content.decode()
    assert "linked ‘bob (archive)’ of the archive to bob" in history
    client.post(f"/projects/copy/outsiders/{BOB}/untie/")
    assert _held(lead) == before
    client.post(f"/projects/copy/outsiders/{BOB}/tie/", {"username": "bob"})
    assert "Undo" in client.get("/projects/copy/members/").content.decode()
    assert _held(lead)[("bob", False)] == before[(BOB, True)]


def test_page_chooses_nobody_by_itself_but_who_is_called_alike(world, lead, client_for):
    client = client_for(world.alice)
    unlike = client.get("/projects/copy/outsiders/vera/tie/").content.decode()
    assert '<option value="" selected>– select –</option>' in unlike
    assert '<select name="username" required' in unlike
    assert (
        '<option value="bob" selected>'
        in client.get(f"/projects/copy/outsiders/{BOB}/tie/").content.decode()
    )
    refused = client.post("/projects/copy/outsiders/vera/tie/", {"username": ""})
    assert "Nothing was linked" in refused.content.decode()
    assert not Outsider.objects.filter(project=lead.project, tied_to__isnull=False).exists()


def test_page_says_why_one_is_not_linked(world, lead, client_for):
    source = Source.objects.get(project=lead.project, title=world.shared.title)
    assign_to(lead, source, world.bob)
    page = client_for(world.alice).post(f"/projects/copy/outsiders/{BOB}/tie/", {"username": "bob"})
    assert "of the same sources" in page.content.decode()


def test_page_shows_many_people_a_few_at_a_time_and_in_as_many_queries(world, lead, client_for):
    client = client_for(world.alice)
    with CaptureQueriesContext(connection) as few:
        client.get("/projects/copy/members/")
    users = [User(username=f"p{n:03}", is_outsider=True, is_active=False) for n in range(200)]
    for user in User.everybody.bulk_create(users):
        Outsider.objects.create(project=lead.project, user=user, name=user.username)
    tie_outsider(lead, name=BOB, username="bob")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/projects/copy/members/").content.decode()
    assert len(many) == len(few)
    assert page.count("to a member</span>") == 20
    assert "1 to 20 of 205" in " ".join(page.split())
    assert "?people=2#outsiders" in page
    last = client.get("/projects/copy/members/?people=11").content.decode()
    assert "linked to <b>bob</b>" in last
