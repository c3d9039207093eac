"""Waiting for what a page comes to by itself.

Playwright's own `wait_for_function` asks again inside the page, by eval, which the pages' policy
forbids: it succeeds only if it need not wait.
"""

import time
from typing import Any

from playwright.sync_api import Page

PATIENCE = 10.0  # seconds
PAUSE = 20.0  # milliseconds


def until(page: Page, script: str, argument: Any = None, *, equals: Any = True) -> None:
    """Ask until the script gives this; fails with what it gave last."""
    end = time.monotonic() + PATIENCE
    while (found := page.evaluate(script, argument)) != equals:
        assert time.monotonic() < end, f"{found!r} is not {equals!r}: {script}"
        page.wait_for_timeout(PAUSE)
