import csv
import io
import zipfile

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.codebook.actions import change_code
from cstoannot.core.errors import Invalid, TooLarge
from cstoannot.exchange.formats import units
from cstoannot.exchange.formats.registry import FORMATS, build_export_request
from cstoannot.text.spans import unpack_flat_bounds
from tests.builders import add_code, annotate, assign_to, finish, join, make_user
from tests.exchange.reading import file_of


@pytest.fixture
def done(world):
    """Bob and Beth finished the shared source; Cem, who is assigned too, did not."""
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    cem = make_user("cem")
    join(world.lead, cem, "annotator")
    assign_to(world.lead, world.shared, cem)
    annotate(world.scope(cem), world.shared, "Nobody came.")
    return world


def _archive(world, filters=None, **options):
    return zipfile.ZipFile(io.BytesIO(file_of(world.lead, "units", filters, **options)))


def _table(archive, name):
    return list(csv.reader(io.StringIO(archive.read(name).decode(), newline="")))


@pytest.mark.parametrize("unit", ["sentence", "paragraph", "token", "source"])
def test_cells_say_who_marked_any_of_a_unit(done, unit):
    archive = _archive(done, unit=unit)
    head, *stretches = _table(archive, "units.csv")
    assert head == ["source", "title", "start", "end"]
    if unit != "source":
        bounds = unpack_flat_bounds(bytes(getattr(done.shared, f"{unit}s")))
        assert [tuple(map(int, row[2:])) for row in stretches] == list(bounds)
    for code in ("failure", "plea"):
        people, *rows = _table(archive, f"codes/{code.capitalize()}.csv")
        assert people == ["beth", "bob"]
        said = {name: done.said[f"{name} {code}"] for name in people}
        expected = [
            [
                str(int(said[name]["start"] < int(end) and int(start) < said[name]["end"]))
                for name in people
            ]
            for _, _, start, end in stretches
        ]
        assert rows == expected


def test_who_did_not_finish_is_missing(done):
    cem = done.scope(make_user("cem"))
    for user in (done.bob, cem.user):
        assign_to(done.lead, done.beths, user)
    finish(done.scope(done.bob), done.beths)
    finish(done.scope(done.beth), done.beths)
    finish(cem, done.shared)
    archive = _archive(done)
    people, *rows = _table(archive, "codes/Failure.csv")
    sources = [row[0] for row in _table(archive, "units.csv")[1:]]
    assert people == ["beth", "bob", "cem"]
    assert {row[2] for row, pk in zip(rows, sources, strict=True) if pk == str(done.beths.pk)} == {
        "NA"
    }
    assert "NA" not in {
        row[2] for row, pk in zip(rows, sources, strict=True) if pk == str(done.shared.pk)
    }
    assert b"#" in _archive(done, reader="recal").read("codes/Failure.csv")


def test_recal_gets_no_head(done):
    archive = _archive(done, reader="recal")
    assert len(_table(archive, "codes/Plea.csv")) == len(_table(archive, "units.csv")) - 1


def test_every_file_can_be_unpacked_on_windows(world, done):
    for name in ("Con", "LPT1", "Contra"):
        add_code(world.lead, name)
    names = _archive(done).namelist()
    assert {"codes/Con_.csv", "codes/LPT1_.csv", "codes/Contra.csv"} <= set(names)
    assert "codes/Con.csv" not in names


def test_files_bear_the_codes_names_in_any_script(world, done):
    names = ["Двусторонность", "Противовес НАТО", "Ընդարձակում", "集体安全", "And/or: a?", "Plea"]
    for name in names:
        add_code(world.lead, name)
    archive = _archive(done)
    files = {row[1]: row[2] for row in _table(archive, "codes.csv")[1:] if row[1] != "Plea"}
    assert files == {
        "Failure": "codes/Failure.csv",
        "Двусторонность": "codes/Двусторонность.csv",
        "Противовес НАТО": "codes/Противовес НАТО.csv",
        "Ընդարձակում": "codes/Ընդարձակում.csv",
        "集体安全": "codes/集体安全.csv",
        "And/or: a?": "codes/And_or_ a_.csv",
    }
    assert {"codes/Plea (plea).csv", "codes/Plea (plea-2).csv", *files.values()} <= set(
        archive.namelist()
    )


def test_filters_choose_sources_codes_and_coders(done):
    archive = _archive(done, AnnotationFilter(codes=["failure"], descendants=True))
    assert [row[0] for row in _table(archive, "codes.csv")[1:]] == ["failure", "plea"]
    archive = _archive(done, AnnotationFilter(codes=["failure"]))
    assert [row[0] for row in _table(archive, "codes.csv")[1:]] == ["failure"]


@pytest.mark.parametrize(
    "filters",
    [
        AnnotationFilter(stances=["supports"]),
        AnnotationFilter(layer="consensus"),
        AnnotationFilter(q="help"),
    ],
)
def test_filters_that_make_silence_meaningless_are_refused(done, filters):
    with pytest.raises(Invalid, match="only by sources, codes, coders and current meaning"):
        file_of(done.lead, "units", filters)


def test_without_two_who_finished_there_is_nothing_to_compare(world, done, monkeypatch):
    with pytest.raises(Invalid, match="finished by two"):
        file_of(world.lead, "units", AnnotationFilter(annotators=["bob"]))
    monkeypatch.setattr(units, "MOST", 3)
    with pytest.raises(TooLarge, match="judgements; a file can hold 3"):
        file_of(world.lead, "units")


def test_same_data_give_the_same_bytes_and_the_count(done):
    assert file_of(done.lead, "units") == file_of(done.lead, "units")
    asked = build_export_request(done.lead, FORMATS["units"], AnnotationFilter())
    assert FORMATS["units"].count(asked) == len(_table(_archive(done), "units.csv")) - 1


def test_outdated_passages_are_told_and_can_be_left_out(done):
    change_code(done.lead, "plea", definition="Only a plea by a government.")
    every, current = (_archive(done, AnnotationFilter(stale=stale)) for stale in (None, False))
    told = "Passages made before the meaning of their code changed: 2; they"
    assert f"{told} count as the others do." in every.read("read-me.txt").decode()
    assert f"{told} are left out." in current.read("read-me.txt").decode()
    failure, plea = "codes/Failure.csv", "codes/Plea.csv"
    assert every.read(failure) == current.read(failure)
    assert any("1" in row for row in _table(every, plea))
    assert not any("1" in row for row in _table(current, plea))
    with pytest.raises(Invalid, match="current meaning"):
        _archive(done, AnnotationFilter(stale=True))
