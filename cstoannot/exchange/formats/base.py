"""An export format (`ExportFormat`), its options, and a request for a file (`ExportRequest`)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from cstoannot.annotations.counts import count_by_code
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.codebook.meaning import CURRENT
from cstoannot.core.plurals import count_of
from cstoannot.exchange.queries import exportable_annotations, load_exported_usernames
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class FormatOption:
    """An option of a format.

    `choices` maps each value to its meaning; the first one is the default.
    """

    key: str
    title: str
    choices: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.choices))


@dataclass(frozen=True)
class ExportRequest:
    """The requested export: the exportable annotations that pass the filters.

    `options` has a value for each option of the format once `build_export_request` checked them.
    """

    scope: Scope
    filters: AnnotationFilter = field(default_factory=AnnotationFilter)
    options: Mapping[str, str] = field(default_factory=dict)
    counted: list[int] = field(default_factory=list, compare=False, repr=False)
    """The number of annotations once counted, else empty; shared between formats."""
    outdated: list[int] = field(default_factory=list, compare=False, repr=False)
    """The number of outdated ones that the filters select, or would without `stale`; likewise."""


def count_exported_annotations(asked: ExportRequest) -> int:
    if not asked.counted:
        asked.counted.append(_load_exported_count(asked))
    return asked.counted[0]


def _load_exported_count(asked: ExportRequest) -> int:
    """Load the count; for a whole project, from the cached counts by code."""
    if asked.filters.everything and asked.scope.can(Permission.SEE_ALL_CODING):
        return sum(count_by_code(asked.scope).values())
    return exportable_annotations(asked.scope, asked.filters).order_by().count()


def count_outdated_annotations(asked: ExportRequest) -> int:
    """Count the annotations made under an older meaning of their code, left out or not."""
    if not asked.outdated:
        found = exportable_annotations(asked.scope, replace(asked.filters, stale=True))
        asked.outdated.append(found.order_by().count())
    return asked.outdated[0]


def describe_stale_losses(asked: ExportRequest, *, marked: bool) -> Sequence[str]:
    """Describe what becomes of outdated annotations; `marked`: the file says which they are."""
    left_out = asked.filters.meaning == CURRENT
    if asked.filters.stale or (marked and not left_out):
        return ()
    number = count_outdated_annotations(asked)
    if not number:
        return ()
    made = "made before the meaning of their code changed"
    if left_out:
        return (f"{count_of(number, 'outdated annotation')}, {made}",)
    return (f"which annotations are outdated, {made}: {number:,} of them count as the others do",)


def _return_no_losses(asked: ExportRequest) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One format. It has either `stream` or `write`.

    `stream` yields the file in chunks, from the first row on, in constant memory. `write` is for
    formats that need the whole file first (a zip, a footer): it writes a temporary file, which is
    sent once complete.
    """

    key: str
    title: str
    extension: str
    media_type: str
    readers: str
    """Which programs or people read it, in one sentence."""
    carries: Sequence[str]
    loses: Sequence[str]
    rows_are: str = "annotations"
    options: Sequence[FormatOption] = ()
    marks_stale: bool = True
    """Whether the file says which annotations, or how many, are outdated."""
    filtered: bool = True
    """Whether the filters apply; otherwise it exports the whole project."""
    permission: Permission = Permission.VIEW
    stream: Callable[[ExportRequest], Iterator[bytes]] | None = None
    write: Callable[[ExportRequest, BinaryIO], None] | None = None
    count: Callable[[ExportRequest], int | None] = count_exported_annotations
    """Returns the number of rows; None if only creating the file would tell."""
    costly: bool = False
    """Whether `count` has to compute the content, which is slow in a large project."""
    warn: Callable[[ExportRequest], Sequence[str]] = _return_no_losses
    """Returns what this export loses in addition to `loses`."""
    check: Callable[[ExportRequest], object] = _return_no_losses
    """Raises a DomainError for data that the format cannot hold, before anything is written."""
    names: Callable[[Scope], Iterable[str]] = load_exported_usernames
    """Returns the user names that the file may contain; renaming a user changes the file."""
    name: Callable[[ExportRequest], str] | None = None
    """Returns the file name after the project's slug; the default is the format's key."""

    @property
    def streamed(self) -> bool:
        return self.stream is not None

    def file_name(self, asked: ExportRequest) -> str:
        part = self.name(asked) if self.name else self.key
        return f"{asked.scope.project.slug}-{part}.{self.extension}"
