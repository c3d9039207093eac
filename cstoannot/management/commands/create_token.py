from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cstoannot.accounts.actions import create_token
from cstoannot.accounts.queries import find_user
from cstoannot.core.errors import DomainError


class Command(BaseCommand):
    help = "Print a new API token for a user. The token is shown only once; only its hash is "
    "stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="name of the token")
        parser.add_argument(
            "--days", type=int, default=365, help="days until it expires, 1 to 3650"
        )
        parser.add_argument("--read-only", action="store_true", help="create a read-only token")

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["username"])
        if user is None:
            raise CommandError(f"There is no user {options['username']}.")
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
