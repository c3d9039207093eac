"""doccano's web server on its default database, SQLite."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from benchmarks.measure import HOST, Client, Server
from benchmarks.tool import CODES, Document, Span, Tool

PASSWORD = "benchmark-password"


class Doccano(Tool):
    """The queue for imports and exports is left out: saving and opening do not need it."""

    name = "doccano"
    # It does not start with the newest versions of these two.
    requirements: ClassVar[Sequence[str]] = ("doccano==1.8.4", "marshmallow<4", "numpy<2")
    # Lines out of view are not in the page, so the count cannot be reached: the passages in view
    # are shown once the dots that begin their labels stand there.
    seen_script = """count => {
      const dot = document.querySelector("svg line + g > circle");
      return dot !== null && dot.getBoundingClientRect().top < innerHeight;
    }"""

    @property
    def _environment(self) -> dict[str, str]:
        data = self.folder / "data"
        return {
            "DOCCANO_HOME": str(data),
            "DATABASE_URL": f"sqlite:///{data}/db.sqlite3",
            "MEDIA_ROOT": str(data / "media"),
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "STANDALONE": "True",
            "DEBUG": "False",
        }

    def _prepare(self) -> None:
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        for old in data.glob("db.sqlite3*"):
            old.unlink()
        command = str(self.folder / "venv/bin/doccano")
        user = ["createuser", "--username", "annotator", "--password", PASSWORD]
        with (self.folder / "prepare.log").open("wb") as log:
            for arguments in (["init"], user):
                subprocess.run(
                    [command, *arguments],
                    env=os.environ | self._environment,
                    stdout=log,
                    stderr=log,
                    check=True,
                )

    def _serve(self) -> Server:
        self._prepare()
        package = next((self.folder / "venv/lib").glob("python3*/site-packages/backend"))
        # Its own command, `doccano webserver`, does the same but listens on all interfaces.
        workers = 2 * (os.cpu_count() or 1) + 1
        return Server.start(
            [
                *(str(self.folder / "venv/bin/python"), "-m", "gunicorn"),
                *("--bind", f"{HOST}:{self.port}", "--workers", str(workers)),
                "config.wsgi",
            ],
            port=self.port,
            env=self._environment,
            cwd=Path(package),
            log=self.folder / "server.log",
        )

    def client(self) -> Client:
        """Sign in as its page does."""
        client = Client(self.port)
        form = {"username": "annotator", "password": PASSWORD}
        client.send("POST", "/v1/auth/login/", data=form)
        client.headers["X-CSRFToken"] = client.cookies["csrftoken"]
        return client

    def make_document(self, text: str, spans: Sequence[Span] = ()) -> Document:
        """A project with its labels and one text."""
        client = self.client()
        project = {
            "name": "benchmark",
            "description": "benchmark",
            "project_type": "SequenceLabeling",
            "resourcetype": "SequenceLabelingProject",
            "allow_overlapping": True,
            "grapheme_mode": False,
            "use_relation": False,
            "collaborative_annotation": False,
            "random_order": False,
            "guideline": "",
            "tags": [],
        }
        number = client.send("POST", "/v1/projects", data=project).json()["id"]
        path = f"/v1/projects/{number}"
        codes = []
        for name in CODES:
            label = {"text": name, "background_color": "#4C78A8", "text_color": "#ffffff"}
            reply = client.send("POST", f"{path}/span-types", data=label)
            codes.append(str(reply.json()["id"]))
        key = client.send("POST", f"{path}/examples", data={"text": text}).json()["id"]
        document = Document(project=str(number), key=str(key), codes=codes, text=text)
        for start, end in spans:
            self.save(client, document, start, end)
        client.close()
        return document

    def save(self, client: Client, document: Document, start: int, end: int) -> None:
        """What choosing a label in the menu over a selection sends."""
        client.send(
            "POST",
            f"/v1/projects/{document.project}/examples/{document.key}/spans",
            data={"label": int(document.code(start)), "start_offset": start, "end_offset": end},
        )

    def count(self, document: Document) -> int:
        """The number of spans in the document."""
        path = f"/v1/projects/{document.project}/examples/{document.key}/spans"
        return len(self.client().send("GET", path).json())

    def open_url(self, document: Document) -> str:
        """The annotation page of the project's only text."""
        return self.address(f"/projects/{document.project}/sequence-labeling?page=1")
