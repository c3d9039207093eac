"""Middleware of the pages: domain errors as pages, saved drafts, the reader's time zone."""

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
    """Turns domain errors that no form has caught, and Django's 405, into pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            # Keep the response's headers: `Allow`, and those of `hide_secret_url`.
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
    """Marks a form's draft as saved if the response is a redirect.

    Views that save without a redirect call `mark_draft_saved` themselves.
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
# Names that browsers still use, although the time zone database has replaced them.
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
    """Return the zone with this name; UTC if it is unknown."""
    name = _RENAMED.get(name, name)
    return ZoneInfo(name) if name in _list_known_time_zones() else UTC


class ReaderZoneMiddleware:
    """Renders pages in the reader's time zone. The API and exports use UTC."""

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
