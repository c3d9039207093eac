from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from cstoannot.management import backups
from cstoannot.management.backups import POSTGRESQL, SQLITE, detect_backup_kind


class Command(BaseCommand):
    help = (
        "Restore a backup of the whole database into an empty installation, completely or not at "
        "all. Stop the server first. The command fails if the installation is not empty or the "
        "backup is from a newer release."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        kind, here = (
            detect_backup_kind(path),
            SQLITE if connection.vendor == "sqlite" else POSTGRESQL,
        )
        if kind != here:
            raise CommandError(
                f"{path} is a backup of {kind}, but this installation uses {here}. Move projects "
                f"between them with export_project and restore_project."
            )
        settings = connection.settings_dict
        if here == SQLITE:
            connection.close()
            backups.restore_sqlite(path, Path(settings["NAME"]))
        else:
            backups.restore_postgresql(path, settings)
        self.stdout.write(f"{path} is restored. `manage.py serve` brings it up to date.")
