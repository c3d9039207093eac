"""Hooks that allauth and Django call when somebody logs in or changes a password."""

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
    """Closes sign-up, because operators create accounts, and limits attempts to log in.

    Failed attempts count against the account and the address. A device on which the user has logged
    in before has a count of its own, so that guesses from elsewhere do not lock them out.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt, instead of allauth's count, which each process has for itself."""
        self._counted: list[tuple[SignInAllowance, str]] = []
        for allowance, who in self._counts_against(request, credentials):
            wait = count_attempt(allowance, who)
            if wait:
                raise ValidationError(
                    f"Too many attempts have failed. Try again in {wait} seconds, or use a "
                    f"device on which you have logged in before.",
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
        """Uncount the attempt; allauth calls it when the password is correct."""
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
    """Return the client's address; empty if unknown."""
    try:
        address: str = adapter.get_client_ip(request)
    except PermissionDenied:
        return ""
    return address


def resolve_client_network(adapter: DefaultAccountAdapter, request: HttpRequest) -> str:
    """Return the client's address, or its network if the client can choose addresses in it."""
    address = resolve_client_address(adapter, request)
    if not address:
        return "unknown"
    return str(IPv6Network((address, 64), strict=False)) if ":" in address else address


class TokenRevokingValidator:
    """A password validator that accepts all, used as a hook: Django reports changed passwords.

    It covers the page, the admin and the command line, but not a rehash of the same password.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Accept every password."""

    def get_help_text(self) -> str:
        return "Changing the password revokes your API tokens."

    def password_changed(self, password: str, user: Any = None) -> None:
        if isinstance(user, User):
            revoke_all_tokens(user)
