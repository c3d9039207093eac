import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstoannot.agreement.reports import (
    DEFAULT_MEASURE,
    INTERVALS,
    AgreementQuery,
    build_agreement_report,
)
from cstoannot.api.agreement import serialize_agreement_report
from cstoannot.core.errors import DomainError
from cstoannot.projects.scope import open_as_owner
from cstoannot.stats.coefficients.registry import MEASURES


class Command(BaseCommand):
    help = "Print the agreement of a project's coders as JSON, the same as the API returns."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="the project's slug")
        parser.add_argument("--measure", default=DEFAULT_MEASURE, help=", ".join(MEASURES))
        parser.add_argument("--unit", default="", help="default: the measure's first one")
        parser.add_argument("--code", action="append", default=[], help="a code's slug")
        parser.add_argument("--annotator", action="append", default=[], help="a user name")
        parser.add_argument("--source", action="append", default=[], type=int, help="an id")
        parser.add_argument("--interval", default=INTERVALS[0], help=", ".join(INTERVALS))

    def handle(self, *args: Any, **options: Any) -> None:
        question = AgreementQuery(
            measure=options["measure"],
            unit=options["unit"],
            codes=tuple(options["code"]),
            annotators=tuple(options["annotator"]),
            sources=tuple(options["source"]),
            interval=options["interval"],
        )
        try:
            found = build_agreement_report(open_as_owner(options["project"]), question)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps(serialize_agreement_report(found), indent=1))
