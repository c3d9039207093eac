"""Names that a question may use: what the reader can know of, whether it is compared or not."""

from collections.abc import Callable, Iterable
from typing import Any

from cstoannot.agreement.keeping import Kept
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Invalid
from cstoannot.projects.queries import visible_members
from cstoannot.sources.queries import visible_sources

LONGEST_SHOWN = 80  # characters of a name that is told back


def check_names(
    kept: Kept,
    *,
    codes: Iterable[str] = (),
    annotators: Iterable[str] = (),
    sources: Iterable[int] = (),
) -> None:
    """Raises Invalid for a code, annotator or source that does not exist, or not for this reader.

    What exists and is in no comparison yet is no fault: its numbers are undefined. The database
    is asked only about names that the coding does not hold.
    """
    coding, scope = kept.coding, kept.scope
    _check(
        *("code", set(codes) - {code.slug for code in coding.codes}),
        lambda: visible_codes(scope).values_list("slug", flat=True),
        "The codebook has no code “{}”.",
    )
    _check(
        *("annotator", set(annotators) - {one.username for one in coding.annotators}),
        lambda: visible_members(scope).values_list("user__username", flat=True),
        "The project has no annotator {}, or none whose coding is open to you.",
    )
    _check(
        *("source", set(sources) - {source.pk for source in coding.sources}),
        lambda: visible_sources(scope).values_list("pk", flat=True),
        "The project has no source {}, or it is not assigned to you.",
    )


def _check(field: str, missing: set[Any], known: Callable[[], Iterable[Any]], message: str) -> None:
    unknown = sorted(missing - set(known())) if missing else []
    if unknown:
        raise Invalid(message.format(str(unknown[0])[:LONGEST_SHOWN]), field=field)
