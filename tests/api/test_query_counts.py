"""How many queries each list takes, for one row and for more: the same.

Two before anything else: the token with its user, and the membership with its project.
"""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cstoannot.accounts.actions import create_token
from cstoannot.agreement import project_cache
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.assignments.plan_actions import apply_plan
from cstoannot.assignments.plan_queries import PlanDraft
from cstoannot.assignments.round_actions import create_round
from cstoannot.projects.invitation_actions import accept_invitation
from cstoannot.threads.actions import ThreadDraft, open_thread
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    invite,
    join,
    make_project,
    make_user,
)

SIGNED_IN = 1
DOOR = 1
# Lists take one more for their rows; the codes take others for counts and for near colours,
# annotations one for looks.
LISTS = {
    "me/": SIGNED_IN + 1,
    "me/tokens/": SIGNED_IN + 1,
    "projects/": SIGNED_IN + 1,
    "{}members/": SIGNED_IN + DOOR + 1,
    "{}invitations/": SIGNED_IN + DOOR + 1,
    "{}sources/": SIGNED_IN + DOOR + 1,
    "{}codes/": SIGNED_IN + DOOR + 5,
    "{}codebook/revisions/": SIGNED_IN + DOOR + 1,
    "{}assignments/": SIGNED_IN + DOOR + 1,
    "{}annotations/": SIGNED_IN + DOOR + 2,
    "{}annotations/?ordering=-updated_at&page_size=1": SIGNED_IN + DOOR + 2,
    "{}plans/": SIGNED_IN + DOOR + 2,
    "{}rounds/": SIGNED_IN + DOOR + 1,
    "{}speakers/": SIGNED_IN + DOOR + 1,
    "{}code-proposals/": SIGNED_IN + DOOR + 1,
    "{}events/": SIGNED_IN + DOOR + 1,
    "{}threads/": SIGNED_IN + DOOR + 2,
}


@pytest.fixture
def small(db):
    """A project with one row of everything, its owner, and a client with the owner's token."""
    alice = make_user("alice")
    lead = make_project(alice)
    _grow(lead, 0)
    _, secret = create_token(alice)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    client.get("/api/v1/me/")  # the token's use is noted once a minute
    return lead, client


def _grow(lead, number):
    source = add_source(lead, f"Source {number}")
    code = add_code(lead, f"Code {number}", parent="code-0" if number else None)
    assign_to(lead, source, lead.user)
    annotate(lead, source, "alliance", code.slug, voice=f"Voice {number}")
    apply_plan(lead, PlanDraft((lead.user.username,), each=1, name=f"Plan {number}"))
    create_round(lead, name=f"Round {number}", sources=[source.pk])
    propose_code(lead, name=f"Proposed {number}", source=source.pk, start=0, end=3)
    open_thread(lead, ThreadDraft("code", f"What is {number}?", code=code.slug))
    accept_invitation(make_user(f"invited{number}"), secret=invite(lead)[1])


def _queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    rows = answer.json().get("results") or answer.json()["memberships"]
    return len(captured), len(rows)


@pytest.mark.parametrize("path", LISTS)
def test_list(small, path):
    lead, client = small
    path, expected = path.format(f"projects/{lead.project.slug}/"), LISTS[path]
    count, few = _queries(client, path)
    for number in (1, 2):
        _grow(lead, number)
        join(lead, make_user(f"user{number}"), "annotator")
        join(make_project(make_user(f"other{number}"), f"P{number}"), lead.user, "viewer")
        create_token(lead.user)
    more_count, more = _queries(client, path)
    assert more > few or "page_size=1" in path
    assert (count, more_count) == (expected, expected)


def test_one_of_each(small):
    lead, client = small
    source = lead.project.sources.get()
    base = f"/api/v1/projects/{lead.project.slug}/"
    for path, expected in {
        "": 2,
        f"sources/{source.pk}/": 3,
        f"sources/{source.pk}/text/": 3,
        f"sources/{source.pk}/segments/?unit=token": 3,
        "codes/code-0/": 5,
        "codebook/revisions/1/": 4,
        f"assignments/{lead.project.assignments.get().pk}/": 3,
        f"annotations/{lead.project.annotations.get().pk}/": 4,
    }.items():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(base + path).status_code == 200
        assert len(captured) == expected, path


@pytest.mark.parametrize(
    ("path", "cold"),
    # Anew: who finished what, sources, passages, looks, codes, speakers, units if any.
    [
        ("agreement/", 11),
        ("agreement/?measure=f1_exact&interval=none", 10),
        ("agreement/tables/?by=coder", 11),
        ("agreement/profiles/", 11),
        ("disagreements/", 10),
        ("disagreements/places/", 10),
    ],
)
def test_agreement_of_few_and_of_many(small, path, cold):
    """The same number for one source and two coders as for more; then two for the history."""
    lead, client = small
    if connection.vendor == "postgresql":
        cold -= 1  # passages come through a cursor of psycopg, which Django does not count
    coder = join(lead, make_user("coder"), "annotator")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(f"/api/v1/projects/{lead.project.slug}/{path}")
        assert answer.status_code == 200
        return len(captured)

    found = []
    for number in (1, 2, 3):
        _grow(lead, number)
        source = lead.project.sources.latest("pk")
        assign_to(lead, source, coder.user)
        annotate(coder, source, "member", f"code-{number}", voice=f"Voice {number}")
        finish(lead, source)
        finish(coder, source)
        project_cache.clear_agreement_cache()
        found.append((queries(), queries()))
    assert found == [(cold, SIGNED_IN + DOOR + 2)] * 3


def test_saving_an_annotation(small):
    """Signed in; the door; the place; is it there; the row; the event, and a transaction's ends;
    whether its coder had looked.

    The first one on a source begins the assignment as well: its row, its state, its event.
    """
    lead, client = small
    source = lead.project.sources.get()
    path = f"/api/v1/projects/{lead.project.slug}/annotations/{uuid.uuid4()}/"
    body = {"source": source.pk, "code": "code-0", "start": 0, "end": 3}

    def put(**headers):
        with CaptureQueriesContext(connection) as captured:
            answer = client.put(path, body, content_type="application/json", headers=headers)
        return answer.status_code, len(captured)

    savepoints = 2
    # PostgreSQL locks the passage's ground (source and code), and a row that is there already.
    locks = int(connection.features.has_select_for_update)
    assert put() == (201, 8 + savepoints + locks)
    status, again = put()
    assert (status, again) == (200, 7 + savepoints + 2 * locks)
    body["note"] = "changed"
    status, changed = put(**{"If-Match": '"1"'})
    assert (status, changed) == (200, 9 + savepoints + 2 * locks)
