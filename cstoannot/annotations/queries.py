"""The access rules: annotations, speakers and history are read only through this module."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from cstoannot.annotations.look_queries import mark_after_look
from cstoannot.annotations.models import Annotation, Speaker
from cstoannot.assignments.practice_queries import (
    build_practice_filter,
    build_practice_of_others_filter,
    build_practised_voice_filter,
    select_practised_source_ids,
)
from cstoannot.assignments.queries import (
    build_opened_sources_filter,
    build_visible_consensus_filter,
)
from cstoannot.assignments.round_queries import resolve_round
from cstoannot.codebook.meaning import ANY, CURRENT, is_stale
from cstoannot.codebook.queries import load_descendant_ids, visible_codes
from cstoannot.core.errors import Invalid, NotFound
from cstoannot.core.fields import is_possible_id
from cstoannot.core.likeness import likeness_of
from cstoannot.database.text_search import build_word_filter
from cstoannot.history.models import CODING, DECIDED_APART, Event
from cstoannot.history.queries import HIDDEN_KINDS
from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import removed_source_ids, visible_sources

# The fields of an annotation's row: name and column. (`complete_annotation_row` computes `stale`
# from the revision in which the code's meaning last changed.)
ROW = {
    "id": "id",
    "source": "source_id",
    "code": "code__slug",
    "start": "start",
    "end": "end",
    "quote": "quote",
    "stance": "stance",
    "voice": "voice__name",
    "note": "note",
    "annotator": "annotator__username",
    "layer": "layer",
    "version": "version",
    "revision": "revision",
    "stale": "code__meaning_revision",
    "created_at": "created_at",
    "updated_at": "updated_at",
}


@dataclass(frozen=True)
class AnnotationFilter:
    """Selects among the visible annotations; an empty field selects all.

    `stale`: only outdated annotations, or only others. `round`: the name of the round whose sources
    `sources` are, as `resolve_filter_round` makes them.
    """

    sources: Sequence[int] = ()
    codes: Sequence[str] = ()
    descendants: bool = False
    annotators: Sequence[str] = ()
    layer: str = ""
    stances: Sequence[str] = ()
    voices: Sequence[str] = ()
    stale: bool | None = None
    q: str = ""
    updated_since: datetime | None = None
    round: str = ""

    @property
    def meaning(self) -> str:
        """Return which codings count, as agreement and comparison name it."""
        return CURRENT if self.stale is False else ANY

    @property
    def everything(self) -> bool:
        """Return whether no field restricts the selection."""
        lists = (self.sources, self.codes, self.annotators, self.stances, self.voices)
        named = (self.layer, self.q, self.updated_since, self.round)
        return self.stale is None and not any((*lists, *named))


@dataclass(frozen=True)
class AssignmentRef:
    """The annotator's assignment and its state."""

    pk: uuid.UUID
    state: str


@dataclass(frozen=True)
class CodeRef:
    """The code that a draft names."""

    pk: int
    retired: bool


@dataclass(frozen=True)
class DraftContext:
    """What a draft refers to: source, own assignment, code and codebook; None if missing.

    `quote` is the source's text at the passage.
    """

    length: int
    quote: str
    assignment: AssignmentRef | None
    code: CodeRef | None
    revision: int


# Runs on every save: one statement instead of four querysets, which take sixteen times as long to
# build as to run (docs/decisions/0003-plain-sql-on-the-way-of-a-save.md).
_FIND_PLACE = """
    SELECT s.length, substr(s.text, %s, %s), a.id, a.state, c.id, c.retired_at,
           (SELECT max(r.number) FROM cstoannot_codebookrevision r
            WHERE r.project_id = s.project_id)
    FROM cstoannot_source s
    LEFT JOIN cstoannot_assignment a ON a.source_id = s.id AND a.annotator_id = %s
    LEFT JOIN cstoannot_code c ON c.project_id = s.project_id AND c.slug = %s
    WHERE s.id = %s AND s.project_id = %s AND s.deleted_at IS NULL
"""


def find_draft_context(
    scope: Scope, source_id: int, code: str, start: int, end: int
) -> DraftContext | None:
    """Return what a draft refers to; None if the project has no such source.

    It reads the source before the assignment is known: check `assignment` before showing anything
    of it.
    """
    if not is_possible_id(source_id):
        return None
    if "\x00" in code:
        code = ""
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND_PLACE,
            [start + 1, end - start, scope.user_id, code, source_id, scope.project_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    length, quote, assignment, state, code_id, retired_at, revision = row
    return DraftContext(
        length=length,
        quote=quote,
        assignment=AssignmentRef(uuid.UUID(str(assignment)), state) if assignment else None,
        code=CodeRef(code_id, retired_at is not None) if code_id else None,
        revision=revision or 0,
    )


def visible_annotations(scope: Scope) -> QuerySet[Annotation]:
    """Return the study's annotations that this member may see.

    What somebody coded for practice is no part of the study: see `readable_annotations`.
    """
    return _filter_by_visibility(scope).exclude(build_practice_filter(scope))


def readable_annotations(scope: Scope) -> QuerySet[Annotation]:
    """Return the same with one's own practice, for lists that are not about the study."""
    return _filter_by_visibility(scope).exclude(build_practice_of_others_filter(scope))


def _filter_by_visibility(scope: Scope) -> QuerySet[Annotation]:
    """Return the annotations that this member's role and the project's visibility show them."""
    found = Annotation.objects.filter(project_id=scope.project_id)
    found = found.exclude(source_id__in=removed_source_ids([scope]))
    if scope.can(Permission.SEE_ALL_CODING):
        return found
    # The consensus has no annotator, so one index serves both sides of the OR.
    consensus = Q(annotator_id=None) & build_visible_consensus_filter(scope)
    if not scope.can(Permission.ANNOTATE):
        return found.filter(consensus)
    readable = Q(source__in=visible_sources(scope).values("pk"))
    readable &= ~Q(source__in=select_practised_source_ids(scope))
    own = Q(annotator_id=scope.user_id)
    if scope.project.visibility == Visibility.OWN:
        return found.filter(own | (consensus & readable))
    others = Q(annotator_id__isnull=False)
    if scope.project.visibility == Visibility.DONE:
        others &= build_opened_sources_filter(scope)
    return found.filter(own | (readable & (consensus | others)))


def filter_annotations(
    scope: Scope, filters: AnnotationFilter, *, own_practice: bool = False
) -> QuerySet[Annotation]:
    """Return the visible annotations that match the filters; or the readable ones."""
    found = readable_annotations(scope) if own_practice else visible_annotations(scope)
    simple = {
        "source_id__in": filters.sources,
        "annotator__username__in": filters.annotators,
        "layer": filters.layer,
        "stance__in": filters.stances,
        "updated_at__gte": filters.updated_since,
    }
    found = found.filter(**{name: value for name, value in simple.items() if value})
    if filters.codes and filters.descendants:
        found = found.filter(code_id__in=load_descendant_ids(scope, filters.codes))
    elif filters.codes:
        found = found.filter(code__slug__in=filters.codes)
    if filters.voices:
        # All spellings of the speaker: annotators who do not see each other's work may each have
        # added one.
        named = Q(voice__likeness__in={likeness_of(voice) for voice in filters.voices if voice})
        found = found.filter(named | Q(voice=None) if "" in filters.voices else named)
    if filters.stale is not None:
        stale = _build_stale_condition(scope)
        found = found.filter(stale) if filters.stale else found.exclude(stale)
    if filters.q:
        found = found.filter(build_word_filter(filters.q, "quote", "note"))
    return found


def resolve_filter_round(scope: Scope, filters: AnnotationFilter) -> AnnotationFilter:
    """Return the filter with the sources of its round; raise Invalid if there are none."""
    if not filters.round:
        return filters
    sources = resolve_round(scope, filters.round)
    if filters.sources:
        sources = tuple(pk for pk in sources if pk in set(filters.sources))
    if not sources:
        raise Invalid("None of these sources is in this round.", field="round")
    return replace(filters, sources=sources)


def _build_stale_condition(scope: Scope) -> Q:
    """Select annotations made before their code's meaning last changed; uses the index.

    Nothing is stale under the first revision.
    """
    changed = visible_codes(scope).filter(meaning_revision__gt=1)
    stale = Q(pk__in=[])
    for code, since in changed.values_list("pk", "meaning_revision"):
        stale |= Q(code_id=code, revision__lt=since)
    return stale


def select_annotation_values(found: QuerySet[Annotation]) -> QuerySet[Annotation, dict[str, Any]]:
    """Select the annotations as dictionaries for `complete_annotation_row`, in one query."""
    return found.values(*ROW.values())


def complete_annotation_row(row: dict[str, Any]) -> dict[str, Any]:
    """Rename the columns of a row of `select_annotation_values`; add derived fields."""
    shown = {name: row[column] for name, column in ROW.items()}
    shown["voice"] = shown["voice"] or ""
    shown["stale"] = is_stale(shown["revision"], shown["stale"])
    return shown


def find_source_annotations(
    scope: Scope, source_id: int, *, most: int
) -> list[dict[str, Any]] | None:
    """Return the readable annotations of a source as API rows; None if more than `most`.

    In the order of the text.
    """
    found = readable_annotations(scope).filter(source_id=source_id).order_by("start", "id")
    page = [complete_annotation_row(row) for row in select_annotation_values(found)[: most + 1]]
    return None if len(page) > most else list(mark_after_look(scope, page))


def require_annotation_row(scope: Scope, annotation_id: uuid.UUID) -> dict[str, Any]:
    """Return the row of one readable annotation; raise NotFound."""
    row = select_annotation_values(readable_annotations(scope).filter(pk=annotation_id)).first()
    if row is None:
        raise NotFound("There is no such annotation, or you may not see it.")
    return complete_annotation_row(row)


def visible_speakers(scope: Scope) -> QuerySet[Speaker]:
    """Return the speakers that this member may know of: listed or in visible annotations."""
    speakers = Speaker.objects.filter(project_id=scope.project_id).order_by("name")
    if not scope.can(Permission.SEE_ALL_CODING):
        used = visible_annotations(scope).exclude(voice=None).values("voice_id")
        return speakers.filter(Q(listed=True) | Q(pk__in=used))
    heard = Annotation.objects.filter(project_id=scope.project_id, voice_id=OuterRef("pk"))
    heard = heard.exclude(build_practice_filter(scope))
    practised = Q(build_practised_voice_filter(scope)) & ~Q(Exists(heard))
    return speakers.exclude(Q(listed=False) & practised)


def readable_speakers(scope: Scope) -> QuerySet[Speaker]:
    """Return the same with the speakers of a coder's own practice."""
    if scope.can(Permission.SEE_ALL_CODING):
        return visible_speakers(scope)
    used = readable_annotations(scope).exclude(voice=None).values("voice_id")
    speakers = Speaker.objects.filter(project_id=scope.project_id)
    return speakers.filter(Q(listed=True) | Q(pk__in=used)).order_by("name")


def load_speaker_names(scope: Scope, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of the speakers of visible annotations, by primary key."""
    found = Speaker.objects.filter(project_id=scope.project_id, pk__in=ids)
    return dict(found.values_list("pk", "name"))


def require_speaker(scope: Scope, speaker_id: uuid.UUID) -> Speaker:
    speaker = readable_speakers(scope).filter(key=speaker_id).first()
    if speaker is None:
        raise NotFound("The project has no such speaker.")
    return speaker


def visible_events(scope: Scope) -> QuerySet[Event]:
    """Return the history that this member may read, newest first.

    Readers who see all annotations read all of it. Others read events that concern the whole
    project or themselves, except of HIDDEN_KINDS, and those of others and of the consensus only
    where they may see the annotations.
    """
    found = Event.objects.filter(project_id=scope.project_id).select_related(
        "actor", "about", "source"
    )
    found = found.order_by("-id").defer("source__text")
    # Adjudicators who decide apart do not learn from the history what the other one decided.
    found = found.filter(~Q(action=DECIDED_APART) | Q(actor_id=scope.user_id))
    if scope.can(Permission.SEE_ALL_CODING):
        return found
    readable = Q(source=None) | Q(source__in=visible_sources(scope).values("pk"))
    allowed = Q(about=None) & build_shared_events_filter(scope) | Q(about_id=scope.user_id)
    if scope.can(Permission.ANNOTATE):
        others = Q(kind__in=CODING, about__isnull=False)
        others &= ~Q(build_practice_filter(scope, "about_id"))
        if scope.project.visibility == Visibility.ALL:
            allowed |= others
        else:
            allowed |= others & Q(source__isnull=False) & build_opened_sources_filter(scope)
    return found.filter(readable & allowed).exclude(kind__in=HIDDEN_KINDS)


def build_shared_events_filter(scope: Scope) -> Q:
    """Select, of events about nobody, those that are of no consensus hidden from this member."""
    return ~Q(kind__in=CODING) | build_visible_consensus_filter(scope)


def filter_events(
    scope: Scope,
    *,
    kind: Sequence[str] = (),
    action: Sequence[str] = (),
    actor: Sequence[str] = (),
    object: Sequence[str] = (),
    source: Sequence[int] = (),
    since: datetime | None = None,
) -> QuerySet[Event]:
    """Return the visible events that match the filters; an empty one selects all."""
    asked = {
        "kind__in": kind,
        "action__in": action,
        "actor__username__in": actor,
        "object__in": object,
        "source_id__in": source,
        "at__gte": since,
    }
    return visible_events(scope).filter(**{name: value for name, value in asked.items() if value})
