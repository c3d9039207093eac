from ipaddress import IPv6Network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse

from cstoannot.accounts.attempts.actions import count_attempt, uncount_attempt
from cstoannot.accounts.attempts.allowances import (
    ACCOUNT,
    DEVICE,
    Allowance,
    allowance_of_address,
)
from cstoannot.accounts.attempts.devices import COOKIE, LIFE, add_person, known_device
from cstoannot.accounts.models import User


class ClosedSignUp(DefaultAccountAdapter):
    """Nobody signs up by themselves: accounts are made by those who run the installation.

    Guesses slow their account and their address down. Who has signed in before on the device at
    hand is counted apart, so the guesses of others lock nobody out where they work.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's own count, which each process keeps for itself."""
        self._counted: list[tuple[Allowance, str]] = []
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
    ) -> list[tuple[Allowance, str]]:
        name = str(credentials.get("username", "")).lower()
        device = known_device(request.COOKIES.get(COOKIE, ""), name)
        if device:
            return [(DEVICE, f"{device} {name}")]
        return [(allowance_of_address(), network_of(self, request)), (ACCOUNT, name)]

    def _rollback_login_failed_rl_usage(self) -> None:
        """allauth calls it once the password fits."""
        for allowance, who in self._counted:
            uncount_attempt(allowance, who)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        response.set_cookie(
            COOKIE,
            add_person(request.COOKIES.get(COOKIE, ""), user.username),
            max_age=LIFE,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def address_of(adapter: DefaultAccountAdapter, request: HttpRequest) -> str:
    """The client's address; empty where it cannot be known."""
    try:
        address: str = adapter.get_client_ip(request)
    except PermissionDenied:
        return ""
    return address


def network_of(adapter: DefaultAccountAdapter, request: HttpRequest) -> str:
    """The client's address, or its network where it can take any address in there."""
    address = address_of(adapter, request)
    if not address:
        return "unknown"
    return str(IPv6Network((address, 64), strict=False)) if ":" in address else address
