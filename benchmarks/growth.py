"""Browser CPU with large codebooks: 17 to 500 codes on texts of 100 to 1,000 paragraphs.

    python -m benchmarks.growth [--codes 17,50,100,200,500] [--paragraphs 100,500,1000]
                                [--passages 2000] [--runs 3]
    python -m benchmarks.growth_figure [--before FILE] docs/images/growth.svg

Each text has `--passages` passages of one coder, spread over all codes. Measured are the annotate
page and two such texts side by side; each run is a navigation in the same tab after one unmeasured
visit. The CPU of renderers is counted until two seconds after the passages were painted. `step` is
going to the next passage (side by side: to the next claim), `filter` showing one code alone and
all again, `add` selecting and coding words, each the mean of several. All values are milliseconds
of CPU; `growth_figure` draws them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from itertools import count

from playwright.sync_api import Page

from benchmarks.cstoannot_server import Cstoannot
from benchmarks.measure import VIEWPORT, BrowserCPU, chromium, quantile
from benchmarks.open import QUIET
from benchmarks.report import Row, publish
from benchmarks.tools import running

STEPS = 10
PAINTED = "html[data-painted]"
# Selects words of a visible paragraph with the browser's own selection, as touch does.
SELECT = """(place) => {
  const seen = [...document.querySelectorAll("#text p")].filter((p) => {
    const { top, bottom } = p.getBoundingClientRect();
    return top > 80 && bottom < innerHeight - 80;
  });
  const node = seen[place % seen.length].firstChild;
  document.getSelection().setBaseAndExtent(node, 0, node, Math.min(20, node.length));
}"""


def read_numbers(words: str) -> list[int]:
    """Parse a comma-separated list of numbers."""
    return [int(word) for word in words.split(",")]


def measure_cpu(work: Callable[[], None], times: int) -> float:
    """Return the renderer CPU of `work` in milliseconds, the mean of `times` runs."""
    cpu = BrowserCPU()
    cpu.begin()
    for _ in range(times):
        work()
    return 1000 * cpu.used()[0] / times


def open_page(page: Page, address: str) -> float:
    """Return the renderer CPU of opening a page in milliseconds."""

    def work() -> None:
        page.goto(address, wait_until="commit")
        page.wait_for_selector(PAINTED, state="attached")
        page.wait_for_timeout(QUIET)

    return measure_cpu(work, 1)


def press_key(page: Page, key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_timeout(150)


def filter_by_code(page: Page) -> None:
    """Show the first code alone, and all again."""
    page.select_option("#by-code", index=1)
    page.wait_for_timeout(150)
    page.select_option("#by-code", index=0)
    page.wait_for_timeout(150)


def code_words(page: Page, place: int) -> None:
    """Code the first words of a visible paragraph."""
    page.evaluate(SELECT, place)
    page.wait_for_timeout(150)
    press_key(page, "1")


def measure_opening(page: Page, address: str, runs: int) -> float:
    """Return the renderer CPU of opening a page, the median after one unmeasured visit."""
    open_page(page, address)
    return quantile([open_page(page, address) for _ in range(runs)], 0.5)


def measure_annotating(page: Page, address: str, runs: int) -> Row:
    """Measure opening, going from passage to passage, and filtering."""
    taken = measure_opening(page, address, runs)
    page.locator("#text").focus()
    step = measure_cpu(lambda: press_key(page, "j"), STEPS)
    page.locator("#tab-passages").click()
    page.wait_for_timeout(300)
    return {"open": taken, "step": step, "filter": measure_cpu(lambda: filter_by_code(page), 3)}


def measure_adding(page: Page, address: str) -> Row:
    """Measure coding passages in a text that is not finished."""
    open_page(page, address)
    page.wait_for_selector("html[data-ready]", state="attached")
    places = count()
    return {"add": measure_cpu(lambda: code_words(page, next(places)), STEPS)}


def measure_side_by_side(page: Page, address: str, runs: int) -> Row:
    """Measure opening and going from claim to claim."""
    taken = measure_opening(page, address, runs)
    page.locator(".text").first.focus()
    return {"beside: open": taken, "beside: step": measure_cpu(lambda: press_key(page, "j"), STEPS)}


def measure_growth(tool: Cstoannot, options: argparse.Namespace) -> list[Row]:
    """Return a row for each number of codes and of paragraphs."""
    rows: list[Row] = []
    with chromium() as browser:
        context = browser.new_context(viewport=VIEWPORT)
        tool.login(context)
        page = context.new_page()
        page.set_default_timeout(600_000)
        for codes in options.codes:
            made = tool.make_growth(codes, options.paragraphs, options.passages)
            tool.settle()
            for paragraphs, keys in made.items():
                row = {"codes": codes, "paragraphs": int(paragraphs)}
                rows.append(row | measure_texts(tool, page, f"growth-{codes}", keys, options.runs))
                print(rows[-1], flush=True)
    return rows


def measure_texts(
    tool: Cstoannot, page: Page, project: str, keys: dict[str, list[str]], runs: int
) -> Row:
    """Measure two texts, alone and side by side."""
    root = f"/projects/{project}"
    one = tool.address(f"{root}/sources/{keys['sources'][0]}/")
    both = tool.address(f"{root}/compare/reading/?source={','.join(keys['sources'])}")
    found = {**measure_annotating(page, one, runs), **measure_side_by_side(page, both, runs)}
    client = tool.client()
    path = f"/api/v1{root}/assignments/{keys['assignments'][0]}/"
    client.send("PATCH", path, data={"state": "started"})
    return {**found, **measure_adding(page, one)}


def main() -> int:
    """Read the options, measure, publish, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--codes", type=read_numbers, default="17,50,100,200,500")
    parser.add_argument("--paragraphs", type=read_numbers, default="100,500,1000")
    parser.add_argument("--passages", type=int, default=2000, help="in each text")
    parser.add_argument("--runs", type=int, default=3, help="navigations, of which the median")
    parser.add_argument("--database", default="", help="DATABASE_URL; else SQLite")
    options = parser.parse_args()
    tool = Cstoannot(options.database)
    with running(tool):
        rows = measure_growth(tool, options)
    publish("growth", rows, failed=[], options=vars(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
