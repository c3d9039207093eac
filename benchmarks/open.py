"""Open a text with many annotations in Chromium.

    python -m benchmarks.open [--peers taguette,doccano] [--passages 1000] [--runs 5]

Each run is a navigation in the same tab; one unmeasured run fills the browser's cache first.
The CPU of server and renderer is counted until two seconds after the highlights appeared, because
some pages continue to work; the milliseconds end with the frame that shows them.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page, Request

from benchmarks.large import document
from benchmarks.measure import VIEWPORT, BrowserCPU, chromium, quantile
from benchmarks.report import Row
from benchmarks.tool import Document, Span, Tool
from benchmarks.tools import arguments, run

QUIET = 2000
"""Milliseconds for a page to finish its work after showing the highlights."""


def visit(tool: Tool, page: Page, target: Document, passages: int) -> tuple[float, ...]:
    """Return ms until shown; CPU ms of server, renderers, whole browser; number of requests."""
    requests: list[str] = []

    def note(request: Request) -> None:
        requests.append(request.url)

    page.on("request", note)
    browser = BrowserCPU()
    browser.begin()
    server = tool.cpu()
    page.goto(tool.open_url(target), wait_until="commit")
    seen = tool.seen(page, passages)
    page.wait_for_timeout(QUIET)
    renderer, whole = browser.used()
    used = tool.cpu() - server
    page.remove_listener("request", note)
    return seen, 1000 * used, 1000 * renderer, 1000 * whole, float(len(requests))


def measure(tool: Tool, text: str, spans: list[Span], runs: int) -> Row:
    """Return medians over `runs` navigations, and one walk through the text."""
    target = tool.make_document(text, spans)
    if (held := tool.count(target)) != len(spans):
        raise RuntimeError(f"{tool.name} holds {held} of {len(spans)} annotations")
    tool.settle()
    with chromium() as browser:
        context = browser.new_context(viewport=VIEWPORT)
        tool.login(context)
        page = context.new_page()
        page.set_default_timeout(300_000)
        visit(tool, page, target, len(spans))
        values = [visit(tool, page, target, len(spans)) for _ in range(runs)]
        took, views = tool.walked(page)
        nodes = page.evaluate("document.getElementsByTagName('*').length")
    seen, server, renderer, whole, requests = (
        quantile(column, 0.5) for column in zip(*values, strict=True)
    )
    return {
        "tool": tool.name,
        "characters": len(text),
        "passages": len(spans),
        "seen after ms": seen,
        "all seen after ms": seen + took,
        "views": views,
        "slowest ms": max(value[0] for value in values),
        "server CPU ms": server,
        "renderer CPU ms": renderer,
        "browser CPU ms": whole,
        "requests": int(requests),
        "nodes": nodes,
    }


def main() -> int:
    """Read the options, measure, publish; return the number of tools that failed."""
    parser = arguments(__doc__)
    parser.add_argument("--passages", type=int, default=1000, help="annotations in the text")
    parser.add_argument("--runs", type=int, default=5, help="navigations, of which the median")
    options = parser.parse_args()
    text, spans = document(options.characters, options.passages)
    return run("open", options, lambda tool: [measure(tool, text, spans, options.runs)])


if __name__ == "__main__":
    sys.exit(main())
