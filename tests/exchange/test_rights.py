"""What each member may take away: all, or the consensus and their own."""

import io
import zipfile
from uuid import uuid4

import pytest

from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.assignments.actions import unassign_source
from cstoannot.core.errors import Forbidden
from cstoannot.exchange.exporting import prepare_export
from cstoannot.exchange.formats.registry import (
    FORMATS,
    build_export_request,
    list_available_formats,
)
from cstoannot.exchange.row_pages.output import read_rows
from cstoannot.models import Annotation
from tests.builders import build_world, finish, show_decisions
from tests.exchange.reading import file_of

# Formats that tell what stands in the text around a passage, which Bob and Vera may read.
WITH_TEXTS = {"webannotation", "qdpx"}
IN_THE_TEXT = b"We asked for help"
HIDDEN = (b"A silent witness", b"beth", b"Secret", b"alliance failed<", IN_THE_TEXT)


def _taken(scope):
    asked = build_export_request(scope, FORMATS["jsonl"], AnnotationFilter())
    assert FORMATS["jsonl"].count(asked) == len(list(read_rows(asked)))
    return {(row.annotator, row.code, row.source) for row in read_rows(asked)}


@pytest.mark.parametrize("visibility", ["own", "done", "all"])
def test_annotators_take_the_consensus_and_their_own(db, visibility):
    world = build_world(visibility=visibility)
    _decide(world)
    bobs = {("bob", "failure", world.shared.pk), ("bob", "plea", world.shared.pk)}
    beths = {
        ("beth", "failure", world.shared.pk),
        ("beth", "plea", world.shared.pk),
        ("beth", "failure", world.beths.pk),
    }
    shared, apart = (None, "failure", world.shared.pk), (None, "failure", world.beths.pk)
    assert _taken(world.scope(world.bob)) == bobs
    assert _taken(world.scope(world.beth)) == beths
    show_decisions(world.lead)
    assert _taken(world.scope(world.bob)) == bobs
    for coder, source in ((world.bob, world.shared), (world.beth, world.shared)):
        finish(world.scope(coder), source)
    finish(world.scope(world.beth), world.beths)
    assert _taken(world.scope(world.bob)) == {*bobs, shared}
    assert _taken(world.scope(world.beth)) == {*beths, shared, apart}
    assert _taken(world.scope(world.vera)) == {shared, apart}
    for user in (world.alice, world.ada):
        assert _taken(world.scope(user)) == {*bobs, *beths, shared, apart}


def _decide(world):
    """A consensus on the shared source, and on Beth's."""
    for said in ("beth failure", "beth own"):
        decided = Annotation.objects.get(pk=world.said[said]["id"])
        decided.pk = uuid4()
        decided.annotator, decided.layer = None, "consensus"
        decided.save(force_insert=True)


def test_what_was_marked_in_a_source_taken_away_tells_nothing_more_of_it(world):
    unassign_source(world.lead, world.assignments["beth beths"].pk, confirmed=True)
    row = next(
        row
        for row in read_rows(
            build_export_request(world.scope(world.beth), FORMATS["jsonl"], AnnotationFilter())
        )
        if row.source == world.beths.pk
    )
    assert (row.quote, row.annotator) == ("Nobody came.", "beth")
    assert (row.source_title, row.text_sha256) == ("", "")


def test_filters_open_nothing(world):
    asked = build_export_request(
        world.scope(world.bob), FORMATS["jsonl"], AnnotationFilter(annotators=["beth"])
    )
    assert list(read_rows(asked)) == []


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_formats_for_those_who_see_all_coding_are_kept_from_others(world, name):
    scope = world.scope(getattr(world, name))
    kept = [one for one in FORMATS.values() if one not in list_available_formats(scope)]
    assert "units" in {one.key for one in kept}
    for format in kept:
        with pytest.raises(Forbidden):
            prepare_export(format, build_export_request(scope, format, AnnotationFilter()))


@pytest.mark.parametrize("name", ["bob", "vera"])
def test_no_format_tells_what_its_reader_may_not_see(world, name):
    """In whatever shape: of what Beth alone said, nothing stands in the file."""
    scope = world.scope(getattr(world, name))
    assert b"A silent witness" in file_of(world.lead, "csv")
    for format in list_available_formats(scope):
        told = _unpacked(file_of(scope, format.key))
        hidden = set(HIDDEN) - ({IN_THE_TEXT} if format.key in WITH_TEXTS else set())
        assert not [word for word in hidden if word in told], format.key


def _unpacked(data: bytes) -> bytes:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(map(archive.read, archive.namelist()))
