"""A Chromium page that can import the static modules; no Django behind it."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
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


# By module: Playwright's event loop would stand in the way of database access in other tests.
@pytest.fixture(scope="module")
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
