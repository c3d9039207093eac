import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.urls import reverse
from django.utils.crypto import salted_hmac

from cstoannot.accounts.actions import set_password
from cstoannot.accounts.models import User
from cstoannot.core.errors import NotFound
from cstoannot.exchange.seeds import USERS, ensure_demo_users, make_demo_link
from cstoannot.management.serving.installation import prepare_installation
from cstoannot.projects.results_queries import open_results


class Command(BaseCommand):
    help = "Load the demonstration project, print its URL and accounts, and start the server."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_installation()
        call_command("load_seeds", stdout=self.stdout)
        password = self._password()
        self._set_passwords(password)
        self.stdout.write(f"\n  {settings.PUBLIC_URL}")
        self.stdout.write(f"  user: {', '.join(USERS)}")
        self.stdout.write(f"  password: {password}")
        if secret := self._find_results_secret():
            address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('results', args=[secret])}"
            self.stdout.write(f"  results, without an account: {address}")
        self.stdout.write("")
        call_command("serve", stdout=self.stdout)

    def _set_passwords(self, password: str) -> None:
        """Give the demonstration's users this password.

        Checking one takes as long as a login, so a digest of the last checked password is stored.
        """
        users = ensure_demo_users()
        kept = Path(settings.DATA_FOLDER) / "demo-password-checked"
        if kept.exists() and kept.read_text() == _digest_passwords(password, users):
            return
        for user in users:
            if not user.check_password(password):
                set_password(user, password)
        kept.touch(mode=0o600)
        kept.write_text(_digest_passwords(password, users))

    def _find_results_secret(self) -> str | None:
        """Return the secret of a link to the results, made at the first start; None if closed.

        It is stored in the data folder. One that can no longer be used is replaced.
        """
        kept = Path(settings.DATA_FOLDER) / "demo-results-link"
        if kept.exists():
            try:
                open_results(secret := kept.read_text())
                return secret
            except NotFound:
                pass
        made = make_demo_link()
        if made:
            kept.touch(mode=0o600)
            kept.write_text(made)
        return made

    def _password(self) -> str:
        """Return the password from the environment, or the one created at the first start.

        The latter is stored in the data folder.
        """
        given = os.environ.get("CSTOANNOT_DEMO_PASSWORD", "")
        if given:
            return given
        kept = Path(settings.DATA_FOLDER) / "demo-password"
        if not kept.exists():
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(9))
        return kept.read_text()


def _digest_passwords(password: str, users: list[User]) -> str:
    hashes = "\n".join([password, *(user.password for user in users)])
    return salted_hmac("demonstration", hashes, algorithm="sha256").hexdigest()
