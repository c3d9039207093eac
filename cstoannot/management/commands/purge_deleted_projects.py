from typing import Any

from django.core.management.base import BaseCommand

from cstoannot.projects.purge_actions import purge_deleted_projects


class Command(BaseCommand):
    help = "Permanently delete projects that were deleted more than 30 days ago. `serve` also "
    "does this when it starts."

    def handle(self, *args: Any, **options: Any) -> None:
        gone = purge_deleted_projects()
        if options["verbosity"]:
            for slug in gone:
                self.stdout.write(f"Removed the project {slug}.")
            self.stdout.write(f"{len(gone)} projects removed.")
