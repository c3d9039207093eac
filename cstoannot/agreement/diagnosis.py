"""What a careful reviewer would ask about a report's numbers, with what each figure counts."""

from dataclasses import dataclass

from cstoannot.agreement.coding import Coding
from cstoannot.agreement.disagreements import Asked, kinds_in
from cstoannot.agreement.keeping import Kept, view_of
from cstoannot.agreement.reports import Question, Selection, check_question, selection_of
from cstoannot.projects.scope import Scope
from cstoannot.stats.coding import CodingTable
from cstoannot.stats.diagnostics import Counts, Figure, Finding, Names, diagnose

MEASURE, UNIT = "krippendorff_alpha", "sentence"


@dataclass(frozen=True)
class Counted:
    """A figure: its words and what it counts, with names; `code`, `annotators` narrow it."""

    words: str
    counts: Counts
    code: str
    annotators: tuple[str, ...]


@dataclass(frozen=True)
class Remark:
    """A finding, about `MEASURE` by `UNIT`, with its figures apart from its words."""

    key: str
    said: tuple[str | Counted, ...]
    advice: str


def diagnose_report(scope: Scope, question: Question) -> tuple[Remark, ...]:
    """Findings on what the question selects, by sentences, the gravest first.

    A reader who knows only results with their own work in them is told of their own pairs alone.
    """
    kept = view_of(scope)
    asked = Asked(annotators=question.annotators, sources=question.sources)
    with kept.lock:
        check_question(kept, question)
        chosen = selection_of(question, kept.coding)
        found: tuple[Remark, ...] = kept.answer(
            ("diagnosis", chosen), lambda: tuple(_remarks(kept, chosen, asked))
        )
    return found


def _remarks(kept: Kept, chosen: Selection, asked: Asked) -> list[Remark]:
    coding = kept.coding
    table = kept.statistics_for(MEASURE, UNIT).table
    if not isinstance(table, CodingTable) or not coding.annotators:
        return []
    found = diagnose(
        table.select(sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes),
        Names(
            codes=[code.name for code in coding.codes],
            annotators=[one.username for one in coding.annotators],
            sources=[source.title for source in coding.sources],
        ),
        codes=chosen.codes,
        whole=table,
        disagreements=kinds_in(kept, asked),
    )
    return [_remark(coding, one) for one in found if _told(coding, one)]


def _told(coding: Coding, finding: Finding) -> bool:
    pair = [coding.annotators[n].pk for n in finding.annotators]
    return coding.reader is None or len(pair) < 2 or coding.reader in pair


def _remark(coding: Coding, finding: Finding) -> Remark:
    said = tuple(_counted(coding, one) if isinstance(one, Figure) else one for one in finding.said)
    return Remark(finding.key, said, finding.advice)


def _counted(coding: Coding, figure: Figure) -> Counted:
    code = "" if figure.code is None else coding.codes[figure.code].slug
    names = tuple(coding.annotators[n].username for n in figure.annotators)
    return Counted(figure.words, figure.counts, code, names)
