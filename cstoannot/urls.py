import sys

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from cstoannot.api.errors import respond_with_problem
from cstoannot.database.outages import find_outage
from cstoannot.http.middleware import answer_outage
from cstoannot.web import error_pages as pages

urlpatterns = [
    path("api/v1/", include("cstoannot.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("cstoannot.web.urls")),
]


def _answer_with_error(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return respond_with_problem(request, status)
    return pages.render_error_page(request, status)


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer_with_error(request, 400)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer_with_error(request, 403)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer_with_error(request, 404)


def handler429(request: HttpRequest) -> HttpResponse:
    """Too many attempts to sign in, which allauth counts."""
    answer = _answer_with_error(request, 429)
    answer["Retry-After"] = "60"
    return answer


def handler500(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the error, also for what middleware has raised."""
    error = sys.exc_info()[1]
    if error and (outage := find_outage(error)):
        return answer_outage(request, outage, error)
    return _answer_with_error(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if request.path.startswith("/api/"):
        return respond_with_problem(request, 403)
    return pages.render_refused_form(request)
