from typing import Any

from django.core.management.base import BaseCommand

from cstoannot.accounts.queries import list_similar_usernames


class Command(BaseCommand):
    help = "List user names that look like the name of an older account. New accounts cannot "
    "have such names."

    def handle(self, *args: Any, **options: Any) -> None:
        for later, first in list_similar_usernames():
            self.stdout.write(f"{later} looks like {first}: rename one of them in the admin.")
