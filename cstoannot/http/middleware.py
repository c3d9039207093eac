"""Middleware for every request, and its responses in the form of the API or of a page."""

import logging
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from cstoannot.accounts.models import User
from cstoannot.api.errors import TITLES, build_problem_response
from cstoannot.database.outages import Outage, find_outage
from cstoannot.database.transactions import release_pooled_connection
from cstoannot.http.bodies import IN_MEMORY, LIST, SMALL, ReceivedBody, resolve_body_limit
from cstoannot.web.base import redirect_to_sign_in
from cstoannot.web.error_pages import render_plain_page

logger = logging.getLogger(__name__)


def refuse_request(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    """Return a problem of the API, or a page that says the same; makes no query."""
    if request.path.startswith("/api/"):
        answer = build_problem_response(status, code, sentence)
    else:
        answer = render_plain_page(request, TITLES[status], sentence, status)
    # Stops Django's own log entry: a refusal is no fault, and an outage is logged below.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def answer_outage(request: HttpRequest, outage: Outage, error: BaseException) -> HttpResponse:
    """Return 503, and log one line instead of Django's trace, as an outage causes thousands."""
    logger.warning("%s %s: %s: %s", request.method, request.path, outage.code, error)
    sentence = f"{outage.sentence} Try again in {outage.retry_after} seconds."
    answer = refuse_request(request, 503, outage.code, sentence)
    answer["Retry-After"] = str(outage.retry_after)
    return answer


class OutageMiddleware:
    """Returns 503 with a time to retry if the database fails in a view.

    Errors outside of views, such as loading the session, reach `handler500`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        outage = find_outage(error)
        return answer_outage(request, outage, error) if outage else None


class BodyLimitMiddleware:
    """Refuses a body by its length before any of it is read.

    Django reads no more than `Content-Length` says, so nothing needs counting during the read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponse:
        stream: Any = request._stream
        try:
            response = self.get_response(request)
        finally:
            if isinstance(request._stream, ReceivedBody):
                request._stream.close()
        if _is_body_unread(request, stream) and _is_http1_request(request):
            response["Connection"] = "close"
        return response

    def process_view(
        self, request: WSGIRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or ""
        if request.headers.get("Transfer-Encoding") and not length:
            sentence = "Send the body's length as Content-Length, not in chunks."
            return refuse_request(request, 411, "length_required", sentence)
        if length and not (length.isascii() and length.isdigit()):
            return refuse_request(request, 400, "malformed", "Content-Length is no number.")
        announced = int(length[:20] or 0)
        match = request.resolver_match
        limit = resolve_body_limit(match.route if match else "")
        if announced > limit:
            sentence = f"The body has more than {limit:,} bytes. Send less at once."
            return refuse_request(request, 413, "too_large", sentence)
        if announced > SMALL:
            if not _may_send_large_body(request):
                return redirect_to_sign_in(request)
            release_pooled_connection()  # the user is loaded; the body may arrive slowly
        if match and match.url_name in IN_MEMORY and announced > LIST:
            request._stream = cast(BinaryIO, ReceivedBody(request._stream))
        return None


def _may_send_large_body(request: WSGIRequest) -> bool:
    """Whether the body may be read.

    The API's views check this before they read it, but a page's body is read before its view, by
    the check of the CSRF token.
    """
    return request.path.startswith("/api/") or isinstance(request.user, User)


def _is_body_unread(request: WSGIRequest, stream: Any) -> bool:
    """Whether an unread part of the body precedes the connection's next request."""
    chunked = bool(request.headers.get("Transfer-Encoding"))
    return chunked or getattr(stream, "_pos", 0) < getattr(stream, "limit", 0)


def _is_http1_request(request: WSGIRequest) -> bool:
    """Whether the server speaks HTTP/1 and is not Django's development server.

    HTTP/2 has no Connection header, and the development server, which refuses it, sets its own.
    """
    software = str(request.META.get("SERVER_SOFTWARE", ""))
    protocol = str(request.META.get("SERVER_PROTOCOL", ""))
    return protocol.startswith("HTTP/1") and not software.startswith("WSGIServer")


class SessionRenewalMiddleware:
    """Makes sessions end some time after the last request, not after the login.

    Nothing depends on it, so while the database is read-only the session stays as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session: Any = request.session
        if session.is_due and not session.modified and SESSION_KEY in session:
            session.set_expiry(settings.SESSION_COOKIE_AGE)
            try:
                session.save()
            except (DatabaseError, UpdateError):
                session.modified = False
        return response


class NoStoreMiddleware:
    """Forbids caching of responses without a Cache-Control header."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
