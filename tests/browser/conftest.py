"""A Chromium page that can import the static modules; no Django behind it."""

import shutil
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, Page, sync_playwright

STATIC = Path(__file__).parents[2] / "cstoannot" / "static"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: test output is for failures."""


@pytest.fixture(scope="session")
def static_url() -> Iterator[str]:
    """Address of the static folder, without a slash at its end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=STATIC))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """The system's Chromium; None lets Playwright look for its own."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


# By package: Playwright's event loop would stand in the way of database access in other tests.
@pytest.fixture(scope="package")
def chromium(chromium_path: str | None) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def chromium_page(chromium: Browser, static_url: str) -> Iterator[Page]:
    """An empty page on the origin of the static folder."""
    page = chromium.new_page()
    page.route("**/empty.html", lambda route: route.fulfill(body="<!doctype html><title>t</title>"))
    page.goto(f"{static_url}/empty.html")
    yield page
    page.close()


@pytest.fixture(autouse=True)
def _server_at_rest() -> Iterator[None]:
    """After the page is closed and before the database is emptied: no request still reads it.

    PostgreSQL takes the two for a deadlock.
    """
    here, under_way = threading.get_ident(), set[int]()

    def begin(**_: object) -> None:
        under_way.update({threading.get_ident()} - {here})

    def end(**_: object) -> None:
        under_way.discard(threading.get_ident())

    request_started.connect(begin)
    request_finished.connect(end)
    yield
    last, until = time.monotonic(), time.monotonic() + 10
    while time.monotonic() < min(last + 0.05, until):
        time.sleep(0.005)
        if under_way:
            last = time.monotonic()
    request_started.disconnect(begin)
    request_finished.disconnect(end)
