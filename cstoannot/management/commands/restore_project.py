from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstoannot.accounts.queries import find_user
from cstoannot.core.errors import DomainError
from cstoannot.exchange.archive.restoring import RestoreResult, restore_archive


class Command(BaseCommand):
    help = (
        "Restore a project from an archive, completely or not at all; the server can keep "
        "running. No accounts are created: people of the archive keep their names, and an owner "
        "can link them to members. With --same-people, everybody with an account of the same "
        "name here gets their role back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--slug", default="", help="another short name for the project")
        parser.add_argument("--owner", default="", help="a user who also becomes an owner")
        parser.add_argument(
            "--same-people",
            action="store_true",
            help="accounts with names from the archive belong to the same people",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = find_user(options["owner"]) if options["owner"] else None
        if options["owner"] and owner is None:
            raise CommandError(f"There is no active account {options['owner']}.")
        try:
            with options["file"].open("rb") as file:
                made = restore_archive(
                    file, by=owner, slug=options["slug"], same_people=options["same_people"]
                )
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self._tell(made)

    def _tell(self, made: RestoreResult) -> None:
        counts = made.counts
        self.stdout.write(
            f"Project {made.scope.project.slug}: {counts.get('sources', 0):,} sources, "
            f"{counts.get('annotations', 0):,} annotations."
        )
        if made.members:
            self.stdout.write(f"Members as they were: {', '.join(made.members)}.")
        if made.outsiders:
            self.stdout.write(f"Without an account in it: {', '.join(made.outsiders)}.")
        if not made.scope.user.is_active:
            self.stdout.write(
                f"Its owner {made.scope.user.username} cannot log in: activate the account and "
                f"set a password, or restore the project with --owner to give it another owner."
            )
