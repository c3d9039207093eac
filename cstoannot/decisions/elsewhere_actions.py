"""Take in decisions made elsewhere: passages of the consensus, with the reason for them."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from cstoannot.annotations.locks import lock_codes_and_sources
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.annotations.queries import (
    complete_annotation_row,
    select_annotation_values,
    visible_annotations,
)
from cstoannot.annotations.serialization import Draft, build_content_key, check_quote, clean_draft
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import load_current_revision, visible_codes
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.fields import clean_text, is_possible_id
from cstoannot.decisions.drafts import LONGEST_REASON
from cstoannot.decisions.place_queries import select_decidable_sources
from cstoannot.decisions.record_actions import (
    ensure_speakers,
    store_states,
)
from cstoannot.decisions.weigh_actions import lock_sources_to_decide, weigh_consensus
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.queries import load_source_texts
from cstoannot.text.spans import check_span

AT_ONCE = 50  # rows in one statement


@dataclass(frozen=True)
class ConsensusDraft:
    """A passage of the consensus as sent, with its annotation's id and the reason for it."""

    id: uuid.UUID
    draft: Draft
    reason: str


@project_action
def save_consensus(
    scope: Scope, drafts: Sequence[ConsensusDraft]
) -> tuple[list[dict[str, Any]], int]:
    """Save passages that the team decided elsewhere, all or none; return rows and how many are new.

    Each becomes a decision that weighs what coders marked there. The same id with the same content
    changes nothing; other content raises Conflict, as does a place that was decided here.
    """
    scope.require(Permission.DECIDE)
    sources = _require_sources(scope, {one.draft.source for one in drafts})
    lock_codes_and_sources(scope, codes={one.draft.code for one in drafts}, sources=sources)
    lock_sources_to_decide(scope, sources)
    texts = load_source_texts(scope, sorted(sources))
    codes = {code.slug: code for code in visible_codes(scope).order_by()}
    cleaned = [_clean_consensus(one, texts, codes) for one in drafts]
    stored = _load_stored(scope, [one.id for one in cleaned])
    new = [one for one in cleaned if not _is_stored(one, stored)]
    if len({one.id for one in new}) < len(new):
        raise Invalid("An id occurs twice.", field="id")
    made = _store_passages(scope, new, texts, codes)
    reasons = {one.id: one.reason for one in new}
    for source in sorted({one.source_id for one in made}):
        here = [one for one in made if one.source_id == source]
        weigh_consensus(scope, source, here, reasons, by=scope.user_id)
    store_states(scope, sorted(sources))
    rows = _load_stored(scope, [one.id for one in cleaned])
    return [rows[one.id] for one in cleaned], len(made)


def _require_sources(scope: Scope, ids: set[int]) -> set[int]:
    possible = [pk for pk in ids if is_possible_id(pk)]
    found = select_decidable_sources(scope).filter(pk__in=possible).order_by()
    known = set(found.values_list("pk", flat=True))
    if known < ids:
        raise Invalid("The project has no such source.", field="source")
    return known


def _clean_consensus(
    one: ConsensusDraft, texts: Mapping[int, str], codes: Mapping[str, Code]
) -> ConsensusDraft:
    draft = clean_draft(one.draft)
    check_span(draft.start, draft.end, len(texts[draft.source]))
    check_quote(draft, texts[draft.source][draft.start : draft.end])
    if draft.code not in codes:
        raise Invalid(f"The codebook has no code “{draft.code[:80]}”.", field="code")
    if codes[draft.code].retired_at is not None:
        raise Conflict("This code is retired: choose another one.", field="code")
    reason = clean_text(one.reason, field="reason", longest=LONGEST_REASON, required=True).strip()
    return replace(one, draft=draft, reason=reason)


def _load_stored(scope: Scope, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Return the rows of these annotations; raise Conflict for an id that is something else's."""
    wanted = list(ids)
    found = visible_annotations(scope).filter(pk__in=wanted, layer=Layer.CONSENSUS)
    rows = {row["id"]: complete_annotation_row(row) for row in select_annotation_values(found)}
    others = Annotation.objects.filter(pk__in=wanted).exclude(pk__in=list(rows))
    if others.exists():
        raise Conflict("This id is already used: create another one.", field="id")
    return rows


def _is_stored(one: ConsensusDraft, stored: Mapping[uuid.UUID, dict[str, Any]]) -> bool:
    """Return whether this very passage is stored; raise Conflict for another content."""
    there = stored.get(one.id)
    if there is not None and build_content_key(there) != build_content_key(vars(one.draft)):
        raise Conflict(
            "This passage of the consensus exists with other content: change its decision instead.",
            field="id",
        )
    return there is not None


def _store_passages(
    scope: Scope,
    new: Sequence[ConsensusDraft],
    texts: Mapping[int, str],
    codes: Mapping[str, Code],
) -> list[Annotation]:
    speakers = ensure_speakers(scope, {one.draft.voice for one in new if one.draft.voice})
    revision, now = load_current_revision(scope), timezone.now()
    made = [
        Annotation(
            id=one.id,
            project_id=scope.project_id,
            source_id=one.draft.source,
            code=codes[one.draft.code],
            layer=Layer.CONSENSUS,
            start=one.draft.start,
            end=one.draft.end,
            quote=texts[one.draft.source][one.draft.start : one.draft.end],
            stance=one.draft.stance,
            voice=speakers.get(one.draft.voice),
            note=one.draft.note,
            revision=revision,
            created_at=now,
            updated_at=now,
        )
        for one in new
    ]
    Annotation.objects.bulk_create(made, batch_size=AT_ONCE)
    return made
