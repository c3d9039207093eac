"""Read as other tools read: by the standard's schemas, by pyrefiqda, by offsets in each unit."""

import io
import zipfile
from collections import Counter

import pytest
from lxml import etree
from pyrefiqda import RefiCodebook, RefiProject

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.assignments.actions import unassign_source
from cstoannot.codebook.actions import change_code
from cstoannot.core.errors import Invalid
from cstoannot.exchange.exporting import prepare_export
from cstoannot.exchange.formats.registry import FORMATS, build_export_request, describe_format
from cstoannot.models import Annotation
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    make_project,
    show_decisions,
)
from tests.exchange.handed_out import decide, discuss
from tests.exchange.reading import ODD, file_of, stored
from tests.exchange.reference import reference

TOOLS = ["standard", "nvivo", "windows", "qualcoder"]
NS = {"p": "urn:QDA-XML:project:1.0", "c": "urn:QDA-XML:codebook:1.0"}


def _schema(name):
    return etree.XMLSchema(etree.parse(reference(f"refi-xsd/{name}")))


def _opened(data):
    archive = zipfile.ZipFile(io.BytesIO(data))
    return archive, etree.fromstring(archive.read("project.qde"))


def _text(archive, source):
    path = source.get("plainTextPath").removeprefix("internal://")
    return archive.read(f"sources/{path}")


def _as_counted(raw, tool):
    """The text as the tool counts it: a function that cuts from one of its offsets to another."""
    if tool == "nvivo":
        units = raw.decode("utf-8-sig").encode("utf-16-le")
        return lambda start, end: units[2 * start : 2 * end].decode("utf-16-le")
    text = raw.decode("utf-8")
    if tool == "windows":
        text = text.replace("\r\n", "\n")
    return lambda start, end: text[start:end]


@pytest.fixture
def many(world, odd):
    """With a consensus, a second code of one name, a line end in a passage, groups and dates."""
    decided = Annotation.objects.get(pk=world.said["bob failure"]["id"])
    decided.pk, decided.annotator, decided.layer = "0" * 32, None, "consensus"
    decided.save(force_insert=True)
    add_code(world.lead, "Plea", claim="It was asked.", include="All.", example="“Help.”")
    details = {"group": "press", "published": "2020-11", "url": "https://example.org/?a=1&b"}
    source = add_source(world.lead, "Shared", f"\n🙂🙂\n\n{ODD}\n", **details)
    assign_to(world.lead, source, world.bob)
    annotate(world.scope(world.bob), source, f"🙂\n\n{ODD}", note="a & b\n<c>", stance="mixed")
    return world


@pytest.mark.parametrize("tool", TOOLS)
def test_project_is_valid(many, tool):
    _, tree = _opened(file_of(many.lead, "qdpx", tool=tool))
    _schema("project/v1.0/Project.xsd").assertValid(tree)
    _schema("Project-mrt2019.xsd").assertValid(tree)


@pytest.mark.parametrize("tool", ["standard", "qualcoder"])
def test_codebook_is_valid(many, tool):
    tree = etree.fromstring(file_of(many.lead, "qdc", tool=tool))
    _schema("codebook/v1.0/Codebook.xsd").assertValid(tree)


@pytest.mark.parametrize("tool", TOOLS)
def test_offsets_give_the_passages_in_the_unit_of_the_tool(many, tool):
    archive, tree = _opened(file_of(many.lead, "qdpx", tool=tool))
    found = {}
    for source in tree.iterfind(".//p:TextSource", NS):
        cut = _as_counted(_text(archive, source), tool)
        for one in source.iterfind("p:PlainTextSelection", NS):
            words = cut(int(one.get("startPosition")), int(one.get("endPosition")))
            found[one.get("guid")] = words.replace("\r\n", "\n")
            assert one.get("name") == " ".join(found[one.get("guid")].split())[:100]
    assert found == {str(row["id"]): row["quote"] for row in stored(many.lead)}


def test_nvivo_counts_otherwise_and_its_texts_have_mark_and_crlf(many):
    archive, tree = _opened(file_of(many.lead, "qdpx", tool="nvivo"))
    (source,) = tree.xpath(".//p:TextSource[p:PlainTextSelection/p:Description]", namespaces=NS)[
        -1:
    ]
    raw = _text(archive, source)
    assert raw.startswith(b"\xef\xbb\xbf\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    (one,) = source.iterfind("p:PlainTextSelection", NS)
    # "\r\n" and an emoji of two units stand before it: 1 + 1 in code points.
    assert one.get("startPosition") == "4"


@pytest.mark.parametrize("tool", TOOLS)
def test_annotators_codes_stances_voices_and_notes_are_the_databases(many, tool):
    _, tree = _opened(file_of(many.lead, "qdpx", tool=tool))
    people = {one.get("guid"): one.get("name") for one in tree.iterfind(".//p:User", NS)}
    codes = {one.get("guid"): one.get("name") for one in tree.iterfind(".//p:Code", NS)}
    rows = {str(row["id"]): row for row in stored(many.lead)}
    selections = tree.findall(".//p:PlainTextSelection", NS)
    assert {one.get("guid") for one in selections} == rows.keys()
    names = {"failure": "Failure", "odd-code": 'Odd, "code"', "plea": "Plea"}
    for one in selections:
        row = rows[one.get("guid")]
        codings = one.findall("p:Coding", NS)
        assert people[one.get("creatingUser")] == (row["annotator"] or "Consensus")
        assert {coding.get("creatingUser") for coding in codings} == {one.get("creatingUser")}
        told = [codes[c.find("p:CodeRef", NS).get("targetGUID")] for c in codings]
        expected = [names[row["code"]]]
        expected += [f"Stance: {row['stance']}"] if row["stance"] else []
        expected += [f"Voice: {row['voice']}"] if row["voice"] else []
        assert told == expected
        assert one.findtext("p:Description", None, NS) == (row["note"] or None)


def test_everything_that_is_named_is_there(many):
    archive, tree = _opened(file_of(many.lead, "qdpx"))
    guids = Counter(one.get("guid") for one in tree.iterfind(".//*[@guid]"))
    assert set(guids.values()) == {1}
    names = [
        one.get(name)
        for one in tree.iter()
        for name in one.attrib
        if name in ("targetGUID", "creatingUser", "modifyingUser", "creatingUserGUID")
    ]
    assert set(names) <= guids.keys()
    files = {f"sources/{one.get('guid')}.txt" for one in tree.iterfind(".//p:TextSource", NS)}
    assert set(archive.namelist()) == {"project.qde", *files}
    assert tree.get("origin") == "cstoannot"
    assert tree.get("basePath") == ""


def test_tree_of_codes_stands_as_it_is(many):
    tree = etree.fromstring(file_of(many.lead, "qdc"))
    above = {one.get("name"): one.getparent().get("name") for one in tree.iterfind(".//c:Code", NS)}
    assert above == {"Failure": None, "Plea": None, 'Odd, "code"': "Failure"}
    plea = tree.findall(".//c:Code[@name='Plea']", NS)
    assert [one.getparent().get("name") for one in plea] == ["Failure", None]
    assert plea[1].findtext("c:Description", None, NS) == (
        "Claim: It was asked.\n\nInclude: All.\n\nExample: “Help.”"
    )
    members = {one.get("guid") for one in tree.iterfind(".//c:MemberCode", NS)}
    claims = {
        one.get("guid")
        for one in tree.iterfind(".//c:Code", NS)
        if "Claim: " in one.findtext("c:Description", "", NS)
    }
    assert members == claims
    assert len(claims) == 2


def test_codes_have_the_same_identifiers_in_both_formats(many):
    codebook = etree.fromstring(file_of(many.lead, "qdc"))
    _, project = _opened(file_of(many.lead, "qdpx"))
    named = {(c.get("guid"), c.get("name"), c.get("color")) for c in codebook.iter("{*}Code")}
    there = {(c.get("guid"), c.get("name"), c.get("color")) for c in project.iter("{*}Code")}
    assert named <= there
    assert len(there - named) == 4 + 1 + len({row["voice"] for row in stored(many.lead)} - {""})


def test_qualcoder_gets_no_name_twice(many):
    add_code(many.lead, "Plea", parent="odd-code")
    for tool in ("standard", "qualcoder"):
        _, tree = _opened(file_of(many.lead, "qdpx", tool=tool))
        for kind in ("Code", "TextSource"):
            names = Counter(one.get("name") for one in tree.iter(f"{{*}}{kind}"))
            assert (max(names.values()) == 1) is (tool == "qualcoder")
    names = {one.get("name") for one in tree.iter("{*}Code")}
    assert {"Plea", 'Plea (Odd, "code")', "Plea (2)"} <= names
    assert {"Shared", "Shared (2)"} <= {one.get("name") for one in tree.iter("{*}TextSource")}


@pytest.mark.parametrize("tool", TOOLS)
def test_another_library_reads_the_project(many, tool, tmp_path):
    path = tmp_path / "a.qdpx"
    path.write_bytes(file_of(many.lead, "qdpx", tool=tool))
    project = RefiProject.load(path, extract_dir=tmp_path / "out")
    rows = stored(many.lead)
    sources = project.sources.text_source
    selections = [one for source in sources for one in source.plain_text_selection]
    assert {one.guid for one in selections} == {str(row["id"]) for row in rows}
    codings = sum(len(one.coding) for one in selections)
    assert codings == sum(1 + bool(row["stance"]) + bool(row["voice"]) for row in rows)
    if tool == "standard":
        for source in sources:
            text = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "out")
            words = text.read_bytes().decode()
            for one in source.plain_text_selection:
                (row,) = [row for row in rows if str(row["id"]) == one.guid]
                assert words[int(one.start_position) : int(one.end_position)] == row["quote"]


def test_another_library_reads_the_codebook(many, tmp_path):
    path = tmp_path / "a.qdc"
    path.write_bytes(file_of(many.lead, "qdc"))
    codebook = RefiCodebook.load(path)
    assert [code.name for code in codebook.codes.code] == ["Failure", "Plea"]
    assert [code.name for code in codebook.codes.code[0].code] == ["Plea", 'Odd, "code"']


def test_variables_and_groups_tell_what_is_known_of_sources(many):
    _, tree = _opened(file_of(many.lead, "qdpx"))
    titles = {one.get("guid"): one.get("name") for one in tree.iterfind(".//p:Variable", NS)}
    source = tree.findall(".//p:TextSource", NS)[-1]
    known = {
        titles[one.find("p:VariableRef", NS).get("targetGUID")]: one.findtext("p:TextValue", "", NS)
        for one in source.iterfind("p:VariableValue", NS)
    }
    assert (known["Date"], known["Address"]) == ("2020-11", "https://example.org/?a=1&b")
    assert len(known["SHA-256 of the text"]) == 64
    (group,) = tree.findall(".//p:Set", NS)
    (member,) = group
    assert (group.get("name"), member.get("targetGUID")) == ("press", source.get("guid"))


def test_filters_leave_annotations_out_and_sources_too(many):
    filters = AnnotationFilter(annotators=["beth"], sources=[many.shared.pk])
    _, tree = _opened(file_of(many.lead, "qdpx", filters))
    assert len(tree.findall(".//p:PlainTextSelection", NS)) == 2
    assert len(tree.findall(".//p:TextSource", NS)) == 1
    assert {one.get("name") for one in tree.iterfind(".//p:User", NS)} == {"alice", "beth"}


def _open_to_beth(many):
    show_decisions(many.lead)
    finish(many.scope(many.beth), many.shared)


def test_annotator_gets_no_text_and_no_name_that_is_not_theirs(many):
    _open_to_beth(many)
    archive, tree = _opened(file_of(many.scope(many.beth), "qdpx"))
    assert {one.get("name") for one in tree.iterfind(".//p:TextSource", NS)} == {"Shared", "Beths"}
    people = {one.get("name") for one in tree.iterfind(".//p:User", NS)}
    assert people == {"beth", "Consensus"}
    assert len(archive.namelist()) == 3


def test_what_stands_in_a_source_taken_away_is_lost_and_told(many):
    _open_to_beth(many)
    unassign_source(many.lead, many.assignments["beth beths"].pk, confirmed=True)
    scope = many.scope(many.beth)
    _, tree = _opened(file_of(scope, "qdpx"))
    assert len(tree.findall(".//p:PlainTextSelection", NS)) == 3
    told = describe_format(
        FORMATS["qdpx"], build_export_request(scope, FORMATS["qdpx"], AnnotationFilter())
    )
    assert told.loses[-1] == "1 annotation in sources that you may no longer read"
    assert told.rows == 3
    whole = describe_format(
        FORMATS["qdpx"], build_export_request(many.lead, FORMATS["qdpx"], AnnotationFilter())
    )
    assert "no longer" not in whole.loses[-1]


@pytest.mark.parametrize("tool", TOOLS)
def test_decisions_and_threads_are_notes_on_what_they_are_about(many, tool):
    discuss(many, decide(many))
    _, tree = _opened(file_of(many.lead, "qdpx", tool=tool))
    _schema("project/v1.0/Project.xsd").assertValid(tree)
    notes = {one.get("guid"): one for one in tree.iterfind(".//p:Note", NS)}
    above = {
        one.get("targetGUID"): etree.QName(one.getparent()).localname
        for one in tree.iterfind(".//p:NoteRef", NS)
    }
    found = sorted((notes[guid].get("name"), tag) for guid, tag in above.items())
    assert found == [
        ("Decision: adopted: one reading", "PlainTextSelection"),
        ("Thread on a code, open", "Code"),
        ("Thread on a decision, open", "PlainTextSelection"),
        ("Thread on a place, resolved", "PlainTextSelection"),
        ("Thread on a source, open", "TextSource"),
    ]
    said = {note.findtext("p:PlainTextContent", namespaces=NS) for note in notes.values()}
    (decision,) = [text for text in said if text.startswith("Decided by ada")]
    assert "Reason: It says so." in decision
    assert any("bob, 2026-01-01 12:00: @ada, why?" in text for text in said)


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_notes_are_for_owners_and_adjudicators_and_for_whole_sources(many, name):
    discuss(many, decide(many))
    _open_to_beth(many)
    _, tree = _opened(file_of(many.scope(getattr(many, name)), "qdpx"))
    assert tree.findall(".//p:Note", NS) == []
    for filters, number in (
        (AnnotationFilter(annotators=["beth"]), 0),
        (AnnotationFilter(sources=[many.beths.pk]), 1),
    ):
        _, tree = _opened(file_of(many.lead, "qdpx", filters))
        assert len(tree.findall(".//p:Note", NS)) == number


def test_empty_project_is_valid_and_an_empty_codebook_is_refused(many):
    scope = make_project(many.dan, "Empty")
    _, tree = _opened(file_of(scope, "qdpx"))
    _schema("project/v1.0/Project.xsd").assertValid(tree)
    with pytest.raises(Invalid, match="codebook is empty"):
        prepare_export(
            FORMATS["qdc"], build_export_request(scope, FORMATS["qdc"], AnnotationFilter())
        )


def test_retired_codes_are_there_for_what_they_coded(many):
    change_code(many.lead, "plea", retired=True)
    _, tree = _opened(file_of(many.lead, "qdpx"))
    assert len(tree.findall(".//p:PlainTextSelection", NS)) == len(stored(many.lead))
    _schema("project/v1.0/Project.xsd").assertValid(tree)
