"""Turns the checked rows of how a team works and decides into rows of the database."""

from cstoannot.assignments.models import Plan, Round
from cstoannot.exchange.archive.progress import RestoreProgress, require_known_name
from cstoannot.exchange.archive.schema import build_row_error

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
