"""Who the people of an archive are, an owner says; what they coded goes along, and comes back."""

import io

import pytest
from django.db import IntegrityError, transaction

from cstoannot.annotations.models import Annotation
from cstoannot.annotations.outsiders import actions
from cstoannot.annotations.outsiders.actions import tie_outsider, untie_outsider
from cstoannot.annotations.outsiders.queries import candidates
from cstoannot.assignments.models import Assignment
from cstoannot.core.errors import Conflict, Forbidden, NotFound
from cstoannot.exchange.archiving.restoring import restore
from cstoannot.history.models import Event
from cstoannot.projects.actions import add_member
from cstoannot.projects.scope import open_project
from cstoannot.sources.models import Source
from tests.builders import annotate, assign_to
from tests.exchange.reading import file_of


@pytest.fixture
def lead(world):
    """The scope of whoever has restored a copy, in which Bob is a member beside an outsider."""
    data = file_of(world.lead, "archive")
    scope = restore(io.BytesIO(data), by=world.alice, slug="copy").scope
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
    with pytest.raises(Conflict, match="changed something"):
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
    move = actions._move_source
    moved = []

    def once(scope, source, way):
        if moved:
            raise KeyboardInterrupt
        moved.append(source)
        move(scope, source, way)

    before = _held(lead)
    with monkeypatch.context() as patch:
        patch.setattr(actions, "_move_source", once)
        with pytest.raises(KeyboardInterrupt):
            tie_outsider(lead, name=BOB, username="bob")
    assert {("bob", False), (BOB, True)} <= _held(lead).keys()
    with pytest.raises(Conflict, match="tied to bob already"):
        tie_outsider(lead, name=BOB, username="alice")
    tie_outsider(lead, name=BOB, username="bob")
    assert _held(lead)[("bob", False)] == before[(BOB, True)]
    untie_outsider(lead, name=BOB)
    assert _held(lead) == before


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
    offered = {one.outsider.name: one.member and one.member.user for one in candidates(lead)}
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
    assert "Tie the 2 who are called like a member" in page
    before = _held(lead)
    client.post("/projects/copy/outsiders/tie/")
    assert _held(lead)[("bob", False)] == before[(BOB, True)]
    page = client.get("/projects/copy/members/").content.decode()
    assert "tied to <b>bob</b>" in page
    history = client.get("/projects/copy/history/").content.decode()
    assert "tied ‘bob (archive)’ of the archive to bob" in history
    client.post(f"/projects/copy/outsiders/{BOB}/untie/")
    assert _held(lead) == before
    client.post(f"/projects/copy/outsiders/{BOB}/tie/", {"username": "bob"})
    assert "Undo" in client.get("/projects/copy/members/").content.decode()
    assert _held(lead)[("bob", False)] == before[(BOB, True)]
