"""Nothing crosses from one project to another, whatever is sent from where."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.annotations.proposal_queries import visible_proposals
from cstoannot.assignments.plan_actions import apply_plan
from cstoannot.assignments.plan_queries import PlanDraft, list_plans
from cstoannot.assignments.round_actions import create_round
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.decisions.places import build_place_id
from cstoannot.projects.actions import change_project
from cstoannot.projects.models import Invitation, ResultsLink
from cstoannot.projects.results_actions import create_results_link
from cstoannot.projects.scope import open_project
from cstoannot.threads.actions import ThreadDraft, open_thread
from cstoannot.threads.queries import visible_threads
from tests.access.matrix import BODIES, QUERIES
from tests.access.routes import filled, parameters
from tests.access.test_matrix import TABLE
from tests.builders import World, assign_to, invite

# What is not looked up by an id that somebody else could have: a number, a name of one's own.
OWN_NUMBERS = {"number"}
# What every project has alike.
SHARED_NAMES = {"format"}


def _charlies(world: World) -> dict[str, list[Any]]:
    """What stands in addresses of Charlie's project, to be asked for in Alice's."""
    strange_thread = visible_threads(world.elsewhere).get()
    return {
        "project": [world.slug],
        "source": [world.foreign_source.pk],
        "annotation": [world.foreign_said["id"]],
        "assignment": [world.charlie.assignments.get().pk],
        "speaker": [Speaker.objects.get(name="A stranger").key],
        "username": ["charlie"],
        "code": ["strange"],
        "plan": [plan.pk for plan in list_plans(world.elsewhere)],
        "round": [one.pk for one in visible_rounds(world.elsewhere)],
        "proposal": [visible_proposals(world.elsewhere).get().pk],
        "thread": [strange_thread.pk],
        "comment": [strange_thread.comments.get().pk],
        "outsider": ["nobody"],
        "place": [build_place_id(world.foreign_source.pk, [], [])],
        "invitation": [Invitation.objects.get(project=world.elsewhere.project).pk],
        "results_link": [ResultsLink.objects.get(project=world.elsewhere.project).pk],
    }


def _status(client: Client, world: World, method: str, route: str, path: str) -> int:
    known = {
        "BOBS": world.bobs.pk,
        "SHARED": world.shared.pk,
        "MINISTER": str(Speaker.objects.get(name="The minister").key),
    }
    body = BODIES.get(f"{method} /{route}", {})
    body = {name: known.get(str(value), value) for name, value in body.items()}
    with transaction.atomic():
        if route.startswith("api/"):
            answer = client.generic(method, path, json.dumps(body), content_type="application/json")
        elif method == "POST":
            answer = client.post(path, body)
        else:
            answer = client.generic(method, path)
        transaction.set_rollback(True)
    return answer.status_code


def test_things_of_another_project_are_not_there_even_for_an_owner(world, client_for):
    assign_to(world.lead, world.shared, world.alice)
    invite(world.elsewhere)
    change_project(world.elsewhere, results="link")
    create_results_link(open_project(world.charlie, world.elsewhere.project.slug))
    propose_code(world.elsewhere, name="Strange debt")
    open_thread(world.elsewhere, ThreadDraft("code", "A strange word", code="strange"))
    apply_plan(world.elsewhere, PlanDraft(("charlie",), each=1))
    create_round(world.elsewhere, name="Strange round")
    client, wrong = client_for(world.alice), []
    for route, methods in TABLE.items():
        names = set(parameters(route)) - {"project"} - SHARED_NAMES
        if "<project>" not in route or not names or names & OWN_NUMBERS:
            continue
        (path,) = filled(route, _charlies(world))
        path += QUERIES.get(f"/{route}", "")
        for method in methods:
            if method == "GET" and 302 in methods["GET"][3:]:
                continue  # pages that only a form leads to
            status = _status(client, world, method, route, path)
            wrong += [f"{method} {path}: {status}"] if status not in {404, 422} else []
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("annotations/", {"source": "THEIRS", "code": "failure", "start": 0, "end": 3}, "source"),
        ("annotations/", {"source": "SHARED", "code": "strange", "start": 0, "end": 3}, "code"),
        ("codes/", {"name": "New", "parent": "strange"}, "parent"),
        ("assignments/", {"source": "THEIRS", "annotator": "bob"}, "source"),
        ("assignments/", {"source": "SHARED", "annotator": "charlie"}, "annotator"),
        ("threads/", {"kind": "source", "source": "THEIRS", "text": "What?"}, "source"),
        ("threads/", {"kind": "code", "code": "strange", "text": "What?"}, "code"),
    ],
)
def test_body_that_names_what_is_elsewhere_is_refused(world, api, path, body, field):
    assign_to(world.lead, world.shared, world.alice)
    known = {"THEIRS": world.foreign_source.pk, "SHARED": world.shared.pk}
    answer = api(world.alice).post(
        world.api + path, {name: known.get(value, value) for name, value in body.items()}
    )
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


@pytest.mark.parametrize(
    "query",
    [
        "annotations/?source=THEIRS",
        "annotations/?code=strange",
        "annotations/?code=strange&descendants=true",
        "annotations/?annotator=charlie",
        "annotations/?voice=A+stranger",
        "assignments/?source=THEIRS",
        "assignments/?annotator=charlie",
        "threads/?source=THEIRS",
        "threads/?code=strange",
        "events/?source=THEIRS",
        "events/?actor=charlie",
        "events/?object=strange",
    ],
)
def test_filter_by_what_is_elsewhere_finds_nothing(world, api, query):
    theirs = str(world.foreign_source.pk)
    answer = api(world.alice).get(world.api + query.replace("THEIRS", theirs))
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_nothing_of_the_other_project_stands_in_any_list(world, api):
    """What Alice reads of hers, whole, names nothing of Charlie's."""
    invite(world.elsewhere, note="strange")
    propose_code(world.elsewhere, name="Strange debt", parent="strange")
    open_thread(world.elsewhere, ThreadDraft("code", "A strange word", code="strange"))
    kinds = ["annotations", "assignments", "codes", "events", "invitations", "members"]
    kinds += ["sources", "speakers", "code-proposals", "threads"]
    told = b"".join(api(world.alice).get(f"{world.api}{kind}/").content for kind in kinds)
    ids = (world.foreign_said["id"], world.charlie.assignments.get().pk)
    for word in ("charlie", "stranger", "strange", "Foreign", "elsewhere", *map(str, ids)):
        assert word.encode() not in told


def test_voice_of_another_project_becomes_one_of_this(world, api):
    draft = {"source": world.shared.pk, "code": "plea", "start": 0, "end": 3, "voice": "A stranger"}
    assert api(world.bob).post(f"{world.api}annotations/", draft).status_code == 201
    projects = Speaker.objects.filter(name="A stranger").values_list("project__slug", flat=True)
    assert sorted(projects) == ["alliances", "elsewhere"]


@pytest.mark.parametrize(("read_only", "status"), [(False, 201), (True, 403)])
def test_token_does_what_its_user_may_and_no_more(world, read_only, status):
    _, secret = create_token(world.bob, read_only=read_only)
    client = Client(headers={"Authorization": f"Bearer {secret}"}, enforce_csrf_checks=True)
    draft = {"source": world.shared.pk, "code": "plea", "start": 0, "end": 3}
    path = f"{world.api}annotations/"
    assert client.get(path).status_code == 200
    assert client.get("/api/v1/projects/elsewhere/annotations/").status_code == 404
    assert client.post(path, draft, content_type="application/json").status_code == status
    assert client.get("/projects/alliances/").status_code == 302, "a token opens no page"


def test_session_writes_nothing_without_its_secret(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.alice)
    body = {"name": "Taken over"}
    api = client.patch(f"{world.api}", body, content_type="application/json")
    page = client.post("/projects/alliances/settings/", {**body, "visibility": "all", "version": 1})
    assert (api.status_code, page.status_code) == (403, 403)
    world.lead.project.refresh_from_db()
    assert world.lead.project.name == "Alliances"
