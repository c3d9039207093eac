from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from cstoannot.exchange.seeds import load_seeds


class Command(BaseCommand):
    help = "Load the demonstration project (five articles, codebook, three coders) once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--undecided",
            action="store_true",
            help="without the consensus of two sources, and with results closed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load_seeds(settings.BASE_DIR, decided=not options["undecided"])
        said = "Loaded" if loaded.new else "Already loaded, nothing changed:"
        self.stdout.write(
            f"{said} the project “csto”: {loaded.sources} sources, "
            f"{loaded.annotations} annotations by three coders."
        )
