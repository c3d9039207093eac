"""Load the coding and the decisions of some sources, in a constant number of queries.

Whoever asks: how far a source is decided depends on coding that many of its readers may not see.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from cstoannot.accounts.models import User
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.assignments.models import Assignment, AssignmentState
from cstoannot.codebook.queries import visible_codes
from cstoannot.decisions.dataset import (
    DecidableSource,
    DecisionDataset,
    StoredPassage,
    list_weighed,
)
from cstoannot.decisions.grouping import group_dataset
from cstoannot.decisions.models import Decision
from cstoannot.decisions.place_builder import PlaceBuilder
from cstoannot.decisions.places import ProposedPassage
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import LIST_FIELDS
from cstoannot.text.spans import Bounds, unpack_flat_bounds


def select_decidable_sources(scope: Scope) -> QuerySet[Source]:
    """Select the sources that can be decided, in order."""
    found = Source.objects.filter(project_id=scope.project_id, deleted_at=None)
    return found.only(*LIST_FIELDS).order_by("position", "id")


def select_consensus(scope: Scope) -> QuerySet[Annotation]:
    """Select the passages of the consensus."""
    return Annotation.objects.filter(project_id=scope.project_id, annotator=None).order_by()


def select_readings_done(scope: Scope) -> QuerySet[Assignment]:
    """Select the assignments whose annotators have read their source, and not as practice."""
    done = Assignment.objects.filter(
        project_id=scope.project_id, state=AssignmentState.DONE, practice=False
    )
    return done.order_by()


def load_place_builder(
    scope: Scope, source_ids: Sequence[int], *, spelled: bool = True
) -> PlaceBuilder:
    """Load these sources, some hundreds at most, and group their coding into places.

    `spelled`: with texts and sentences, without which places have no quotes and are never agreed.
    """
    return PlaceBuilder(
        grouped=group_dataset(_load_dataset(scope, source_ids, spelled=spelled)),
        viewer=scope.user_id,
        bounds=scope.project.agreed_bounds,
        shows_names=scope.project.names_while_deciding,
        decides_apart=scope.project.decide_apart,
    )


def _load_dataset(scope: Scope, source_ids: Sequence[int], *, spelled: bool) -> DecisionDataset:
    sources = _load_sources(scope, source_ids, spelled=spelled)
    ids = [one.pk for one in sources]
    decisions = list(
        Decision.objects.filter(project_id=scope.project_id, source_id__in=ids)
        .select_related("by")
        .order_by("source_id", "start", "id")
    )
    final = [one for one in decisions if not one.apart]
    passages, names = _load_passages(scope, sources, final)
    codes = visible_codes(scope).order_by().values_list("slug", "added_revision")
    names |= {one.by.pk: one.by.username for one in decisions if one.by}
    return DecisionDataset(
        sources=sources,
        born=dict(codes),
        names=names | _load_missing_names(names, sources, decisions),
        passages=passages,
        decisions=final,
        apart=[one for one in decisions if one.apart],
        made=_load_made(scope, ids),
        spelled=spelled,
    )


def _load_sources(
    scope: Scope, source_ids: Sequence[int], *, spelled: bool
) -> tuple[DecidableSource, ...]:
    readers: dict[int, dict[int, int]] = defaultdict(dict)
    done = select_readings_done(scope).filter(source_id__in=source_ids)
    for source, annotator, under in done.values_list("source_id", "annotator_id", "finished_under"):
        readers[source][annotator] = under or 0
    found = select_decidable_sources(scope).filter(pk__in=source_ids)
    columns = ("pk", "length", "text", "sentences") if spelled else ("pk", "length")
    return tuple(
        DecidableSource(
            pk=pk,
            length=length,
            text=rest[0] if rest else "",
            sentences=unpack_flat_bounds(bytes(rest[1])) if rest else Bounds(),
            readers=readers.get(pk, {}),
        )
        for pk, length, *rest in found.values_list(*columns)
    )


def _load_passages(
    scope: Scope, sources: Sequence[DecidableSource], decisions: Iterable[Decision]
) -> tuple[list[StoredPassage], dict[int, str]]:
    """Return the passages that count, and the user names of their annotators."""
    place = {one.pk: number for number, one in enumerate(sources)}
    weighed = {one for decision in decisions for one in list_weighed(decision)}
    born = dict(visible_codes(scope).order_by().values_list("slug", "added_revision"))
    found = Annotation.objects.filter(
        project_id=scope.project_id, source_id__in=list(place), layer=Layer.INDIVIDUAL
    )
    rows = found.order_by().values_list(
        *("source_id", "start", "end", "id", "version", "annotator_id", "code__slug", "stance"),
        *("voice__name", "annotator__username"),
    )
    passages, names = [], dict[int, str]()
    for source, start, end, pk, version, annotator, code, stance, voice, username in rows:
        under = sources[place[source]].readers.get(annotator, 0)
        if 0 < under >= born[code] or (pk, version) in weighed:
            names[annotator] = username
            passages.append(
                StoredPassage(
                    place[source], start, end, pk, version, annotator, code, stance, voice or ""
                )
            )
    passages.sort(key=lambda one: (one.source, one.start, one.end, one.id))
    return passages, names


def _load_missing_names(
    known: dict[int, str], sources: Iterable[DecidableSource], decisions: Iterable[Decision]
) -> dict[int, str]:
    """Return the names of annotators who have no passage that counts."""
    wanted = {pk for source in sources for pk in source.readers}
    for decision in decisions:
        wanted |= {pk for reading in decision.readings for pk in reading["annotators"]}
    found = User.everybody.filter(pk__in=wanted - known.keys())
    return dict(found.values_list("pk", "username"))


def _load_made(scope: Scope, source_ids: Sequence[int]) -> dict[uuid.UUID, ProposedPassage]:
    return _read_consensus(select_consensus(scope).filter(source_id__in=source_ids))


def load_consensus_passages(
    scope: Scope, ids: Sequence[uuid.UUID | str]
) -> dict[uuid.UUID, ProposedPassage]:
    """Return these passages of the consensus by id."""
    return _read_consensus(select_consensus(scope).filter(pk__in=ids))


def _read_consensus(found: QuerySet[Annotation]) -> dict[uuid.UUID, ProposedPassage]:
    columns = ("id", "code__slug", "start", "end", "quote", "stance", "voice__name")
    return {
        pk: ProposedPassage(code, start, end, quote, stance, voice or "")
        for pk, code, start, end, quote, stance, voice in found.values_list(*columns)
    }
