"""Converts every error to `application/problem+json` (RFC 9457)."""

from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from cstoannot.core import errors as domain

STATUS: dict[type[domain.DomainError], int] = {
    domain.NotFound: 404,
    domain.Forbidden: 403,
    domain.Invalid: 422,
    domain.Conflict: 409,
    domain.Stale: 412,
    domain.PreconditionRequired: 428,
    domain.TooLarge: 413,
}
TITLES = {
    400: "Not understood",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    411: "Length required",
    412: "Changed in the meantime",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not valid",
    428: "Version required",
    429: "Too many requests",
    500: "Error on our side",
    503: "Not available at the moment",
}
NOT_SIGNED_IN = "Sign in, or send a token of yours: Authorization: Bearer …"
MEDIA_TYPE = "application/problem+json"


def build_problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return the body of an error; `type` is a key for programs."""
    body = {
        "type": f"urn:cstoannot:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
    }
    return {**body, **{name: value for name, value in more.items() if value is not None}}


def _build_domain_problem(error: domain.DomainError, view: Any) -> dict[str, Any]:
    status = STATUS.get(type(error), 400)
    body = build_problem(status, error.code, error.message, errors=error.errors or None)
    if isinstance(error, domain.Stale | domain.PreconditionRequired):
        body["current"] = error.current and view.show_current(error.current)
    return body


def _flatten_error_messages(detail: Any) -> list[str]:
    """Return all messages in a DRF error detail; nested ones begin with their path."""
    if isinstance(detail, dict):
        return [
            f"{key}: {text}"
            for key, value in detail.items()
            for text in _flatten_error_messages(value)
        ]
    if isinstance(detail, list):
        return [text for value in detail for text in _flatten_error_messages(value)]
    return [str(detail)]


def _build_framework_problem(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {"": error.detail}
        errors = {str(name): _flatten_error_messages(value) for name, value in detail.items()}
        first = next(
            (
                f"{name}: {texts[0]}" if name else texts[0]
                for name, texts in errors.items()
                if texts
            ),
            "Not valid.",
        )
        return build_problem(400, "malformed", first, errors=errors)
    if isinstance(error, exceptions.NotAuthenticated):
        return build_problem(401, "not_authenticated", NOT_SIGNED_IN)
    return build_problem(
        error.status_code, error.default_code, " ".join(_flatten_error_messages(error.detail))
    )


def handle_api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Convert an exception in a view to a problem response; DRF's exception handler."""
    headers: dict[str, str] = {}
    if isinstance(error, domain.DomainError):
        body = _build_domain_problem(error, context["view"])
    elif isinstance(error, exceptions.APIException):
        body = _build_framework_problem(error)
        if challenge := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = str(challenge)
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait))
    elif isinstance(error, Http404):
        body = build_problem(404, "not_found", "There is nothing at this address.")
    elif isinstance(error, PermissionDenied):
        body = build_problem(403, "forbidden", "You may not do this.")
    elif isinstance(error, SuspiciousOperation):
        body = build_problem(
            400, "malformed", "The request is not one that this address understands."
        )
    else:
        return None
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def respond_with_problem(request: HttpRequest, status: int) -> HttpResponse:
    """Return a problem for failures outside of views: unknown paths, crashes."""
    details = {
        400: ("malformed", "The request is not one that this address understands."),
        403: ("forbidden", "You may not do this. If you signed in anew, load the page again."),
        404: ("not_found", "There is nothing at this address."),
        500: ("internal", "Something went wrong on our side. It was logged; try again later."),
    }
    return build_problem_response(status, *details[status])


def build_problem_response(status: int, code: str, detail: str) -> HttpResponse:
    """Build a problem response outside of a view."""
    return HttpResponse(
        orjson.dumps(build_problem(status, code, detail)), status=status, content_type=MEDIA_TYPE
    )
