"""The common interface of the compared tools."""

from __future__ import annotations

import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import BrowserContext, Page

from benchmarks.measure import HOST, Client, Server, cpu, free_port, memory

Span = tuple[int, int]
# Passages are spread over this many codes, as in a project with a codebook.
CODES = tuple(f"article-{number}" for number in range(1, 11))

# Resolves with the milliseconds between the start of the navigation and the first frame after
# the condition held. Two frames, because the first callback still runs before painting.
WAIT = """count => new Promise((resolve, reject) => {
  const seen = %s;
  const look = () => {
    if (performance.now() > 300000) reject(new Error("not seen within 300 s"));
    else if (!seen(count)) requestAnimationFrame(look);
    else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  };
  look();
})"""


# Scrolls through the page view by view, like a reader of every passage. A view is complete once two
# frames have passed without changes to the DOM.
WALK = """async () => {
  const began = performance.now();
  let views = 1;
  let quiet = 0;
  const watch = new MutationObserver(() => { quiet = 0; });
  watch.observe(document.body, { childList: true, subtree: true });
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const all = [document.scrollingElement, ...document.querySelectorAll("body *")];
  const far = (node) => node.scrollHeight - node.clientHeight;
  const moves = (node) => far(node) > 50
    && (node === document.scrollingElement || /auto|scroll/.test(getComputedStyle(node).overflowY))
    && node.clientHeight > innerHeight / 2;
  const scroller = all.filter(moves).sort((a, b) => far(b) - far(a))[0];
  while (scroller && views < 100) {
    const before = scroller.scrollTop;
    scroller.scrollTop += 0.9 * Math.min(scroller.clientHeight, innerHeight);
    if (scroller.scrollTop === before) break;
    views += 1;
    quiet = 0;
    for (let frames = 0; quiet < 2 && frames < 300; frames += 1) {
      quiet += 1;
      await frame();
    }
  }
  watch.disconnect();
  return [performance.now() - began, views];
}"""


@dataclass(frozen=True)
class Document:
    """A text in a tool, with the tool's ids."""

    project: str
    key: str
    codes: Sequence[str]
    text: str

    def code(self, start: int) -> str:
        """Return the code of the passage that begins at `start`."""
        return self.codes[start % len(self.codes)]


class Program(ABC):
    """A program that runs as a server; `folder` contains all it installs and stores."""

    name: ClassVar[str]
    requirements: ClassVar[Sequence[str]] = ()

    folder: Path
    port: int
    server: Server

    def install(self, folder: Path) -> None:
        """Install into a virtual environment in `folder`, unless that was done before."""
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        done = self.folder / "requirements.txt"
        wanted = "\n".join(self.requirements) + "\n"
        if done.exists() and done.read_text() == wanted:
            return
        venv = self.folder / "venv"
        with (self.folder / "install.log").open("wb") as log:
            for command in (
                [sys.executable, "-m", "venv", "--clear", str(venv)],
                [str(venv / "bin/python"), "-m", "pip", "install", *self.requirements],
            ):
                subprocess.run(command, stdout=log, stderr=log, check=True)
        done.write_text(wanted)

    def start(self) -> None:
        """Start with an empty database on a free port."""
        self.port = free_port()
        self.server = self._serve()

    @abstractmethod
    def _serve(self) -> Server: ...

    def stop(self) -> None:
        """End the server."""
        self.server.stop()

    def cpu(self) -> float:
        """Return the CPU seconds that the server has used."""
        return cpu(self.server.pid)

    def settle(self) -> None:
        """Wait until the server is idle: workers continue to load after they begin to listen."""
        for _ in range(60):
            before = self.cpu()
            time.sleep(0.5)
            if self.cpu() - before < 0.05:
                return
        raise TimeoutError(f"{self.name} does not come to rest")

    def memory(self) -> float:
        """Return the memory of the server in MiB."""
        return memory(self.server.pid)

    @abstractmethod
    def client(self) -> Client:
        """Return a new logged-in client that may save."""


class Tool(Program):
    """An annotation tool."""

    seen_script: ClassVar[str]
    """JavaScript function of the number of passages; true once they are shown."""

    def session(self) -> Client:
        """Return a new logged-in client whose cookies a browser can use."""
        return self.client()

    @abstractmethod
    def make_document(self, text: str, spans: Sequence[Span] = ()) -> Document:
        """Store a text with annotations (offsets in code points)."""

    @abstractmethod
    def save(self, client: Client, document: Document, start: int, end: int) -> None:
        """Save one annotation with the request that the tool's own page sends."""

    @abstractmethod
    def count(self, document: Document) -> int:
        """Return the number of annotations in the document."""

    @abstractmethod
    def open_url(self, document: Document) -> str:
        """Return the URL of the page on which the document is annotated."""

    def address(self, path: str) -> str:
        """Return the URL of a path of the server."""
        return f"http://{HOST}:{self.port}{path}"

    def login(self, context: BrowserContext) -> None:
        """Log the browser in."""
        cookies = self.session().cookies
        context.add_cookies(
            [
                {"name": name, "value": value, "url": self.address("/")}
                for name, value in cookies.items()
            ]
        )

    def seen(self, page: Page, count: int) -> float:
        """Wait until `count` passages are shown; return milliseconds since the navigation began."""
        moment: float = page.evaluate(WAIT % self.seen_script, count)
        return moment

    def walked(self, page: Page) -> tuple[float, int]:
        """Scroll through the whole text; return milliseconds and the number of views."""
        took, views = page.evaluate(WALK)
        return float(took), int(views)
