"""Archive → restore → archive gives the same bytes, here and in the other database."""

import io
import json
import uuid
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from knox.crypto import hash_token

from cstoannot.accounts.models import User
from cstoannot.accounts.queries import find_user
from cstoannot.agreement.queries import load_agreement_dataset as agreement_of
from cstoannot.annotations.actions import delete_annotation
from cstoannot.annotations.models import Annotation, CodeProposal
from cstoannot.annotations.proposal_actions import (
    accept_proposal,
    decline_proposal,
    propose_code,
)
from cstoannot.annotations.proposal_queries import filter_proposals
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.assignments.models import Assignment, Plan, Round, SourceConsensus
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import list_revisions
from cstoannot.core.errors import Conflict, Forbidden, Invalid, NotFound
from cstoannot.decisions.actions import open_decisions
from cstoannot.decisions.merge_actions import merge_speakers, undo_speaker_merge
from cstoannot.decisions.models import Decision
from cstoannot.exchange.archive.layout import KINDS, OPTIONAL_KINDS, format_archive_path
from cstoannot.exchange.archive.restoring import restore_archive
from cstoannot.exchange.exporting import prepare_export
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, describe_format
from cstoannot.history.models import Event
from cstoannot.models import Membership, Project, Source, Speaker
from cstoannot.projects.actions import add_member, change_project, remove_member
from cstoannot.projects.invitation_actions import accept_invitation
from cstoannot.projects.queries import list_invitations, select_outsiders
from cstoannot.projects.scope import open_project
from cstoannot.sources.actions import change_source, delete_source
from cstoannot.threads.models import Thread, ThreadKind, ThreadRead
from tests.access.twins import stopped_clock
from tests.builders import PASSWORD, add_source, annotate, finish, invite, make_user, reopened
from tests.exchange.handed_out import decide, discuss, hand_out
from tests.exchange.reading import file_of, stored
from tests.exchange.small import small_project
from tests.exchange.zips import forged, parts_of
from tests.history.test_actions import ACTIONS

ARCHIVES = Path(__file__).parent / "archives"
KEPT = ARCHIVES / "small.zip"
FOURTH = ("assignments", "project", "sources")
"""The files whose rows have more fields since version 4."""


def _rows(data, kind):
    return [json.loads(one) for one in parts_of(data)[f"data/{kind}.jsonl"].splitlines()]


def _gone(project):
    """As on an installation that has never had the project."""
    Annotation.objects.filter(project=project).delete()
    Code.objects.filter(project=project).update(parent=None)
    project.delete()


@pytest.fixture
def lived(world, odd):
    """A project in which everything has happened that leaves traces."""
    change_project(world.lead, counts_after_look=True)
    finish(world.scope(world.bob), world.shared)
    change_code(world.lead, "plea", definition="Somebody asks for help, or for mercy.")
    change_code(world.lead, "plea", retired=True)
    change_source(world.lead, odd.pk, language="hy", published="2020-11", note="Cut.\nHere.")
    passage = {"source": world.shared.pk, "start": 4, "end": 12}
    proposal, _ = propose_code(world.scope(world.beth), name="Debt", **passage)
    decline_proposal(world.lead, proposal.pk, reason="It is a plea.")
    bob = world.scope(world.bob)
    with reopened(bob, world.shared):
        delete_annotation(bob, world.said["bob plea"]["id"])
    delete_source(world.lead, world.bobs.pk, confirmed=True)
    remove_member(world.lead, username="beth")
    add_source(world.lead, "Last", "\ufeff x\r\ny")
    decided = Annotation.objects.get(pk=world.said["bob failure"]["id"])
    decided.pk, decided.annotator, decided.layer = None, None, "consensus"
    decided.pk = "00000000-0000-4000-8000-00000000c0de"
    decided.save(force_insert=True)
    hand_out(world)
    discuss(world, decide(world))
    return world


def _restored(data, by=None, **options):
    return restore_archive(io.BytesIO(data), by=by, **{"same_people": True, **options})


def test_restored_project_gives_the_same_bytes(lived):
    archive = file_of(lived.lead, "archive")
    _gone(lived.lead.project)
    made = _restored(archive, lived.alice)
    assert made.scope.project.slug == "alliances"
    assert file_of(made.scope, "archive") == archive
    assert made.counts["annotations"] == len(_rows(archive, "annotations")) == 10


def test_retired_code_comes_back_with_its_annotations_and_a_key_that_another_has(lived):
    change_code(lived.lead, "plea", shortcut="p")
    change_code(lived.lead, "failure", shortcut="p")
    archive = file_of(lived.lead, "archive")
    made = _restored(archive, lived.alice, slug="again")
    plea = Code.objects.get(project=made.scope.project, slug="plea")
    assert plea.retired_at == Code.objects.get(pk=lived.codes["plea"].pk).retired_at
    assert (plea.shortcut, plea.annotations.count()) == ("p", 1)


def test_restored_project_exports_the_same_rows(lived):
    before = file_of(lived.lead, "jsonl")
    numbers = dict(Source.objects.filter(project=lived.lead.project).values_list("pk", "sha256"))
    archive = file_of(lived.lead, "archive")
    _gone(lived.lead.project)
    made = _restored(archive, lived.alice)
    again = dict(Source.objects.filter(project=made.scope.project).values_list("pk", "sha256"))
    assert list(numbers.values()) == list(again.values())
    there = dict(zip(again, numbers, strict=True))
    found = [
        {**json.loads(one), "source": there[json.loads(one)["source"]]}
        for one in file_of(made.scope, "jsonl").splitlines()
    ]
    assert found == [json.loads(one) for one in before.splitlines()]


def test_bounds_of_units_stay_as_they_were_though_the_language_has_changed(lived):
    fields = ("paragraphs", "sentences", "tokens", "words", "length", "title")
    before = list(Source.objects.order_by("position").values_list(*fields))
    archive = file_of(lived.lead, "archive")
    _gone(lived.lead.project)
    scope = _restored(archive, lived.alice).scope
    found = Source.objects.filter(project=scope.project).order_by("position").values_list(*fields)
    kept = [tuple(map(bytes, row[:3])) + row[3:] for row in found]
    assert kept == [tuple(map(bytes, row[:3])) + row[3:] for row in before if row[-1] != "Foreign"]


def test_history_of_the_restored_project_names_its_own_sources(lived):
    archive = file_of(lived.lead, "archive")
    scope = _restored(archive, lived.alice, slug="copy").scope
    mine = set(Source.objects.filter(project=scope.project).values_list("pk", flat=True))
    events = Event.objects.filter(project=scope.project)
    assert {int(e.object) for e in events.filter(kind="source")} == mine
    told = events.filter(kind__in=["annotation", "assignment"])
    states = [state for e in told for state in (e.before, e.after) if state and "source" in state]
    assert states
    assert {state["source"] for state in states} <= mine
    last = events.order_by("-id").first()
    assert (last.actor, last.action, last.kind) == (lived.alice, "restore", "project")


def test_copy_beside_the_original_has_ids_of_its_own(lived):
    archive = file_of(lived.lead, "archive")
    copy = _restored(archive, lived.alice, slug="copy").scope
    said = {(row["quote"], row["code"], row["annotator"], row["stance"]) for row in stored(copy)}
    ids = {row["id"] for row in stored(copy)}
    original = stored(open_project(lived.alice, lived.slug))
    assert said == {(r["quote"], r["code"], r["annotator"], r["stance"]) for r in original}
    assert not ids & {row["id"] for row in original}
    objects = Event.objects.filter(project=copy.project, kind="annotation", action="create")
    told = {row["id"] for row in stored(copy) if row["annotator"]}
    assert {str(id) for id in told} <= set(objects.values_list("object", flat=True))
    again = _restored(file_of(copy, "archive"), lived.alice, slug="third").scope
    assert len(stored(again)) == len(original)
    assert file_of(open_project(lived.alice, lived.slug), "archive") == archive


def test_merge_is_undone_in_a_copy_beside_the_original(world):
    """The history of the copy names the copy's speakers."""
    annotate(world.scope(world.bob), world.shared, "Nobody", voice="A Silent Witness")
    taker, merged = (
        _speaker(world.lead, "A silent witness"),
        _speaker(world.lead, "A Silent Witness"),
    )
    before = _voices(world.lead)
    merge_speakers(world.lead, merged.key, into=taker.key)
    copy = _restored(file_of(world.lead, "archive"), world.alice, slug="copy").scope

    (told,) = Event.objects.filter(project=copy.project, kind="speaker", action="merge")
    assert told.after["into_id"] == str(_speaker(copy, "A silent witness").key)
    undo_speaker_merge(copy, uuid.UUID(told.object))
    assert _voices(copy) == before
    assert _voices(world.lead) != before


def _speaker(scope, name):
    return Speaker.objects.get(project_id=scope.project_id, name=name)


def _voices(scope):
    """What stands in whose voice."""
    found = Annotation.objects.filter(project_id=scope.project_id)
    return sorted(
        found.exclude(voice=None).values_list("quote", "annotator__username", "voice__name")
    )


def test_looks_of_a_copy_name_its_own_assignments(world):
    change_project(world.lead, visibility="done")
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    with reopened(world.scope(world.bob), world.shared):
        copy = _restored(file_of(world.lead, "archive"), world.alice, slug="copy").scope
    looks = Event.objects.filter(project=copy.project, kind="look")
    mine = Assignment.objects.filter(project=copy.project, source__title="Shared")
    assert sorted(looks.values_list("object", "about_id")) == sorted(
        (str(id), annotator) for id, annotator in mine.values_list("pk", "annotator_id")
    )


def test_people_who_left_stay_outside(lived):
    archive = file_of(lived.lead, "archive")
    (beth,) = [row for row in _rows(archive, "people") if row["username"] == "beth"]
    assert beth == {"username": "beth", "role": None, "created_at": None}
    copy = _restored(archive, lived.alice, slug="copy").scope
    members = Membership.objects.filter(project=copy.project).values_list("user__username", "role")
    assert dict(members) == {
        "alice": "owner",
        "ada": "adjudicator",
        "bob": "annotator",
        "vera": "viewer",
    }
    assert "beth" in {row["annotator"] for row in stored(copy)}


def _outsiders(scope):
    return {one.name: (one.role, one.user.username) for one in select_outsiders(scope)}


def test_people_become_outsiders_and_no_account_is_made(lived):
    """Neither accounts with their names, nor memberships: nobody is let in by name alone."""
    archive = file_of(lived.lead, "archive")
    accounts = User.objects.count()
    made = _restored(archive, lived.dan, slug="copy", same_people=False)
    assert User.objects.count() == accounts
    assert (made.members, made.outsiders) == ([], ["ada", "alice", "beth", "bob", "vera"])
    assert _outsiders(made.scope) == {
        "ada": ("adjudicator", "ada"),
        "alice": ("owner", "alice"),
        "beth": (None, "beth"),
        "bob": ("annotator", "bob"),
        "vera": ("viewer", "vera"),
    }
    members = Membership.objects.filter(project=made.scope.project)
    assert [(member.user, member.role) for member in members] == [(lived.dan, "owner")]
    for user in (lived.alice, lived.bob):
        with pytest.raises(NotFound):
            open_project(user, "copy")
    authors = Annotation.objects.filter(project=made.scope.project).values("annotator")
    assert {user.is_outsider for user in User.everybody.filter(pk__in=authors)} == {True}


def test_answer_is_the_same_whoever_has_an_account(lived):
    archive = file_of(lived.lead, "archive")
    first = _restored(archive, lived.dan, slug="copy", same_people=False)
    _gone(lived.lead.project)
    User.objects.filter(username__in=["ada", "vera"]).delete()
    second = _restored(archive, lived.dan, slug="third", same_people=False)
    told = [(made.members, made.outsiders, made.counts) for made in (first, second)]
    assert told[0] == told[1]


def test_outsiders_stand_under_their_names_in_what_leaves(lived):
    archive = file_of(lived.lead, "archive")
    rows = [json.loads(one) for one in file_of(lived.lead, "jsonl").splitlines()]
    scope = _restored(archive, lived.dan, slug="copy", same_people=False).scope
    again = [json.loads(one) for one in file_of(scope, "jsonl").splitlines()]
    # Rows that begin at the same place are in the order of their ids, which are new.
    said = [sorted((r["quote"], r["annotator"] or "") for r in found) for found in (again, rows)]
    assert said[0] == said[1]
    assert "bob" in {one.username for one in agreement_of(scope).annotators}
    people = {row["username"]: row for row in _rows(file_of(scope, "archive"), "people")}
    dan = people.pop("dan")
    assert (dan["role"], list(people.values())) == ("owner", _rows(archive, "people"))


def test_outsider_cannot_be_found_or_sign_in(lived):
    _restored(file_of(lived.lead, "archive"), lived.dan, slug="copy", same_people=False)
    assert User.objects.filter(username="bob").get() == lived.bob
    outsider = User.everybody.get(username="bob", is_outsider=True)
    assert (outsider.is_active, outsider.has_usable_password()) == (False, False)
    assert find_user("bob") == lived.bob
    assert Client().login(username="bob", password=PASSWORD)
    User.objects.filter(pk=lived.bob.pk).update(username="robert")
    assert find_user("bob") is None
    assert not Client().login(username="bob", password=PASSWORD)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.everybody.filter(pk=outsider.pk).update(is_active=True)


def test_own_coding_is_ones_own_again_where_one_says_so(lived):
    archive = file_of(lived.lead, "archive")
    made = _restored(archive, lived.bob, slug="copy", same_people=False, mine=True)
    assert made.members == ["bob"]
    mine = Annotation.objects.filter(project=made.scope.project, annotator=lived.bob)
    assert (
        mine.count()
        == Annotation.objects.filter(project=lived.lead.project, annotator=lived.bob).count()
    )


def test_outsider_called_like_a_member_is_set_apart(lived):
    """Whoever restores, and whoever joins later: two people in a project have two names."""
    archive = file_of(lived.lead, "archive")
    scope = _restored(archive, lived.bob, slug="copy", same_people=False).scope
    assert _outsiders(scope)["bob (archive)"] == ("annotator", "bob (archive)")
    add_member(scope, username="vera", role="viewer")
    assert "vera" not in _outsiders(scope)
    assert _outsiders(scope)["vera (archive)"] == ("viewer", "vera (archive)")
    names = [row["username"] for row in _rows(file_of(scope, "archive"), "people")]
    assert len(set(names)) == len(names)
    once_more = _restored(file_of(scope, "archive"), lived.dan, slug="third", same_people=False)
    assert "bob (archive)" in once_more.outsiders


def test_whoever_restores_owns_it(lived):
    archive = file_of(lived.lead, "archive")
    scope = _restored(archive, lived.bob, slug="copy").scope
    assert (scope.user, scope.role) == (lived.bob, "owner")
    assert open_project(lived.bob, "copy").role == "owner"


@pytest.mark.parametrize("slug", ["", "alliances", "new", "Copy", "a/b"])
def test_taken_or_wrong_slug_is_refused(lived, slug):
    with pytest.raises((Conflict, Invalid), match=r"slug|called"):
        _restored(file_of(lived.lead, "archive"), lived.alice, slug=slug)


def test_removed_project_keeps_its_slug(lived):
    archive = file_of(lived.lead, "archive")
    Project.objects.filter(slug="alliances").update(deleted_at="2026-01-01T00:00:00Z")
    with pytest.raises(Conflict):
        _restored(archive, lived.alice)


def test_as_many_are_told_as_are_in_it(lived):
    delete_source(lived.lead, lived.beths.pk, confirmed=True)
    told = describe_format(
        FORMATS["archive"], build_export_request(lived.lead, FORMATS["archive"], AnnotationFilter())
    )
    rows = _rows(file_of(lived.lead, "archive"), "annotations")
    assert told.rows == len(rows)
    assert (
        len(rows)
        > describe_format(
            FORMATS["csv"], build_export_request(lived.lead, FORMATS["csv"], AnnotationFilter())
        ).rows
    )


@pytest.mark.parametrize("name", ["ada", "bob", "vera"])
def test_owners_alone_take_it(world, name):
    scope = world.scope(getattr(world, name))
    with pytest.raises(Forbidden):
        prepare_export(
            FORMATS["archive"], build_export_request(scope, FORMATS["archive"], AnnotationFilter())
        )


def test_archive_is_whole_or_not_at_all(world):
    with pytest.raises(Invalid, match="whole project"):
        build_export_request(world.lead, FORMATS["archive"], AnnotationFilter(codes=["plea"]))


@pytest.mark.parametrize("name", [name for name in ACTIONS if name != "delete_project"])
def test_whatever_has_happened_can_be_restored(world, name):
    """A new action whose history could not come back would show here."""
    ACTIONS[name][0](world)
    archive = file_of(world.lead, "archive")
    _gone(world.lead.project)
    assert file_of(_restored(archive, world.alice).scope, "archive") == archive


def test_archive_has_every_table_of_a_project():
    """A new kind of row must find its way into archives; links belong to an installation.

    Outsiders stand in the file of people, as members do.
    """
    tables = {
        model.__name__
        for model in apps.get_app_config("cstoannot").get_models()
        if any(field.name == "project" for field in model._meta.fields)
    }
    archived = {Annotation, Assignment, Code, Event, Membership, Source, Speaker}
    inside = {model.__name__ for model in archived} | {"CodebookRevision"}
    inside |= {CodeProposal.__name__, Plan.__name__, Round.__name__}
    inside |= {Decision.__name__, SourceConsensus.__name__, Thread.__name__}
    assert tables == inside | {"Invitation", "Outsider", "ResultsLink"}
    # The project, and comments, which are their threads'.
    assert len(KINDS) + len(OPTIONAL_KINDS) == len(inside) + 2


def test_proposals_come_back_under_new_ids_beside_the_project(world):
    """They have a file of their own, in archives of projects that have some."""
    assert "data/proposals.jsonl" not in parts_of(file_of(world.lead, "archive"))
    passage = {"source": world.shared.pk, "start": 4, "end": 12}
    made, _ = propose_code(world.scope(world.bob), name="Debt", parent="plea", **passage)
    accept_proposal(world.lead, made.pk, name="Debts")
    archive = file_of(world.lead, "archive")
    copy = _restored(archive, world.alice, slug="copy").scope
    (there,) = filter_proposals(copy)
    assert there.pk != made.pk
    assert (there.name, there.proposed_by, there.quote) == ("Debt", world.bob, "alliance")
    assert (there.parent.slug, there.code.slug) == ("plea", "debts")
    told = Event.objects.filter(project=copy.project, kind="proposal")
    assert set(told.values_list("object", flat=True)) == {str(there.pk)}
    kept = parts_of(archive)["data/proposals.jsonl"]
    again = parts_of(file_of(copy, "archive"))["data/proposals.jsonl"]
    assert again == kept.replace(str(made.pk).encode(), str(there.pk).encode())


@pytest.mark.parametrize("wrong", [{"quote": "Alliance"}, {"parent": "none"}, {"state": "open"}])
def test_proposal_that_fits_nothing_is_refused(world, wrong):
    passage = {"source": world.shared.pk, "start": 4, "end": 12}
    propose_code(world.scope(world.bob), name="Debt", **passage)
    archive = file_of(world.lead, "archive")
    data = forged(archive, "proposals", lambda rows: rows[0].update(wrong))
    with pytest.raises(Invalid, match=r"data/proposals\.jsonl, line 1"):
        _restored(data, world.alice, slug="copy")


def test_archive_holds_no_invitation_and_lets_nobody_in(world):
    before = parts_of(file_of(world.lead, "archive"))
    _, secret = invite(world.lead, note="Erin of Yerevan")
    archive = file_of(world.lead, "archive")
    after = parts_of(archive)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"data/events.jsonl", "manifest.json"}
    told = b"".join(after.values())
    for hidden in (secret, hash_token(secret), "Erin"):
        assert hidden.encode() not in told
    _gone(world.lead.project)
    assert list(list_invitations(_restored(archive, world.alice).scope)) == []
    with pytest.raises(NotFound):
        accept_invitation(world.dan, secret=secret)


FIELDS_LEFT_OUT = {
    "Annotation": {"project"},
    "Assignment": {"project"},
    "Code": {"id", "project"},
    "CodeProposal": {"project"},
    "CodebookRevision": {"id", "project"},
    "Comment": set(),
    "Decision": {"project"},
    "Event": {"project"},
    "Plan": {"project"},
    "Project": {"id", "deleted_at", "restoring_at"},
    "Round": {"project"},
    "Source": {"id", "project", "length", "words"},
    "SourceConsensus": {"project"},
    "Speaker": {"id", "project", "likeness"},
    "Thread": {"project"},
}
IN_ARCHIVES = {"Comment": {"mentions"}, "Source": {"number"}, "Thread": {"read"}}
PARTS = {
    "Annotation": "annotations",
    "Assignment": "assignments",
    "Code": "codes",
    "CodeProposal": "proposals",
    "CodebookRevision": "revisions",
    "Comment": "comments",
    "Decision": "decisions",
    "Event": "events",
    "Plan": "plans",
    "Project": "project",
    "Round": "rounds",
    "Source": "sources",
    "SourceConsensus": "consensus",
    "Speaker": "speakers",
    "Thread": "threads",
}


@pytest.mark.parametrize("name", PARTS)
def test_archive_has_every_field(lived, name):
    model = apps.get_model("cstoannot", name)
    fields = {field.name for field in model._meta.concrete_fields} - FIELDS_LEFT_OUT[name]
    (row, *_) = _rows(file_of(lived.lead, "archive"), PARTS[name])
    assert set(row) == fields | IN_ARCHIVES.get(name, set())


def test_archive_made_on_another_database_is_the_same_here(db):
    """`archives/small.zip` was written on SQLite; what is zipped is compared, not how."""
    lead = make_user("alice")
    for name in ("bob", "beth"):
        make_user(name)
    scope = _restored(KEPT.read_bytes(), lead).scope
    assert parts_of(file_of(scope, "archive")) == parts_of(KEPT.read_bytes())


def test_decisions_of_a_copy_name_its_own_rows(lived):
    """Their places, what they weighed, what they left, and the history of it."""
    open_decisions(lived.lead, [lived.shared.pk], False)
    lived_copy = _restored(file_of(lived.lead, "archive"), lived.alice, slug="copy").scope
    mine = Decision.objects.filter(project=lived_copy.project)
    (decision,) = mine.filter(apart=False)
    here = Source.objects.get(project=lived_copy.project, title="Shared")
    assert decision.source == here
    assert decision.place.int >> 80 == here.pk
    assert [one["annotators"] for one in decision.readings] == [[lived.bob.pk], [lived.beth.pk]]
    (passage,) = decision.passages
    assert Annotation.objects.get(pk=passage).project == lived_copy.project
    (weighed,) = decision.readings[0]["passages"]
    assert (weighed["id"], weighed["annotator"]) == (passage, lived.bob.pk)
    event, opened = Event.objects.filter(project=lived_copy.project, kind="decision").order_by("id")
    assert opened.object == str(here.pk)
    assert event.object == str(decision.pk)
    assert event.after["place"] == str(decision.place)
    assert event.after["readings"] == decision.readings
    assert mine.filter(apart=True).get().passages == [
        {"code": "failure", "start": 12, "end": 31, "stance": "supports", "voice": ""}
    ]


def test_threads_of_a_copy_are_its_own_and_as_read(lived):
    copy = _restored(file_of(lived.lead, "archive"), lived.alice, slug="copy").scope
    threads = Thread.objects.filter(project=copy.project)
    assert {one.kind for one in threads} == set(ThreadKind.values)
    place = threads.get(kind="place")
    assert place.proposal.project == copy.project
    assert {one.text for one in place.comments.all()} == {"@ada, why?", "Read it."}
    mentions = place.comments.get(author=lived.bob).mentions.values_list("username", flat=True)
    assert sorted(mentions) == ["ada", "beth"]
    marks = ThreadRead.objects.filter(thread=place).values_list("user__username", "number")
    assert sorted(marks) == [("ada", None), ("bob", 1)]
    assert threads.get(kind="decision").decision.project == copy.project
    (event,) = Event.objects.filter(project=copy.project, kind="comment")
    assert event.after["thread"] == str(place.pk)


def test_archive_leaves_out_what_became_of_a_decision_outside(lived):
    """A passage of the consensus that is gone, and a reader whose account is."""
    decision = Decision.objects.get(apart=False)
    decision.passages.append("00000000-0000-4000-8000-00000000dead")
    decision.readings[1]["annotators"].append(987_654)
    decision.save()
    archive = file_of(lived.lead, "archive")
    (row,) = [row for row in _rows(archive, "decisions") if not row["apart"]]
    assert (len(row["passages"]), row["readings"][1]["annotators"]) == (1, ["beth"])
    _gone(lived.lead.project)
    assert file_of(_restored(archive, lived.alice).scope, "archive") == archive


def _snapshots(data):
    return [row["snapshot"] for row in _rows(data, "revisions")]


def _added_revision(snapshots, slug):
    held = [False, *(slug in {entry["slug"] for entry in one} for one in snapshots)]
    return max(number for number, now in enumerate(held) if now and not held[number - 1])


@pytest.mark.parametrize("name", ["version-1.zip", "small-version-1.zip"])
def test_archive_of_version_1_is_restored_as_it_was(db, name):
    """It kept the whole codebook with each revision, and not when a code was added."""
    old = (ARCHIVES / name).read_bytes()
    scope = _restored(old, make_user("alice")).scope
    snapshots = _snapshots(old)
    assert [revision.snapshot for revision in reversed(list_revisions(scope))] == snapshots
    added = Code.objects.filter(project=scope.project).values_list("slug", "added_revision")
    assert {slug: _added_revision(snapshots, slug) for slug, _ in added} == dict(added)
    again = file_of(scope, "archive")
    before, after = parts_of(old), parts_of(again)
    changed = {part for part in after if after[part] != before[part]}
    assert changed == {*map(format_archive_path, ("codes", "revisions", *FOURTH)), "manifest.json"}
    copy = parts_of(file_of(_restored(again, scope.user, slug="copy").scope, "archive"))
    assert copy["data/revisions.jsonl"] == after["data/revisions.jsonl"]


def _revision_at(data, at):
    made = [row["number"] for row in _rows(data, "revisions") if at and row["at"] <= at]
    return max(made, default=0)


@pytest.mark.parametrize("name", ["version-1.zip", "small-version-1.zip", "small-version-2.zip"])
def test_archive_without_revisions_of_finishing_takes_those_of_the_time(db, name):
    old = (ARCHIVES / name).read_bytes()
    scope = _restored(old, make_user("alice")).scope
    again = _rows(file_of(scope, "archive"), "assignments")
    before = _rows(old, "assignments")
    assert any(row["done_at"] for row in before)
    assert again == [
        {
            **row,
            "finished_under": _revision_at(old, row["done_at"]) if row["done_at"] else None,
            **dict.fromkeys(("plan", "rank", "deadline")),
            "practice": False,
        }
        for row in before
    ]


def test_archive_of_version_3_is_restored_and_its_consensus_stays_open(db):
    """It knew no plans and no decisions; coders saw the consensus."""
    old = (ARCHIVES / "small-version-3.zip").read_bytes()
    scope = _restored(old, make_user("alice")).scope
    before, after = parts_of(old), parts_of(file_of(scope, "archive"))
    changed = {part for part in after if after[part] != before[part]}
    assert changed == {*map(format_archive_path, FOURTH), "manifest.json"}
    assert scope.project.decisions_opened
    without = forged(old, "annotations", _without_consensus)
    assert not _restored(without, scope.user, slug="copy").scope.project.decisions_opened


def _without_consensus(rows):
    rows[:] = [row for row in rows if row["layer"] != "consensus"]


def test_small_project_has_the_archive_that_is_kept(db):
    with small_project() as lead:
        assert parts_of(file_of(lead, "archive")) == parts_of(KEPT.read_bytes())


def test_command_restores_and_tells(lived, tmp_path, capsys):
    path = tmp_path / "a.zip"
    path.write_bytes(file_of(lived.lead, "archive"))
    call_command("restore_project", str(path), "--slug", "copy", "--owner", "dan")
    told = capsys.readouterr().out
    assert told.splitlines()[0] == "Project copy: 6 sources, 10 annotations."
    assert "Without an account in it: ada, alice, beth, bob, vera." in told
    assert open_project(lived.dan, "copy").role == "owner"


def test_command_gives_people_their_roles_back_if_told_so(lived, tmp_path, capsys):
    path = tmp_path / "a.zip"
    path.write_bytes(file_of(lived.lead, "archive"))
    _gone(lived.lead.project)
    User.objects.filter(username__in=["vera"]).delete()
    User.objects.filter(username="alice").update(is_active=False)
    with pytest.raises(CommandError, match="Choose an owner"):
        call_command("restore_project", str(path))
    call_command("restore_project", str(path), "--same-people")
    told = capsys.readouterr().out
    assert "Members as they were: ada, alice, beth, bob." in told
    assert "Without an account in it: vera." in told
    assert "Its owner alice cannot log in" in told
    again = str(tmp_path / "again.zip")
    call_command("export_project", "alliances", "archive", again)
    assert Path(again).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("none.zip", [], "cannot be read"),
        ("text.zip", [], "not a cstoannot archive"),
        ("text.zip", ["--owner", "nobody"], "no active account"),
    ],
)
def test_command_refuses_in_a_sentence(db, tmp_path, name, options, words):
    (tmp_path / "text.zip").write_bytes(b"no archive, not at all, whatever it is called")
    with pytest.raises(CommandError, match=words):
        call_command("restore_project", str(tmp_path / name), *options)


def test_time_and_randomness_leave_no_trace(db):
    with small_project() as lead, stopped_clock() as clock:
        first = file_of(lead, "archive")
        clock.at(5_000)
        assert file_of(lead, "archive") == first
