"""Waiting for what a page comes to by itself.

Playwright's own `wait_for_function` asks again inside the page, by eval, which the pages' policy
forbids: it succeeds only if it need not wait.
"""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request

PATIENCE = 30.0  # seconds
PAUSE = 20.0  # milliseconds


def until(page: Page, script: str, argument: Any = None, *, equals: Any = True) -> None:
    """Ask until the script gives this; fails with what it gave last."""
    end = time.monotonic() + PATIENCE
    while (found := page.evaluate(script, argument)) != equals:
        assert time.monotonic() < end, f"{found!r} is not {equals!r}: {script}"
        page.wait_for_timeout(PAUSE)


def eventually(page: Page, ask: Callable[[], Any], equals: Any) -> None:
    """Until what is asked, of the database for one, is this; fails with what it was last."""
    end = time.monotonic() + PATIENCE
    while (found := ask()) != equals:
        assert time.monotonic() < end, f"{found!r} is not {equals!r}"
        page.wait_for_timeout(PAUSE)


# What a page does once it is loaded begins in these.
TWO_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""


class Quiet:
    """Knows which requests of a page are under way; made before the page is opened.

    Playwright's own `networkidle` waits half a second after the last of them.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.under_way: set[Request] = set()
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Request) -> None:
        self.under_way.add(request)

    def _end(self, request: Request) -> None:
        self.under_way.discard(request)

    def wait(self) -> None:
        """Until nothing has been under way for two frames; for a page that is loaded."""
        end = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < 2:
            self.page.evaluate(TWO_FRAMES)
            quiet = 0 if self.under_way else quiet + 1
            assert time.monotonic() < end, [one.url for one in self.under_way]
