"""Turns the checked rows of how a team works and decides into rows of the database."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from cstoannot.assignments.models import Plan, Round, SourceConsensus
from cstoannot.decisions.models import Decision
from cstoannot.exchange.archive.layout import move_place, read_place_source
from cstoannot.exchange.archive.progress import RestoreProgress, require_known_name
from cstoannot.exchange.archive.schema import build_row_error
from cstoannot.threads.models import Comment, Thread, ThreadKind, ThreadRead

MOST_PLANS = 10_000
MOST_ROUNDS = 10_000


def restore_rounds(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("rounds"):
        made = []
        for number, row in batch:
            if number > MOST_ROUNDS or row["name"] in restoring.rounds:
                raise build_row_error("rounds", number, "named twice, or one too many")
            if row["revision"] > restoring.codebook.number:
                raise build_row_error("rounds", number, "a revision that the codebook has not")
            row["id"] = restoring.rounds[row["name"]] = restoring.id(row["id"])
            made.append(Round(**row))
        restoring.sink.put(made)


def restore_plans(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("plans"):
        made = []
        for number, row in batch:
            if number > MOST_PLANS:
                raise build_row_error("plans", number, f"more than {MOST_PLANS:,} plans")
            given = row.pop("id")
            restoring.plans[given] = restoring.id(given)
            annotators = [
                require_known_name(restoring.people, name, "plans", number, "person")
                for name in row.pop("annotators")
            ]
            made_by = restoring.person("plans", number, row.pop("made_by"))
            plan = Plan(id=restoring.plans[given], annotators=annotators, made_by_id=made_by, **row)
            made.append(plan)
        restoring.sink.put(made)


def restore_decisions(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("decisions"):
        restoring.sink.put(
            [_build_restored_decision(restoring, number, row) for number, row in batch]
        )


def _build_restored_decision(
    restoring: RestoreProgress, number: int, row: dict[str, Any]
) -> Decision:
    stands = row.pop("source")
    source = restoring.known_source("decisions", number, stands)
    _check_weighed_bounds(restoring, number, row, len(restoring.scratch.text(stands)))
    if not set(row["chosen"]) <= {reading["reading"] for reading in row["readings"]}:
        raise build_row_error("decisions", number, "a reading was chosen that is not there")
    if read_place_source(row["place"]) != stands:
        raise build_row_error("decisions", number, "the place is not one of the source")
    return Decision(
        id=restoring.id(row.pop("id")),
        source_id=source,
        place=move_place(row.pop("place"), source),
        by_id=restoring.person("decisions", number, row.pop("by")),
        passages=_renew_passages_left(restoring, number, row, stands),
        readings=renew_readings(restoring, "decisions", number, row.pop("readings")),
        **row,
    )


def _check_weighed_bounds(
    restoring: RestoreProgress, number: int, row: Mapping[str, Any], length: int
) -> None:
    weighed = [passage for reading in row["readings"] for passage in reading["passages"]]
    left = row["passages"] if row["apart"] else ()
    for one in (row, *weighed, *(part for part in left if isinstance(part, dict))):
        if not one["start"] < one["end"] <= length:
            raise build_row_error("decisions", number, "not within the text")


def _renew_passages_left(
    restoring: RestoreProgress, number: int, row: dict[str, Any], source: int
) -> list[Any]:
    """Return the ids of the consensus passages here; of a decision made apart, what it says."""
    passages: list[Any] = row.pop("passages")
    if any(isinstance(one, dict) != row["apart"] for one in passages):
        raise build_row_error("decisions", number, "passages of another kind of decision")
    if row["apart"]:
        return passages
    for one in passages:
        if not restoring.scratch.has_id(f"consensus {source}", UUID(one)):
            raise build_row_error("decisions", number, f"the consensus has no passage {one}")
    return [str(restoring.id(UUID(one))) for one in passages]


def renew_readings(
    restoring: RestoreProgress, kind: str, number: int, readings: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return checked readings with the keys of their annotators and annotations here."""

    def find(name: str) -> int:
        return require_known_name(restoring.people, name, kind, number, "person")

    return [
        {
            **reading,
            "annotators": [find(name) for name in reading["annotators"]],
            "passages": [
                {
                    **one,
                    "id": str(restoring.id(one["id"])),
                    "annotator": find(one["annotator"]),
                }
                for one in reading["passages"]
            ],
        }
        for reading in readings
    ]


def restore_consensus(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("consensus"):
        made = []
        for number, row in batch:
            source = restoring.known_source("consensus", number, row.pop("source"))
            adjudicator = restoring.person("consensus", number, row.pop("adjudicator"))
            made.append(SourceConsensus(source_id=source, adjudicator_id=adjudicator, **row))
        restoring.sink.put(made)


def restore_threads(restoring: RestoreProgress) -> None:
    for batch in restoring.batches("threads"):
        threads, marks = [], []
        for number, row in batch:
            read = row.pop("read")
            threads.append(_build_restored_thread(restoring, number, row))
            marks += _build_reading_marks(restoring, number, threads[-1], read)
        restoring.sink.put(threads)
        if marks:
            restoring.sink.put(marks)


def _build_restored_thread(restoring: RestoreProgress, number: int, row: dict[str, Any]) -> Thread:
    stands = row.pop("source")
    _check_thread_about(number, row, stands)
    source = restoring.source("threads", number, stands)
    text = "" if stands is None else restoring.scratch.text(stands)
    _check_thread_place(number, row, text)
    code = row.pop("code")
    found = {
        "decision_id": _renew_reference(restoring, number, row, "decision", f"decisions {stands}"),
        "proposal_id": _renew_reference(restoring, number, row, "proposal", "proposals"),
    }
    return Thread(
        id=restoring.id(row.pop("id")),
        source_id=source,
        code_id=code and require_known_name(restoring.codes, code, "threads", number, "code"),
        opened_by_id=restoring.person("threads", number, row.pop("opened_by")),
        resolved_by_id=restoring.person("threads", number, row.pop("resolved_by")),
        **found,
        **row,
    )


def _check_thread_about(number: int, row: Mapping[str, Any], source: int | None) -> None:
    kind, placed = row["kind"], row["start"] is not None
    if (kind == ThreadKind.CODE) != (row["code"] is not None) or (
        (kind == ThreadKind.CODE) != (source is None)
    ):
        raise build_row_error("threads", number, f"not about {ThreadKind(kind).label}")
    if placed != (kind in (ThreadKind.PLACE, ThreadKind.DECISION)) or (
        placed != (row["end"] is not None)
    ):
        raise build_row_error("threads", number, "start and end belong to a place")
    if row["decision"] is not None and kind != ThreadKind.DECISION:
        raise build_row_error("threads", number, "a decision in a thread on something else")
    if row["resolved_by"] is not None and row["resolved_at"] is None:
        raise build_row_error("threads", number, "resolved, or not")


def _check_thread_place(number: int, row: Mapping[str, Any], text: str) -> None:
    start, end, quote = row["start"], row["end"], row["quote"]
    if start is None and quote == "":
        return
    if start is None or not start < end <= len(text):
        raise build_row_error("threads", number, "not within the text")
    if not quote or not text[start:end].startswith(quote):
        raise build_row_error("threads", number, f"from {start} to {end} the text does not read so")


def _renew_reference(
    restoring: RestoreProgress, number: int, row: dict[str, Any], name: str, kind: str
) -> UUID | None:
    given: UUID | None = row.pop(name)
    if given is None:
        return None
    if not restoring.scratch.has_id(kind, given):
        raise build_row_error("threads", number, f"the archive has no such {name} {given}")
    return restoring.id(given)


def _build_reading_marks(
    restoring: RestoreProgress, number: int, thread: Thread, read: Sequence[Mapping[str, Any]]
) -> list[ThreadRead]:
    return [
        ThreadRead(
            thread_id=thread.pk,
            user_id=require_known_name(restoring.people, one["user"], "threads", number, "person"),
            read_at=one["read_at"],
            number=one["number"],
        )
        for one in read
    ]


def restore_comments(restoring: RestoreProgress) -> None:
    through: Any = Comment.mentions.through
    for batch in restoring.batches("comments"):
        comments, mentions = [], []
        for number, row in batch:
            thread = row.pop("thread")
            if not restoring.scratch.has_id("threads", thread):
                raise build_row_error("comments", number, f"the archive has no thread {thread}")
            names, id = row.pop("mentions"), restoring.id(row.pop("id"))
            author = restoring.person("comments", number, row.pop("author"))
            comments.append(Comment(id=id, thread_id=restoring.id(thread), author_id=author, **row))
            mentions += [
                through(
                    comment_id=id,
                    user_id=require_known_name(
                        restoring.people, name, "comments", number, "person"
                    ),
                )
                for name in names
            ]
        restoring.sink.put(comments)
        if mentions:
            restoring.sink.put(mentions)


TEAM_STEPS = (restore_decisions, restore_threads, restore_comments, restore_consensus)
"""In this order, after the annotations and proposals to which they refer."""
