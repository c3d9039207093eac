"""What follows when somebody's password changes, wherever it is changed."""

from typing import Any

from cstoannot.accounts.actions import revoke_all_tokens
from cstoannot.accounts.models import User


class RevokeTokens:
    """A password validator that refuses nothing: Django tells it of every changed password.

    That holds for the page, the admin and the command line alike, and not where only the hash of
    the same password is renewed.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Every password will do."""

    def get_help_text(self) -> str:
        return "Your API tokens end with the old password."

    def password_changed(self, password: str, user: Any = None) -> None:
        if isinstance(user, User):
            revoke_all_tokens(user)
