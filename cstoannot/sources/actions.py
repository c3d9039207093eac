from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import PurePosixPath
from threading import Lock

from django.db.models import Max
from django.utils import timezone

from cstoannot.core.errors import Conflict, DomainError, Stale
from cstoannot.core.fields import ExpectedVersion, is_possible_id
from cstoannot.core.likeness import build_comparison_key
from cstoannot.core.plurals import count_of
from cstoannot.history.actions import record_event
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, project_action
from cstoannot.sources.details import DETAILS, clean_source_details
from cstoannot.sources.models import Source
from cstoannot.sources.queries import (
    LIST_FIELDS,
    SPELT,
    require_source,
    resolve_spelling,
    visible_sources,
)
from cstoannot.text.normalise import compute_text_hash, decode_text, normalise_text
from cstoannot.text.segment import count_words, pack_bounds, segment_text

# Splitting a text of five million characters takes 200 MB for some seconds.
LONG = 500_000  # code points
_one_at_a_time = Lock()


def build_source_details(source: Source) -> dict[str, str]:
    return {field: getattr(source, field) for field in DETAILS}


def _align_spellings(
    scope: Scope, details: dict[str, str], before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the details with publisher and group spelled as in other sources.

    If the source has the value already, in another spelling, the new spelling stays.
    """
    for field in details.keys() & set(SPELT):
        own = before[field] if before else ""
        if build_comparison_key(own) != build_comparison_key(details[field]):
            details[field] = resolve_spelling(scope, field, details[field])
    return details


def create_source(scope: Scope, *, title: str, text: str, **details: str) -> Source:
    """Create a source. `details`: publisher, author, published, url, language, group, note.

    The text is stored as `normalise_text` returns it and never changes. Raises Invalid.
    """
    scope.require(Permission.EDIT_SOURCES)
    (source,) = _store_sources(scope, [_build_source({"title": title, **details}, text)])
    return source


def add_sources(
    scope: Scope,
    *,
    files: Sequence[tuple[str, bytes]] = (),
    pasted: Sequence[tuple[str, str]] = (),
    **details: str,
) -> list[Source]:
    """Create sources from text files, titled by their names, and pasted texts; all or none.

    `details`, as for `create_source`, apply to all. Errors name the file.
    """
    scope.require(Permission.EDIT_SOURCES)
    cut = [_build_source_from_file(name, raw, details) for name, raw in files]
    cut += [_build_source({"title": title, **details}, text) for title, text in pasted]
    return _store_sources(scope, cut)


def _build_source(details: dict[str, str], text: str) -> Source:
    """Return an unsaved source.

    Call it outside a transaction, which blocks other writers: splitting a long text takes seconds.
    """
    cleaned = clean_source_details(details)
    text = normalise_text(text)
    with _one_at_a_time if len(text) > LONG else nullcontext():
        return _segment_source(text, cleaned)


def _segment_source(text: str, cleaned: dict[str, str]) -> Source:
    segments = segment_text(text, cleaned.get("language", ""))
    return Source(
        text=text,
        sha256=compute_text_hash(text),
        length=len(text),
        words=count_words(text, segments.tokens),
        paragraphs=pack_bounds(segments.paragraphs),
        sentences=pack_bounds(segments.sentences),
        tokens=pack_bounds(segments.tokens),
        **cleaned,
    )


def _build_source_from_file(name: str, raw: bytes, details: dict[str, str]) -> Source:
    title = PurePosixPath(name).stem.replace("_", " ").strip() or name
    try:
        return _build_source({**details, "title": title}, decode_text(raw))
    except DomainError as error:
        if error.errors.keys() <= {"title", "text"}:
            raise type(error)(f"{name[:200]}: {error.message}", field="files") from error
        raise


@project_action
def _store_sources(scope: Scope, sources: Sequence[Source]) -> list[Source]:
    """Store the sources after the existing ones, with their spelling of details."""
    scope.require(Permission.EDIT_SOURCES)
    last = Source.objects.filter(project_id=scope.project_id).aggregate(last=Max("position"))
    for position, source in enumerate(sources, (last["last"] or 0) + 1):
        for field, value in _align_spellings(scope, build_source_details(source)).items():
            setattr(source, field, value)
        # Reset what an earlier attempt of this transaction set.
        source.pk, source._state.adding = None, True
        source.project_id, source.position = scope.project_id, position
        source.save(force_insert=True)
        record_event(
            scope,
            action="create",
            kind="source",
            object_id=source.pk,
            after={
                **build_source_details(source),
                "sha256": source.sha256,
                "length": source.length,
            },
            source_id=source.pk,
        )
    return list(sources)


@project_action
def change_source(
    scope: Scope, source_id: int, *, expected: ExpectedVersion | None = None, **details: str
) -> Source:
    """Change the details of a source; `expected`: the version edited."""
    scope.require(Permission.EDIT_SOURCES)
    require_source(scope, source_id)
    source = Source.objects.only(*LIST_FIELDS).select_for_update().get(pk=source_id)
    if expected is not None and not expected.fits(source.version):
        raise Stale("Somebody changed this source after you loaded it.", current=source)
    before = build_source_details(source)
    cleaned = _align_spellings(scope, clean_source_details(details), before)
    for field, value in cleaned.items():
        setattr(source, field, value)
    after = build_source_details(source)
    if after != before:
        source.version += 1
        source.save(update_fields=[*details, "version"])
        record_event(
            scope,
            action="change",
            kind="source",
            object_id=source.pk,
            before=before,
            after=after,
            source_id=source.pk,
        )
    return source


@project_action
def delete_source(
    scope: Scope,
    source_id: int,
    *,
    confirmed: bool = False,
    expected: ExpectedVersion | None = None,
) -> None:
    """Delete a source; it can be restored.

    Raises Conflict if it has annotations and that was not confirmed, Stale if the version named is
    no longer current.
    """
    scope.require(Permission.EDIT_SOURCES)
    # A concurrent save of an annotation comes before this and is counted, or finds no source.
    known = source_id if is_possible_id(source_id) else 0
    Source.objects.select_for_update(no_key=True).filter(pk=known).only("pk").order_by().first()
    source = require_source(scope, source_id)
    if expected is not None and not expected.fits(source.version):
        raise Stale("Somebody changed this source after you loaded it.", current=source)
    count = source.annotations.filter(project_id=scope.project_id).count()
    if count and not confirmed:
        raise Conflict(
            f"“{source.title}” has {count_of(count, 'annotation')}. Confirm to "
            "remove it anyway; you can restore it later.",
            field="confirm",
        )
    Source.objects.filter(pk=source.pk).update(deleted_at=timezone.now())
    record_event(
        scope,
        action="delete",
        kind="source",
        object_id=source.pk,
        before=build_source_details(source),
        source_id=source.pk,
    )


@project_action
def restore_source(scope: Scope, source_id: int) -> Source:
    """Restore a deleted source; no effect on one that is not deleted."""
    scope.require(Permission.EDIT_SOURCES)
    removed = visible_sources(scope, deleted=True)
    source = removed.filter(pk=source_id).first() if is_possible_id(source_id) else None
    if source is None:
        return require_source(scope, source_id)
    source.deleted_at = None
    source.save(update_fields=["deleted_at"])
    record_event(
        scope,
        action="restore",
        kind="source",
        object_id=source.pk,
        after=build_source_details(source),
        source_id=source.pk,
    )
    return source
