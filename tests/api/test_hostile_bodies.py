"""What is sent as a body: refused before anything is stored, and never read in vain."""

import gzip
import json
import time
from io import BytesIO

import pytest
from django.test import Client

from cstoannot.api import json_io
from tests.api.hostile import assert_problem, contents

WRITES = [("POST", "sources/"), ("POST", "annotations/"), ("PATCH", ""), ("POST", "codes/")]

NOT_JSON = {
    "nothing": b" ",
    "truncated": b'{"title": "T", "te',
    "trailing data": b'{"title": "T"} {}',
    "trailing comma": b'{"title": "T",}',
    "a comment": b'{"title": "T" /* x */}',
    "single quotes": b"{'title': 'T'}",
    "a name twice": b'{"title": "T", "title": "U"}',
    "a name twice, escaped": b'{"title": "T", "t\\u0069tle": "U"}',
    "NaN": b'{"title": NaN}',
    "infinity": b'{"title": -Infinity}',
    "5,000 digits": b'{"title": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"title": "T"}'.encode("utf-16"),
    "UTF-16 without mark": '{"title": "T"}'.encode("utf-16-le"),
    "Latin-1": '{"title": "é"}'.encode("latin-1"),
    "UTF-8 of half a pair": b'{"title": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"title": "\xc0\xaf"}',
    "a byte-order mark": b'\xef\xbb\xbf{"title": "T"}',
    "a control character": b'{"title": "a\x01b"}',
    "100,000 lists": b"[" * 100_000,
    "100,000 closed lists": b"[" * 100_000 + b"]" * 100_000,
    "50,000 objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "gzip": gzip.compress(b'{"title": "T"}'),
}
NOT_OBJECTS = [b"[]", b'[{"title": "T"}]', b'"title"', b"1", b"null", b"true", b"1e400", b"-0"]
FORM = "application/x-www-form-urlencoded"


def _send(client, method, path, body, content_type="application/json", **headers):
    return client.generic(method, path, body, content_type=content_type, headers=headers)


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json(world, client_for, body):
    client = client_for(world.alice)
    before = contents()
    for method, path in WRITES:
        assert_problem(_send(client, method, world.api + path, body), 400)
    assert contents() == before


def test_json_that_is_no_object(world, client_for):
    client = client_for(world.alice)
    before = contents()
    for body in NOT_OBJECTS:
        for method, path in WRITES:
            assert_problem(_send(client, method, world.api + path, body), 400)
    assert contents() == before


def test_no_body_at_all(world, client_for):
    client = client_for(world.alice)
    before = contents()
    for method, path in WRITES:
        answer = _send(client, method, world.api + path, b"")
        if method == "PATCH":
            assert answer.status_code == 200
        else:
            assert_problem(answer, 400)
    assert contents() == before


def test_unknown_fields_are_refused_by_name(world, api):
    lead = api(world.alice)
    before = contents()
    names = ["Title", "id", "project", "sha256", "__proto__", "\ud800", "a\x00", "x" * 10_000]
    for name in names:
        body = {"title": "T", "text": "x", name: 1}
        found = assert_problem(lead.post(f"{world.api}sources/", body), 400)
        assert len(found["errors"]) == 1
    many = {f"field{n}": n for n in range(10_000)}
    assert len(lead.post(f"{world.api}sources/", many).content) < 10_000
    assert contents() == before


def test_null_is_no_string(world, api):
    lead = api(world.alice)
    before = contents()
    for path, body in [
        ("sources/", {"title": None, "text": "x"}),
        ("sources/", {"title": "T", "text": "x", "note": None}),
        ("codes/", {"name": None}),
        ("speakers/", {"name": None}),
        ("members/", {"username": None, "role": "viewer"}),
        ("members/", {"username": "dan", "role": None}),
    ]:
        assert_problem(lead.post(f"{world.api}{path}", body), 400)
    assert contents() == before


@pytest.mark.parametrize(
    "kind",
    [FORM, "text/plain", "application/xml", "application/jsonx", "", "x", "application/json-patch"],
)
def test_other_content_types(world, client_for, kind):
    client = client_for(world.alice)
    before = contents()
    body = b'{"title": "T", "text": "x"}'
    assert_problem(_send(client, "POST", f"{world.api}sources/", body, kind), 415)
    assert contents() == before


def test_json_by_other_spellings(world, client_for):
    client = client_for(world.alice)
    body = '{"title": "é", "text": "x"}'.encode()
    for kind in ("application/json; charset=latin-1", "APPLICATION/JSON", "application/json;"):
        answer = _send(client, "POST", f"{world.api}sources/", body, kind)
        assert answer.json()["title"] == "é"


def test_multipart_with_thousands_of_parts(world, client_for):
    client = client_for(world.alice)
    before = contents()
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n'
    body = part * 5000 + b"--b--\r\n"
    answer = _send(client, "POST", f"{world.api}sources/", body, "multipart/form-data; boundary=b")
    assert_problem(answer, 415)
    assert contents() == before


def test_compressed_bodies(world, client_for):
    client = client_for(world.alice)
    body = gzip.compress(b'{"title": "T", "text": "x"}')
    for coding in ("gzip", "deflate", "br", "x"):
        headers = {"Content-Encoding": coding}
        answer = _send(client, "POST", f"{world.api}sources/", body, **headers)
        assert_problem(answer, 415)


class Watched(BytesIO):
    """A body that knows how much of it was read."""

    taken = 0

    def read(self, size=-1):
        found = super().read(size)
        self.taken += len(found)
        return found


def _watched(client, path, announced, stream):
    return client.request(
        REQUEST_METHOD="POST",
        PATH_INFO=path,
        CONTENT_TYPE="application/json",
        CONTENT_LENGTH=str(announced),
        **{"wsgi.input": stream},
    )


@pytest.mark.parametrize("length", ["-1", "abc", "1e3", "٣", "9" * 5000])
def test_lengths_that_are_none(world, client_for, length):
    stream = Watched(b'{"title": "T", "text": "x"}')
    answer = _watched(client_for(world.alice), f"{world.api}sources/", length, stream)
    assert_problem(answer, 400, 413)


def test_many_values_are_not_parsed(world, client_for):
    """However they are written: parsing 30 MB of them takes seconds and gigabytes."""
    client = client_for(world.alice)
    many = 10_000_000
    for body in (b"[" + b"1," * many + b"1]", b"[" + b'"",' * many + b'""]', b"[],{}" * many):
        begun = time.process_time()
        assert_problem(_send(client, "POST", f"{world.api}sources/", body[:31_000_000]), 413)
        assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "T", "text": "' + b'\\"' * 15_000_000,
        b'{"title": "T", "text": "' + b"\\" * 30_000_001,
        b'{"title": "T", "text": ' + b'"' * 30_000_000,
        b"[" * 15_000_000 + b"]" * 15_000_000,
    ],
    ids=["escaped quotes", "backslashes", "quotes", "lists"],
)
def test_long_tokens_do_not_stall(world, client_for, body):
    client = client_for(world.alice)
    begun = time.process_time()
    assert_problem(_send(client, "POST", f"{world.api}sources/", body), 400, 413)
    assert time.process_time() - begun < 6


def test_depth_and_number_of_values(world, api):
    lead = api(world.alice)
    deepest = "too deeply"
    for depth, said in ((json_io.DEEPEST, "JSON object"), (json_io.DEEPEST + 1, deepest)):
        body = json.loads("[" * depth + "]" * depth)
        assert said in assert_problem(lead.post(f"{world.api}speakers/", body), 400)["detail"]
    raw = b"[" + b"1," * json_io.MOST_VALUES + b"1]"
    answer = lead.client.post(f"{world.api}sources/", raw, content_type="application/json")
    assert "100,000 values" in assert_problem(answer, 413)["detail"]
    text = {"title": "T", "text": "[{," * json_io.MOST_VALUES}
    assert lead.post(f"{world.api}sources/", text).status_code == 201


def test_a_body_in_chunks_is_refused(world, client_for):
    answer = client_for(world.alice).request(
        REQUEST_METHOD="POST",
        PATH_INFO=f"{world.api}sources/",
        CONTENT_TYPE="application/json",
        HTTP_TRANSFER_ENCODING="chunked",
        **{"wsgi.input": Watched(b'{"title": "T", "text": "x"}')},
    )
    assert_problem(answer, 411)


@pytest.mark.parametrize("who", ["charlie", "dan", None])
def test_strangers_are_turned_away_before_anything_is_read(world, client_for, who):
    client = client_for(getattr(world, who) if who else None)
    paths = ["sources/", "annotations/", "codes/", "members/", "invitations/", "assignments/"]
    for path in [*paths, "speakers/"]:
        stream = Watched(b"{" * 1000)
        answer = _watched(client, world.api + path, 1000, stream)
        assert_problem(answer, 404 if who else 401)
        assert stream.taken == 0


@pytest.mark.parametrize("who", ["vera", "bob"])
def test_members_without_the_right_are_turned_away_before_anything_is_read(world, client_for, who):
    client = client_for(getattr(world, who))
    for path in ("sources/", "codes/", "members/", "invitations/", "assignments/", "speakers/"):
        stream = Watched(b"{" * 1000)
        assert_problem(_watched(client, world.api + path, 1000, stream), 403)
        assert stream.taken == 0


def test_a_form_is_not_searched_for_the_pages_token(world):
    """Looking for it there would read the body of somebody who may not come in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.dan)
    stream = Watched(b"csrfmiddlewaretoken=x&" * 1000)
    answer = client.request(
        REQUEST_METHOD="POST",
        PATH_INFO=f"{world.api}sources/",
        CONTENT_TYPE=FORM,
        CONTENT_LENGTH="22000",
        **{"wsgi.input": stream},
    )
    assert_problem(answer, 403)
    assert stream.taken == 0


def test_session_writes_only_with_the_token_in_a_header(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.alice)
    client.get("/account/login/")
    body = json.dumps({"title": "T", "text": "x"})
    path = f"{world.api}sources/"
    assert_problem(_send(client, "POST", path, body), 403)
    client.cookies["csrftoken"] = "a" * 32
    answer = _send(client, "POST", path, body, **{"X-CSRFToken": "a" * 32})
    assert answer.status_code == 201
    assert_problem(_send(client, "POST", path, body, **{"X-CSRFToken": "b" * 32}), 403)
