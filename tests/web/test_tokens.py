import re

import pytest

from cstoannot.accounts.actions import create_token
from tests.web.pages import errors_of, text_of


def test_secret_is_shown_once_with_a_command_that_works(world, client_for, client):
    bob = client_for(world.bob)
    response = bob.post("/account/tokens/", {"name": "nightly", "days": 30, "read_only": "yes"})
    assert "no-store" in response["Cache-Control"]
    page = text_of(response)
    assert "shown only once" in page
    header, address = re.search(r'curl -H "Authorization: (.+?)" (\S+)', page).groups()
    assert address == "http://testserver/api/v1/me/"
    answer = client.get("/api/v1/me/", headers={"authorization": header})
    assert answer.json()["username"] == "bob"
    again = text_of(bob.get("/account/tokens/"))
    assert "nightly" in again
    assert "read only" in again
    assert header.split()[1] not in again


def test_token_that_writes(world, client_for):
    page = text_of(client_for(world.bob).post("/account/tokens/", {"days": 1, "read_only": "no"}))
    assert "without a name" in page
    assert "read and write" in page


@pytest.mark.parametrize("days", ["0", "3651", "-1", "x", "", "1e3"])
def test_life_that_is_none(world, client_for, days):
    response = client_for(world.bob).post("/account/tokens/", {"days": days, "read_only": "yes"})
    assert list(errors_of(response)) == ["days"]
    assert "No tokens yet. Create one below." in text_of(response)


def test_revoke_ones_own(world, client_for):
    token, _ = create_token(world.bob, name="mine")
    path = f"/account/tokens/{token.token_key}/revoke/"
    assert client_for(world.beth).post(path).status_code == 404
    assert client_for(world.beth).get(path).status_code == 404
    assert "Revoke the token “mine”?" in text_of(client_for(world.bob).get(path))
    assert "mine" in text_of(client_for(world.bob).get("/account/tokens/"))
    response = client_for(world.bob).post(path, follow=True)
    assert "No tokens yet. Create one below." in text_of(response)


def test_tokens_of_others_are_not_listed(world, client_for):
    create_token(world.beth, name="hers")
    assert "hers" not in text_of(client_for(world.bob).get("/account/tokens/"))
