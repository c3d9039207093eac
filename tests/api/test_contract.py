"""The whole API against its own description: whatever is sent, no crash, and no answer outside it.

schemathesis makes the requests from the description, those that fit it and those that do not.
What names a project, a source, a code is most of the time one that there is, so that requests
come further than the door. A longer run: CSTOANNOT_CONTRACT_EXAMPLES=200.
"""

import copy
import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks
from schemathesis.generation import GenerationMode

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.annotations.proposal_queries import visible_proposals
from cstoannot.api.schema import build_api_description
from cstoannot.assignments.plan_queries import list_plans
from cstoannot.assignments.round_queries import visible_rounds
from cstoannot.threads.actions import ThreadDraft, open_thread
from cstoannot.threads.queries import visible_threads
from cstoannot.wsgi import application
from tests.builders import World, finish, hand_out_more, invite

EXAMPLES = int(os.environ.get("CSTOANNOT_CONTRACT_EXAMPLES", "6"))
load_all_checks()
CHECKS = [
    schemathesis.checks.CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
]
SCHEMA = schemathesis.openapi.from_dict(build_api_description())
OPERATIONS = {
    f"{found.ok().method.upper()} {found.ok().path}": found.ok()
    for found in SCHEMA.get_all_operations()
}
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def _known(world: World) -> dict[str, list[Any]]:
    """What there is under the names that paths, queries and bodies use."""
    sources = [world.shared.pk, world.bobs.pk, world.beths.pk, world.foreign_source.pk]
    said = [row["id"] for row in world.said.values()]
    thread = visible_threads(world.lead).get()
    return {
        "project": [world.slug],
        "source": sources,
        "annotation": [str(pk) for pk in said],
        "id": [str(said[0]), "0197d1a2-7c44-7b1e-9f3a-5d0c8e6b2a10"],
        "assignment": [str(one.pk) for one in world.assignments.values()],
        "speaker": [str(Speaker.objects.get(name="A silent witness").key)],
        "username": ["vera", "bob", "dan"],
        "annotator": ["bob", "beth"],
        "code": ["plea", "failure"],
        "into": ["plea", "failure"],
        "parent": ["failure", None],
        "number": [1, 2],
        "start": [0, 4],
        "end": [7, 31],
        "quote": ["The"],
        "stance": ["supports", ""],
        "voice": ["", "The minister"],
        "role": ["viewer", "annotator"],
        "state": ["done", "todo"],
        "visibility": ["own", "all"],
        "colour": ["#00ff00"],
        "ordering": ["position"],
        "days": [1],
        "invitation": [str(world.invited[0].pk)],
        "secret": [world.invited[1]],
        "plan": [str(plan.pk) for plan in list_plans(world.lead)],
        "round": [str(one.pk) for one in visible_rounds(world.lead)],
        "annotators": [["bob"], ["bob", "beth"]],
        "to": [["beth"], []],
        "sources": [[world.bobs.pk], [world.shared.pk], []],
        "add": [[world.bobs.pk]],
        "remove": [[world.shared.pk]],
        "proposal": [str(visible_proposals(world.lead).get().pk)],
        "thread": [str(thread.pk)],
        "comment": [str(thread.comments.get().pk)],
        "kind": ["place", "source", "code"],
    }


def _shown(name: str) -> list[Any]:
    """The bodies that the description shows for this operation."""
    method, path = name.split()
    operation = build_api_description()["paths"][path][method.lower()]
    found = []
    for media in operation.get("requestBody", {}).get("content", {}).values():
        found += [one["value"] for one in media.get("examples", {}).values()]
        found += [media["example"]] if "example" in media else []
    return found


def _aim(values: Any, known: dict[str, list[Any]], draw: Any, *, often: int) -> None:
    """Put known values in the place of made ones, in so many of ten cases."""
    if isinstance(values, list):
        for value in values:
            _aim(value, known, draw, often=often)
    elif isinstance(values, dict):
        for name in values.keys() & known.keys():
            if draw(st.integers(0, 9)) < often:
                values[name] = draw(st.sampled_from(known[name]))


@pytest.fixture
def contract_world(world):
    """With agreement to measure and claims to compare; the tests' transaction outlives requests."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    world.invited = invite(world.lead)
    propose_code(world.scope(world.bob), name="Debt")
    open_thread(world.scope(world.bob), ThreadDraft("code", "What is a plea?", code="plea"))
    hand_out_more(world)
    yield world
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.mark.parametrize("who", ["alice", "bob", "vera"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_answer_stands_outside_the_description(contract_world, name, who):
    world, operation = contract_world, OPERATIONS[name]
    _, secret = create_token(getattr(world, who))
    known, shown = _known(world), _shown(name)

    @hypothesis.settings(
        max_examples=EXAMPLES,
        derandomize=EXAMPLES < 50,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.data())
    def run(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(MODES))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if shown and data.draw(st.booleans()):
            case.body = copy.deepcopy(data.draw(st.sampled_from(shown)))
        _aim(case.path_parameters, known, data.draw, often=9)
        _aim(case.query, known, data.draw, often=5)
        _aim(case.body, known, data.draw, often=7)
        with transaction.atomic():
            answer = case.call(
                app=application, headers={"Authorization": f"Bearer {secret}", "Host": "localhost"}
            )
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    run()
