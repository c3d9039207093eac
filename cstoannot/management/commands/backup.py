from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from cstoannot.management import backups


class Command(BaseCommand):
    help = (
        "Back up the whole database to a file, while people work. The file appears when it is "
        "complete and on disk. restore_backup is the way back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="where to write")
        parser.add_argument("--force", action="store_true", help="replace a file that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.is_dir() or not target.parent.is_dir():
            raise CommandError(f"{target} is no file in a folder that exists.")
        if target.exists() and not options["force"]:
            raise CommandError(f"{target} is there already. Give --force to replace it.")
        settings = connection.settings_dict
        if connection.vendor == "sqlite":
            backups.back_up_sqlite(Path(settings["NAME"]), target)
        else:
            backups.back_up_postgresql(settings, target)
        self.stdout.write(f"{target}: {target.stat().st_size:,} bytes.")
