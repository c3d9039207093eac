from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict, DomainError, Forbidden, NotFound
from cstoannot.web.drafts import page_of_form, take_draft
from cstoannot.web.views.errors import error_page

_STATUS: dict[type[DomainError], int] = {NotFound: 404, Forbidden: 403, Conflict: 409}


class DomainErrorMiddleware:
    """A refusal that no form has caught becomes a page with its sentence; so does Django's 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            # Its own headers stay: `Allow`, and those of pages whose address holds a secret.
            response.content = error_page(request, 405).content
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        status = _STATUS.get(type(error), 422)
        back = page_of_form(request) if request.method == "POST" else None
        context = {"error": error, "back": back}
        return render(request, "errors/refused.html", context, status=status)


class TakenDraftMiddleware:
    """A page that sends onward has done what its form asked; it shows the form again otherwise.

    Those that do so without sending onward call `take_draft` themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sent_onward = request.method == "POST" and 300 <= response.status_code < 400
        if sent_onward and isinstance(request.user, User):
            take_draft(request, response)
        return response
