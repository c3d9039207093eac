"""A small file must not fill the memory: each is tried in a process of its own, and measured."""

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path

import pytest

from cstoannot.exchange.archive.layout import MANIFEST, build_zip_entry, format_archive_line
from tests.durability.server import FOLDER
from tests.exchange.test_archive import KEPT
from tests.exchange.zips import parts_of

pytestmark = pytest.mark.slow
MOST = 400  # MiB above idle
MIB = 1024**2
TRY = """
import sys
from pathlib import Path
import django
django.setup()
from cstoannot.core.errors import DomainError
from cstoannot.exchange.archive.restoring import restore_archive

def highest():
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1])

idle = highest()
try:
    with open(sys.argv[1], "rb") as file:
        restore_archive(file, by=None)
except DomainError as error:
    print((highest() - idle) // 1024, error.message)
"""


def _archive(path: Path, name: str, chunks: Iterable[bytes]) -> None:
    """The archive that is kept, with the chunks as one of its parts; all else fits them."""
    parts: dict[str, Iterable[bytes]] = {
        one: (data,) for one, data in parts_of(KEPT.read_bytes()).items()
    }
    parts[name] = chunks
    told = json.loads(b"".join(parts.pop(MANIFEST)))
    with zipfile.ZipFile(path, "w") as archive:
        for one, pieces in parts.items():
            digest, size, lines = hashlib.sha256(), 0, 0
            with archive.open(build_zip_entry(one), "w", force_zip64=True) as part:
                for piece in pieces:
                    part.write(piece)
                    digest.update(piece)
                    size, lines = size + len(piece), lines + piece.count(b"\n")
            told["files"][one] = {"bytes": size, "lines": lines, "sha256": digest.hexdigest()}
        archive.writestr(build_zip_entry(MANIFEST), format_archive_line(told))


def _rows(kind: str) -> list[dict]:
    return [
        json.loads(one)
        for one in parts_of(KEPT.read_bytes())[f"data/{kind}.jsonl"].split(b"\n")[:-1]
    ]


def _source(text: str, **bounds: bytes) -> Iterator[bytes]:
    row = {**_rows("sources")[0], "text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    row |= {"paragraphs": [], "sentences": [], "tokens": []}
    written = format_archive_line(row)
    for name, digits in bounds.items():
        written = written.replace(
            b'"%s":[]' % name.encode(), b'"%s":[%s]' % (name.encode(), digits)
        )
    yield written
    yield b"no row\n"


def _codes() -> Iterator[bytes]:
    text = "\U0001f600" * 5_000
    for number in range(3_000):
        row = {**_rows("codes")[0], "slug": f"c{number}", "parent": None, "shortcut": ""}
        yield format_archive_line(
            {**row, **dict.fromkeys(("definition", "include", "exclude", "example"), text)}
        )


def _revisions() -> Iterator[bytes]:
    first = _rows("revisions")[0]
    (added, *_) = first["changes"]["added"]
    texts = dict.fromkeys(("definition", "include", "exclude", "example"), "\U0001f600" * 5_000)
    yield format_archive_line(first)
    for number in range(2, 300):
        more = [{**added, **texts, "shortcut": "", "slug": f"c{number}-{n}"} for n in range(10)]
        yield format_archive_line({**first, "number": number, "changes": {"added": more}})


def _speakers() -> Iterator[bytes]:
    row = _rows("speakers")[0]
    for number in range(150_000):
        name = f"{number:07d} " + "\U0001f600" * 190
        yield format_archive_line(
            {**row, "key": f"00000000-0000-4000-8000-{number:012x}", "name": name}
        )


def _events() -> Iterator[bytes]:
    row = _rows("events")[0]
    for _ in range(8):
        yield format_archive_line({**row, "after": {"x": "\U0001f600" + "x" * 20_000_000}})


def _annotations() -> Iterator[bytes]:
    """Each with an id of its own, which is remembered."""
    row = _rows("annotations")[0]
    for number in range(600_000):
        yield format_archive_line({**row, "id": f"{number:08x}-0000-4000-8000-000000000000"})
    yield b"no row\n"


HOSTILE = {
    "zeros": ("events", lambda: repeat(bytes(MIB), 250)),
    "lists": ("events", lambda: chain([b"["], repeat(b"[]," * 1000, 80_000), [b"[]]\n"])),
    "lists below a limit": ("events", lambda: [b"[" + b"[]," * 10_000_000 + b"[]]\n"]),
    "strings": ("events", lambda: [b"[" + b'"",' * 10_000_000 + b'""]\n']),
    "numbers": ("revisions", lambda: [b"[" + b"1000," * 6_000_000 + b"1]\n"]),
    "objects": ("revisions", lambda: [b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000 + b"\n"]),
    "one string": (
        "annotations",
        lambda: [b'"' + "\U0001f600".encode() + b"x" * 30_000_000 + b'"\n'],
    ),
    "large steps": ("sources", lambda: _source("x", tokens=b"1000," * 9_999_999 + b"1000")),
    "longest text": (
        "sources",
        lambda: _source(
            "\U0001f600" * 5_000_000,
            **dict.fromkeys(("paragraphs", "sentences", "tokens"), b"0,1," * 4_999_999 + b"0,1"),
        ),
    ),
    "codes": ("codes", _codes),
    "revisions": ("revisions", _revisions),
    "speakers": ("speakers", _speakers),
    "events": ("events", _events),
    "ids": ("annotations", _annotations),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_archive_is_refused_in_bounded_memory(tmp_path, name):
    kind, chunks = HOSTILE[name]
    path = tmp_path / "archive.zip"
    _archive(path, f"data/{kind}.jsonl", chunks())
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(path)],
        cwd=FOLDER,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    grown, _, message = done.stdout.partition(" ")
    assert f"data/{kind}.jsonl" in message
    assert int(grown) < MOST
