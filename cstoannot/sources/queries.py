from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from cstoannot.core.errors import NotFound, TooLarge
from cstoannot.core.fields import is_possible_id
from cstoannot.core.likeness import build_comparison_key, choose_common_spellings, find_alike
from cstoannot.database.text_search import build_word_filter
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.text.spans import Span, unpack_flat_bounds

# Fields of lists: no text and no bounds, which can be megabytes.
LIST_FIELDS = (
    "id",
    "project_id",
    "title",
    "publisher",
    "author",
    "published",
    "url",
    "language",
    "group",
    "note",
    "sha256",
    "length",
    "words",
    "position",
    "version",
    "created_at",
    "deleted_at",
)
UNITS = {"paragraph": "paragraphs", "sentence": "sentences", "token": "tokens"}
MOST_SPANS = 200_000
SPELT = ("publisher", "group")  # values that sources share; similar spellings are one value
ORDERS = {
    "": ("position", "id"),
    "title": ("title", "id"),
    "publisher": ("publisher", "position", "id"),
    "date": ("published", "position", "id"),
    "longest": ("-words", "id"),
    "newest": ("-position", "-id"),
}


def visible_sources(scope: Scope, *, deleted: bool = False) -> QuerySet[Source]:
    """Return the sources that this member may read, in their order, without their texts.

    Annotators read assigned sources, or all if the project's sources are open. `deleted`: deleted
    sources instead, only for those who edit sources.
    """
    sources = Source.objects.filter(project_id=scope.project_id, deleted_at__isnull=not deleted)
    if deleted and not scope.can(Permission.EDIT_SOURCES):
        return Source.objects.none()
    if not scope.can(Permission.SEE_ALL_SOURCES) and not scope.project.open_sources:
        sources = sources.filter(assignments__annotator_id=scope.user_id)
    return sources.only(*LIST_FIELDS).order_by("position", "id")


def removed_source_ids(scope: Sequence[Scope]) -> QuerySet[Source, Any]:
    """Select the primary keys of deleted sources, for queries that exclude them.

    Excluding a few keys lets a count use an index alone; joining the other sources reads every row.
    """
    ids = [one.project_id for one in scope]
    return Source.objects.filter(project_id__in=ids, deleted_at__isnull=False).values("pk")


def filter_sources(
    scope: Scope,
    *,
    q: str = "",
    order: str = "",
    deleted: bool = False,
    **among: Sequence[str],
) -> QuerySet[Source]:
    """Return the visible sources with these words in title, publisher, author or group.

    `among`: fields and the values to match, in any spelling for SPELT fields; an empty list matches
    all.
    """
    sources = visible_sources(scope, deleted=deleted).order_by(*ORDERS.get(order, ORDERS[""]))
    for name, asked in among.items():
        if asked:
            values = _expand_spellings(sources, name, asked) if name in SPELT else asked
            sources = sources.filter(**{f"{name}__in": values})
    for word in q.replace("\x00", " ").split()[:10]:
        sources = sources.filter(build_word_filter(word, "title", "publisher", "author", "group"))
    return sources


def _expand_spellings(
    sources: QuerySet[Source], field: str, values: Sequence[str]
) -> Sequence[str]:
    wanted = {build_comparison_key(value) for value in values}
    there = sources.order_by().values_list(field, flat=True).distinct()
    return [spelling for spelling in there if spelling and build_comparison_key(spelling) in wanted]


def load_spellings(scope: Scope, field: str) -> dict[str, str]:
    """Return each spelling of a SPELT field among visible sources, with the most common one."""
    there = visible_sources(scope).exclude(**{field: ""}).order_by()
    return choose_common_spellings(list(there.values_list(field).annotate(n=Count("*"))))


def resolve_spelling(scope: Scope, field: str, value: str) -> str:
    """Return the visible sources' spelling of a SPELT value; unchanged if none has it."""
    if not value:
        return value
    return find_alike(value, load_spellings(scope, field).values()) or value


def require_source(scope: Scope, source_id: int, *, deleted: bool = False) -> Source:
    source = None
    if is_possible_id(source_id):
        source = visible_sources(scope, deleted=deleted).filter(pk=source_id).first()
    if source is None:
        raise NotFound("The project has no such source, or it is not assigned to you.")
    return source


def load_source_with_text(scope: Scope, source_id: int) -> Source:
    """Return one source with its text and bounds loaded."""
    source = None
    if is_possible_id(source_id):
        source = visible_sources(scope).defer(None).filter(pk=source_id).first()
    if source is None:
        raise NotFound("The project has no such source, or it is not assigned to you.")
    return source


def load_span_texts(
    scope: Scope, spans: Iterable[tuple[int, int, int]]
) -> dict[tuple[int, int, int], str]:
    """Return the texts of these spans (source, start, end), also in deleted sources.

    Does not check whether the reader may read the source: only for spans that they may see.
    """
    wanted: dict[int, list[tuple[int, int, int]]] = {}
    for span in spans:
        wanted.setdefault(span[0], []).append(span)
    texts = Source.objects.filter(project_id=scope.project_id, pk__in=wanted).order_by()
    return {
        span: text[span[1] : span[2]]
        for pk, text in texts.values_list("pk", "text").iterator(chunk_size=2)
        for span in wanted[pk]
        if 0 <= span[1] < span[2] <= len(text)
    }


def find_removed_source(scope: Scope, source_id: int) -> Source | None:
    """Return a deleted source, for those who may restore it."""
    if not is_possible_id(source_id):
        return None
    return visible_sources(scope, deleted=True).filter(pk=source_id).first()


def load_hash_and_text(scope: Scope, source_id: int) -> tuple[str, str]:
    """Return a source's SHA-256 and its text."""
    return _load_source_columns(scope, source_id, "sha256", "text")


def load_unit_spans(
    scope: Scope, source_id: int, *, unit: str, start: int = 0, end: int | None = None
) -> list[Span]:
    """Return the source's units (a key of UNITS) that touch [start, end), in code points.

    Raises TooLarge for more than MOST_SPANS.
    """
    packed, length = _load_source_columns(scope, source_id, UNITS[unit], "length")
    flat = unpack_flat_bounds(packed).flat
    starts, ends = flat[::2], flat[1::2]
    first = bisect_right(ends, start)
    last = bisect_left(starts, length if end is None else end)
    if last - first > MOST_SPANS:
        raise TooLarge(
            f"There are {last - first:,} of them, but at most {MOST_SPANS:,} are returned at "
            f"once. Request a part of the text with start and end.",
            field="end",
        )
    return list(zip(starts[first:last], ends[first:last], strict=True))


def _load_source_columns(scope: Scope, source_id: int, *names: str) -> Any:
    row = None
    if is_possible_id(source_id):
        row = visible_sources(scope).filter(pk=source_id).values_list(*names).first()
    if row is None:
        raise NotFound("The project has no such source, or it is not assigned to you.")
    return row


def find_duplicate_source(scope: Scope, *, sha256: str, but: int = 0) -> Source | None:
    """Return a source with the same text, if there is one; `but` excludes one."""
    return visible_sources(scope).filter(sha256=sha256).exclude(pk=but).first()


def load_neighbouring_sources(
    scope: Scope, source: Source, *, reach: int
) -> tuple[list[Source], list[Source]]:
    """Return up to `reach` sources before this one and after it, in their order."""
    found = visible_sources(scope)
    place = {"position": source.position}
    earlier = Q(position__lt=source.position) | Q(**place, pk__lt=source.pk)
    later = Q(position__gt=source.position) | Q(**place, pk__gt=source.pk)
    before = list(found.filter(earlier).order_by("-position", "-id")[:reach])
    return before[::-1], list(found.filter(later)[:reach])


def load_source_texts(scope: Scope, sources: Sequence[int]) -> dict[int, str]:
    """Return the texts of those of these sources that the member may read, by primary key."""
    found = visible_sources(scope).filter(pk__in=sources).order_by()
    return dict(found.values_list("pk", "text"))
