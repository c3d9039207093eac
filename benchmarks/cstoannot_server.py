"""cstoannot itself: the production server, driven through its API and its login form."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from benchmarks.large import identifier
from benchmarks.measure import HOST, Client, Server
from benchmarks.tool import CODES, Document, Span, Tool

ROOT = Path(__file__).resolve().parent.parent
SETUP = "benchmarks.cstoannot_setup"
GROWTH = "benchmarks.growth_setup"
RANDOM = SystemRandom()


class Cstoannot(Tool):
    """Runs this checkout on SQLite, or on `database` (postgres://…), which is not emptied."""

    name = "cstoannot"
    # All passages of an article-sized text; in a long text, those near the viewport.
    seen_script = """count => {
      if (document.documentElement?.dataset.painted === undefined) return false;
      const passages = Array.from(CSS.highlights).filter(([name]) => /^cstoannot-\\d/.test(name));
      const painted = passages.reduce((sum, [, ranges]) => sum + ranges.size, 0);
      const isLong = document.getElementById("text").classList.contains("long");
      return painted >= (isLong ? 1 : count);
    }"""

    def __init__(self, database: str = "") -> None:
        self.database = database
        self._user: dict[str, str] = {}
        self._token = ""

    def install(self, folder: Path) -> None:
        """Create a data folder; the program itself is this checkout."""
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        variables = {"CSTOANNOT_DATA": str(self.folder / "data"), "PORT": str(self.port)}
        return variables | ({"DATABASE_URL": self.database} if self.database else {})

    def _run(self, *arguments: str, given: object = None) -> str:
        """Return the output of a management command of this installation."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr or done.stdout}")
        return done.stdout

    def _serve(self) -> Server:
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        self._run("manage.py", "migrate", "--noinput")
        self._user = {
            "user": f"benchmark-{secrets.token_hex(4)}",
            "password": secrets.token_urlsafe(16),
        }
        self._run("-m", SETUP, given=self._user)
        self._token = self._run("manage.py", "create_token", self._user["user"]).strip()
        return Server.start(
            [sys.executable, "manage.py", "serve"],
            port=self.port,
            env=self.environment,
            cwd=ROOT,
            log=self.folder / "server.log",
        )

    @property
    def token(self) -> str:
        return self._token

    def client(self) -> Client:
        """Return a client that sends a token."""
        return Client(self.port, headers={"Authorization": f"Bearer {self._token}"})

    def session(self) -> Client:
        """Return a client that logged in with the form."""
        client = Client(self.port)
        client.send("GET", "/account/login/")
        form = {"login": self._user["user"], "password": self._user["password"]}
        form["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
        headers = {"Referer": self.address("/account/login/")}
        client.send("POST", "/account/login/", form=form, headers=headers, expect=(302, 303))
        return client

    def make_document(self, text: str, spans: Sequence[Span] = ()) -> Document:
        """Create a project with codes and one source, assigned to its owner."""
        slug = f"benchmark-{secrets.token_hex(4)}"
        wish = {"user": self._user["user"], "project": slug, "codes": CODES, "text": text}
        key = json.loads(self._run("-m", SETUP, given=wish))["source"]
        document = Document(project=slug, key=str(key), codes=CODES, text=text)
        client = self.client()
        for start, end in spans:
            self.save(client, document, start, end)
        client.close()
        return document

    def make_growth(
        self, codes: int, paragraphs: Sequence[int], passages: int
    ) -> dict[str, dict[str, list[str]]]:
        """Create project `growth-CODES`; return by paragraphs two sources and their assignments."""
        wish = {"user": self._user["user"], "project": f"growth-{codes}", "codes": codes}
        wish |= {"paragraphs": list(paragraphs), "passages": passages}
        made: dict[str, dict[str, list[str]]] = json.loads(self._run("-m", GROWTH, given=wish))
        return made

    def save(self, client: Client, document: Document, start: int, end: int) -> None:
        """Save with the idempotent request that the annotation page sends."""
        key = identifier(RANDOM, time.time_ns() // 1_000_000)
        client.send(
            "PUT",
            f"/api/v1/projects/{document.project}/annotations/{key}/",
            data={
                "source": int(document.key),
                "code": document.code(start),
                "start": start,
                "end": end,
                "stance": "supports",
            },
        )

    def count(self, document: Document) -> int:
        """Count page by page, because a list has no total."""
        return len(self.identifiers(document))

    def identifiers(self, document: Document) -> list[str]:
        """Return the ids of all annotations in the document."""
        client = self.client()
        path = f"/api/v1/projects/{document.project}/annotations/?source={document.key}"
        found: list[str] = []
        while path:
            page = client.send("GET", path).json()
            found += [row["id"] for row in page["results"]]
            path = (page["next"] or "").removeprefix(f"http://{HOST}:{self.port}")
        client.close()
        return found

    def open_url(self, document: Document) -> str:
        return self.address(f"/projects/{document.project}/sources/{document.key}/")
