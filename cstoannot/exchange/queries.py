"""Queries of an export: exportable annotations, metadata of sources and codes, the people named,
and identifiers that are the same in every export of a project.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db.models import Exists, OuterRef, Q, QuerySet

from cstoannot.accounts.models import User
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import AnnotationFilter, filter_annotations
from cstoannot.codebook.queries import visible_codes
from cstoannot.codebook.tree import build_code_tree
from cstoannot.exchange.row_pages.rows import CodeFacts, SourceFacts
from cstoannot.projects.models import Membership, Project
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.sources.queries import visible_sources

_KNOWN_OF_A_SOURCE = (
    "title",
    "publisher",
    "author",
    "published",
    "url",
    "language",
    "group",
    "sha256",
)


def exportable_annotations(scope: Scope, filters: AnnotationFilter) -> QuerySet[Annotation]:
    """Return the annotations that this member may export: all, or the consensus and their own.

    Annotators cannot export the coding of others, even if the project lets them see it.
    """
    found = filter_annotations(scope, filters)
    if scope.can(Permission.SEE_ALL_CODING):
        return found
    return found.filter(Q(annotator_id=scope.user_id) | Q(annotator_id=None))


def load_exported_usernames(scope: Scope) -> list[str]:
    """Return the user names that a file may contain: members, and others who have coded."""
    mine = {"project_id": scope.project_id}
    members = Membership.objects.filter(**mine, user_id=OuterRef("pk"))
    coded = Annotation.objects.filter(**mine, annotator_id=OuterRef("pk"))
    found = User.everybody.filter(Exists(members) | Exists(coded)).order_by("pk")
    return list(found.values_list("username", flat=True))


def load_source_facts(scope: Scope, sources: Iterable[int]) -> dict[int, SourceFacts]:
    """Load the metadata of these sources, by primary key.

    Sources that the member may no longer read (an assignment was removed) have empty values.
    """
    found = visible_sources(scope).filter(pk__in=sources).order_by()
    return {pk: SourceFacts() for pk in sources} | _load_source_fact_rows(found)


def load_source_facts_from(scope: Scope, first: int, count: int) -> dict[int, SourceFacts]:
    """Load the metadata of `count` visible sources from primary key `first` on."""
    return _load_source_fact_rows(
        visible_sources(scope).filter(pk__gte=first).order_by("pk")[:count]
    )


def _load_source_fact_rows(sources: QuerySet[Source]) -> dict[int, SourceFacts]:
    told = sources.values_list("pk", *_KNOWN_OF_A_SOURCE)
    return {pk: SourceFacts(*known) for pk, *known in told}


def load_code_facts(scope: Scope) -> dict[int, CodeFacts]:
    codes = {code.pk: code for code in visible_codes(scope)}
    paths: dict[int, str] = {}
    for place in build_code_tree(list(codes.values())):
        code = place.code
        above = paths.get(code.parent_id) if code.parent_id else None
        paths[code.pk] = f"{above} > {code.name}" if above else code.name
    return {
        pk: CodeFacts(code.slug, code.name, paths[pk], code.meaning_revision)
        for pk, code in codes.items()
    }


def load_project_start(scope: Scope) -> str:
    """Return when the project was started, ISO 8601 in UTC; a restored project keeps it."""
    found = Project.objects.filter(pk=scope.project_id).values_list("created_at", flat=True).get()
    return found.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class ExportedNames:
    """Whose annotations are exported, whether with the consensus, and which speakers."""

    annotators: list[str]
    consensus: bool
    voices: list[str]


def load_exported_names(scope: Scope, filters: AnnotationFilter) -> ExportedNames:
    found = exportable_annotations(scope, filters).order_by()
    names = set(found.values_list("annotator__username", flat=True).distinct())
    voices = set(found.values_list("voice__name", flat=True).distinct())
    return ExportedNames(
        annotators=sorted(name for name in names if name is not None),
        consensus=None in names,
        voices=sorted(voice for voice in voices if voice is not None),
    )


def count_unreadable_annotations(scope: Scope, filters: AnnotationFilter) -> int:
    """Count exportable annotations in sources that the member may no longer read."""
    readable = visible_sources(scope).order_by().values("pk")
    return exportable_annotations(scope, filters).exclude(source_id__in=readable).order_by().count()


class ProjectIdentifiers:
    """UUIDs of a project's objects, derived from the project and their unchanging keys."""

    def __init__(self, scope: Scope) -> None:
        project = f"urn:cstoannot:{scope.project.slug}:{load_project_start(scope)}"
        self._within = uuid5(NAMESPACE_URL, project)

    def of(self, kind: str, key: object) -> UUID:
        return uuid5(self._within, f"{kind}/{key}")
