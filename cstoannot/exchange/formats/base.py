"""What an export format is (`ExportFormat`), its options, and what is requested of it
(`ExportRequest`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from cstoannot.annotations.counts import count_by_code
from cstoannot.annotations.queries import AnnotationFilter
from cstoannot.exchange.queries import exportable_annotations, load_exported_usernames
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope


@dataclass(frozen=True)
class FormatOption:
    """A choice that a format leaves to whoever asks.

    `choices` says of each value what it means; the first one goes without saying.
    """

    key: str
    title: str
    choices: Mapping[str, str]

    @property
    def default(self) -> str:
        return next(iter(self.choices))


@dataclass(frozen=True)
class ExportRequest:
    """What is to leave, and in which manner: the part that the filters name of what may leave.

    `options` has a value for each of the format's, once the registry has looked at them.
    """

    scope: Scope
    filters: AnnotationFilter = field(default_factory=AnnotationFilter)
    options: Mapping[str, str] = field(default_factory=dict)
    counted: list[int] = field(default_factory=list, compare=False, repr=False)
    """How many annotations it is, once somebody has counted; formats asked together share it."""


def count_exported_annotations(asked: ExportRequest) -> int:
    if not asked.counted:
        asked.counted.append(_load_exported_count(asked))
    return asked.counted[0]


def _load_exported_count(asked: ExportRequest) -> int:
    """Of a whole project, from the counts by code, which are kept until something happens in it."""
    if asked.filters.everything and asked.scope.can(Permission.SEE_ALL_CODING):
        return sum(count_by_code(asked.scope).values())
    return exportable_annotations(asked.scope, asked.filters).order_by().count()


def _return_no_losses(asked: ExportRequest) -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One format. It has either `stream` or `write`.

    `stream` gives the file in pieces, from the first row on, in flat memory. `write` is for what
    can be finished only at its end (a zip, a footer): it fills a temporary file, and the first
    byte leaves when that stands.
    """

    key: str
    title: str
    extension: str
    media_type: str
    readers: str
    """Who reads it, in one sentence."""
    carries: Sequence[str]
    loses: Sequence[str]
    rows_are: str = "annotations"
    options: Sequence[FormatOption] = ()
    filtered: bool = True
    """Whether the filters apply; otherwise the whole project leaves."""
    permission: Permission = Permission.VIEW
    stream: Callable[[ExportRequest], Iterator[bytes]] | None = None
    write: Callable[[ExportRequest, BinaryIO], None] | None = None
    count: Callable[[ExportRequest], int | None] = count_exported_annotations
    """How many rows it will have; None where only making it would tell."""
    costly: bool = False
    """Whether its rows are counted by computing what it holds, which a large project feels."""
    warn: Callable[[ExportRequest], Sequence[str]] = _return_no_losses
    """What is lost of these very data, beyond what the format always loses."""
    check: Callable[[ExportRequest], object] = _return_no_losses
    """Raises a DomainError for what this format cannot hold, before anything is written."""
    names: Callable[[Scope], Iterable[str]] = load_exported_usernames
    """The user names that it may hold: who is renamed later has another file."""
    name: Callable[[ExportRequest], str] | None = None
    """What the file is called after the project's slug; the format's key if left out."""

    @property
    def streamed(self) -> bool:
        return self.stream is not None

    def file_name(self, asked: ExportRequest) -> str:
        part = self.name(asked) if self.name else self.key
        return f"{asked.scope.project.slug}-{part}.{self.extension}"
