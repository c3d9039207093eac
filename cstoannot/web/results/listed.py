"""Disagreements in a list: the text each is about, and what each of the two said."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from cstoannot.agreement.coding import Annotator
from cstoannot.agreement.disagreements import Entry, Listing, Passage
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import texts_of
from cstoannot.web.results.asking import asked_address

KIND_TITLES = {
    "missed": "Missed",
    "boundary": "Boundary",
    "different_code": "Different code",
    "different_stance": "Different stance",
    "different_voice": "Different voice",
}
MEANINGS = {
    "missed": "one coder marked a passage where the other has nothing",
    "boundary": "both gave the code, with other bounds",
    "different_code": "they gave the same stretch different codes",
    "different_stance": "same code, another stance",
    "different_voice": "same code, another voice",
}


@dataclass(frozen=True)
class Row:
    entry: Entry
    title: str
    quote: str
    sides: tuple[tuple[Annotator, tuple[Passage, ...]], ...]
    link: str


def rows_of(scope: Scope, found: Listing, mixed: tuple[str, ...] = ()) -> Iterable[Row]:
    """The entries with their text; `mixed`: the two codes to which the list is limited."""
    texts = texts_of(scope, sorted({entry.source.pk for entry in found.entries}))
    query = asked_address(found.asked, mixed=mixed)
    for entry in found.entries:
        yield Row(
            entry,
            KIND_TITLES[entry.kind],
            texts.get(entry.source.pk, "")[entry.start : entry.end],
            tuple((one, _of(entry, one)) for one in (entry.first, entry.second)),
            place_of(scope, entry.number + 1, query),
        )


def place_of(scope: Scope, number: int, query: str) -> str:
    """Where the disagreement of this number in the list is shown; numbers begin with 1."""
    at = reverse("disagreement", args=[scope.project.slug, number])
    return f"{at}?{query}" if query else at


def _of(entry: Entry, annotator: Annotator) -> tuple[Passage, ...]:
    return tuple(passage for passage in entry.passages if passage.annotator == annotator)
