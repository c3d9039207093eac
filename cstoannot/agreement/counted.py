"""The sources that a number counts: those compared, and those that a finding speaks of."""

from enum import StrEnum

import numpy as np

from cstoannot.agreement.coding import Source
from cstoannot.agreement.keeping import view_of
from cstoannot.agreement.reports import Question, check_question, selection_of
from cstoannot.projects.scope import Scope


class Sources(StrEnum):
    """Which sources; only `COMPARED` and `READ` depend on what the question selects."""

    COMPARED = "compared"
    READ = "read"
    """Of those compared, what one annotator finished."""
    FINISHED = "finished"
    """What anybody finished."""
    ALONE = "alone"
    """What fewer than two annotators finished."""


def sources_counted(
    scope: Scope, question: Question, which: Sources, annotator: str = ""
) -> tuple[Source, ...]:
    """In the project's order, as far as this reader may know; `annotator`: whose, for `READ`."""
    kept = view_of(scope)
    with kept.lock:
        coding = kept.coding
        check_question(kept, question)
        if which in {Sources.COMPARED, Sources.READ}:
            numbers = np.asarray(selection_of(question, coding).sources, np.int64)
        else:
            numbers = np.arange(len(coding.sources))
    finished = coding.finished[numbers]
    if which is Sources.ALONE:
        numbers = numbers[finished.sum(axis=1) < 2]
    elif which is Sources.READ:
        theirs = [n for n, one in enumerate(coding.annotators) if one.username == annotator]
        numbers = numbers[finished[:, theirs].any(axis=1)]
    return tuple(coding.sources[number] for number in numbers.tolist())
