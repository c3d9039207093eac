"""What every page shares: who is signed in, the door, and what the frame around a page needs."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cstoannot.accounts.models import User
from cstoannot.assignments.queries import next_assignment
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.queries import visible_sources
from cstoannot.web.drafts import page_of_form

if TYPE_CHECKING:
    from django.core.paginator import _SupportsPagination

P = ParamSpec("P")
T = TypeVar("T")

# For views that take a form. They answer GET even where only POST changes something, because
# `page_of_form` may send people to the form's own address. This and `require_safe` stand above
# `signed_in`: the answer 405 depends on the address alone and does not tell what exists.
require_safe_or_post = require_http_methods(["GET", "HEAD", "POST"])


class SignedInRequest(HttpRequest):
    """A request whose user is known; `signed_in` sees to it."""

    user: User


def signed_in(
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Only for whoever has signed in; others sign in first and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return sign_in_first(request)
        return view(cast(SignedInRequest, request), *args, **kwargs)

    return guarded


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """To sign in and come back; whoever has sent a form, to the page that holds it."""
    if request.method == "POST":
        messages.warning(
            request,
            "Nothing was saved, because you were signed out. Sign in, and go on where you were.",
        )
    return redirect_to_login(page_of_form(request))


def keeping_address_secret(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For pages whose address holds a secret: it is kept nowhere and sent along nowhere.

    The host alone is named to others, because without it browsers would name no origin for a
    form either, and the form be refused.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def project_page(
    request: HttpRequest,
    scope: Scope,
    template: str,
    context: dict[str, Any],
    *,
    place: str,
    status: int = 200,
) -> HttpResponse:
    """Render a page of a project; `place` marks where in the navigation it stands."""
    frame = {
        "scope": scope,
        "place": place,
        "may_annotate": scope.can(Permission.ANNOTATE),
        "may_manage": scope.can(Permission.MANAGE),
        "may_edit_sources": scope.can(Permission.EDIT_SOURCES),
        "may_edit_codebook": scope.can(Permission.EDIT_CODEBOOK),
        "may_see_agreement": scope.can(Permission.SEE_AGREEMENT),
    }
    if "annotate_url" not in context:
        frame["annotate_url"] = _reading_url(scope)
    return render(request, template, {**frame, **context}, status=status)


def _reading_url(scope: Scope) -> str | None:
    """Where the reader goes on: the next source to code, otherwise the first one to read."""
    coming = next_assignment(scope)
    if coming:
        return reverse("annotate", args=[scope.project.slug, coming.source_id])
    first = visible_sources(scope).values_list("pk", flat=True).first()
    return reverse("annotate", args=[scope.project.slug, first]) if first else None


def page_of(request: HttpRequest, rows: "_SupportsPagination[T]", size: int) -> Page[T]:
    """The page that the address asks for (`?page=`), the nearest one if there is none such."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
