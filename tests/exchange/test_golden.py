"""What each format makes of one small project, kept as files to be read.

They change only where a format is meant to change: then `GOLDEN=write pytest
tests/exchange/test_golden.py` writes them anew, to be read before they are committed. Of a zip,
what is in it is kept.
"""

import io
import os
import zipfile
from pathlib import Path

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, describe_format
from tests.exchange.reading import file_of
from tests.exchange.small import small_project

FOLDER = Path(__file__).parent / "golden"
CASES = [
    (key, option.key, choice)
    for key, format in FORMATS.items()
    for option in format.options
    for choice in list(option.choices)[1:]
]


def _kept(data: bytes) -> bytes:
    """The bytes, or the names and contents of a zip's entries."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(
            b"==> %b <==\n%b\n" % (name.encode(), archive.read(name)) for name in archive.namelist()
        )


def _compare(name: str, data: bytes) -> None:
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(_kept(data))
    assert _kept(data) == path.read_bytes()


@pytest.mark.parametrize("key", FORMATS)
def test_format_is_as_it_was(db, key):
    with small_project() as lead:
        _compare(f"{key}.{_suffix(key)}", file_of(lead, key))


@pytest.mark.parametrize(("key", "option", "choice"), CASES)
def test_options_are_as_they_were(db, key, option, choice):
    with small_project() as lead:
        _compare(f"{key}-{choice}.{_suffix(key)}", file_of(lead, key, **{option: choice}))


def _suffix(key: str) -> str:
    """A zip is kept as text."""
    extension = FORMATS[key].extension
    return "txt" if extension in ("xlsx", "zip", "qdpx") else extension


@pytest.mark.parametrize("key", FORMATS)
def test_twice_gives_the_same_bytes(db, key):
    with small_project() as lead:
        assert file_of(lead, key) == file_of(lead, key)


@pytest.mark.parametrize("key", FORMATS)
def test_every_format_says_what_it_carries_and_loses(db, key):
    format = FORMATS[key]
    with small_project() as lead:
        told = describe_format(format, build_export_request(lead, format, AnnotationFilter()))
    assert format.title and format.readers.endswith(".") and format.carries and told.loses
    assert told.refused == ""
    assert told.rows is None or told.rows > 0
    assert (format.stream is None) != (format.write is None)


def test_golden_files_all_belong_to_a_format():
    made = {f"{key}.{_suffix(key)}" for key in FORMATS}
    made |= {f"{key}-{choice}.{_suffix(key)}" for key, _, choice in CASES}
    assert {path.name for path in FOLDER.iterdir()} == made
