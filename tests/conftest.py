"""What all tests share."""

import json
import os
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from cstoannot.accounts.models import User
from cstoannot.agreement import project_cache
from cstoannot.comparison import project_cache as comparison_keeping
from tests.builders import World, build_world
from tests.snapshots import Snapshot

hypothesis.settings.register_profile("quick", max_examples=20, deadline=None)
hypothesis.settings.register_profile(
    "ci", max_examples=20, deadline=None, derandomize=True, database=None
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "quick")


_WORLD = Snapshot(build_world)
_DATABASE = {
    *("db", "transactional_db", "live_server"),
    *("database_url", "empty", "filled", "cluster"),  # those of other processes
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-the-database",
        action="store_true",
        help="leave out tests for which another database changes nothing: those that use none, "
        "and those marked any_database",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Function]) -> None:
    if config.getoption("--of-the-database"):
        rest = [item for item in items if not _depends_on_the_database(item)]
        items[:] = [item for item in items if _depends_on_the_database(item)]
        config.hook.pytest_deselected(items=rest)


def _depends_on_the_database(item: pytest.Function) -> bool:
    if item.get_closest_marker("any_database"):
        return False
    asked = not _DATABASE.isdisjoint(item.fixturenames)
    return asked or item.get_closest_marker("django_db") is not None


@pytest.fixture
def world(db: None) -> World:
    """Alice leads, Bob and Beth code, Charlie is elsewhere; see tests/builders.py."""
    return _WORLD.restore()


@pytest.fixture
def client_for(db: None) -> Callable[[User | None], Client]:
    """A browser in which this user has signed in; nobody for None."""

    def make(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    return make


class Api:
    """JSON over a signed-in client. Paths are below /api/v1/ unless they begin with a slash."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """`headers` by their names with underscores: if_match='"1"'."""
        url = path if path.startswith("/") else f"/api/v1/{path}"
        return self.client.generic(
            method,
            url,
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.request("DELETE", path, body, **headers)


@pytest.fixture
def api(client_for: Callable[[User | None], Client]) -> Callable[[User | None], Api]:
    """The API as this user's programs see it: `api(world.bob).get(...)`."""
    return lambda user: Api(client_for(user))


@pytest.fixture(autouse=True)
def _nothing_kept():
    """The world's events are the same in every test, so what was cached under them is too."""
    cache.clear()
    project_cache.clear_agreement_cache()
    comparison_keeping.clear_comparison_cache()
