from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstoannot.accounts.actions import create_token
from cstoannot.accounts.queries import find_user
from cstoannot.core.errors import DomainError


class Command(BaseCommand):
    help = "Print a new API token for a user. It is shown once; only a hash of it is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what it is for")
        parser.add_argument("--days", type=int, default=365, help="its life, 1 to 3650 days")
        parser.add_argument("--read-only", action="store_true", help="it may not write")

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["username"])
        if user is None:
            raise CommandError(f"There is no user called {options['username']}.")
        try:
            _, secret = create_token(
                user,
                name=options["name"],
                days=options["days"],
                read_only=options["read_only"],
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)
