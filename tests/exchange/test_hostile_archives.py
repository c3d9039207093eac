"""Truncated, altered and hostile archives are refused whole, with a reason, and leave nothing."""

import hashlib
import io
import json
import struct
import time
import zipfile
import zlib

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.core.errors import DomainError
from cstoannot.exchange.archive import reader
from cstoannot.exchange.archive.layout import (
    ALL_FILES,
    FILES,
    MANIFEST,
    OPTIONAL_FILES,
    PROJECT_FLAGS,
    format_archive_line,
)
from cstoannot.exchange.archive.restoring import restore_archive
from cstoannot.exchange.archive.schema import SHAPES
from tests.builders import finish
from tests.exchange.handed_out import decide, discuss, hand_out
from tests.exchange.reading import file_of
from tests.exchange.zips import forged, parts_of, with_true_manifest, zipped

# What is refused never reaches the database.
pytestmark = pytest.mark.any_database
_MADE: list[bytes] = []


@pytest.fixture
def archive(world, request):
    """Made once: an archive names nothing by the database's keys, and the world is always the same.

    The first test makes it, with a source and a proposal that the world does not have.
    """
    if not _MADE:
        request.getfixturevalue("odd")
        passage = {"source": world.shared.pk, "start": 4, "end": 12}
        propose_code(world.scope(world.bob), name="Debt", **passage)
        hand_out(world)
        discuss(world, decide(world))
        _MADE.append(file_of(world.lead, "archive"))
    return _MADE[0]


def _counts():
    return {
        model: model._base_manager.count()
        for model in apps.get_app_config("cstoannot").get_models()
    }


def _refused(world, data, *words):
    """The sentence of the refusal; nothing has been written, not even to be taken back."""
    before = _counts()
    with pytest.raises(DomainError) as error, CaptureQueriesContext(connection) as asked:
        restore_archive(io.BytesIO(data), by=world.alice, slug="copy", same_people=True)
    assert [query for query in asked if not query["sql"].startswith("SELECT")] == []
    assert _counts() == before
    message = error.value.message
    assert message.endswith(".")
    for word in words:
        assert word in message, message
    return message


def test_zipped_again_it_is_still_an_archive(world, archive):
    """The ground of all that follows: only what a test changes is why it is refused."""
    restore_archive(
        io.BytesIO(zipped(parts_of(archive))), by=world.alice, slug="copy", same_people=True
    )
    data = forged(archive, "annotations", lambda rows: None)
    restore_archive(io.BytesIO(data), by=world.alice, slug="third", same_people=True)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"PK\x05\x06" + bytes(18),
        b"%PDF-1.7" + bytes(100),
        b"<html></html>" * 50,
        b"PK\x03\x04" + bytes(1000),
        bytes(100_000),
    ],
)
def test_what_is_no_archive_is_refused(world, data):
    _refused(world, data)


def test_cut_off_at_any_place(world, archive):
    for length in range(0, len(archive), 97):
        _refused(world, archive[:length])
    _refused(world, archive[:-1])


def test_any_byte_altered(world, archive):
    """Whatever bit falls over: refused, or without meaning, and then the project is whole.

    A zip has fields that mean nothing here (the version that made it), and a compressed part may
    have codes that it does not use.
    """
    refused, whole = 0, parts_of(archive)
    for place in range(0, len(archive), 61):
        data = archive[:place] + bytes([archive[place] ^ 0x10]) + archive[place + 1 :]
        try:
            made = restore_archive(
                io.BytesIO(data), by=world.alice, slug=f"c{place}", same_people=True
            )
        except DomainError:
            refused += 1
            continue
        assert parts_of(data) == whole
        assert made.counts["annotations"] == 10
    assert refused > len(archive) / 61 / 2


@pytest.mark.parametrize("name", OPTIONAL_FILES)
def test_without_an_optional_file_it_is_still_an_archive(world, archive, name):
    """Unless others refer to its rows."""
    parts = parts_of(archive)
    del parts[name]
    data = zipped(with_true_manifest(parts))
    if name in ("data/comments.jsonl", "data/consensus.jsonl"):
        restore_archive(io.BytesIO(data), by=world.alice, slug="copy", same_people=True)
    else:
        _refused(world, data, "the archive has no")


@pytest.mark.parametrize("extra", [b"x", b"\x00" * 30, b"PK\x05\x06" + bytes(18)])
def test_something_after_the_end(world, archive, extra):
    _refused(world, archive + extra)


@pytest.mark.parametrize("junk", [b"junk", b"PK\x03\x04junk"])
def test_something_before_the_beginning(world, archive, junk):
    _refused(world, junk + archive)


def test_one_archive_after_another(world, archive):
    _refused(world, archive + archive)


def test_comment(world, archive):
    _refused(world, archive[:-2] + struct.pack("<H", 4) + b"hush")


@pytest.mark.parametrize(
    "options",
    [
        {"external_attr": 0o120777 << 16},
        {"external_attr": 0o020666 << 16},
        {"compress_type": zipfile.ZIP_STORED},
        {"compress_type": zipfile.ZIP_BZIP2},
        {"compress_type": zipfile.ZIP_LZMA},
    ],
    ids=["symlink", "device", "stored", "bzip2", "lzma"],
)
def test_entries_of_another_kind(world, archive, options):
    _refused(world, zipped(parts_of(archive), **options), "not a cstoannot archive")


def test_encrypted(world, archive):
    data = bytearray(archive)
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 8] |= 1
        place += 4
    _refused(world, bytes(data), "not a cstoannot archive")


@pytest.mark.parametrize(
    "name",
    [
        "../annotations.jsonl",
        "/etc/passwd",
        "C:\\data.jsonl",
        "\\\\host\\share",
        "data/../../x",
        "data/Annotations.jsonl",
        "x" * 60_000,
        "d/" * 20_000 + "x",
    ],
)
def test_names_of_other_things(world, archive, name):
    parts = parts_of(archive)
    first = FILES[0]
    renamed = {name if one == first else one: data for one, data in parts.items()}
    _refused(world, zipped(renamed), "not a cstoannot archive")
    _refused(world, zipped({**parts, name: b""}), "not a cstoannot archive")


@pytest.mark.parametrize("name", [b"data/projec\x00.jsonl", b"data/projec\xff.jsonl"])
def test_names_with_nul_and_without_utf_8(world, archive, name):
    _refused(world, archive.replace(b"data/project.jsonl", name), "not a cstoannot archive")


def test_twenty_thousand_entries(world, archive):
    began = time.process_time()
    many = zipped({f"data/{number}.jsonl": b"" for number in range(20_000)})
    spent = time.process_time() - began
    began = time.process_time()
    _refused(world, many, "not a cstoannot archive")
    assert time.process_time() - began < max(0.5, spent)


def test_name_twice(world, archive):
    file = io.BytesIO(zipped(parts_of(archive)))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as again:
        again.writestr(FILES[0], b"")
    _refused(world, file.getvalue(), "not a cstoannot archive")


def test_entries_that_share_a_stream(world, archive):
    """Every entry of the directory points to the first one's bytes."""
    data = bytearray(archive)
    place = 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        data[place + 42 : place + 46] = bytes(4)
        place += 4
    _refused(world, bytes(data))


def test_a_gigabyte_of_zeros(world, archive):
    """Refused by its size in the directory, or by its first line where that lies."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    chunk = bytes(1024**2)
    # After a full flush, the same bytes pack to the same bytes.
    packed = (packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)) * 1024 + packer.flush()
    assert len(packed) < 3 * 1024**2
    began = time.process_time()
    for size in (1024**3, 1_000):
        _refused(world, _with_stream(archive, "data/events.jsonl", packed, size))
    assert time.process_time() - began < 2


def _with_stream(archive, name, packed, size):
    """The archive with a part whose directory tells this size of this packed stream."""
    parts = parts_of(archive)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for one, data in parts.items():
            entry = zipfile.ZipInfo(one, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            if one != name:
                made.writestr(entry, data)
                continue
            entry.header_offset = file.tell()
            entry.file_size, entry.compress_size, entry.CRC = size, len(packed), 0
            file.write(entry.FileHeader(zip64=False))
            file.write(packed)
            made.filelist.append(entry)
            made.NameToInfo[one] = entry
            made.start_dir = file.tell()
    return file.getvalue()


@pytest.mark.parametrize("name", ALL_FILES[:-1])
def test_part_that_is_not_the_manifests(world, archive, name):
    parts = parts_of(archive)
    parts[name] = parts[name][: parts[name].rfind(b"\n", 0, -1) + 1]
    _refused(world, zipped(parts))


def test_text_altered_by_a_letter(world, archive):
    parts = parts_of(archive)
    parts["data/sources.jsonl"] = parts["data/sources.jsonl"].replace(b"alliance", b"Alliance", 1)
    _refused(world, zipped(parts), "data/sources.jsonl")
    _refused(world, zipped(with_true_manifest(parts)), "sha256: not that of the text")


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]\n",
        b"null\n",
        b"1e400\n",
        b"[" * 100_000,
        format_archive_line({}),
        format_archive_line({"format": "other"}),
        format_archive_line({"format": "cstoannot archive", "version": 2, "files": {}}),
        format_archive_line({"format": "cstoannot archive", "version": 1, "files": []}),
        format_archive_line({"format": "cstoannot archive", "version": 1, "files": {"x": 1}}),
        format_archive_line(
            {"format": "cstoannot archive", "version": 1, "files": dict.fromkeys(FILES[:-1], 7)}
        ),
        format_archive_line(["x" * 100_000]),
    ],
)
def test_manifest_that_says_nothing(world, archive, manifest):
    _refused(world, zipped({**parts_of(archive), MANIFEST: manifest}))


@pytest.mark.parametrize("under", [None, 99, -1, "1"])
def test_assignment_finished_under_no_revision_of_the_codebook(world, under):
    finish(world.scope(world.bob), world.bobs)
    archive = file_of(world.lead, "archive")

    def change(rows):
        next(row for row in rows if row["done_at"])["finished_under"] = under

    _refused(world, forged(archive, "assignments", change), "data/assignments.jsonl")


def test_newer_version_is_told(world, archive):
    told = json.loads(parts_of(archive)[MANIFEST])
    data = zipped({**parts_of(archive), MANIFEST: format_archive_line({**told, "version": 5})})
    _refused(world, data, "version 5", "newer")


LINES = [
    b"",
    b"\n",
    b"x\n",
    b"{}\n",
    b"[]\n",
    b"null\n",
    b"7\n",
    b'"text"\n',
    b"{" * 100_000 + b"\n",
    b"[" * 100_000 + b"\n",
    b'{"a":1,"a":2}\n',
    b'{"a": 1}\n',
    b'{"a":NaN}\n',
    b'{"a":1e400}\n',
    b'{"a":' + b"9" * 5_000 + b"}\n",
    b'{"a":"\\ud800"}\n',
    b'{"a":"\xff"}\n',
    b'{"a":"\xed\xa0\x80"}\n',
    b'\xef\xbb\xbf{"a":1}\n',
    '{"a":1}\n'.encode("utf-16"),
]


@pytest.mark.parametrize("name", ALL_FILES[:-1])
def test_lines_that_are_no_rows(world, archive, name):
    parts = parts_of(archive)
    for wrong in LINES:
        if wrong:
            broken = {**parts, name: wrong + parts[name]}
            _refused(world, zipped(with_true_manifest(broken)))


def test_line_without_end(world, archive, monkeypatch):
    monkeypatch.setattr(reader, "LONGEST_LINE", 5_000)
    parts = parts_of(archive)
    parts["data/events.jsonl"] += b'{"a":"' + b"x" * 100_000
    _refused(world, zipped(with_true_manifest(parts)), "too long")


def _values(wrong):
    """What stands in a field instead, for each kind of archive's rows and each of its fields."""
    return [(kind, name) for kind, shape in SHAPES.items() for name in shape for _ in [wrong]]


WRONG = [[], {}, [[[[[[[[1]]]]]]]], True, -1, 2**31, 2**63, 1.5, "a\x00b", "a\nb\x00", "x" * 30_001]


@pytest.mark.parametrize(("kind", "name"), _values(None))
def test_value_of_another_kind(world, archive, kind, name):
    """Where a value is allowed all the same (a flag, a number), there is nothing to refuse."""
    for wrong in WRONG:
        if _allowed(kind, name, wrong):
            continue

        def change(rows, wrong=wrong):
            rows[-1][name] = wrong

        message = _refused(world, forged(archive, kind, change))
        assert message.startswith((f"data/{kind}.jsonl, line", "“", "The archive"))


def _allowed(kind, name, wrong):
    flags = {("project", flag) for flag in PROJECT_FLAGS}
    flags |= {("speakers", "listed"), ("assignments", "practice"), ("consensus", "doubtful")}
    flags |= {("decisions", "apart"), ("decisions", "elsewhere"), ("threads", "asks_again")}
    lists = {("sources", "paragraphs"), ("plans", "annotators"), ("comments", "mentions")}
    lists |= {("decisions", "passages"), ("decisions", "chosen"), ("decisions", "readings")}
    lists |= {("threads", "read")}
    lists |= {("sources", "sentences"), ("sources", "tokens")}
    if wrong is True:
        return (kind, name) in flags
    if wrong == []:
        return (kind, name) in lists
    if wrong == {}:
        return name in ("before", "after", "changes")
    return False


@pytest.mark.parametrize("kind", SHAPES)
def test_field_missing_or_unknown(world, archive, kind):
    def less(rows):
        rows[0].pop(next(iter(rows[0])))

    def more(rows):
        rows[0]["is_superuser"] = True

    for change in (less, more):
        _refused(world, forged(archive, kind, change), f"data/{kind}.jsonl, line 1")


def _set(place, **values):
    return lambda rows: rows[place].update(values)


def _quote_without_source(rows):
    next(row for row in rows if row["source"] is None)["quote"] = "failed"


MEANING = [
    ("annotations", _set(0, start=500, end=510), "does not read so"),
    ("annotations", _set(0, start=3, end=3), "does not read so"),
    ("annotations", _set(0, start=9, end=4), "does not read so"),
    ("annotations", _set(0, quote="The alliance failed its member!"), "does not read so"),
    ("annotations", _set(0, code="strange"), "no code strange"),
    ("annotations", _set(0, source=99), "no source 99"),
    ("annotations", _set(0, annotator="charlie"), "no person charlie"),
    ("annotations", _set(0, voice="A stranger"), "no speaker A stranger"),
    ("annotations", _set(0, annotator=None), "nobody's"),
    ("annotations", _set(0, layer="consensus"), "nobody's"),
    ("annotations", _set(0, revision=99), "revision that the codebook has not"),
    ("annotations", _set(0, stance="against"), "stance"),
    ("annotations", lambda rows: rows.reverse(), "not by source"),
    ("annotations", lambda rows: rows.insert(1, rows[0]), "not by source"),
    ("annotations", lambda rows: rows[1].update(id=rows[0]["id"]), "contradicts itself"),
    ("assignments", _set(0, source=99), "no source 99"),
    ("assignments", _set(0, annotator="charlie"), "no person charlie"),
    ("assignments", _set(0, state="done"), "contradicts itself"),
    ("assignments", lambda rows: rows.insert(1, rows[0]), "contradicts itself"),
    ("codes", _set(0, parent="plea"), "below itself"),
    ("codes", _set(0, parent="failure"), "below itself"),
    ("codes", _set(1, parent="strange"), "no code strange"),
    ("codes", _set(1, slug="failure"), "a second code"),
    ("codes", _set(1, shortcut="f"), "contradicts itself"),
    ("codes", _set(1, shortcut="j"), "not a key"),
    ("codes", _set(1, colour="red;background:url(//x)"), "colour"),
    ("codes", _set(1, slug="../x"), "not a slug"),
    ("events", lambda rows: rows.reverse(), "not in order"),
    ("events", _set(0, actor="charlie"), "no person charlie"),
    ("events", _set(0, source=99), "no source 99"),
    ("events", _set(-1, id="ffffffff-ffff-7fff-bfff-ffffffffffff"), "from the past"),
    ("events", _set(0, id="00000000-0000-4000-8000-000000000000"), "version 7"),
    ("events", _set(0, at="2999-01-01T00:00:00.000000Z"), "in the future"),
    ("events", _set(0, at="yesterday"), "not a moment"),
    ("events", _set(0, after={"code": {"a": 1}}), "not an entry"),
    ("events", _set(0, after={"x": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}), "too deeply"),
    ("events", _set(0, after={"x": "\x00"}), "NUL"),
    ("events", _set(0, after={"x": 1e20}), "a database would alter"),
    ("events", _set(0, after={"x": -0.0}), "a database would alter"),
    ("people", _set(0, role="superuser"), "role"),
    ("people", _set(0, role=None), "half a member"),
    ("people", lambda rows: rows.insert(1, rows[0]), "named twice"),
    ("people", _set(0, username="a b\u202e"), "nobody sees"),
    ("people", _set(0, username="BOB"), "no person ada"),
    ("people", lambda rows: rows.clear(), "no person"),
    ("project", lambda rows: rows.clear(), "one project"),
    ("project", lambda rows: rows.append(rows[0]), "one project"),
    ("project", _set(0, visibility="everybody"), "visibility"),
    ("revisions", _set(0, number=7), "numbered from 1"),
    ("revisions", _set(0, by="charlie"), "no person charlie"),
    ("revisions", _set(0, changes={"added": [{"slug": "x"}]}), "added"),
    ("revisions", _set(0, changes={"snapshot": []}), "changes"),
    ("revisions", _set(0, changes={"removed": ["failure"]}), "no code failure"),
    ("revisions", _set(1, changes={"changed": {"plea": {"name": "X"}}}), "no code plea"),
    ("revisions", _set(1, changes={"changed": {"failure": {"slug": "x"}}}), "fields of a code"),
    ("revisions", _set(1, changes={"order": ["plea"]}), "every code once"),
    ("revisions", lambda rows: rows[1].update(changes=rows[0]["changes"]), "second code"),
    ("revisions", _set(1, changes={}), "data/codes.jsonl"),
    ("revisions", lambda rows: rows.pop(), "newest revision"),
    ("codes", lambda rows: rows.pop(), "missing"),
    ("codes", _set(0, name="Fault"), "failure is not as in the newest revision"),
    ("codes", _set(0, added_revision=2), "failure is not as in the newest revision"),
    ("sources", _set(0, number=2), "numbered from 1"),
    ("sources", _set(1, position=0), "in their order"),
    ("sources", _set(0, text=""), "empty"),
    ("sources", _set(0, text="a\r\nb"), "as it is stored"),
    ("sources", _set(0, url="javascript:alert(1)"), "url"),
    ("sources", _set(0, published="2021-13"), "published"),
    ("sources", _set(0, tokens=[0, 9_999]), "beyond the end"),
    ("sources", _set(0, tokens=[5, 0, 3, 4]), "empty"),
    ("sources", _set(0, tokens=[0, 1, 2]), "steps from bound"),
    ("sources", _set(0, round="None of them"), "no round None of them"),
    ("rounds", lambda rows: rows.append(rows[0]), "named twice"),
    ("rounds", _set(0, revision=99), "revision that the codebook has not"),
    ("rounds", _set(0, name=""), "name"),
    ("plans", lambda rows: rows.append(rows[0]), "contradicts itself"),
    ("plans", _set(0, annotators=["charlie"]), "no person charlie"),
    ("plans", _set(0, annotators=["bob", "bob"]), "twice"),
    ("plans", _set(0, shared=101), "percentage"),
    ("plans", _set(0, each=0), "each"),
    ("plans", _set(0, deadline="2026-02-30"), "deadline"),
    ("assignments", _set(0, deadline="soon"), "not a date"),
    ("assignments", _set(0, plan="00000000-0000-4000-8000-000000000000"), "no plan 0000"),
    ("threads", _quote_without_source, "not within the text"),
    ("speakers", lambda rows: rows[1].update(name=rows[0]["name"]), "contradicts itself"),
    ("speakers", lambda rows: rows[1].update(key=rows[0]["key"]), "contradicts itself"),
]


@pytest.mark.parametrize(("kind", "change", "words"), MEANING)
def test_rows_that_mean_nothing(world, archive, kind, change, words):
    _refused(world, forged(archive, kind, change), words)


def test_second_of_two_sources_broken_leaves_nothing_of_the_first(world, archive):
    _refused(world, forged(archive, "sources", _set(1, sha256=hashlib.sha256().hexdigest())))


def test_code_of_another_project_is_not_reached_by_its_slug(world, archive):
    assert world.foreign_code.slug == "strange"
    _refused(world, forged(archive, "annotations", _set(0, code="strange")), "no code strange")
