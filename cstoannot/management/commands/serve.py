import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

# Idle threads cost next to nothing, and a client that sends half a request holds one: sixty of
# them leave the others their place.
THREADS = 72


class Command(BaseCommand):
    help = "Bring the database and the static files up to date, then serve with granian."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument(
            "--workers",
            type=int,
            default=None,
            help="processes; 1 on SQLite, one a core on PostgreSQL",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("DEBUG is on: serve is for production; use runserver instead.")
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        embedded = connection.vendor == "sqlite"
        connection.close()
        workers = options["workers"] or (1 if embedded else os.cpu_count() or 1)
        self.stdout.write(f"Serving on {settings.PUBLIC_URL} (Ctrl-C ends it)")
        self.stdout.flush()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            options["host"],
            "--port",
            str(options["port"]),
            "--workers",
            str(workers),
            "--blocking-threads",
            str(THREADS),
            "--blocking-threads-idle-timeout",
            "600",  # seconds; a new thread opens the database anew
            "--backlog",
            "1024",
            "--respawn-failed-workers",
            "--log-level",
            "error",
            "cstoannot.wsgi:application",
        ]
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, command)
