from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from cstoannot.management import backups


class Command(BaseCommand):
    help = (
        "Back up the whole database to a file; the server can keep running. The file appears "
        "when it is complete. Use restore_backup to restore it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="path of the backup")
        parser.add_argument("--force", action="store_true", help="replace an existing file")

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path = options["file"]
        if target.is_dir() or not target.parent.is_dir():
            raise CommandError(f"The folder of {target} does not exist, or {target} is a folder.")
        if target.exists() and not options["force"]:
            raise CommandError(f"{target} already exists. Use --force to replace it.")
        settings = connection.settings_dict
        if connection.vendor == "sqlite":
            backups.back_up_sqlite(Path(settings["NAME"]), target)
        else:
            backups.back_up_postgresql(settings, target)
        self.stdout.write(f"{target}: {target.stat().st_size:,} bytes.")
