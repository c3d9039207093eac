"""Save many annotations in one transaction: all of them or none.

Drafts are checked before the transaction; sources, codes and assignments are read again inside it.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError

from cstoannot.annotations.locks import lock_annotations, lock_codes_and_sources
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.annotations.queries import AssignmentRef, CodeRef
from cstoannot.annotations.save_rules import (
    build_creation_event,
    build_new_annotation,
    build_source_error,
    build_unknown_code_error,
    check_code_in_use,
)
from cstoannot.annotations.serialization import (
    Draft,
    Named,
    build_annotation_row,
    build_content_key,
    build_stored_annotation_row,
    check_quote,
    clean_draft,
    is_own_annotation,
)
from cstoannot.annotations.speaker_queries import load_speakers_by_name
from cstoannot.assignments.actions import begin_assignments
from cstoannot.assignments.models import AssignmentState, check_assignment_open
from cstoannot.assignments.queries import lock_assignment_states, select_my_assignments
from cstoannot.codebook.queries import load_current_revision, visible_codes
from cstoannot.core.errors import Conflict, DomainError, Invalid, TooLarge
from cstoannot.core.fields import is_possible_id
from cstoannot.core.likeness import group_alike
from cstoannot.history.actions import record_events
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.queries import visible_sources
from cstoannot.text.spans import check_span

TEXTS_AT_ONCE = 8


@dataclass(frozen=True)
class BatchContext:
    """The annotator's assignments by source, the codes by slug, and the codebook's revision."""

    assignments: dict[int, AssignmentRef]
    readable: frozenset[int]
    """Keys of the sources that the annotator may read, assigned or not."""
    codes: dict[str, CodeRef]
    revision: int


def _load_batch_context(scope: Scope, drafts: Sequence[Draft]) -> BatchContext:
    """Load what these drafts refer to."""
    sources = {draft.source for draft in drafts if is_possible_id(draft.source)}
    slugs = {draft.code for draft in drafts if "\x00" not in draft.code}
    given = select_my_assignments(scope).filter(source_id__in=sources).order_by()
    codes = visible_codes(scope).filter(slug__in=slugs).order_by()
    readable = visible_sources(scope).filter(pk__in=sources).order_by()
    return BatchContext(
        assignments={
            source: AssignmentRef(pk, state)
            for source, pk, state in given.values_list("source_id", "pk", "state")
        },
        readable=frozenset(readable.values_list("pk", flat=True)),
        codes={
            slug: CodeRef(pk, retired is not None)
            for slug, pk, retired in codes.values_list("slug", "pk", "retired_at")
        },
        revision=load_current_revision(scope),
    )


def _iterate_batch_texts(scope: Scope, sources: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Yield the texts of these sources, with only a few in memory at a time."""
    found = visible_sources(scope).filter(pk__in=set(sources)).order_by()
    yield from found.values_list("pk", "text").iterator(chunk_size=TEXTS_AT_ONCE)


def _lock_stored_annotations(scope: Scope, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Annotation]:
    """Lock the annotations with these ids, whoever made them: never show them."""
    found = Annotation.objects.filter(pk__in=list(ids)).order_by("pk")
    lock_annotations(found)
    return {one.pk: one for one in found.select_related("code", "voice")}


MOST_AT_ONCE = 500
# The trigger compares each passage with its whole text while other writers wait: about 0.2 seconds
# for this many code points on SQLite, where a text counts once for each annotation.
MOST_COMPARED = 50_000_000
MOST_QUOTED = 5_000_000  # code points of all passages together
AT_ONCE = 50  # rows in one statement; SQLite may be limited to 999 variables
Faults = dict[int, DomainError]


@dataclass(frozen=True)
class SavedBatch:
    """The rows of the annotations, in the order in which they were sent, and how many are new."""

    rows: list[dict[str, Any]]
    created: int


def save_annotations(scope: Scope, named: Sequence[Named]) -> SavedBatch:
    """Create many annotations of one's own, all or none; existing identical ones stay.

    Raises Invalid, with errors by index, if any cannot be created; Forbidden if that is because
    sources are not assigned; Conflict if the project changes meanwhile; TooLarge for more than
    MOST_AT_ONCE.
    """
    scope.require(Permission.ANNOTATE)
    if len(named) > MOST_AT_ONCE:
        raise TooLarge(
            f"{len(named):,} annotations are too many at once: send at most {MOST_AT_ONCE}."
        )
    ground = _load_batch_context(scope, [draft for _, draft in named])
    drafts, quotes = _check_batch(scope, named, ground)
    for _ in range(2):
        try:
            return _save_batch(scope, drafts, quotes)
        except IntegrityError:
            # A concurrent request saved some of them, or a new speaker: read them and try again.
            continue
    raise Conflict("The project changed while this was being saved. Send it again.")


def _check_batch(
    scope: Scope, named: Sequence[Named], ground: BatchContext
) -> tuple[list[Named], dict[int, str]]:
    """Return the drafts as they will be stored, and the quote of each by index."""
    faults: Faults = {}
    drafts: list[Named] = []
    for index, (annotation_id, draft) in enumerate(named):
        try:
            drafts.append((annotation_id, _clean_batch_draft(draft, ground)))
        except DomainError as error:
            faults[index] = error
            drafts.append((annotation_id, draft))
    quotes = _load_batch_quotes(scope, drafts, faults)
    ids: set[uuid.UUID] = set()
    for index, (annotation_id, _) in enumerate(drafts):
        if annotation_id in ids:
            faults.setdefault(index, Invalid("This id occurs earlier in the list.", field="id"))
        ids.add(annotation_id)
    _raise_batch_errors(faults, len(named))
    return drafts, quotes


def _clean_batch_draft(draft: Draft, ground: BatchContext) -> Draft:
    check_span(draft.start, draft.end, 2**31 - 1)
    _check_batch_context(draft, ground)
    return clean_draft(draft)


def _check_batch_context(draft: Draft, ground: BatchContext) -> None:
    """Raise if source or code does not exist, or the source is not the annotator's."""
    if draft.source not in ground.assignments:
        raise build_source_error(readable=draft.source in ground.readable)
    if draft.code not in ground.codes:
        raise build_unknown_code_error(draft.code)


def _load_batch_quotes(scope: Scope, drafts: Sequence[Named], faults: Faults) -> dict[int, str]:
    """Return the quotes by index; add a fault for each passage that does not fit its text."""
    places: dict[int, list[int]] = defaultdict(list)
    for index, (_, draft) in enumerate(drafts):
        if index not in faults:
            places[draft.source].append(index)
    quotes: dict[int, str] = {}
    compared = quoted = 0
    for source, text in _iterate_batch_texts(scope, places):
        compared += len(text) * len(places[source])
        quoted += sum(drafts[index][1].end - drafts[index][1].start for index in places[source])
        if compared > MOST_COMPARED or quoted > MOST_QUOTED:
            raise TooLarge("The texts are long: send fewer or shorter passages at once.")
        for index in places[source]:
            draft = drafts[index][1]
            try:
                check_span(draft.start, draft.end, len(text))
                quotes[index] = text[draft.start : draft.end]
                check_quote(draft, quotes[index])
            except DomainError as error:
                faults[index] = error
    return quotes


def _raise_batch_errors(faults: Faults, total: int) -> None:
    """Raise one error that holds all faults by index, if there are any.

    A source that is done comes first: its annotator can reopen it and then see the other errors.
    """
    if not faults:
        return
    errors = {
        str(index): [
            f"{field}: {text}" if field else text
            for field, texts in (faults[index].errors or {"": [faults[index].message]}).items()
            for text in texts
        ]
        for index in sorted(faults)
    }
    first = min(faults)
    refusal: type[DomainError]
    refusal, code = Invalid, "invalid_items"
    if closed := [i for i, error in faults.items() if error.code == "source_done"]:
        refusal, code, first = Conflict, "source_done", min(closed)
    elif len(kinds := {type(error) for error in faults.values()}) == 1 and Invalid not in kinds:
        (refusal,) = kinds
        code = faults[first].code
    raise refusal(
        f"Nothing was saved: {len(faults)} of {total} annotations are not valid. Index {first}: "
        f"{faults[first].message}",
        code=code,
        errors=errors,
    )


@project_action
def _save_batch(scope: Scope, drafts: Sequence[Named], quotes: dict[int, str]) -> SavedBatch:
    """Save the checked drafts if they still fit.

    Texts, and so `quotes`, never change; everything else is read again.
    """
    scope.require(Permission.ANNOTATE)
    drafts, voices = _resolve_batch_speakers(scope, drafts)
    lock_codes_and_sources(
        scope,
        codes=[draft.code for _, draft in drafts],
        sources=[draft.source for _, draft in drafts],
    )
    ground = _load_batch_context(scope, [draft for _, draft in drafts])
    states = lock_assignment_states(scope, {draft.source for _, draft in drafts})
    stored = _lock_stored_annotations(scope, [annotation_id for annotation_id, _ in drafts])
    _raise_batch_errors(
        _collect_batch_conflicts(scope, drafts, stored, ground, states), len(drafts)
    )
    new = [index for index, (pk, _) in enumerate(drafts) if pk not in stored]
    _create_missing_speakers(scope, {drafts[index][1].voice for index in new} - {""}, voices)
    made = {
        index: build_new_annotation(
            scope,
            *drafts[index],
            code=ground.codes[drafts[index][1].code],
            revision=ground.revision,
            quote=quotes[index],
            speaker=voices.get(drafts[index][1].voice),
        )
        for index in new
    }
    Annotation.objects.bulk_create(made.values(), batch_size=AT_ONCE)
    record_events([build_creation_event(scope, made[index], drafts[index][1]) for index in made])
    begun = {drafts[index][1].source for index in new}
    if begun := {source for source in begun if states[source] == AssignmentState.TODO}:
        begin_assignments(scope, {ground.assignments[source].pk for source in begun})
    rows = [
        build_annotation_row(scope, made[index], draft.code, draft.voice)
        if index in made
        else build_stored_annotation_row(scope, stored[pk])
        for index, (pk, draft) in enumerate(drafts)
    ]
    return SavedBatch(rows, len(made))


def _collect_batch_conflicts(
    scope: Scope,
    drafts: Sequence[Named],
    stored: dict[uuid.UUID, Annotation],
    ground: BatchContext,
    states: Mapping[int, str],
) -> Faults:
    """Collect the faults: sources and codes deleted or closed, ids in use."""
    faults: Faults = {}
    for index, (annotation_id, draft) in enumerate(drafts):
        there = stored.get(annotation_id)
        try:
            _check_batch_context(draft, ground)
            if there is None:
                check_assignment_open(states.get(draft.source))
                check_code_in_use(ground.codes[draft.code])
                continue
        except DomainError as error:
            faults[index] = error
            continue
        if not is_own_annotation(scope, there):
            faults[index] = Invalid("This id is already used: create another one.", field="id")
        elif build_content_key(build_stored_annotation_row(scope, there)) != build_content_key(
            vars(draft)
        ):
            faults[index] = Invalid(
                "This annotation exists with other content. Change it by PUT, with its version "
                "as If-Match.",
                field="id",
            )
    return faults


def _resolve_batch_speakers(
    scope: Scope, drafts: Sequence[Named]
) -> tuple[list[Named], dict[str, Speaker]]:
    """Return the drafts with the project's spelling of speakers, and these by name.

    Of several spellings of a new speaker, the first counts.
    """
    typed = list(dict.fromkeys(draft.voice for _, draft in drafts if draft.voice))
    known = load_speakers_by_name(scope, typed)
    names = {name: known[name].name for name in known}
    for group in group_alike(name for name in typed if name not in known):
        names |= dict.fromkeys(group, group[0])
    renamed = [
        (pk, replace(draft, voice=names.get(draft.voice, draft.voice))) for pk, draft in drafts
    ]
    return renamed, {speaker.name: speaker for speaker in known.values()}


def _create_missing_speakers(scope: Scope, names: set[str], voices: dict[str, Speaker]) -> None:
    """Create the speakers of these names that do not exist, and add them to `voices`."""
    missing = [Speaker(project_id=scope.project_id, name=n) for n in sorted(names - voices.keys())]
    Speaker.objects.bulk_create(missing, batch_size=AT_ONCE)
    voices.update({speaker.name: speaker for speaker in missing})
