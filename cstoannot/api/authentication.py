from contextlib import suppress
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.db import OperationalError
from django.http import QueryDict
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from cstoannot.accounts.actions import record_token_use
from cstoannot.accounts.adapter import resolve_client_address
from cstoannot.accounts.models import Token, User
from cstoannot.accounts.queries import find_token

if TYPE_CHECKING:  # rest_framework.views imports this module
    from rest_framework.views import APIView


class SessionCookieAuthentication(SessionAuthentication):
    """Authenticates by session cookie; unsafe requests need the CSRF token in a header."""

    def enforce_csrf(self, request: Request) -> None:
        # Django looks for the token in a form first, which would read the body before the
        # permission check.
        request._request.POST = QueryDict()
        super().enforce_csrf(request._request)  # type: ignore[arg-type]


USE_NOTED_EVERY = 60  # seconds


class BearerTokenAuthentication:
    """`Authorization: Bearer <token>`: one query, and one more a minute to record its use."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        refusal = AuthenticationFailed(
            "This token is not valid, has expired or was revoked. Make a new one under Tokens."
        )
        if len(words) != 2 or not words[1].isalnum() or len(words[1]) > 200:
            raise refusal
        token = find_token(words[1].decode("ascii"), now=timezone.now())
        if token is None:
            raise refusal
        if cache.add(f"token-used:{token.pk}", 1, timeout=USE_NOTED_EVERY):
            # The request does not depend on it.
            with suppress(OperationalError):
                address = resolve_client_address(get_adapter(), request._request)
                record_token_use(token, at=timezone.now(), address=address)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class IsSignedIn(BasePermission):
    """Allows logged-in users; a read-only token may not write."""

    message = "This token may only read. Make one that may write, under Tokens."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not request.user.is_authenticated:
            return False
        token: Any = request.auth
        return request.method in SAFE_METHODS or not getattr(token, "read_only", False)
