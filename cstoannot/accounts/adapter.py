"""Hooks that allauth and Django call when somebody signs in or changes a password."""

from ipaddress import IPv6Network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse

from cstoannot.accounts.actions import revoke_all_tokens
from cstoannot.accounts.attempt_actions import count_attempt, uncount_attempt
from cstoannot.accounts.models import User
from cstoannot.accounts.sign_in_limits import (
    ACCOUNT,
    COOKIE,
    DEVICE,
    LIFE,
    SignInAllowance,
    add_person_to_cookie,
    build_address_allowance,
    find_known_device,
)


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: accounts are made by those who run the installation.

    Guesses slow their account and their address down. Who has signed in before on the device at
    hand is counted apart, so the guesses of others lock nobody out where they work.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's own count, which each process keeps for itself."""
        self._counted: list[tuple[SignInAllowance, str]] = []
        for allowance, who in self._counts_against(request, credentials):
            wait = count_attempt(allowance, who)
            if wait:
                raise ValidationError(
                    f"Too many attempts have failed. Try again in {wait} seconds, or on a device "
                    "on which you have signed in before.",
                    code="too_many_login_attempts",
                )
            self._counted.append((allowance, who))

    def _counts_against(
        self, request: HttpRequest, credentials: dict[str, Any]
    ) -> list[tuple[SignInAllowance, str]]:
        name = str(credentials.get("username", "")).lower()
        device = find_known_device(request.COOKIES.get(COOKIE, ""), name)
        if device:
            return [(DEVICE, f"{device} {name}")]
        return [(build_address_allowance(), resolve_client_network(self, request)), (ACCOUNT, name)]

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth calls it once the password fits."""
        for allowance, who in self._counted:
            uncount_attempt(allowance, who)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        response.set_cookie(
            COOKIE,
            add_person_to_cookie(request.COOKIES.get(COOKIE, ""), user.username),
            max_age=LIFE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def resolve_client_address(adapter: DefaultAccountAdapter, request: HttpRequest) -> str:
    """The client's address; empty where it cannot be known."""
    try:
        address: str = adapter.get_client_ip(request)
    except PermissionDenied:
        return ""
    return address


def resolve_client_network(adapter: DefaultAccountAdapter, request: HttpRequest) -> str:
    """The client's address, or its network where it can take any address in there."""
    address = resolve_client_address(adapter, request)
    if not address:
        return "unknown"
    return str(IPv6Network((address, 64), strict=False)) if ":" in address else address


class TokenRevokingValidator:
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
