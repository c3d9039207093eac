"""What axe finds on a page, asked for as little as it costs."""

import json
from collections.abc import Sequence
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Those whose answer hangs on colours alone.
COLOUR_RULES = ("color-contrast", "link-in-text-block")


def violations(page: Page, rules: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What the rules, or all that axe runs by itself, find wrong with the page as it is.

    The script is loaded once for each document, and only what is wrong comes back.
    """
    if not page.evaluate("() => typeof axe !== 'undefined'"):
        page.evaluate(AXE_SCRIPT)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = list(rules)
    return page.evaluate(f"axe.run({json.dumps(options)}).then((found) => found.violations)")
