import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from cstoannot.exchange.exporting import ExportFile
from cstoannot.exchange.formats.registry import FORMATS
from tests.builders import finish
from tests.exchange.reading import file_of


def _call(*arguments):
    out = StringIO()
    call_command("export_project", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("key", FORMATS)
def test_file_is_the_one_of_the_page(world, tmp_path, key):
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    target = tmp_path / "a file"
    told = _call(world.slug, key, target)
    assert target.read_bytes() == file_of(world.lead, key)
    assert f"{target.stat().st_size:,} bytes" in told
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


def test_filters_and_options_are_those_of_the_page(world, tmp_path):
    target = tmp_path / "out.jsonl"
    _call(
        *(world.slug, "jsonl", target, "--code", "failure", "--descendants"),
        *("--annotator", "beth", "--annotator", "bob", "--stance", "opposes", "--stance", "none"),
        *("--source", world.shared.pk, "--layer", "individual", "--stale", "false"),
        *("--updated-since", "2020-01-01T00:00:00Z", "--q", "failed"),
    )
    (row,) = map(json.loads, target.read_text().splitlines())
    assert row["id"] == str(world.said["beth failure"]["id"])
    _call(world.slug, "jsonl", target, "--voice", "", "--force")
    assert {json.loads(line)["voice"] for line in target.read_text().splitlines()} == {""}
    _call(world.slug, "csv", target, "--force", "--option", "flavour=spreadsheets")
    assert target.read_bytes().startswith("\ufeff".encode())


def test_nothing_is_replaced_unasked(world, tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("precious")
    with pytest.raises(CommandError, match="--force"):
        _call(world.slug, "csv", target)
    assert target.read_text() == "precious"


def test_no_half_file_is_left(world, tmp_path, monkeypatch):
    def broken(format, asked):
        def chunks():
            yield b"half"
            raise RuntimeError("gone")

        return ExportFile("x", "text/csv", chunks())

    monkeypatch.setattr("cstoannot.management.commands.export_project.prepare_export", broken)
    target = tmp_path / "out.csv"
    target.write_text("precious")
    with pytest.raises(RuntimeError):
        _call(world.slug, "csv", target, "--force")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [
        ("out.csv", "precious")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "csv", "x"), "There is no project nowhere."),
        (("alliances", "docx", "x"), "There is no format “docx”"),
        (("alliances", "csv", "x", "--option", "flavour"), "give a name and a value"),
        (("alliances", "csv", "x", "--option", "flavour=excel"), "flavour is one of"),
        (("alliances", "units", "x"), "finished by two of the coders"),
        (("alliances", "csv", "/nowhere/at/all"), "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(world, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=said):
        _call(*arguments)
    assert list(tmp_path.iterdir()) == []
