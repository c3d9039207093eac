"""Reads decisions for their table, a few at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from django.db.models import Exists, OuterRef, Q

from cstoannot.accounts.models import User
from cstoannot.annotations.models import Annotation, Layer
from cstoannot.decisions.models import Decision
from cstoannot.exchange.queries import load_exported_usernames
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import load_source_texts, visible_sources

AT_ONCE = 200
Passage = dict[str, Any]


@dataclass(frozen=True)
class ExportedDecision:
    """A decision with the title and the hash of its source, and user names for keys.

    `left`: the passages that it left, with their quotes.
    """

    decision: Decision
    title: str
    sha256: str
    quote: str
    readings: list[dict[str, Any]]
    left: list[Passage]


def count_exported_decisions(scope: Scope) -> int:
    return _select_decisions(scope).count()


def load_decision_usernames(scope: Scope) -> list[str]:
    """Return the user names that a table of decisions may contain."""
    readers = {
        key
        for readings in _select_decisions(scope).values_list("readings", flat=True).iterator()
        for reading in readings
        for key in reading["annotators"]
    }
    known = User.everybody.filter(pk__in=readers).values_list("username", flat=True)
    deciders = _select_decisions(scope).values_list("by__username", flat=True).distinct()
    return sorted({*load_exported_usernames(scope), *known, *filter(None, deciders)})


def iterate_exported_decisions(scope: Scope) -> Iterator[ExportedDecision]:
    """Yield the decisions by source, start and id; for those who see all coding."""
    scope.require(Permission.SEE_ALL_CODING)
    found = _select_decisions(scope).order_by("source__position", "source_id", "start", "id")
    rows = found.select_related("by").iterator(AT_ONCE)
    while some := list(islice(rows, AT_ONCE)):
        names, left = _load_names(some), _load_passages_left(scope, some)
        for pk, decisions in groupby(some, key=lambda one: one.source_id):
            text = load_source_texts(scope, [pk])[pk]
            title, sha256 = visible_sources(scope).values_list("title", "sha256").get(pk=pk)
            for one in decisions:
                passages = one.passages if one.apart else [left.get(id) for id in one.passages]
                yield ExportedDecision(
                    decision=one,
                    title=title,
                    sha256=sha256,
                    quote=text[one.start : one.end],
                    readings=_name_readers(one.readings, names, text),
                    left=[_add_quote(passage, text) for passage in passages if passage],
                )


def _select_decisions(scope: Scope) -> Any:
    """Select the decisions of the project, without those made apart that nobody else has met.

    Adjudicators who decide apart learn of each other's decisions once both have decided.
    """
    sources = visible_sources(scope).order_by().values("pk")
    others = Decision.objects.filter(source_id=OuterRef("source_id"), place=OuterRef("place"))
    met = Q(apart=False) | Exists(others.exclude(pk=OuterRef("pk")))
    found = Decision.objects.filter(met, project_id=scope.project_id, source_id__in=sources)
    return found.order_by()


def _load_names(decisions: Iterable[Decision]) -> dict[int, str]:
    keys = {key for one in decisions for reading in one.readings for key in reading["annotators"]}
    return dict(User.everybody.filter(pk__in=keys).values_list("pk", "username"))


def _load_passages_left(scope: Scope, decisions: Iterable[Decision]) -> dict[str, Passage]:
    ids = [id for one in decisions if not one.apart for id in one.passages]
    found = Annotation.objects.filter(
        project_id=scope.project_id, layer=Layer.CONSENSUS, pk__in=ids
    ).order_by()
    columns = ("pk", "code__slug", "start", "end", "stance", "voice__name")
    return {
        str(pk): {"code": code, "start": start, "end": end, "stance": stance, "voice": voice or ""}
        for pk, code, start, end, stance, voice in found.values_list(*columns)
    }


def _add_quote(passage: Mapping[str, Any], text: str) -> Passage:
    return {**passage, "quote": text[passage["start"] : passage["end"]]}


def _name_readers(
    readings: Iterable[Mapping[str, Any]], names: Mapping[int, str], text: str
) -> list[dict[str, Any]]:
    """Return readings with the user names of their annotators; nobody without an account."""
    return [
        {
            **reading,
            "annotators": [names[key] for key in reading["annotators"] if key in names],
            "passages": [
                {**_add_quote(one, text), "annotator": names.get(one["annotator"])}
                for one in reading["passages"]
            ],
        }
        for reading in readings
    ]
