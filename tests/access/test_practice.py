"""What is coded for practice never enters the study: two worlds, with and without it."""

from dataclasses import replace
from typing import Any

import pytest

from cstoannot.agreement.project_cache import clear_agreement_cache
from cstoannot.annotations.actions import delete_annotation
from cstoannot.assignments.actions import assign_source, set_assignment_state, unassign_source
from cstoannot.assignments.queries import load_my_progress, load_progress_by_annotator
from cstoannot.comparison.project_cache import clear_comparison_cache
from cstoannot.core.errors import Conflict
from cstoannot.exchange.formats.registry import FORMATS
from cstoannot.models import Annotation, Event
from cstoannot.projects.models import Role
from cstoannot.sources.models import Source
from tests.access.routes import filled, routes
from tests.access.twins import Answer, Clock, Reader, differences, named, stopped_clock, undone
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    build_world,
    finish,
    join,
    make_project,
    make_user,
)

SLUG = "alliances"
API = f"/api/v1/projects/{SLUG}/"
BOBS, CLEOS = named("annotation", "bob"), named("annotation", "cleo")
# Where an owner is told of practice: who codes what, what happened, and the whole project.
TOLD = (
    f"{API}assignments/",
    f"{API}events/",
    f"{API}export/archive/",
    f"/projects/{SLUG}/assignments/",
    f"/projects/{SLUG}/history/",
    f"/projects/{SLUG}/export/archive/",
)


# The same, without what stands below: an archive holds practice.
TOLD_HERE = (f"{API}export/", f"/projects/{SLUG}/practice/")


def _build(clock: Clock, *, practice: bool, **options: Any) -> Source:
    clock.at(1)
    lead = make_project(make_user("alice"), "Alliances", **options)
    bob, beth, cleo = (
        join(lead, make_user(name), Role.ANNOTATOR) for name in ("bob", "beth", "cleo")
    )
    join(lead, make_user("vera"), Role.VIEWER)
    shared, other = add_source(lead, "Shared"), add_source(lead, "Other")
    add_code(lead, "Failure", claim="The alliance failed.", shortcut="f")
    add_code(lead, "Plea", parent="failure")
    assign_to(lead, shared, bob.user, beth.user)
    assign_to(lead, other, cleo.user)
    clock.at(2)
    annotate(bob, shared, "The alliance failed", id=BOBS, stance="supports")
    annotate(beth, shared, "alliance failed its member", id=named("beth"), stance="opposes")
    annotate(cleo, other, "Nobody came.", id=named("cleo's own"))
    clock.at(3)
    if practice:
        assign_source(lead, source_id=shared.pk, annotator="cleo", practice=True)
        said = {"stance": "mixed", "voice": "A practised voice", "note": "Practised"}
        annotate(cleo, shared, "alliance failed its", id=CLEOS, **said)
        annotate(cleo, shared, "We asked for help", "plea", id=named("second"))
    clock.at(4)
    finish(bob, shared)
    finish(cleo, other)
    if practice:
        finish(cleo, shared)
    clock.at(5)
    finish(beth, shared)
    clock.at(1000)
    return shared


def _addresses() -> list[str]:
    """Every address of the project, and what agreement, comparison and lists say by parameter."""
    values: dict[str, list[Any]] = {
        "project": [SLUG],
        "source": [1],
        "annotation": [BOBS, CLEOS],
        "assignment": [named("assignment", 1, "bob")],
        "speaker": [named("nobody")],
        "username": ["bob"],
        "outsider": ["nobody"],
        "code": ["failure", "plea"],
        "number": [2],
        "format": [key for key in FORMATS if key != "archive"],
    }
    found = [
        url
        for route in routes()
        if "<project>" in route and set(_names(route)) <= values.keys()
        for url in filled(route, values)
    ]
    asked = ["annotator=cleo", "annotator=bob,cleo", "code=failure", "voice=everyone", "source=1"]
    pages = ("agreement/", "disagreements/", "comparison/", "comparison/passages/", "annotations/")
    study = [url for url in found if not url.startswith(TOLD) and url not in TOLD_HERE]
    return study + [
        f"{API}{page}?{query}" for page in pages for query in (*asked, "layer=majority")
    ]


def _names(route: str) -> list[str]:
    return [part.split(">")[0].split(":")[-1] for part in route.split("<")[1:]]


def _tell(name: str, *, practice: bool, **options: Any) -> dict[str, Answer]:
    clear_agreement_cache()
    clear_comparison_cache()
    with stopped_clock() as clock, undone():
        _build(clock, practice=practice, **options)
        reader = Reader(make_user(name), clock)
        reader.read(_addresses(), follow=False)
    return reader.answers


def _differing(told: list[dict[str, Answer]]) -> list[str]:
    """What differs, but for the ETags of exports: they change with every event one may know of."""
    bare = [
        {
            url: replace(one, headers=tuple(told for told in one.headers if told[0] != "ETag"))
            if "/export/" in url
            else one
            for url, one in answers.items()
        }
        for answers in told
    ]
    return differences(*bare)


@pytest.mark.parametrize(
    ("name", "visibility"),
    [("alice", "own"), ("bob", "own"), ("bob", "done"), ("bob", "all"), ("vera", "own")],
)
def test_practice_of_a_coder_changes_no_answer(db, name, visibility):
    told = [_tell(name, practice=practice, visibility=visibility) for practice in (False, True)]
    found = _differing(told)
    assert not found, "\n".join(found)


def test_practice_of_a_coder_leaves_their_own_results_as_they_are(db):
    """Their lists show it, their exports and results do not."""
    told = [_tell("cleo", practice=practice, open_sources=True) for practice in (False, True)]
    found = {line.split(": ")[0] for line in _differing(told)}
    results = ("export/", "agreement/", "disagreements/", "comparison/", "compare/", "speakers/")
    assert f"{API}annotations/" in found
    assert not [line for line in sorted(found) if any(part in line for part in results)]


@pytest.fixture
def practised(world):
    """Bob codes Beth's source for practice."""
    given, new = assign_source(world.lead, source_id=world.beths.pk, annotator="bob", practice=True)
    assert new
    annotate(world.scope(world.bob), world.beths, "hopes", "plea")
    return given


def test_practice_is_shown_to_its_coder(world, practised, api):
    bob = api(world.bob)
    listed = bob.get(f"{world.api}annotations/?source={world.beths.pk}").json()["results"]
    assert [one["quote"] for one in listed] == ["hopes"]
    assert bob.get(f"{world.api}annotations/{listed[0]['id']}/").status_code == 200
    assert bob.get(f"{world.api}assignments/{practised.pk}/").json()["practice"] is True
    page = bob.client.get(f"/projects/{world.slug}/sources/{world.beths.pk}/").content.decode()
    assert listed[0]["id"] in page
    seen = api(world.alice).get(f"{world.api}annotations/?annotator=bob").json()["results"]
    assert listed[0]["id"] not in [one["id"] for one in seen]


def test_practice_counts_in_no_progress(world, practised):
    bob = world.scope(world.bob)
    assert load_my_progress(bob).total == 2
    assert load_progress_by_annotator(world.lead)[world.bob.pk].total == 2


def test_others_stay_hidden_while_one_practises(db, api):
    """Even where all coding is open: otherwise practice would be copying."""
    world = build_world(visibility="all", open_sources=True)
    bob = api(world.bob)
    path = f"{world.api}annotations/?source={world.beths.pk}"
    assert [one["annotator"] for one in bob.get(path).json()["results"]] == ["beth"]
    given, _ = assign_source(world.lead, source_id=world.beths.pk, annotator="bob", practice=True)
    assert bob.get(path).json()["results"] == []
    set_assignment_state(world.scope(world.bob), given.pk, "done")
    assert [one["annotator"] for one in bob.get(path).json()["results"]] == ["beth"]


def test_what_counts_cannot_become_practice_nor_the_reverse(world, practised):
    with pytest.raises(Conflict, match="for practice already"):
        assign_source(world.lead, source_id=world.beths.pk, annotator="bob")
    with pytest.raises(Conflict, match="for the study already"):
        assign_source(world.lead, source_id=world.shared.pk, annotator="bob", practice=True)
    unassign_source(world.lead, world.assignments["bob shared"].pk, confirmed=True)
    with pytest.raises(Conflict, match="has coded this source for the study"):
        assign_source(world.lead, source_id=world.shared.pk, annotator="bob", practice=True)


def test_practice_is_cleared_before_it_is_unassigned(world, practised):
    with pytest.raises(Conflict, match="Clear the practice"):
        unassign_source(world.lead, practised.pk, confirmed=True)
    delete_annotation(
        world.scope(world.bob), Annotation.objects.get(source=world.beths, quote="hopes").pk
    )
    unassign_source(world.lead, practised.pk)
    kept = Event.objects.filter(kind="assignment", object=str(practised.pk)).order_by("pk")
    assert [(one.action, (one.before or one.after or {}).get("practice")) for one in kept] == [
        ("create", True),
        ("change", None),
        ("delete", True),
    ]


def test_finished_practice_is_not_reopened(world, practised):
    """Its coder has been told the consensus."""
    bob = world.scope(world.bob)
    set_assignment_state(bob, practised.pk, "done")
    with pytest.raises(Conflict, match="begin anew"):
        set_assignment_state(bob, practised.pk, "started")
