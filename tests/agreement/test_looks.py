"""What is saved after seeing others' coding counts in agreement only where an owner says so."""

import io
import random
import uuid

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.agreement import project_cache
from cstoannot.agreement.disagreements import (
    DisagreementFilter,
    compute_mixed_codes,
    list_disagreements,
)
from cstoannot.agreement.evidence import load_evidence
from cstoannot.agreement.queries import load_agreement_dataset
from cstoannot.agreement.reports import AgreementQuery, build_agreement_report
from cstoannot.annotations.actions import Draft, delete_annotation, save_annotation
from cstoannot.annotations.look_queries import (
    _select_looks,
    load_ids_after_look,
    load_ids_after_look_on_sources,
)
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.outsider_actions import tie_outsider
from cstoannot.annotations.queries import find_source_annotations
from cstoannot.assignments.actions import (
    assign_source,
    change_project_settings,
    set_assignment_state,
    unassign_source,
)
from cstoannot.core.fields import ANY_VERSION
from cstoannot.decisions.merge_actions import merge_speakers
from cstoannot.exchange.archive.restoring import restore_archive
from cstoannot.history.actions import record_event
from cstoannot.history.models import LOOK, Event
from cstoannot.projects.actions import add_member, change_project
from cstoannot.projects.scope import open_project
from cstoannot.sources.models import Source
from tests.builders import TEXT, add_source, annotate, assign_to, finish, reopened
from tests.exchange.reading import file_of

MEASURES = ("krippendorff_alpha", "u_alpha", "f1_overlap", "stance_alpha")


@pytest.fixture(params=[1, 11], ids=["one source", "eleven sources"])
def opened(request, world):
    """Bob and Beth have finished what they share, and each sees what the other says."""
    change_project(world.lead, visibility="done")
    for number in range(request.param - 1):
        source = add_source(world.lead, f"Source {number}")
        assign_to(world.lead, source, world.bob, world.beth)
        annotate(world.scope(world.bob), source, "Nobody came.", "plea")
        annotate(world.scope(world.beth), source, "Nobody", "plea", stance="opposes")
        finish(world.scope(world.bob), source)
        finish(world.scope(world.beth), source)
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    return world


def _numbers(scope):
    found = []
    for measure in MEASURES:
        question = AgreementQuery(measure=measure, interval="none")
        one, behind = (
            build_agreement_report(scope, question),
            load_evidence(scope, question, limit=1_000),
        )
        assert behind.total == one.overall.n == len(behind.items)
        found.append((one.overall, one.codes, one.pairs, one.by_source, behind))
    listed = list_disagreements(scope, DisagreementFilter(), limit=1_000)
    assert listed.total == len(listed.entries)
    return [*found, listed, compute_mixed_codes(scope, DisagreementFilter())]


def _counted(scope):
    found = build_agreement_report(scope, AgreementQuery(interval="none"))
    return found.after_look, found.counts_after_look


def _open_again(coder, source):
    with reopened(coder, source):
        pass


def test_what_is_saved_after_a_look_changes_no_number_until_an_owner_says_so(opened):
    chance = random.Random(7)
    readers = [opened.lead, opened.scope(opened.bob)]
    before = [_numbers(scope) for scope in readers]
    saved = 0
    for _ in range(6):
        coder = opened.scope(chance.choice([opened.bob, opened.beth]))
        start = chance.randrange(len(TEXT) - 5)
        draft = Draft(
            source=opened.shared.pk,
            code=chance.choice(["failure", "plea"]),
            start=start,
            end=start + chance.randrange(1, 5),
            stance=chance.choice(["", "supports", "opposes"]),
        )
        with reopened(coder, opened.shared):
            save_annotation(coder, uuid.uuid4(), draft)
        saved += 1
        readers = [opened.lead, opened.scope(opened.bob)]
        assert [_numbers(scope) for scope in readers] == before
        assert [_counted(scope) for scope in readers] == [(saved, False)] * 2
    project_cache.clear_agreement_cache()
    assert [_numbers(scope) for scope in readers] == before
    change_project_settings(opened.lead, counts_after_look=True)
    readers = [opened.scope(opened.alice), opened.scope(opened.bob)]
    for scope, earlier in zip(readers, before, strict=True):
        counting = _numbers(scope)
        assert counting != earlier
        assert _counted(scope) == (saved, True)
        project_cache.clear_agreement_cache()
        assert _numbers(scope) == counting
    change_project_settings(opened.lead, counts_after_look=False)
    assert _numbers(opened.scope(opened.alice)) == before[0]


def test_rows_keep_their_places_and_the_comparison_all_of_them(opened):
    said = annotate(opened.scope(opened.bob), opened.shared, "Naïve", "plea")
    coding = load_agreement_dataset(opened.lead)
    ids = [coding.annotation_id(row) for row in range(len(coding.rows))]
    assert uuid.UUID(str(said["id"])) in ids
    shown = {coding.annotation_id(int(row)) for row in coding.spans.row}
    assert set(ids) - shown == {uuid.UUID(str(said["id"]))}
    for place, row in enumerate(coding.spans.row):
        assert coding.rows["start"][row] == coding.spans.start[place]


def test_change_of_a_blind_passage_after_a_look_takes_it_out(opened):
    bob, said = opened.scope(opened.bob), opened.said["bob failure"]
    draft = Draft(source=opened.shared.pk, code="plea", start=0, end=9)
    with reopened(bob, opened.shared):
        save_annotation(bob, uuid.UUID(str(said["id"])), draft, expected=ANY_VERSION)
    assert _counted(opened.lead) == (1, False)
    with reopened(bob, opened.shared):
        delete_annotation(bob, uuid.UUID(str(said["id"])))
    assert _counted(opened.lead) == (0, False)


def test_what_others_do_to_a_blind_passage_leaves_it_blind(opened):
    bob = opened.scope(opened.bob)
    _open_again(opened.scope(opened.beth), opened.shared)
    before = _numbers(opened.lead)[0]
    voices = [one.key for one in Speaker.objects.filter(project=opened.lead.project)]
    assert voices, "the world has a speaker"
    other = annotate(bob, opened.bobs, "Nobody", "plea", voice="Somebody else")
    assert other["voice"] == "Somebody else"
    into = Speaker.objects.get(project=opened.lead.project, name="Somebody else").key
    merge_speakers(opened.lead, voices[0], into=into)
    assert Event.objects.filter(kind="annotation", action="change", actor=opened.alice).exists()
    assert _counted(opened.lead) == (0, False)
    assert _numbers(opened.lead)[0] == before


def test_only_who_has_looked_is_no_longer_blind(opened):
    """Ada is given the source once the others have seen each other's coding."""
    assign_source(opened.lead, source_id=opened.shared.pk, annotator="ada")
    annotate(opened.scope(opened.ada), opened.shared, "We asked", "plea")
    annotate(opened.scope(opened.beth), opened.shared, "We asked", "plea")
    finish(opened.scope(opened.ada), opened.shared)
    assert _counted(opened.lead) == (1, False)


def _by_api(world, api, client_for):
    assert api(world.alice).patch(world.api, {"visibility": "own"}).status_code == 200


def _by_page(world, api, client_for):
    typed = {"name": "Alliances", "visibility": "all", "version": 2}
    path = f"/projects/{world.slug}/settings/"
    assert client_for(world.alice).post(path, typed).status_code == 302


@pytest.mark.parametrize("change", [_by_api, _by_page])
def test_another_visibility_records_who_was_shown_what_was_open(opened, change, api, client_for):
    change(opened, api, client_for)
    looks = Event.objects.filter(kind="look", source=opened.shared)
    assert sorted(looks.values_list("about__username", flat=True)) == ["beth", "bob"]
    annotate(opened.scope(opened.bob), opened.shared, "Naïve", "plea")
    assert _counted(opened.scope(opened.alice)) == (1, False)


def test_other_settings_record_no_look(opened):
    change_project_settings(opened.lead, name="Unions", visibility="done", open_sources=True)
    assert not Event.objects.filter(kind="look").exists()


def test_given_back_after_a_look_is_still_seen(opened):
    bob = opened.scope(opened.bob)
    mine = opened.assignments["bob shared"].pk
    set_assignment_state(bob, mine, "started")
    unassign_source(opened.lead, mine, confirmed=True)
    assign_source(opened.lead, source_id=opened.shared.pk, annotator="bob")
    annotate(bob, opened.shared, "Naïve", "plea")
    finish(bob, opened.shared)
    assert _counted(opened.lead) == (1, False)


def test_annotators_are_told_of_their_own_alone(opened):
    for user in (opened.bob, opened.beth):
        annotate(opened.scope(user), opened.shared, "Naïve", "plea")
    sources = [opened.shared.pk]
    assert len(load_ids_after_look_on_sources(opened.lead, sources)) == 2
    assert len(load_ids_after_look_on_sources(opened.scope(opened.bob), sources)) == 1
    assert load_ids_after_look_on_sources(opened.lead, []) == set()


def test_looks_of_others_cost_a_coder_no_query(opened):
    """Otherwise the time of an answer would tell of them."""
    beth, pairs = opened.scope(opened.beth), [(opened.shared.pk, opened.beth.pk)]
    before = _queries_of(beth, pairs)
    record_event(
        opened.lead, action="create", kind=LOOK, object_id="", **_about(opened.shared, opened.bob)
    )
    assert _queries_of(beth, pairs) == before == 2


def _about(source, user):
    return {"source_id": source.pk, "about_id": user.pk}


def _queries_of(scope, pairs):
    with CaptureQueriesContext(connection) as queries:
        assert load_ids_after_look(scope, pairs) == set()
        assert load_ids_after_look_on_sources(scope, [source for source, _ in pairs]) == set()
    return len(queries)


def test_looks_are_asked_for_on_the_sources_in_question_alone(opened):
    for user in (opened.bob, opened.beth):
        annotate(opened.scope(user), opened.shared, "Naïve", "plea")
    with CaptureQueriesContext(connection) as queries:
        assert load_ids_after_look_on_sources(opened.lead, [opened.bobs.pk]) == set()
    assert len(queries) == 1


def test_api_and_page_name_what_is_left_out(opened, api, client_for):
    alice, page = api(opened.alice), client_for(opened.alice)
    told = alice.get(f"{opened.api}agreement/").json()
    assert (told["after_look"], told["counts_after_look"]) == (0, False)
    assert "coder had seen" not in page.get(f"/projects/{opened.slug}/agreement/").content.decode()
    for quote, count, words in (
        ("Naïve", 1, "1 passage saved after its coder had seen others’ coding is left out."),
        ("hopes", 2, "2 passages saved after their coder had seen others’ coding are left out."),
    ):
        annotate(opened.scope(opened.bob), opened.shared, quote, "plea")
        told = alice.get(f"{opened.api}agreement/").json()
        assert (told["after_look"], told["counts_after_look"]) == (count, False)
        assert words in page.get(f"/projects/{opened.slug}/agreement/").content.decode()
    assert alice.patch(opened.api, {"counts_after_look": True}).json()["counts_after_look"] is True
    told = alice.get(f"{opened.api}agreement/").json()
    assert (told["after_look"], told["counts_after_look"]) == (2, True)
    words = words.replace("left out", "counted")
    assert words in page.get(f"/projects/{opened.slug}/agreement/").content.decode()


def test_archive_brings_along_who_has_looked(opened):
    annotate(opened.scope(opened.bob), opened.shared, "Naïve", "plea")
    restored = restore_archive(
        io.BytesIO(file_of(opened.lead, "archive")), by=opened.alice, slug="copy"
    )
    copy = restored.scope
    assert _counted(copy) == _counted(opened.lead) == (1, False)
    # Bob goes on under his own name: the look was his, and so is what was saved before it.
    add_member(copy, username="bob", role="annotator")
    tie_outsider(copy, name="bob (archive)", username="bob")
    assert _counted(copy) == (1, False)
    source = Source.objects.get(project=copy.project, title=opened.shared.title)
    annotate(open_project(opened.bob, "copy"), source, "hopes", "plea")
    assert _counted(copy) == (2, False)


def test_looks_are_found_in_their_index(opened):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        looks = _select_looks(opened.lead, [opened.shared.pk])
        plan = looks.values_list("source_id", "about_id", "id").explain()
    assert "event_of_look" in plan


def test_api_rows_say_what_was_saved_after_a_look_as_far_as_the_reader_is_told(opened, api):
    after = annotate(opened.scope(opened.bob), opened.shared, "Naïve", "plea")
    annotate(opened.scope(opened.beth), opened.shared, "hopes", "plea")
    listed = f"{opened.api}annotations/?source={opened.shared.pk}"
    one = f"{opened.api}annotations/{after['id']}/"

    rows = api(opened.alice).get(listed).json()["results"]
    assert [row["quote"] for row in rows if row["after_look"]] == ["Naïve", "hopes"]
    assert {row["after_look"] for row in rows} == {True, False}
    assert api(opened.alice).get(one).json()["after_look"] is True

    rows = api(opened.bob).get(listed).json()["results"]
    told = {(row["annotator"], row["after_look"]) for row in rows}
    assert told == {("bob", True), ("bob", False), ("beth", None)}
    found = find_source_annotations(opened.scope(opened.bob), opened.shared.pk, most=1_000)
    assert rows == orjson.loads(orjson.dumps(found, option=orjson.OPT_UTC_Z))


def test_api_answers_a_save_with_whether_it_came_after_a_look(opened, api):
    bob = api(opened.bob)
    blind = f"{opened.api}annotations/{opened.said['bob failure']['id']}/"
    assert bob.get(blind).json()["after_look"] is False
    _open_again(opened.scope(opened.bob), opened.shared)
    set_assignment_state(opened.scope(opened.bob), opened.assignments["bob shared"].pk, "started")
    conflict = bob.patch(blind, {"note": "Later"}, if_match='"7"').json()
    assert conflict["current"]["after_look"] is False
    assert bob.patch(blind, {"note": "Later"}, if_match='"1"').json()["after_look"] is True
    made = {"source": opened.shared.pk, "code": "plea", "start": 0, "end": 3}
    assert bob.post(f"{opened.api}annotations/", made).json()["after_look"] is True
    many = bob.post(f"{opened.api}annotations/", [{**made, "end": 4}]).json()
    assert [row["after_look"] for row in many] == [True]
