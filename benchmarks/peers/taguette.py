"""Taguette in server mode on its default database, SQLite."""

from __future__ import annotations

import html
import secrets
from collections.abc import Mapping, Sequence
from typing import ClassVar

from benchmarks.measure import HOST, Client, Server
from benchmarks.tool import CODES, Document, Span, Tool

CONFIGURATION = """\
NAME = "benchmark"
BIND_ADDRESS = {host!r}
PORT = {port}
SECRET_KEY = {secret!r}
DATABASE = "sqlite:///{database}"
TOS_FILE = None
DOMAIN = "{host}:{port}"
X_HEADERS = False
EMAIL = "benchmark <nobody@example.org>"
MAIL_SERVER = {{"ssl": False, "host": {host!r}, "port": 25}}
COOKIES_PROMPT = False
"""
BOUNDARY = "benchmark-boundary"


def multipart(fields: Mapping[str, str], file: bytes) -> bytes:
    """A form with fields and one HTML file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="'
    parts = [f'{head}{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts.append(
        f'{head}file"; filename="text.html"\r\nContent-Type: text/html\r\n\r\n'.encode()
        + file
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )
    return b"".join(parts)


class Taguette(Tool):
    """Offsets are bytes of UTF-8 in the text of an HTML document."""

    name = "taguette"
    _user: tuple[str, str] | None = None
    requirements: ClassVar[Sequence[str]] = ("taguette==1.5.2",)
    # Every passage is wrapped, those of one document in one task of the page.
    seen_script = """count => {
      const marks = document.getElementsByClassName("highlight");
      if (marks.length < count) return false;
      return new Set(Array.from(marks, mark => mark.dataset.highlightId)).size >= count;
    }"""

    def _serve(self) -> Server:
        database = self.folder / "taguette.sqlite3"
        for old in self.folder.glob("taguette.sqlite3*"):
            old.unlink()
        configuration = self.folder / "configuration.py"
        configuration.write_text(
            CONFIGURATION.format(
                host=HOST, port=self.port, secret=secrets.token_hex(16), database=database
            )
        )
        server = Server.start(
            [str(self.folder / "venv/bin/taguette"), "server", str(configuration)],
            port=self.port,
            env={"PYTHONWARNINGS": "ignore"},
            cwd=self.folder,
            log=self.folder / "server.log",
        )
        self._user = None
        return server

    def client(self) -> Client:
        """Register on the first call, then sign in; both by the pages' forms."""
        client = Client(self.port)
        client.send("GET", "/login")
        token = {"_xsrf": client.cookies["_xsrf"]}
        if self._user is None:
            self._user = ("annotator", secrets.token_hex(8))
            login, password = self._user
            form = {"login": login, "password1": password, "password2": password, "email": ""}
            client.send("POST", "/register", form=form | token, expect=(302, 303))
        else:
            login, password = self._user
            form = {"login": login, "password": password, "next": "/"}
            client.send("POST", "/login", form=form | token, expect=(302, 303))
        client.headers["X-XSRFToken"] = client.cookies["_xsrf"]
        return client

    def make_document(self, text: str, spans: Sequence[Span] = ()) -> Document:
        """A project with its tags and one HTML document."""
        client = self.client()
        form = {"name": "benchmark", "description": ""}
        reply = client.send("POST", "/project/new", form=form, expect=(302, 303))
        project = reply.location.rpartition("/")[2]
        body = "<p>" + html.escape(text, quote=False).replace("\n\n", "</p>\n\n<p>") + "</p>"
        reply = client.send(
            "POST",
            f"/api/project/{project}/document/new",
            body=multipart({"name": "text", "description": ""}, body.encode()),
            headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        )
        key = str(reply.json()["created"])
        codes = []
        for name in CODES:
            tag = {"path": name, "description": ""}
            reply = client.send("POST", f"/api/project/{project}/tag/new", data=tag)
            codes.append(str(reply.json()["id"]))
        document = Document(project=project, key=key, codes=codes, text=text)
        for start, end in spans:
            self.save(client, document, start, end)
        client.close()
        return document

    def save(self, client: Client, document: Document, start: int, end: int) -> None:
        """What the button "Save & Close" sends."""
        before = len(document.text[:start].encode())
        client.send(
            "POST",
            f"/api/project/{document.project}/document/{document.key}/highlight/new",
            data={
                "start_offset": before,
                "end_offset": before + len(document.text[start:end].encode()),
                "tags": [int(document.code(start))],
            },
        )

    def count(self, document: Document) -> int:
        """The number of highlights in the document."""
        client = self.client()
        path = f"/api/project/{document.project}/document/{document.key}"
        return len(client.send("GET", path).json()["highlights"])

    def open_url(self, document: Document) -> str:
        """The project's page with the document open."""
        return self.address(f"/project/{document.project}/document/{document.key}")
