import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from cstoannot.accounts.actions import set_password
from cstoannot.exchange.seeds import USERS, demonstration_users


class Command(BaseCommand):
    help = "Load the demonstration project, print the address and the log-ins, and serve."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("load_seeds", stdout=self.stdout)
        password = self._password()
        for user in demonstration_users():
            if not user.check_password(password):
                set_password(user, password)
        self.stdout.write(f"\n  {settings.PUBLIC_URL}")
        self.stdout.write(f"  user: {', '.join(USERS)}")
        self.stdout.write(f"  password: {password}\n")
        call_command("serve", stdout=self.stdout)

    def _password(self) -> str:
        """From the environment, or the one made at the first start and kept in the data folder."""
        given = os.environ.get("CSTOANNOT_DEMO_PASSWORD", "")
        if given:
            return given
        kept = Path(settings.DATA_FOLDER) / "demo-password"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(9))
        return kept.read_text()
