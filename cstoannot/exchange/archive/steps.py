"""Turns the checked rows of each part of an archive into rows of the database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cstoannot.annotations.models import Annotation, CodeProposal, Layer, Speaker
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.codebook.actions import DEEPEST, build_code_snapshot
from cstoannot.codebook.deltas import Changes, CodebookState
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.exchange.archive.event_steps import restore_events
from cstoannot.exchange.archive.layout import BOUNDS, SOURCE_FACTS
from cstoannot.exchange.archive.progress import RestoreProgress, require_known_name
from cstoannot.exchange.archive.schema import build_row_error
from cstoannot.exchange.archive.team_steps import (
    TEAM_STEPS,
    restore_plans,
    restore_rounds,
)
from cstoannot.sources.models import Source
from cstoannot.text.normalise import compute_text_hash
from cstoannot.text.segment import count_words
from cstoannot.text.spans import Bounds, pack_bounds

MOST_SOURCES = 1_000_000
MOST_SPEAKERS = 100_000
MOST_CODES = 20_000
LARGEST_CODEBOOK = 20_000_000  # characters of all its texts together
MEASURED_EACH = 8_000_000  # bytes of revisions


def _restore_codes(restoring: RestoreProgress) -> None:
    codes, parents, size = [], dict[str, str | None](), 0
    added = restoring.codebook.added_revisions
    for number, row in restoring.rows("codes"):
        if row["slug"] in parents:
            raise build_row_error("codes", number, f"a second code {row['slug']}")
        parents[row["slug"]] = row.pop("parent")
        size += sum(len(value) for value in row.values() if isinstance(value, str))
        _check_codebook_size("codes", number, number, size)
        codes.append(Code(**{"added_revision": added.get(row["slug"], 0), **row}))
    for number, code in enumerate(codes, 1):
        _check_code_depth(parents, code.slug, number)
    restoring.sink.put_codes(codes, parents)
    restoring.codes = {code.slug: code.pk for code in codes}
    restoring.retired = [code for code in codes if code.retired_at]
    _compare_with_newest_revision(restoring.codebook, codes)


def _compare_with_newest_revision(codebook: CodebookState, codes: Sequence[Code]) -> None:
    """Check that the codes equal the newest revision, as the next one stores only differences."""
    entries = {entry["slug"]: entry for entry in codebook.snapshot()}
    if len(entries) > len(codes):
        raise build_row_error("codes", len(codes) or 1, "a code of the newest revision is missing")
    for number, code in enumerate(codes, 1):
        entry = build_code_snapshot(code, code.parent.slug if code.parent else None)
        added = codebook.added_revisions.get(code.slug)
        if (entry, code.added_revision) != (entries.get(code.slug), added):
            raise build_row_error("codes", number, f"{code.slug} is not as in the newest revision")


def _check_codebook_size(kind: str, number: int, codes: int, characters: int) -> None:
    if codes > MOST_CODES or characters > LARGEST_CODEBOOK:
        raise build_row_error(
            kind,
            number,
            f"a codebook has up to {MOST_CODES:,} codes and {LARGEST_CODEBOOK:,} characters",
        )


def _check_code_depth(parents: Mapping[str, str | None], slug: str, number: int) -> None:
    above, levels = parents[slug], 1
    while above is not None:
        levels += 1
        if levels > DEEPEST:
            raise build_row_error("codes", number, f"{slug} stands below itself, or too deep")
        above = require_known_name(parents, above, "codes", number, "code")


def _restore_revisions(restoring: RestoreProgress) -> None:
    codebook, measured = restoring.codebook, restoring.archive.taken
    for batch in restoring.batches("revisions"):
        made = []
        for number, row in batch:
            if row["number"] != number:
                raise build_row_error("revisions", number, "revisions are numbered from 1")
            row["by_id"] = restoring.person("revisions", number, row.pop("by"))
            changes = _advance_codebook(codebook, number, row)
            made.append(CodebookRevision(**row, changes=changes))
            restoring.revision_times.append(row["at"])
            if restoring.archive.taken > measured + MEASURED_EACH:
                measured = restoring.archive.taken
                _check_codebook_size("revisions", number, *_compute_codebook_size(codebook))
        restoring.sink.put(made)
    _check_codebook_size("revisions", 1, *_compute_codebook_size(codebook))


def _compute_codebook_size(codebook: CodebookState) -> tuple[int, int]:
    entries = codebook.snapshot()
    texts = (value for entry in entries for value in entry.values() if isinstance(value, str))
    return len(entries), sum(map(len, texts))


def _advance_codebook(codebook: CodebookState, number: int, row: dict[str, Any]) -> Changes:
    """Remove the changes of a revision from the row and apply them to the codebook."""
    try:
        if "snapshot" in row:
            return codebook.advance_to(row.pop("snapshot"), {})
        codebook.apply(row["changes"])
    except ValueError as error:
        raise build_row_error("revisions", number, str(error)) from None
    return row.pop("changes")


def _restore_speakers(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("speakers"):
        speakers = [Speaker(**{**row, "key": restoring.id(row["key"])}) for _, row in batch]
        before = len(restoring.voices)
        restoring.sink.put(speakers)
        restoring.voices |= {speaker.name: speaker.pk for speaker in speakers}
        number = batch[-1][0]
        if len(restoring.voices) > MOST_SPEAKERS:
            raise build_row_error("speakers", number, f"more than {MOST_SPEAKERS:,} speakers")
        if len(restoring.voices) < before + len(speakers):
            raise build_row_error(
                "speakers", number, "the archive contradicts itself: one is named twice"
            )


def _restore_sources(restoring: RestoreProgress) -> None:
    place = -1
    for batch in restoring.batches("sources"):
        for number, row in batch:
            if row["number"] != number or row["position"] < place:
                raise build_row_error(
                    "sources", number, "sources stand in their order, numbered from 1"
                )
            place = row["position"]
        if batch[-1][0] > MOST_SOURCES:
            raise build_row_error("sources", batch[-1][0], f"more than {MOST_SOURCES:,} sources")
        made = [_build_restored_source(restoring, number, row) for number, row in batch]
        restoring.sink.put(made)
        restoring.sources.extend(one.pk for one in made)


def _build_restored_source(restoring: RestoreProgress, number: int, row: dict[str, Any]) -> Source:
    text = row["text"]
    if compute_text_hash(text) != row["sha256"]:
        raise build_row_error("sources", number, "sha256: not that of the text")
    bounds = {
        name: _check_bounds_within_text(number, name, row[name], len(text)) for name in BOUNDS
    }
    details = {name: row[name] for name in SOURCE_FACTS}
    kept = ("sha256", "position", "version", "created_at", "deleted_at")
    named = row.get("round")
    return Source(
        text=text,
        length=len(text),
        words=count_words(text, bounds["tokens"]),
        **{name: pack_bounds(spans) for name, spans in bounds.items()},
        round_id=named and require_known_name(restoring.rounds, named, "sources", number, "round"),
        **details,
        **{name: row[name] for name in kept},
    )


def _check_bounds_within_text(number: int, name: str, bounds: Bounds, length: int) -> Bounds:
    if bounds.flat and bounds.flat[-1] > length:
        raise build_row_error("sources", number, f"{name}: beyond the end of the text")
    return bounds


def _restore_assignments(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("assignments"):
        made = []
        for number, row in batch:
            if (row["state"] == AssignmentState.DONE) != (row["done_at"] is not None):
                raise build_row_error(
                    "assignments", number, "the archive contradicts itself: done, or not"
                )
            _check_finished_under(restoring, number, row)
            here = restoring.known_source("assignments", number, row.pop("source"))
            person = require_known_name(
                restoring.people, row.pop("annotator"), "assignments", number, "person"
            )
            row["id"] = restoring.id(row["id"])
            plan = row.pop("plan", None)
            row["plan_id"] = plan and require_known_name(
                restoring.plans, plan, "assignments", number, "plan"
            )
            made.append(Assignment(source_id=here, annotator_id=person, **row))
        restoring.sink.put(made)


def _check_finished_under(restoring: RestoreProgress, number: int, row: dict[str, Any]) -> None:
    """Check the revision of finishing; earlier archives have none: take the one of that time."""
    if "finished_under" not in row:
        row["finished_under"] = restoring.revision_at(row["done_at"])
    under = row["finished_under"]
    if (under is None) != (row["done_at"] is None):
        raise build_row_error("assignments", number, "finished under no revision, or not finished")
    if under is not None and under > restoring.codebook.number:
        raise build_row_error(
            "assignments", number, "finished under a revision that the codebook has not"
        )


def _restore_annotations(restoring: RestoreProgress) -> None:
    last: tuple[Any, ...] = ()
    for batch in restoring.batches("annotations"):
        made = []
        for number, row in batch:
            place = (row["source"], row["start"], row["id"])
            if place <= last:
                raise build_row_error("annotations", number, "not by source, start and id")
            last = place
            here = restoring.known_source("annotations", number, row["source"])
            made.append(_build_restored_annotation(restoring, number, row, here))
        restoring.sink.put(made)
    restoring.sink.retire(restoring.retired)


def _build_restored_annotation(
    restoring: RestoreProgress, number: int, row: dict[str, Any], source: int
) -> Annotation:
    text = restoring.scratch.text(row.pop("source"))
    start, end, quote = row["start"], row["end"], row["quote"]
    if not start < end <= len(text) or text[start:end] != quote:
        raise build_row_error(
            "annotations", number, f"from {start} to {end} the text does not read so"
        )
    if (row["annotator"] is None) != (row["layer"] == Layer.CONSENSUS):
        raise build_row_error(
            "annotations", number, "the consensus is nobody's, and nothing else is"
        )
    if row["revision"] > restoring.codebook.number:
        raise build_row_error(
            "annotations", number, "made under a revision that the codebook has not"
        )
    voice, code = row.pop("voice"), row.pop("code")
    person = restoring.person("annotations", number, row.pop("annotator"))
    return Annotation(
        id=restoring.id(row.pop("id")),
        source_id=source,
        code_id=require_known_name(restoring.codes, code, "annotations", number, "code"),
        voice_id=voice
        and require_known_name(restoring.voices, voice, "annotations", number, "speaker"),
        annotator_id=person,
        **row,
    )


def _restore_proposals(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("proposals"):
        restoring.sink.put(
            [_build_restored_proposal(restoring, number, row) for number, row in batch]
        )


def _build_restored_proposal(
    restoring: RestoreProgress, number: int, row: dict[str, Any]
) -> CodeProposal:
    stands = row.pop("source")
    source = restoring.source("proposals", number, stands)
    start, end, quote = row["start"], row["end"], row["quote"]
    if (start is None or end is None) and (start, end, quote) != (None, None, ""):
        raise build_row_error("proposals", number, "start, end and quote belong together")
    if start is not None and (end <= start or len(quote) != end - start):
        raise build_row_error("proposals", number, f"from {start} to {end} stands no such quote")
    text = restoring.scratch.text(stands) if stands and start is not None else ""
    if text and text[start:end] != quote:
        raise build_row_error(
            "proposals", number, f"from {start} to {end} the text does not read so"
        )
    people = {
        f"{name}_id": restoring.person("proposals", number, row.pop(name))
        for name in ("proposed_by", "decided_by")
    }
    codes = {
        f"{name}_id": slug
        and require_known_name(restoring.codes, slug, "proposals", number, "code")
        for name in ("parent", "code")
        for slug in [row.pop(name)]
    }
    id = restoring.id(row.pop("id"))
    return CodeProposal(id=id, source_id=source, **people, **codes, **row)


STEPS: tuple[Callable[[RestoreProgress], None], ...] = (
    _restore_revisions,
    _restore_codes,
    _restore_speakers,
    restore_rounds,
    restore_plans,
    _restore_sources,
    _restore_assignments,
    _restore_annotations,
    _restore_proposals,
    *TEAM_STEPS,
    restore_events,
)
"""In this order: each step finds the rows to which it refers."""
