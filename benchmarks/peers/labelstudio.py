"""Label Studio as `label-studio start` runs it, on its default database, SQLite."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, ClassVar
from xml.sax.saxutils import quoteattr

from benchmarks.large import Annotation, Large
from benchmarks.measure import HOST, Client, Server
from benchmarks.tool import Program

CONFIGURATION = """\
<View><Labels name="label" toName="text">{labels}</Labels><Text name="text" value="$text"/></View>
"""
Fields = dict[str, Any]


def region(said: Annotation, text: str) -> Fields:
    """A passage as its page sends it when a coder submits. Offsets are code points."""
    passage = {"start": said.start, "end": said.end, "text": text[said.start : said.end]}
    return {
        "value": passage | {"labels": [said.code]},
        "id": said.id[-10:],
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
    }


def stored(moment: int) -> str:
    """A moment as Django stores it in SQLite."""
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M:%S.%f}"


class Labelstudio(Program):
    """What exports need of it: a coder's work on a text is one annotation with many regions."""

    name = "labelstudio"
    requirements: ClassVar[Sequence[str]] = ("label-studio==1.23.2",)
    _token = ""

    def _serve(self) -> Server:
        data = self.folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        self._token = secrets.token_hex(20)
        # A proxy that is not there: nothing it may try leaves the machine.
        nowhere = f"http://{HOST}:9"
        return Server.start(
            [
                *(str(self.folder / "venv/bin/label-studio"), "start", "--no-browser"),
                *("--internal-host", HOST, "--port", str(self.port)),
            ],
            port=self.port,
            env={
                "LABEL_STUDIO_BASE_DATA_DIR": str(data),
                "LABEL_STUDIO_USERNAME": "benchmark@example.org",
                "LABEL_STUDIO_PASSWORD": secrets.token_hex(16),
                "LABEL_STUDIO_USER_TOKEN": self._token,
                "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "True",
                "COLLECT_ANALYTICS": "False",
                "LATEST_VERSION_CHECK": "False",
                "SENTRY_DSN": "",
                "FRONTEND_SENTRY_DSN": "",
                "http_proxy": nowhere,
                "https_proxy": nowhere,
                "no_proxy": HOST,
            },
            cwd=self.folder,
            log=self.folder / "server.log",
        )

    def client(self) -> Client:
        """With its user's token."""
        return Client(self.port, headers={"Authorization": f"Token {self._token}"})

    def lay(self, large: Large, *, one_each: bool) -> str:
        """A project with the sources and passages of `large`; its number.

        An annotation for each source and coder with all their passages, or one for each passage.
        Its own API makes one of everything, and its database is given the others like it.
        """
        labels = "".join(f"<Label value={quoteattr(code.slug)}/>" for code in large.codebook())
        configuration = CONFIGURATION.format(labels=labels)
        client = self.client()
        project = {"title": "benchmark", "label_config": configuration}
        number = str(client.send("POST", "/api/projects/", data=project).json()["id"])
        first = {"project": int(number), "data": {"text": "A text."}}
        task = client.send("POST", "/api/tasks/", data=first).json()["id"]
        said: Fields = {"result": [], "lead_time": 60.0, "project": int(number)}
        path = f"/api/tasks/{task}/annotations/?project={number}"
        annotation = client.send("POST", path, data=said).json()["id"]
        client.close()
        with sqlite3.connect(self.folder / "data/label_studio.sqlite3") as database:
            database.row_factory = sqlite3.Row
            _fill(_Rows(database, task, annotation), large, one_each=one_each)
            database.execute("DELETE FROM task_completion WHERE id = ?", [annotation])
            database.execute("DELETE FROM task WHERE id = ?", [task])
        return number


class _Rows:
    """Rows like those that are there, with other values."""

    def __init__(self, database: sqlite3.Connection, task: int, annotation: int) -> None:
        self.database = database
        self._like = {
            table: self._row(table, key)
            for table, key in (("htx_user", 1), ("task", task), ("task_completion", annotation))
        }

    def _row(self, table: str, key: int) -> Fields:
        row = dict(self.database.execute(f"SELECT * FROM {table} WHERE id = ?", [key]).fetchone())
        del row["id"]
        return row

    def add(self, table: str, **values: str | int) -> int:
        row = self._like[table] | values
        places = ", ".join(f":{name}" for name in row)
        statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"
        return self.database.execute(statement, row).lastrowid or 0


def _fill(rows: _Rows, large: Large, *, one_each: bool) -> None:
    people = {name: _coder(rows, name) for name in large.annotator_names()}
    texts = {source.number: source.text for source in large.source_texts()}
    for number, said in groupby(large.annotations(), key=lambda one: one.source):
        groups = list(_groups(said, one_each=one_each))
        text = texts.pop(number)
        task = rows.add(
            "task",
            data=json.dumps({"text": text}),
            inner_id=number,
            total_annotations=len(groups),
            is_labeled=1,
        )
        for group in groups:
            rows.add(
                "task_completion",
                result=json.dumps([region(one, text) for one in group]),
                result_count=len(group),
                task_id=task,
                completed_by_id=people[group[0].annotator],
                updated_by_id=people[group[0].annotator],
                unique_id=group[0].id.replace("-", ""),
                created_at=stored(group[-1].created),
                updated_at=stored(group[-1].created),
            )


def _coder(rows: _Rows, name: str) -> int:
    """The account of that name, made if need be."""
    email = f"{name}@example.org"
    found = rows.database.execute("SELECT id FROM htx_user WHERE email = ?", [email]).fetchone()
    return int(found[0]) if found else rows.add("htx_user", email=email, username=name)


def _groups(said: Iterator[Annotation], *, one_each: bool) -> Iterator[list[Annotation]]:
    for _, group in groupby(said, key=lambda one: one.id if one_each else one.annotator):
        yield list(group)
