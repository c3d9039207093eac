from datetime import timedelta

import pytest
from django.utils import timezone

from cstoannot.accounts.actions import create_token
from cstoannot.accounts.models import Token
from tests.api.hostile import assert_problem, contents


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "bearer x y",
        "Bearer " + "a" * 10_000,
        "Bearer \x80\xff",
        "Bearer é",
        "Bearer a\x00b",
        "Bearer null",
        "Bearer ../../x",
        "Bearer %00",
    ],
)
def test_tokens_that_are_none(world, client, header):
    answer = client.get("/api/v1/me/", headers={"Authorization": header})
    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Token x", "x", "", "\x80", "Digest =,"])
def test_other_ways_to_sign_in_are_nobody(world, client, header):
    assert_problem(client.get("/api/v1/me/", headers={"Authorization": header}), 401)


def test_token_signs_in_until_it_expires_or_is_revoked(world, client, api):
    token, secret = create_token(world.bob, days=1)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me/", headers=headers).json()["username"] == "bob"
    Token.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert_problem(client.get("/api/v1/me/", headers=headers), 401)
    token, secret = create_token(world.bob)
    headers = {"Authorization": f"Bearer {secret}"}
    assert api(world.bob).delete(f"me/tokens/{token.token_key}/").status_code == 204
    assert_problem(client.get("/api/v1/me/", headers=headers), 401)


def test_token_of_somebody_locked_out(world, client):
    _, secret = create_token(world.bob)
    world.bob.is_active = False
    world.bob.save()
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    assert_problem(answer, 401)


def test_token_counts_before_the_cookie(world, client_for):
    _, secret = create_token(world.bob)
    answer = client_for(world.alice).get(
        "/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.json()["username"] == "bob"


@pytest.mark.parametrize(
    "cookie",
    [
        "sessionid",
        "sessionid=",
        "sessionid=\x80",
        'sessionid="\\000aaaaaaaaaaaaaa"',
        "sessionid=" + "a" * 10_000,
        'sessionid="\\377\\376aaaaaaaaaaaaaa"',
        "sessionid=%00aaaaaaaaaaaaaaaaa",
        "=;;==;sessionid;a=b;\\",
        'csrftoken="\\000"; sessionid=x',
        "messages=x; sessionid=../../../../x",
    ],
)
def test_cookies_that_are_none(world, client, cookie):
    assert_problem(client.get("/api/v1/me/", headers={"Cookie": cookie}), 401)
    assert_problem(client.post("/api/v1/projects/", headers={"Cookie": cookie}), 401)


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:x", "", "a b", "é", "[::1", "::"]
)
def test_foreign_hosts(world, client_for, host):
    assert_problem(client_for(world.alice).get("/api/v1/me/", headers={"Host": host}), 400)


def test_forwarded_headers_are_not_believed(world, client_for):
    for _ in range(3):
        world.lead.project.memberships.first()
    answer = client_for(world.alice).get(
        f"{world.api}sources/?page_size=1",
        headers={
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "\x00",
            "Forwarded": "host=evil.example",
            "X-Original-URL": "/admin/",
            "X-HTTP-Method-Override": "DELETE",
        },
    )
    assert answer.json()["next"].startswith("http://testserver/api/v1/projects/alliances/sources/")


@pytest.mark.parametrize(
    "tag",
    [
        *["", "1", '"', '""', '"x"', '"-1"', '"1', '1"', '"1" "2"', '"1",', '"1.0"', '"１"', "'1'"],
        *['"' + "9" * 19 + '"', '"1", ' * 1000, "\x80", '"1-x"', "W/1", '"*"', "*, *", "a" * 5000],
    ],
)
def test_if_match_that_names_no_version(world, api, tag):
    before = contents()
    lead, bob = api(world.alice), api(world.bob)
    annotation = f"{world.api}annotations/{world.said['bob failure']['id']}/"
    body = {"source": world.shared.pk, "code": "plea", "start": 0, "end": 3}
    assert_problem(bob.put(annotation, body, if_match=tag), 400)
    assert_problem(bob.patch(annotation, {"note": "x"}, if_match=tag), 400)
    assert_problem(bob.delete(annotation, if_match=tag), 400)
    source = f"{world.api}sources/{world.shared.pk}/"
    for path in (source, f"{world.api}codes/failure/"):
        assert_problem(lead.patch(path, {"note": "x"}, if_match=tag), 400)
        assert_problem(
            lead.delete(f"{path}?confirm=true" * (path == source) or path, if_match=tag), 400
        )
    assert_problem(lead.patch(world.api, {"about": "x"}, if_match=tag), 400)
    assert contents() == before


@pytest.mark.parametrize("tag", ['"2"', '"0"', '"7", "8"', '"999999999999999999"'])
def test_if_match_of_another_version_is_412_with_what_stands(world, api, tag):
    before = contents()
    lead, bob = api(world.alice), api(world.bob)
    annotation = f"{world.api}annotations/{world.said['bob failure']['id']}/"
    answers = {
        annotation: bob.patch(annotation, {"note": "x"}, if_match=tag),
        f"{world.api}sources/{world.shared.pk}/": lead.patch(
            f"{world.api}sources/{world.shared.pk}/", {"note": "x"}, if_match=tag
        ),
        f"{world.api}codes/failure/": lead.patch(
            f"{world.api}codes/failure/", {"definition": "x"}, if_match=tag
        ),
        world.api: lead.patch(world.api, {"about": "x"}, if_match=tag),
    }
    for path, answer in answers.items():
        body = assert_problem(answer, 412)
        who = bob if path == annotation else lead
        assert body["current"] == who.get(path).json()
    assert contents() == before


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"5", "1"', "*", ' "1" ', '"1-' + "0" * 32 + '"'])
def test_if_match_that_fits(world, api, tag):
    lead, bob = api(world.alice), api(world.bob)
    annotation = f"{world.api}annotations/{world.said['bob failure']['id']}/"
    assert bob.patch(annotation, {"note": "x"}, if_match=tag).json()["version"] == 2
    source = f"{world.api}sources/{world.shared.pk}/"
    assert lead.patch(source, {"note": "x"}, if_match=tag).json()["version"] == 2


def test_range_is_answered_whole(world, api):
    path = f"{world.api}sources/{world.shared.pk}/text/"
    answer = api(world.alice).get(path, range="bytes=0-3")
    assert (answer.status_code, answer.content.decode()) == (200, world.shared.text)


def test_accept_and_format_change_nothing(world, api):
    lead = api(world.alice)
    for accept in ("text/html", "application/xml", "", "x", "*/*;q=x", "a/b," * 1000, "\x80"):
        assert lead.get("me/", accept=accept)["Content-Type"] == "application/json"
    assert lead.get("me/?format=xml")["Content-Type"] == "application/json"


def test_text_is_not_to_be_guessed_at(world, api):
    answer = api(world.alice).get(f"{world.api}sources/{world.shared.pk}/text/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] == f'"{world.shared.sha256}"'
    assert "default-src 'none'" in answer["Content-Security-Policy"]
