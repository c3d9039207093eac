from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstoannot.accounts.queries import find_user
from cstoannot.core.errors import DomainError
from cstoannot.exchange.archiving.restoring import Restored, restore


class Command(BaseCommand):
    help = (
        "Restore a project from an archive, all of it or nothing. People of the archive who have "
        "an account here under the same name get back their roles; for the others accounts are "
        "made under which nobody can sign in until you open them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument("--slug", default="", help="another short name for the project")
        parser.add_argument("--owner", default="", help="a user who shall own it as well")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = find_user(options["owner"]) if options["owner"] else None
        if options["owner"] and owner is None:
            raise CommandError(f"There is no open account {options['owner']}.")
        try:
            with options["file"].open("rb") as file:
                made = restore(file, by=owner, slug=options["slug"], same_people=True)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self._tell(made)

    def _tell(self, made: Restored) -> None:
        counts = made.counts
        self.stdout.write(
            f"Project {made.scope.project.slug}: {counts.get('sources', 0):,} sources, "
            f"{counts.get('annotations', 0):,} annotations."
        )
        if made.matched:
            self.stdout.write(f"Had accounts here: {', '.join(made.matched)}.")
        if made.made:
            self.stdout.write(f"Closed accounts were made for: {', '.join(made.made)}.")
        if not made.scope.user.is_active:
            self.stdout.write(
                f"Its owner {made.scope.user.username} cannot sign in: open the account with a "
                "password, or make somebody else owner by restoring it with --owner."
            )
