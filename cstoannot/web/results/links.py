"""From a number to the list of what it counts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from django.urls import reverse

from cstoannot.agreement.counted import Sources
from cstoannot.agreement.diagnosis import MEASURE, Counted
from cstoannot.agreement.disagreements import Asked
from cstoannot.agreement.reports import INTERVALS, Question
from cstoannot.stats.diagnostics import Counts
from cstoannot.web.results.asking import address, asked_address

PASSAGE_KINDS = ("missed", "boundary", "different_code")


@dataclass(frozen=True)
class Linked:
    """Words that lead to what they count."""

    words: str
    link: str


Text = tuple[str | Linked, ...]


@dataclass(frozen=True)
class Links:
    """The lists behind the numbers that answer a question."""

    slug: str
    question: Question

    def evidence(self, **part: str | int | Iterable[str]) -> str:
        """The units or passages of the overall number, or of a part (`of_code` and the like)."""
        return f"{self._evidence}?{address(self.question, **part)}"

    def counted(self, of: str, **more: str) -> str:
        """Codes, coders or sources, as `views/evidence.py` lists them."""
        at = reverse("agreement_counted", args=[self.slug])
        return f"{at}?{address(self.question, of=of, **more)}"

    def disagreements(self, *kinds: str) -> str:
        """Those of all codes in the sources and between the coders of the question."""
        asked = Asked(
            kinds=kinds, annotators=self.question.annotators, sources=self.question.sources
        )
        return f"{reverse('disagreements', args=[self.slug])}?{asked_address(asked)}"

    def of_figure(self, figure: Counted) -> str:
        """What a figure of a reviewer's remark counts; these are all about one measure."""
        asked = replace(self.question, measure=MEASURE, unit="", interval=INTERVALS[0])
        return _FIGURES[figure.counts](Links(self.slug, asked), figure)

    @cached_property
    def _evidence(self) -> str:
        return reverse("agreement_evidence", args=[self.slug])


def _units(links: Links, figure: Counted) -> str:
    return links.evidence(of_code=figure.code)


def _given(links: Links, figure: Counted) -> str:
    if figure.annotators:
        pair = sorted(figure.annotators)
        return links.evidence(of_code=figure.code, of_pair=pair, given_by=figure.annotators[0])
    return links.evidence(of_code=figure.code, given="1")


def _read(links: Links, figure: Counted) -> str:
    return links.counted(Sources.READ, of_annotator=figure.annotators[0])


_FIGURES: dict[Counts, Callable[[Links, Counted], str]] = {
    Counts.SOURCES_ALONE: lambda links, _: links.counted(Sources.ALONE),
    Counts.SOURCES_FINISHED: lambda links, _: links.counted(Sources.FINISHED),
    Counts.SOURCES_READ: _read,
    Counts.CODES_CONSTANT: lambda links, _: links.counted("undefined"),
    Counts.UNITS: _units,
    Counts.UNITS_GIVEN: _given,
    Counts.BOUNDS: lambda links, _: links.disagreements("boundary"),
    Counts.PASSAGES: lambda links, _: links.disagreements(*PASSAGE_KINDS),
}
