from datetime import UTC, datetime, timedelta

from cstoannot.accounts.actions import create_token
from cstoannot.accounts.models import Token
from tests.api.hostile import assert_problem, contents


def test_me_and_my_projects(world, api):
    world.bob.first_name = "Bob Bob"
    world.bob.save()
    assert api(world.bob).get("me/").json() == {
        "username": "bob",
        "display_name": "Bob Bob",
        "memberships": [{"project": "alliances", "name": "Alliances", "role": "annotator"}],
    }


def test_projects_taken_away_are_not_mine(world, api):
    assert api(world.alice).delete(world.api).status_code == 204
    assert api(world.bob).get("me/").json()["memberships"] == []
    assert api(world.bob).get("projects/").json()["results"] == []


def test_token_is_shown_once_and_works(world, api, client):
    bob = api(world.bob)
    made = bob.post("me/tokens/", {"name": "script", "days": 10, "read_only": True})
    assert made.status_code == 201
    shown = made.json()
    secret = shown.pop("token")
    assert bob.get("me/tokens/").json()["results"] == [shown]
    assert (shown["name"], shown["read_only"], shown["key"]) == ("script", True, secret[:15])
    expires = datetime.fromisoformat(shown["expires_at"])
    assert timedelta(days=9.9) < expires - datetime.now(UTC) < timedelta(days=10)
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["username"] == "bob"


def test_token_is_kept_as_a_hash(world, api):
    secret = api(world.bob).post("me/tokens/", {}).json()["token"]
    assert secret not in repr(list(Token.objects.values_list()))


def test_tokens_are_ones_own(world, api):
    token, _ = create_token(world.bob)
    before = contents()
    assert api(world.beth).get("me/tokens/").json()["results"] == []
    assert_problem(api(world.beth).delete(f"me/tokens/{token.token_key}/"), 404)
    assert contents() == before
    assert api(world.bob).delete(f"me/tokens/{token.token_key}/").status_code == 204
    assert api(world.bob).get("me/tokens/").json()["results"] == []


def test_token_that_only_reads_changes_nothing(world, client):
    _, secret = create_token(world.alice, read_only=True)
    headers = {"Authorization": f"Bearer {secret}"}
    before = contents()
    assert client.get(f"{world.api}sources/", headers=headers).status_code == 200
    for call in (client.post, client.put, client.patch, client.delete):
        for path in (world.api, f"{world.api}sources/", "/api/v1/me/tokens/", "/api/v1/projects/"):
            assert_problem(call(path, headers=headers), 403)
    assert contents() == before


def test_token_makes_none_that_outlives_it(world, client):
    parent, secret = create_token(world.bob, days=10)
    headers = {"Authorization": f"Bearer {secret}"}

    def make(body):
        return client.post(
            "/api/v1/me/tokens/", body, content_type="application/json", headers=headers
        )

    before = contents()
    for body in ({"days": 11}, {"days": None}):
        assert_problem(make(body), 403)
    assert contents() == before
    assert make({"days": 9}).status_code == 201
    usual = datetime.fromisoformat(make({}).json()["expires_at"])
    assert timedelta(seconds=-5) < usual - parent.expiry < timedelta()


def test_life_of_a_token(world, api):
    bob = api(world.bob)
    for days in (0, 3651):
        assert_problem(bob.post("me/tokens/", {"days": days}), 422)
    assert bob.post("me/tokens/", {"days": None}).json()["expires_at"] is None
