"""Middleware of the pages: domain errors as pages, saved drafts, the time zone of the reader."""

from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from cstoannot.accounts.models import User
from cstoannot.core.errors import Conflict, DomainError, Forbidden, NotFound
from cstoannot.web.drafts import mark_draft_saved, resolve_form_page_url
from cstoannot.web.error_pages import render_error_page

_STATUS: dict[type[DomainError], int] = {NotFound: 404, Forbidden: 403, Conflict: 409}


class DomainErrorMiddleware:
    """A refusal that no form has caught becomes a page with its sentence; so does Django's 405."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            # Its own headers stay: `Allow`, and those of pages whose address holds a secret.
            response.content = render_error_page(request, 405).content
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        status = _STATUS.get(type(error), 422)
        back = resolve_form_page_url(request) if request.method == "POST" else None
        context = {"error": error, "back": back}
        return render(request, "errors/refused.html", context, status=status)


class SavedDraftMiddleware:
    """A page that sends onward has done what its form asked; it shows the form again otherwise.

    Those that do so without sending onward call `mark_draft_saved` themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sent_onward = request.method == "POST" and 300 <= response.status_code < 400
        if sent_onward and isinstance(request.user, User):
            mark_draft_saved(request, response)
        return response


COOKIE = "zone"  # written by static/js/parts/zone.js
UTC = ZoneInfo("UTC")
# Browsers keep some names that the time zone database has since given up.
_RENAMED = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "America/Indianapolis": "America/Indiana/Indianapolis",
    "America/Louisville": "America/Kentucky/Louisville",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Etc/UTC": "UTC",
    "Europe/Kiev": "Europe/Kyiv",
    "Pacific/Truk": "Pacific/Chuuk",
}


@lru_cache(maxsize=1)
def _list_known_time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def parse_time_zone(name: str) -> tzinfo:
    """The zone with this name; UTC for one that is not known."""
    name = _RENAMED.get(name, name)
    return ZoneInfo(name) if name in _list_known_time_zones() else UTC


class ReaderZoneMiddleware:
    """Renders pages in the reader's zone. The API and what is exported stay in UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return self.get_response(request)
        with timezone.override(parse_time_zone(request.COOKIES.get(COOKIE, ""))):
            response = self.get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ["Cookie"])
        return response
