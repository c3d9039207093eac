from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from cstoannot.core.fields import parse_whole_number
from cstoannot.management.serving.installation import prepare_installation, run_server
from cstoannot.management.serving.listener import reserve_port
from cstoannot.projects.purge_actions import purge_deleted_projects

MOST_WORKERS = 256


def _parse_port_option(value: str) -> int:
    if number := parse_whole_number(value, most=65_535):
        return number
    raise ArgumentTypeError(f"{value!r} is not a number from 1 to 65535")


def _parse_worker_count(value: str) -> int:
    if number := parse_whole_number(value, most=MOST_WORKERS):
        return number
    raise ArgumentTypeError(f"{value!r} is not a number from 1 to {MOST_WORKERS}")


class Command(BaseCommand):
    help = "Update the database and the static files, then start the server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=_parse_port_option, default=settings.PORT)
        parser.add_argument(
            "--workers",
            type=_parse_worker_count,
            default=None,
            help="number of processes; default: 1 on SQLite, one per core on PostgreSQL",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("DEBUG is on: serve is for production; use runserver instead.")
        listener = reserve_port(options["host"], options["port"])
        prepare_installation()
        try:
            purge_deleted_projects()
        except DatabaseError as error:
            self.stderr.write(f"Deleted projects could not be removed permanently: {error}")
        run_server(listener, workers=options["workers"], announce=self._announce)

    def _announce(self) -> None:
        self.stdout.write(f"Serving on {settings.PUBLIC_URL} (press Ctrl-C to stop)")
        self.stdout.flush()  # before the fork, which would copy unwritten output
