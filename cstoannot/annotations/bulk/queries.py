"""What the drafts of a batch land on, looked up inside the scope in a fixed number of queries."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cstoannot.annotations.locks import lock_rows
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import Entry, Given
from cstoannot.annotations.statements import Draft
from cstoannot.assignments.queries import my_assignments
from cstoannot.codebook.queries import current_revision, visible_codes
from cstoannot.core.fields import is_possible_id
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources

TEXTS_AT_ONCE = 8


@dataclass(frozen=True)
class Ground:
    """The annotator's assignments by source, the codes by slug, and the codebook's revision."""

    assignments: dict[int, Given]
    readable: frozenset[int]
    """Sources that the annotator may read, assigned or not."""
    codes: dict[str, Entry]
    revision: int


def find_ground(scope: Scope, drafts: Sequence[Draft]) -> Ground:
    """What there is of all that these drafts name."""
    sources = {draft.source for draft in drafts if is_possible_id(draft.source)}
    slugs = {draft.code for draft in drafts if "\x00" not in draft.code}
    given = my_assignments(scope).filter(source_id__in=sources).order_by()
    codes = visible_codes(scope).filter(slug__in=slugs).order_by()
    readable = visible_sources(scope).filter(pk__in=sources).order_by()
    return Ground(
        assignments={
            source: Given(pk, state)
            for source, pk, state in given.values_list("source_id", "pk", "state")
        },
        readable=frozenset(readable.values_list("pk", flat=True)),
        codes={
            slug: Entry(pk, retired is not None)
            for slug, pk, retired in codes.values_list("slug", "pk", "retired_at")
        },
        revision=current_revision(scope),
    )


def texts_of(scope: Scope, sources: Iterable[int]) -> Iterator[tuple[int, str]]:
    """The texts of these sources, a few at a time in memory."""
    found = visible_sources(scope).filter(pk__in=set(sources)).order_by()
    yield from found.values_list("pk", "text").iterator(chunk_size=TEXTS_AT_ONCE)


def stored_among(scope: Scope, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Annotation]:
    """Annotations with these ids, whoever's they are: for actions, never to be shown unasked."""
    found = Annotation.objects.filter(pk__in=list(ids)).order_by("pk")
    lock_rows(found)
    return {one.pk: one for one in found.select_related("code", "voice")}
