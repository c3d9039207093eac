from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cstoannot.core.errors import Conflict, DomainError, Forbidden, NotFound

_STATUS: dict[type[DomainError], int] = {NotFound: 404, Forbidden: 403, Conflict: 409}


class DomainErrorMiddleware:
    """A refusal that no form has caught becomes a page with its sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        status = _STATUS.get(type(error), 422)
        return render(request, "errors/refused.html", {"error": error}, status=status)
