"""Base classes of all API views: opening the project, rate limits, validated bodies and query
parameters, versions in ETag and If-Match, conditional reads. Rate limits are counted in
Django's cache, for each user, and for each address if nobody is signed in. Where each process
has its own cache, the limits hold for each process.
"""

import functools
import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import (
    APIException,
    ParseError,
    Throttled,
    ValidationError,
)
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cstoannot.accounts.adapter import resolve_client_network
from cstoannot.accounts.models import Token, User
from cstoannot.api.fields import ApiSerializer
from cstoannot.api.json_io import OnlyJSONNegotiation
from cstoannot.core.fields import ANY_VERSION, ExpectedVersion
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project

WINDOW = 60  # seconds


@dataclass(frozen=True)
class RateUsage:
    """How much of a rate limit a client has used in the current window."""

    policy: str
    limit: int
    asked: int
    left_seconds: int
    """Seconds until the next window begins."""

    @property
    def is_too_much(self) -> bool:
        return self.asked > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """Return the RateLimit headers of draft-ietf-httpapi-ratelimit-headers."""
        left = max(0, self.limit - self.asked)
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={left};t={self.left_seconds}',
        }


def count_user_request(user_id: int) -> RateUsage:
    return _count_request("user", str(user_id), settings.RATE_USER)


def count_address_request(request: HttpRequest) -> RateUsage:
    return _count_request(
        "address", resolve_client_network(get_adapter(request), request), settings.RATE_ADDRESS
    )


def _count_request(policy: str, who: str, limit: int) -> RateUsage:
    number, passed = divmod(int(time.time()), WINDOW)
    key = f"rate:{policy}:{who}:{number}"
    try:
        asked = cache.incr(key)
    except ValueError:
        # First request of the window, or another process is creating the counter now.
        asked = 1 if cache.add(key, 1, timeout=2 * WINDOW) else cache.incr(key)
    return RateUsage(policy, limit, asked, WINDOW - passed)


# The ETag of a write (the version), or of a read (the version with a digest).
_VERSION_TAG = re.compile(r'(?:W/)?"(\d{1,18})(?:-[0-9a-f]{32})?"', re.ASCII)


@functools.cache
def _get_cached_serializer(shape: type[ApiSerializer], partial: bool) -> ApiSerializer:
    """Return a serializer shared by all requests.

    DRF copies every field for each new serializer. Sharing is safe as long as only
    `run_validation` is called, which stores nothing of a request.
    """
    return shape(partial=partial)


def read_request_body(
    shape: type[ApiSerializer], request: Request, *, partial: bool = False
) -> dict[str, Any]:
    """Return the body's fields, checked for shape only; raise ValidationError, also for unknown."""
    return _validate_request_object(shape, request.data, partial=partial)


def _validate_request_object(
    shape: type[ApiSerializer], data: Any, *, partial: bool = False
) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ParseError("Send a JSON object.")
    reader = _get_cached_serializer(shape, partial)
    _check_unknown_names(data, reader.fields, "field")
    return dict(reader.run_validation(data))


def read_request_items(shape: type[ApiSerializer], items: list[Any]) -> list[dict[str, Any]]:
    """Read each object of a list as `read_request_body` does; raise ValidationError, by index."""
    found, faults = [], {}
    for index, item in enumerate(items):
        try:
            found.append(_validate_request_object(shape, item))
        except (ParseError, ValidationError) as error:
            faults[str(index)] = error.detail
    if faults:
        raise ValidationError(faults)
    return found


def read_query_parameters(
    shape: type[ApiSerializer], request: Request, *, also: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the checked query parameters; raise ValidationError, also for unknown ones."""
    reader = _get_cached_serializer(shape, False)
    _check_unknown_names(request.query_params, [*reader.fields, *also], "parameter")
    return dict(reader.run_validation(request.query_params))


def _check_unknown_names(given: Mapping[str, Any], known: Any, kind: str) -> None:
    if unknown := sorted(set(given) - set(known)):
        names = ", ".join(known)
        raise ValidationError(
            {
                name[:80]: [f"There is no such {kind}. {kind.capitalize()}s: {names}."]
                for name in unknown[:20]
            }
        )


def parse_if_match(request: Request) -> ExpectedVersion | None:
    """Return the version in `If-Match`, None without it; raise ParseError if it has none."""
    header = request.headers.get("If-Match")
    if header is None:
        return None
    if header.strip() == "*":
        return ANY_VERSION
    matches = [_VERSION_TAG.fullmatch(part.strip()) for part in header[:1000].split(",")]
    if not all(matches):
        raise ParseError('If-Match names the version edited, in quotes: If-Match: "3".')
    return ExpectedVersion(frozenset(int(match[1]) for match in matches if match))


def build_version_header(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def require_request_user(request: Request) -> User:
    """Return the request's user; requires `IsSignedIn`."""
    assert isinstance(request.user, User)
    return request.user


def find_request_token(request: Request) -> Token | None:
    """Return the request's token; None for a session."""
    token: Any = request.auth
    return token if isinstance(token, Token) else None


class ApiView(APIView):
    """A resource. The ETag is a hash of the body, so a 304 reveals nothing more."""

    content_negotiation_class = OnlyJSONNegotiation
    path_descriptions: ClassVar[Mapping[str, str]] = {}
    """Descriptions of the path parameters, for the OpenAPI description."""
    use: RateUsage | None = None
    """The client's use of its rate limit."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            user = request.user
        except APIException:
            self._count(count_address_request(request._request))
            raise
        if isinstance(user, User):
            self._count(count_user_request(user.pk))
        else:
            self._count(count_address_request(request._request))
        super().initial(request, *args, **kwargs)

    def _count(self, use: RateUsage) -> None:
        self.use = use
        if use.is_too_much:
            raise Throttled(use.left_seconds)

    def show_current(self, current: Any) -> dict[str, Any] | None:
        """What a refused edit is shown of the state as it stands."""
        return current if isinstance(current, dict) else None

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if self.use is not None:
            for name, value in self.use.headers.items():
                response.headers[name] = value
        # A plain text is a Django response that has its own ETag.
        if request.method in {"GET", "HEAD"} and isinstance(response, Response):
            wanted = request.headers.get("If-None-Match", "")
            response.add_post_render_callback(lambda done: _apply_if_none_match(done, wanted))
        return response


def _apply_if_none_match(response: Response, wanted: str) -> Response:
    """Set the ETag to a hash of the rendered content; answer 304 if the client has it.

    A version, if any, precedes the hash, for If-Match. The version alone is not enough: values
    from other rows (stale, counts) change without it.
    """
    if response.status_code != 200:
        return response
    digest = hashlib.blake2b(response.content, digest_size=16).hexdigest()
    version = response.headers.get("ETag", "").strip('"')
    response.headers["ETag"] = f'"{version}-{digest}"' if version else f'"{digest}"'
    if has_matching_etag(response.headers["ETag"], wanted):
        response.status_code = 304
        response.content = b""
        response.headers.pop("Content-Type", None)
    return response


def has_matching_etag(tag: str, wanted: str) -> bool:
    """Return whether `If-None-Match` (`wanted`) contains this ETag."""
    have = {part.strip().removeprefix("W/") for part in wanted.split(",")}
    return tag in have or "*" in have


class ProjectView(ApiView):
    """A resource of one project. Permissions are checked before the request is read."""

    path_descriptions = {"project": "The project's slug."}
    scope: Scope
    permission: ClassVar[Permission] = Permission.VIEW
    """The permission that every method requires."""
    permissions: ClassVar[Mapping[str, Permission]] = {}
    """Methods that require another permission instead."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        needed = self.permissions.get(request.method or "", self.permission)
        self.scope = open_project(request.user, kwargs["project"], needed)
