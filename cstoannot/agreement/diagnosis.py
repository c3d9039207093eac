"""What a careful reviewer would ask about a report's numbers."""

from cstoannot.agreement.disagreements import Asked, all_disagreements
from cstoannot.agreement.keeping import view_of
from cstoannot.agreement.reports import Question, selection_of
from cstoannot.projects.scope import Scope
from cstoannot.stats.coding import CodingTable
from cstoannot.stats.diagnostics import Finding, Names, diagnose

UNIT = "sentence"


def diagnose_report(scope: Scope, question: Question) -> list[Finding]:
    """Findings on what the question selects, by sentences, the gravest first."""
    kept = view_of(scope)
    asked = Asked(annotators=question.annotators, sources=question.sources)
    disagreements = all_disagreements(scope, asked)
    with kept.lock:
        coding = kept.coding
        chosen = selection_of(question, coding)
        table = kept.statistics_for("krippendorff_alpha", UNIT).table
        if not isinstance(table, CodingTable) or not coding.annotators:
            return []
        found: list[Finding] = kept.answer(
            ("diagnosis", chosen),
            lambda: diagnose(
                table.select(
                    sources=chosen.sources, annotators=chosen.annotators, codes=chosen.codes
                ),
                Names(
                    codes=[code.name for code in coding.codes],
                    annotators=[one.username for one in coding.annotators],
                    sources=[source.title for source in coding.sources],
                ),
                whole=table,
                disagreements=disagreements,
            ),
        )
    return found
