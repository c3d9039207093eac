"""Shared by all pages: login, page frame, paging, confirmation and undo."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cstoannot.accounts.models import User
from cstoannot.assignments.queries import find_next_assignment
from cstoannot.core.fields import parse_whole_number
from cstoannot.projects.permissions import READER, Permission
from cstoannot.projects.scope import LinkReader, Scope
from cstoannot.sources.queries import visible_sources
from cstoannot.web.drafts import resolve_form_page_url

if TYPE_CHECKING:
    from django.core.paginator import _SupportsPagination

P = ParamSpec("P")
T = TypeVar("T")

# For views with a form. They accept GET even where only POST changes something, because
# `resolve_form_page_url` may return the form's own URL. Put this and `require_safe` above
# `sign_in_required`: then a 405 depends on the URL alone and does not reveal what exists.
require_safe_or_post = require_http_methods(["GET", "HEAD", "POST"])


class SignedInRequest(HttpRequest):
    """A request with a logged-in user, as `sign_in_required` ensures."""

    user: User


def sign_in_required(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Allow logged-in users only; others log in first and then return.

    Readers by link come in through `results/reading.py`, to the pages that it answers with.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User | LinkReader):
            return redirect_to_sign_in(request)
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return guarded


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the login and then back; after a form was sent, to the page with the form."""
    if request.method == "POST":
        messages.warning(
            request,
            "Nothing was saved because you were logged out. Log in to continue where you were.",
        )
    return redirect_to_login(resolve_form_page_url(request))


def hide_secret_url(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Forbid storing a page whose URL has a secret, and sending its path as referrer.

    The origin is still sent, because without it browsers would send no origin with a form either,
    and the form would be refused.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def render_project_page(
    request: HttpRequest,
    scope: Scope,
    template: str,
    context: dict[str, Any],
    *,
    place: str,
    status: int = 200,
) -> HttpResponse:
    """Render a page of a project; `place` is its entry in the navigation."""
    frame: dict[str, Any] = {
        "scope": scope,
        "place": place,
        "may_annotate": scope.can(Permission.ANNOTATE),
        "may_manage": scope.can(Permission.MANAGE),
        "may_edit_sources": scope.can(Permission.EDIT_SOURCES),
        "may_edit_codebook": scope.can(Permission.EDIT_CODEBOOK),
        "may_see_agreement": scope.can(Permission.SEE_AGREEMENT)
        or scope.can(Permission.SEE_RESULTS),
        "results_closed": scope.results_closed,
        "may_decide": scope.can(Permission.DECIDE),
    }
    if scope.role == READER:
        # Messages are kept in the session of whoever else uses the browser.
        frame |= {"reads_by_link": True, "messages": ()}
    elif "annotate_url" not in context:
        frame["annotate_url"] = _find_reading_url(scope)
    return render(request, template, {**frame, **context}, status=status)


def _find_reading_url(scope: Scope) -> str | None:
    """Return the URL of the next source to code, or else of the first one to read."""
    coming = find_next_assignment(scope)
    if coming:
        return reverse("annotate", args=[scope.project.slug, coming.source_id])
    first = visible_sources(scope).values_list("pk", flat=True).first()
    return reverse("annotate", args=[scope.project.slug, first]) if first else None


def paginate_rows(request: HttpRequest, rows: "_SupportsPagination[T]", size: int) -> Page[T]:
    """Return the page of `?page=`, or the nearest one if it does not exist."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def add_undo_message(request: HttpRequest, sentence: str, undo: str) -> None:
    """Add a message with a button *Undo* that posts to the URL `undo`."""
    messages.success(request, sentence, extra_tags=undo)


def render_confirmation_page(
    request: HttpRequest,
    scope: Scope | None = None,
    *,
    question: str,
    effects: list[str],
    button: str,
    back: str,
    place: str = "",
) -> HttpResponse:
    """Render the response to GET of a URL that deletes something; its button posts to it.

    `effects` are sentences that say what will happen; `back` is the URL of *Cancel*.
    """
    context: dict[str, Any] = {
        "question": question,
        "effects": effects,
        "button": button,
        "back": back,
    }
    if scope is None:
        return render(request, "confirm.html", context)
    return render_project_page(request, scope, "confirm.html", context, place=place)


LAST_PAGE = 10**9


def parse_page_number(request: HttpRequest) -> int:
    """Return `page` of the URL; 1 if it is missing or no page number."""
    return parse_whole_number(request.GET.get("page", ""), most=LAST_PAGE) or 1


class CountedResult(Protocol):
    @property
    def total(self) -> int: ...


C = TypeVar("C", bound=CountedResult)


def paginate_counted_result(
    request: HttpRequest, read: Callable[[int], C], size: int
) -> tuple[C, Page[int]]:
    """Return the page of `?page=`, read from its offset; past the end, the last one.

    Reads once if the page exists.
    """
    number = parse_page_number(request)
    found = read((number - 1) * size)
    page = Paginator(range(found.total), size).get_page(number)
    if page.number != number:
        found = read((page.number - 1) * size)
    return found, page
