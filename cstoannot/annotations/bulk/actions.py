import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from cstoannot.annotations.bulk.queries import Ground, find_ground, stored_among, texts_of
from cstoannot.annotations.locks import lock_codes_and_sources
from cstoannot.annotations.models import Annotation, Layer, Speaker
from cstoannot.annotations.speakers.queries import find_voices
from cstoannot.annotations.statements import (
    Draft,
    Named,
    about,
    check_quote,
    cleaned,
    is_own,
    kept,
    said,
    shown,
    shown_as_stored,
)
from cstoannot.assignments.actions import begin_assignments
from cstoannot.assignments.models import State
from cstoannot.assignments.queries import lock_states
from cstoannot.assignments.states import why_closed
from cstoannot.core.errors import Conflict, DomainError, Forbidden, Invalid, TooLarge
from cstoannot.core.likeness import group_alike
from cstoannot.history.actions import event, record_all
from cstoannot.projects.action import action
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.text.spans import check_span

MOST_AT_ONCE = 500
# The database checks each passage against its whole text while all others wait to write: about
# 0.2 seconds for this many code points on SQLite, counted once for each annotation.
MOST_COMPARED = 50_000_000
MOST_QUOTED = 5_000_000  # code points of all passages together
AT_ONCE = 50  # rows in one statement; SQLite allows 999 variables at its least
Faults = dict[int, DomainError]


@dataclass(frozen=True)
class Saved:
    """The annotations, flat, in the order in which they were sent, and how many are new."""

    rows: list[dict[str, Any]]
    created: int


def save_annotations(scope: Scope, named: Sequence[Named]) -> Saved:
    """Make many annotations of one's own, all or none; one that is there already stays as it is.

    Raises Invalid, with what is wrong by index, if any cannot be made; Forbidden if that is
    because sources are not assigned; Conflict if the project changes meanwhile; TooLarge for
    more than MOST_AT_ONCE.
    """
    scope.require(Permission.ANNOTATE)
    if len(named) > MOST_AT_ONCE:
        raise TooLarge(f"{len(named):,} annotations at once: send {MOST_AT_ONCE} at most.")
    ground = find_ground(scope, [draft for _, draft in named])
    drafts, quotes = _checked(scope, named, ground)
    for _ in range(2):
        try:
            return _save(scope, drafts, quotes)
        except IntegrityError:
            # Some of them, or a new speaker, arrived twice at once: they are there by now.
            continue
    raise Conflict("The project changed while this was being saved. Send it again.")


def _checked(
    scope: Scope, named: Sequence[Named], ground: Ground
) -> tuple[list[Named], dict[int, str]]:
    """The drafts as they will be stored, and what stands at the passage of each, by index."""
    faults: Faults = {}
    drafts: list[Named] = []
    for index, (annotation_id, draft) in enumerate(named):
        try:
            drafts.append((annotation_id, _resolved(draft, ground)))
        except DomainError as error:
            faults[index] = error
            drafts.append((annotation_id, draft))
    quotes = _quotes(scope, drafts, faults)
    ids: set[uuid.UUID] = set()
    for index, (annotation_id, _) in enumerate(drafts):
        if annotation_id in ids:
            faults.setdefault(index, Invalid("This id stands in the list before.", field="id"))
        ids.add(annotation_id)
    _refuse(faults, len(named))
    return drafts, quotes


def _resolved(draft: Draft, ground: Ground) -> Draft:
    check_span(draft.start, draft.end, 2**31 - 1)
    _check_ground(draft, ground)
    return cleaned(draft)


def _check_ground(draft: Draft, ground: Ground) -> None:
    """Raise if the project has no such source or code, or the source is not the annotator's."""
    if draft.source not in ground.assignments:
        if draft.source in ground.readable:
            raise Forbidden("This source is not assigned to you, so you cannot annotate it.")
        raise Invalid(
            "The project has no such source, or it is not assigned to you.", field="source"
        )
    if draft.code not in ground.codes:
        raise Invalid(f"The codebook has no code “{draft.code[:80]}”.", field="code")


def _quotes(scope: Scope, drafts: Sequence[Named], faults: Faults) -> dict[int, str]:
    """What stands at each passage; what does not fit its text becomes a fault."""
    places: dict[int, list[int]] = defaultdict(list)
    for index, (_, draft) in enumerate(drafts):
        if index not in faults:
            places[draft.source].append(index)
    quotes: dict[int, str] = {}
    compared = quoted = 0
    for source, text in texts_of(scope, places):
        compared += len(text) * len(places[source])
        quoted += sum(drafts[index][1].end - drafts[index][1].start for index in places[source])
        if compared > MOST_COMPARED or quoted > MOST_QUOTED:
            raise TooLarge("In texts as long as these, send fewer or shorter passages at once.")
        for index in places[source]:
            draft = drafts[index][1]
            try:
                check_span(draft.start, draft.end, len(text))
                quotes[index] = text[draft.start : draft.end]
                check_quote(draft, quotes[index])
            except DomainError as error:
                faults[index] = error
    return quotes


def _refuse(faults: Faults, total: int) -> None:
    """Raise one refusal that holds all of them by index, if there are any.

    A source that is done comes first: it can be reopened, and the rest is said then.
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
    elif all(isinstance(error, Forbidden) for error in faults.values()):
        refusal, code = Forbidden, "forbidden"
    raise refusal(
        f"Nothing was saved: {len(faults)} of {total} cannot be. Index {first}: "
        f"{faults[first].message}",
        code=code,
        errors=errors,
    )


@action
def _save(scope: Scope, drafts: Sequence[Named], quotes: dict[int, str]) -> Saved:
    """Save what was found in order before the transaction, if it still is.

    Texts, and so `quotes`, never change; everything else is read again.
    """
    scope.require(Permission.ANNOTATE)
    drafts, voices = _in_known_voices(scope, drafts)
    lock_codes_and_sources(
        scope,
        codes=[draft.code for _, draft in drafts],
        sources=[draft.source for _, draft in drafts],
    )
    ground = find_ground(scope, [draft for _, draft in drafts])
    states = lock_states(scope, {draft.source for _, draft in drafts})
    stored = stored_among(scope, [annotation_id for annotation_id, _ in drafts])
    _refuse(_against(scope, drafts, stored, ground, states), len(drafts))
    new = [index for index, (pk, _) in enumerate(drafts) if pk not in stored]
    _add_voices(scope, {drafts[index][1].voice for index in new} - {""}, voices)
    made = {index: _made(scope, drafts[index], quotes[index], ground, voices) for index in new}
    Annotation.objects.bulk_create(made.values(), batch_size=AT_ONCE)
    events = []
    for index, annotation in made.items():
        draft = drafts[index][1]
        after = kept(annotation, draft.code, draft.voice)
        events.append(event(scope, action="create", after=after, **about(annotation)))
    record_all(events)
    begun = {drafts[index][1].source for index in new}
    if begun := {source for source in begun if states[source] == State.TODO}:
        begin_assignments(scope, {ground.assignments[source].pk for source in begun})
    rows = [
        shown(scope, made[index], draft.code, draft.voice)
        if index in made
        else shown_as_stored(scope, stored[pk])
        for index, (pk, draft) in enumerate(drafts)
    ]
    return Saved(rows, len(made))


def _against(
    scope: Scope,
    drafts: Sequence[Named],
    stored: dict[uuid.UUID, Annotation],
    ground: Ground,
    states: Mapping[int, str],
) -> Faults:
    """What contradicts what is there: sources and codes gone or closed, ids that are taken."""
    faults: Faults = {}
    for index, (annotation_id, draft) in enumerate(drafts):
        there = stored.get(annotation_id)
        try:
            _check_ground(draft, ground)
        except DomainError as error:
            faults[index] = error
            continue
        if there is None and (closed := why_closed(states.get(draft.source))):
            faults[index] = closed
        elif there is None:
            if ground.codes[draft.code].retired:
                faults[index] = Invalid("This code is retired: choose another one.", field="code")
        elif not is_own(scope, there):
            faults[index] = Invalid("This id is taken: make another one.", field="id")
        elif said(shown_as_stored(scope, there)) != said(vars(draft)):
            faults[index] = Invalid(
                "This annotation exists with other content. Change it by PUT, with its version "
                "as If-Match.",
                field="id",
            )
    return faults


def _in_known_voices(
    scope: Scope, drafts: Sequence[Named]
) -> tuple[list[Named], dict[str, Speaker]]:
    """The drafts under the names that the project has for those who speak, and these by name.

    Of several spellings of one whom nobody has named yet the first counts.
    """
    typed = list(dict.fromkeys(draft.voice for _, draft in drafts if draft.voice))
    known = find_voices(scope, typed)
    names = {name: known[name].name for name in known}
    for group in group_alike(name for name in typed if name not in known):
        names |= dict.fromkeys(group, group[0])
    renamed = [
        (pk, replace(draft, voice=names.get(draft.voice, draft.voice))) for pk, draft in drafts
    ]
    return renamed, {speaker.name: speaker for speaker in known.values()}


def _add_voices(scope: Scope, names: set[str], voices: dict[str, Speaker]) -> None:
    """Make the speakers of these names whom nobody has named yet."""
    missing = [Speaker(project_id=scope.project_id, name=n) for n in sorted(names - voices.keys())]
    Speaker.objects.bulk_create(missing, batch_size=AT_ONCE)
    voices.update({speaker.name: speaker for speaker in missing})


def _made(
    scope: Scope, named: Named, quote: str, ground: Ground, voices: dict[str, Speaker]
) -> Annotation:
    annotation_id, draft = named
    now = timezone.now()
    return Annotation(
        id=annotation_id,
        project_id=scope.project_id,
        source_id=draft.source,
        code_id=ground.codes[draft.code].pk,
        annotator_id=scope.user_id,
        layer=Layer.INDIVIDUAL,
        start=draft.start,
        end=draft.end,
        quote=quote,
        stance=draft.stance,
        voice=voices.get(draft.voice),
        note=draft.note,
        revision=ground.revision,
        created_at=now,
        updated_at=now,
    )
