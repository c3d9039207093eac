"""Who asks too often waits, and nobody else does."""

import re
from concurrent.futures import ThreadPoolExecutor
from timeit import timeit

import pytest
from django.core.cache import cache
from django.test import Client

from cstoannot.accounts.actions import create_token
from cstoannot.api import base
from tests.api.hostile import assert_problem
from tests.builders import PASSWORD

LIMIT = 3


@pytest.fixture
def strict(settings, monkeypatch):
    """Three requests a minute, and a minute that does not end during the test."""
    settings.RATE_USER = settings.RATE_ADDRESS = LIMIT
    monkeypatch.setattr(base.time, "time", lambda: 600_015.5)
    return settings


def test_user_who_asks_too_often_waits(world, api, strict):
    bob = api(world.bob)
    left = [bob.get(world.api)["RateLimit"] for _ in range(LIMIT)]
    assert left == ['"user";r=2;t=45', '"user";r=1;t=45', '"user";r=0;t=45']
    refused = bob.get(world.api)
    assert_problem(refused, 429)
    assert refused["Retry-After"] == "45"
    assert refused["RateLimit-Policy"] == '"user";q=3;w=60'
    assert refused["RateLimit"] == '"user";r=0;t=45'


def test_others_do_not_wait_for_them(world, api, strict):
    for _ in range(LIMIT + 1):
        api(world.bob).get("me/")
    assert api(world.bob).get("me/").status_code == 429
    assert api(world.beth).get("me/").status_code == 200
    assert api(None).get("me/").status_code == 401


def test_session_and_tokens_of_a_user_count_together(world, api, strict):
    _, secret = create_token(world.bob)
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    statuses = [api(world.bob).get("me/").status_code, program.get("/api/v1/me/").status_code]
    statuses += [api(world.bob).get("me/").status_code, program.get("/api/v1/me/").status_code]
    assert statuses == [200, 200, 200, 429]


def test_after_the_window_it_goes_on(world, api, strict, monkeypatch):
    for _ in range(LIMIT + 1):
        api(world.bob).get("me/")
    monkeypatch.setattr(base.time, "time", lambda: 600_060.0)
    answer = api(world.bob).get("me/")
    assert (answer.status_code, answer["RateLimit"]) == (200, '"user";r=2;t=60')


def test_nothing_is_done_for_a_request_too_many(world, api, strict):
    bob = api(world.bob)
    said = {"source": world.shared.pk, "code": "plea", "start": 0, "end": 3}
    statuses = [bob.post(f"{world.api}annotations/", said).status_code for _ in range(LIMIT + 1)]
    assert statuses == [201, 201, 201, 429]


def test_strangers_and_wrong_tokens_count_by_address(db, strict):
    guess = Client(headers={"Authorization": "Bearer abcdef"})
    answers = [guess.get("/api/v1/me/"), Client().get("/api/v1/me/"), guess.get("/api/v1/schema/")]
    assert [answer.status_code for answer in answers] == [401, 401, 200]
    assert answers[0]["RateLimit"] == '"address";r=2;t=45'
    assert guess.get("/api/v1/me/").status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.get("/api/v1/me/").status_code == 401


def test_addresses_of_one_network_of_version_6_count_together(db, strict):
    answers = [
        Client(REMOTE_ADDR=f"2001:db8:1:2::{number}").get("/api/v1/me/") for number in range(4)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert Client(REMOTE_ADDR="2001:db8:1:3::1").get("/api/v1/me/").status_code == 401


def test_behind_a_proxy_the_address_that_it_adds_counts(db, strict):
    strict.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for invented in range(LIMIT + 1):
        client = Client(headers={"X-Forwarded-For": f"203.0.113.{invented}, 198.51.100.9"})
        answer = client.get("/api/v1/me/")
    assert answer.status_code == 429


def test_every_answer_says_what_is_left(world, api):
    bob = api(world.bob)
    paths = [f"{world.api}sources/{world.shared.pk}/text/", f"{world.api}export/csv/", "nothing/"]
    told = [re.match(r'"user";r=\d+;t=\d+$', bob.get(path).get("RateLimit", "")) for path in paths]
    assert [bool(found) for found in told] == [True, True, False]
    tag = bob.get(world.api)["ETag"]
    assert "RateLimit" in bob.get(world.api, if_none_match=tag)
    assert "RateLimit" in bob.get(f"{world.api}agreement/?measure=nonsense")


def test_threads_lose_no_count(settings):
    settings.RATE_USER = 10**6
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(base.count_user_request, [7] * 400))
    windows = {use.left_seconds for use in found}
    assert max(use.asked for use in found) == 400 or len(windows) > 40


def test_counting_costs_next_to_nothing(settings):
    """A save takes 1.2 ms of processor time; counting it may take a twentieth of one."""
    assert (
        min(timeit(lambda: base.count_user_request(7).headers, number=200) for _ in range(5)) < 0.01
    )
    cache.clear()


def test_attempts_to_sign_in_are_limited_by_account_and_by_address(world, settings):
    client = Client()
    sent = {"login": "bob", "password": "wrong"}
    for _ in range(5):
        client.post("/account/login/", sent)
    refused = client.post("/account/login/", {**sent, "password": PASSWORD})
    assert "Too many attempts have failed" in refused.content.decode()
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    statuses = [Client(REMOTE_ADDR="192.0.2.1").post("/account/login/", sent) for _ in range(3)]
    assert [answer.status_code for answer in statuses] == [200, 200, 429]
    assert statuses[-1]["Retry-After"] == "60"
    assert "Wait a minute" in statuses[-1].content.decode()


def test_admin_has_no_way_in_of_its_own(db):
    answer = Client().get("/admin/login/")
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/")
