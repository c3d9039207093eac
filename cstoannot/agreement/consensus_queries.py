"""Load coders together with the consensus, which is one more annotator in the dataset."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from django.db.models import Max

from cstoannot.agreement.dataset import (
    AgreementDataset,
    AgreementSource,
    Annotator,
    Rows,
)
from cstoannot.agreement.project_cache import CachedAgreement, load_cached_agreement
from cstoannot.agreement.queries import load_dataset_codes, load_ordered_rows
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.annotations.queries import load_speaker_names, visible_annotations
from cstoannot.annotations.reader_queries import load_reader_state
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.queries import (
    build_visible_consensus_filter,
    select_my_study_assignments,
)
from cstoannot.decisions.place_queries import select_consensus, select_readings_done
from cstoannot.decisions.plural_queries import load_plural_stretches
from cstoannot.decisions.queries import load_decided_source_ids
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.stats.results import Bools, Ints

CONSENSUS = Annotator(0, "consensus")


@dataclass(frozen=True, eq=False)
class ConsensusView:
    """Coders with the consensus as the last annotator of the dataset.

    `plural`: how many of the coders' passages are left out because several readings stand there.
    """

    kept: CachedAgreement
    plural: int

    @property
    def coding(self) -> AgreementDataset:
        return self.kept.coding

    @property
    def consensus(self) -> int:
        return len(self.coding.annotators) - 1


def load_consensus_view(scope: Scope) -> ConsensusView | None:
    """Load what the study's coders said on the decided sources that the reader may know of.

    Annotators: their own coding, and sources whose decisions are open to them. None if there is no
    such source. Cached with the reader's agreement.
    """
    scope.require(Permission.SEE_AGREEMENT)
    kept = load_cached_agreement(scope)
    with kept.lock:
        found: ConsensusView | None = kept.answer(
            "consensus", lambda: _load_study_view(scope, kept)
        )
    return found


def _load_study_view(scope: Scope, kept: CachedAgreement) -> ConsensusView | None:
    coding = kept.coding
    every = scope.can(Permission.SEE_ALL_CODING)
    wanted = load_decided_source_ids(scope)
    if not every:
        mine = select_my_study_assignments(scope).filter(build_visible_consensus_filter(scope))
        wanted &= set(mine.order_by().values_list("source_id", flat=True))
    people = [n for n, one in enumerate(coding.annotators) if every or one.pk == scope.user_id]
    chosen = [n for n, one in enumerate(coding.sources) if one.pk in wanted]
    chosen = [n for n in chosen if coding.finished[n, people].any()]
    people = [n for n in people if coding.finished[chosen, n].any()]
    if not chosen or not people:
        return None
    sources = tuple(coding.sources[n] for n in chosen)
    coders = tuple(coding.annotators[n] for n in people)
    theirs = np.isin(coding.rows["source"], [one.pk for one in sources])
    theirs &= np.isin(coding.rows["annotator"], [one.pk for one in coders])
    under = coding.finished_under[np.ix_(chosen, people)]
    made = load_ordered_rows(scope, visible_annotations(scope).filter(annotator_id=None))
    coded = _CodedSources(sources, coders, coding.rows[theirs], coding.after_look[theirs], under)
    return _join_consensus(scope, coded, made, under.max(axis=1))


def load_practice_view(scope: Scope, given: Iterable[Assignment]) -> ConsensusView | None:
    """Load what was practised, with the consensus, whoever may see it otherwise.

    `given`: finished assignments for practice, with `annotator`.
    """
    found = {(one.source_id, one.annotator_id): one for one in given}
    ids = {source for source, _ in found}
    known = Source.objects.filter(project_id=scope.project_id, deleted_at=None, pk__in=ids)
    columns = known.order_by("position", "pk").values_list("pk", "title", "length")
    sources = tuple(AgreementSource(*row) for row in columns)
    if not sources:
        return None
    names = {one.annotator_id: one.annotator.username for one in found.values()}
    people = tuple(Annotator(*row) for row in sorted(names.items(), key=lambda row: row[1]))
    coded = Annotation.objects.filter(
        project_id=scope.project_id,
        annotator_id__in=names,
        layer=Layer.INDIVIDUAL,
        source_id__in=[one.pk for one in sources],
    )
    rows = load_ordered_rows(scope, coded)
    under = np.zeros((len(sources), len(people)), np.int64)
    for place, source in enumerate(sources):
        for column, person in enumerate(people):
            if practice := found.get((source.pk, person.pk)):
                # 0 stands for a source that was not read: before the first code there is nothing.
                under[place, column] = practice.finished_under or 0
    readers = select_readings_done(scope).filter(source_id__in=ids).values_list("source_id")
    read = dict(readers.annotate(under=Max("finished_under")))
    made = load_ordered_rows(scope, select_consensus(scope).filter(source_id__in=ids))
    practised = _CodedSources(sources, people, rows, np.zeros(len(rows), bool), under)
    last = np.array([read.get(one.pk) or 0 for one in sources], np.int64)
    return _join_consensus(scope, practised, made, last)


@dataclass(frozen=True, eq=False)
class _CodedSources:
    """Finished sources with their coders: `rows`, `after_look` (N,), `under` (S, A)."""

    sources: tuple[AgreementSource, ...]
    coders: tuple[Annotator, ...]
    rows: Rows
    after_look: Bools
    under: Ints


def _join_consensus(
    scope: Scope, coded: _CodedSources, made: Rows, read_under: Ints
) -> ConsensusView:
    """Add the consensus as an annotator. `read_under` (S,): under which revision it was decided.

    A consensus from elsewhere was decided under the revision of its passages, at least.
    """
    pks = [one.pk for one in coded.sources]
    made = made[np.isin(made["source"], pks)]
    read_under = read_under.copy()
    for place, pk in enumerate(pks):
        mine = made["revision"][made["source"] == pk]
        read_under[place] = max(1, read_under[place], mine.max(initial=0))
    under = np.concatenate([coded.under, read_under[:, None]], axis=1)
    codes = load_dataset_codes(
        scope, np.unique(np.concatenate([coded.rows["code"], made["code"]])).tolist()
    )
    plural = _mark_plural_rows(scope, coded.rows, {code.slug: code.pk for code in codes}, pks)
    kept = coded.rows[~plural]
    looked = np.concatenate([coded.after_look[~plural], np.zeros(len(made), bool)])
    rows = np.concatenate([kept, made])
    order = np.argsort(rows["source"], kind="stable")
    dataset = AgreementDataset(
        sources=coded.sources,
        annotators=(*coded.coders, CONSENSUS),
        codes=codes,
        voices=load_speaker_names(scope, np.unique(rows["voice"]).tolist()),
        finished=under > 0,
        finished_under=under,
        rows=rows[order],
        after_look=looked[order],
        counts_after_look=scope.project.counts_after_look,
    )
    state = load_reader_state(scope)
    return ConsensusView(CachedAgreement(scope, state, dataset), int(plural.sum()))


def _mark_plural_rows(
    scope: Scope, rows: Rows, codes: Mapping[str, int], source_ids: Collection[int]
) -> Bools:
    """Return (N,): the coders' passages at places where several readings stand."""
    plural = np.zeros(len(rows), bool)
    for one in load_plural_stretches(scope, source_ids):
        here = (rows["source"] == one.source) & (rows["start"] < one.end)
        here &= (rows["end"] > one.start) & np.isin(
            rows["code"], [codes[slug] for slug in one.codes if slug in codes]
        )
        plural |= here
    return plural
