"""What no answer may lack, whatever the view."""

import re

from tests.http.test_bodies import _address, _fixed_routes


def test_nobody_else_keeps_a_page(world, client_for):
    client = client_for(world.alice)
    seen = 0
    for route in _fixed_routes():
        answer = client.get(_address(world, route))
        kept = {part.strip() for part in answer["Cache-Control"].split(",")}
        assert kept & {"no-store", "no-cache", "private"}, route
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            seen += 1
            assert "no-store" in kept, route
    assert seen > 20


def test_pages_of_the_api_answer_every_method(client, db):
    for path in ("/api/v1/docs/", "/api/v1/schema/"):
        for method in ("OPTIONS", "POST", "PUT", "DELETE", "HEAD", "TRACE"):
            answer = client.generic(method, path)
            assert answer.status_code in {200, 204, 405}, (method, path)
    script = re.search(rb'src="/api/v1/docs/\?script=', client.get("/api/v1/docs/").content)
    assert script
