from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from cstoannot.accounts.actions import create_token
from cstoannot.projects.invitation_actions import withdraw_invitation
from cstoannot.projects.models import Invitation
from tests.api.hostile import assert_problem, contents
from tests.builders import invite, make_user

ACCEPT = "invitations/accept/"


@pytest.fixture
def path(world):
    return f"{world.api}invitations/"


def test_owner_invites_and_somebody_accepts(world, api, path):
    made = api(world.alice).post(path, {"role": "viewer", "note": "Erin", "days": 10})
    assert made.status_code == 201
    shown = made.json()
    secret, link = shown.pop("secret"), shown.pop("link")
    assert link == f"http://testserver/join/{secret}/"
    assert api(world.alice).get(path).json()["results"] == [shown]
    lives = datetime.fromisoformat(shown["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=9.9) < lives < timedelta(days=10)
    known = {name: shown[name] for name in ("role", "note", "state", "invited_by")}
    assert known == {"role": "viewer", "note": "Erin", "state": "open", "invited_by": "alice"}

    answer = api(world.dan).post(ACCEPT, {"secret": secret})
    member = {"project": "alliances", "name": "Alliances", "role": "viewer"}
    assert (answer.status_code, answer.json()) == (201, member)
    assert api(world.dan).get("me/").json()["memberships"] == [member]
    (accepted,) = api(world.alice).get(path).json()["results"]
    assert (accepted["state"], accepted["accepted_by"]) == ("accepted", "dan")
    assert datetime.fromisoformat(accepted["accepted_at"]) <= datetime.now(UTC)


def test_link_opens_the_page_that_accepts(world, api, path, client_for):
    link = api(world.alice).post(path, {"role": "viewer"}).json()["link"]
    assert client_for(world.dan).get(urlsplit(link).path).status_code == 200


def test_secret_is_told_once(world, api, path):
    secret = api(world.alice).post(path, {"role": "viewer"}).json()["secret"]
    for told in (path, f"{world.api}events/"):
        assert secret not in api(world.alice).get(told).content.decode()


def test_withdrawn_one_is_of_no_use(world, api, path):
    alice = api(world.alice)
    made = alice.post(path, {"role": "viewer"}).json()
    one = f"{path}{made['id']}/"
    assert [alice.delete(one).status_code for _ in range(2)] == [204, 204]
    assert [row["state"] for row in alice.get(path).json()["results"]] == ["withdrawn"]
    assert_problem(api(world.dan).post(ACCEPT, {"secret": made["secret"]}), 404)


def test_accepted_one_is_not_withdrawn(world, api, path):
    made = api(world.alice).post(path, {"role": "viewer"}).json()
    api(world.dan).post(ACCEPT, {"secret": made["secret"]})
    before = contents()
    assert_problem(api(world.alice).delete(f"{path}{made['id']}/"), 409)
    assert contents() == before


def test_member_is_told_so_and_nothing_changes(world, api):
    _, secret = invite(world.lead, "adjudicator")
    before = contents()
    for user in (world.alice, world.bob, world.vera):
        assert_problem(api(user).post(ACCEPT, {"secret": secret}), 409)
    assert contents() == before


def test_links_of_no_use_are_answered_alike(world, api):
    """Expired, withdrawn, used, of a project that is gone, or never there: not a byte differs."""
    past = datetime.now(UTC) - timedelta(days=2)
    made = {name: invite(world.lead) for name in ("expired", "withdrawn", "used")}
    made["gone"] = invite(world.elsewhere)
    Invitation.objects.filter(pk=made["expired"][0].pk).update(
        created_at=past, expires_at=past + timedelta(days=1)
    )
    withdraw_invitation(world.lead, made["withdrawn"][0].pk)
    api(make_user("erin")).post(ACCEPT, {"secret": made["used"][1]})
    api(world.charlie).delete("projects/elsewhere/")
    before = contents()
    secrets = [secret for _, secret in made.values()] + ["0" * 64, "", "x", "a" * 5000, "é\u2028"]
    answers = [api(world.dan).post(ACCEPT, {"secret": secret}) for secret in secrets]
    for answer in answers:
        assert_problem(answer, 404)
    assert len({answer.content for answer in answers}) == 1
    assert contents() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"role": "owner"}, 422),
        ({"role": "king"}, 422),
        ({"role": None}, 400),
        ({"role": "viewer", "days": 0}, 422),
        ({"role": "viewer", "days": 91}, 422),
        ({"role": "viewer", "days": None}, 400),
        ({"role": "viewer", "days": "14"}, 400),
        ({"role": "viewer", "note": "x" * 101}, 422),
        ({"role": "viewer", "note": "a\nb"}, 422),
        ({"role": "viewer", "note": "a\x00b"}, 400),
        ({"role": "viewer", "secret": "0" * 64}, 400),
    ],
)
def test_refusals(world, api, path, body, status):
    before = contents()
    assert_problem(api(world.alice).post(path, body), status)
    assert contents() == before


@pytest.mark.parametrize("body", [{}, {"secret": None}, {"secret": 1}, {"secret": ["x"]}, [], "x"])
def test_accepting_what_is_no_secret(world, api, body):
    before = contents()
    assert_problem(api(world.dan).post(ACCEPT, body), 400)
    assert contents() == before


@pytest.mark.parametrize("who", ["ada", "bob", "vera", "charlie", "dan"])
def test_invitations_are_the_owners_business(world, api, path, who):
    """The same whether there is such an invitation or not."""
    invitation, _ = invite(world.lead)
    user, status = api(getattr(world, who)), 404 if who in ("charlie", "dan") else 403
    before = contents()
    assert_problem(user.get(path), status)
    assert_problem(user.post(path, {"role": "viewer"}), status)
    for pk in (invitation.pk, "0197d1a2-7c44-7b1e-9f3a-5d0c8e6b2a10"):
        assert_problem(user.delete(f"{path}{pk}/"), status)
    assert contents() == before


def test_token_that_only_reads_accepts_nothing(world, client):
    _, secret = invite(world.lead)
    _, token = create_token(world.dan, read_only=True)
    before = contents()
    answer = client.post(
        f"/api/v1/{ACCEPT}",
        {"secret": secret},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert_problem(answer, 403)
    assert contents() == before


def test_guesses_are_counted(world, api, settings):
    settings.RATE_USER = 3
    statuses = [api(world.dan).post(ACCEPT, {"secret": "0" * 64}).status_code for _ in range(4)]
    assert statuses == [404, 404, 404, 429]
