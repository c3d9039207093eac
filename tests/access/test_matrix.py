"""Every address × every kind of person → the status they get.

Bob is assigned the source that is asked for; Beth is an annotator of the project who is not;
Charlie owns another project; Dan is signed in and a member of nothing.
"""

import copy
import json
from collections import defaultdict
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from cstoannot.annotations.models import Speaker
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.projects.actions import change_project, delete_project
from cstoannot.projects.results_actions import create_results_link
from cstoannot.threads.actions import ThreadDraft, open_thread
from tests.access.addresses import values
from tests.access.matrix import BODIES, MATRIX, PEOPLE, QUERIES
from tests.access.routes import filled, routes
from tests.builders import World, finish, hand_out_more, invite

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _table() -> dict[str, dict[str, list[int]]]:
    """Route → method → statuses, in the order of PEOPLE."""
    found: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for line in filter(str.strip, MATRIX.splitlines()):
        method, route, *statuses = line.split()
        found[route.removeprefix("/")][method] = [int(status) for status in statuses]
    return found


TABLE = _table()


def _ask(client: Client, world: World, method: str, route: str) -> int:
    """The status; whatever the request changes is undone, a signing out too."""
    (path,) = filled(route, values(world))
    path += QUERIES.get(f"/{route}", "")
    body = BODIES.get(f"{method} /{route}", {})
    body = {name: _known(value, world) for name, value in body.items()}
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        if route.startswith("api/"):
            answer = client.generic(method, path, json.dumps(body), content_type="application/json")
        elif method == "POST":
            answer = client.post(path, body)
        else:
            answer = client.generic(method, path)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code


def _known(value: Any, world: World) -> Any:
    known = {
        "BOBS": world.bobs.pk,
        "SHARED": world.shared.pk,
        "SECRET": world.invited[1],
        "MINISTER": str(Speaker.objects.get(name="The minister").key),
    }
    return known.get(str(value), value)


@pytest.fixture
def world(world: World) -> World:
    """With results open by link and a link, an open invitation, Bob's proposal of a code and
    thread, and Beth's place to decide.
    """
    finish(world.scope(world.beth), world.beths)
    change_project(world.lead, results="link")
    world.lead = world.scope(world.alice)
    create_results_link(world.lead)
    world.invited = invite(world.lead)
    propose_code(world.scope(world.bob), name="Debt")
    open_thread(world.scope(world.bob), ThreadDraft("code", "What is a plea?", code="plea"))
    hand_out_more(world)
    return world


def test_routes_all_stand_in_the_matrix():
    assert set(routes()) == set(TABLE)


@pytest.mark.parametrize("number", range(len(PEOPLE)), ids=PEOPLE)
def test_everybody_gets_what_the_matrix_says(world, client_for, number):
    name = PEOPLE[number]
    client = client_for(None if name == "nobody" else getattr(world, name))
    wrong = [
        f"{method} /{route}: {status}, not {statuses[number]}"
        for route, methods in TABLE.items()
        for method, statuses in methods.items()
        if (status := _ask(client, world, method, route)) != statuses[number]
    ]
    assert not wrong, "\n".join(wrong)


def test_methods_of_the_api_that_stand_in_no_row_are_not_allowed(world, client_for):
    client = client_for(world.alice)
    wrong = [
        f"{method} /{route}: {status}"
        for route, methods in TABLE.items()
        if route.startswith("api/")
        for method in METHODS
        if method not in methods and (status := _ask(client, world, method, route)) != 405
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", ["nobody", "dan", "alice"])
def test_methods_of_pages_that_stand_in_no_row_are_not_allowed(world, client_for, name):
    """For everybody alike, so that the answer does not tell what exists."""
    client = client_for(None if name == "nobody" else getattr(world, name))
    known = values(world)
    wrong = []
    for route, methods in TABLE.items():
        if route.startswith(("api/", "admin/")):
            continue
        (path,) = filled(route, known)
        allowed = "GET, HEAD, POST" if "POST" in methods else "GET, HEAD"
        for method in {*METHODS, "OPTIONS"} - set(methods):
            answer = client.generic(method, path)
            if (answer.status_code, answer.headers.get("Allow")) != (405, allowed):
                wrong.append(f"{method} /{route}: {answer.status_code}")
            elif "<h1>Method not allowed</h1>" not in answer.text:
                wrong.append(f"{method} /{route}: no page")
    assert wrong == []


def test_strangers_are_told_that_there_is_nothing():
    """The rule behind the numbers, so that the table cannot drift from it."""
    for route, methods in TABLE.items():
        if "<project>" not in route:
            continue
        for method, statuses in methods.items():
            api = route.startswith("api/")
            assert statuses[:3] == [401 if api else 302, 404, 404], f"{method} /{route}"


def test_deleted_project_is_not_there_for_anybody(world, client_for):
    """Whoever owns it can restore it; nothing else in it has an answer, for owners either."""
    delete_project(world.lead)
    restoring = {"projects/<project>/restore/", "api/v1/projects/<project>/restore/"}
    wrong = [
        f"{name} {method} /{route}: {status}"
        for name in PEOPLE[1:]
        for route, methods in TABLE.items()
        if "<project>" in route and (name != "alice" or route not in restoring)
        for method in methods
        if (status := _ask(client_for(getattr(world, name)), world, method, route)) != 404
    ]
    assert not wrong, "\n".join(wrong)
