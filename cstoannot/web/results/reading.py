"""What a link to the results answers: one project's results, and nothing else of the installation.

The pages are the project's own, with the reader in the place of the user, and with the URLs of
`pages.py` below the link. No session is read, and no cookie is set.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from allauth.account.adapter import get_adapter
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import (
    Resolver404,
    get_script_prefix,
    get_urlconf,
    resolve,
    reverse,
    set_script_prefix,
    set_urlconf,
)
from django.utils.crypto import salted_hmac
from django.views.decorators.http import require_safe

from cstoannot.accounts.adapter import resolve_client_network
from cstoannot.core.errors import DomainError, Forbidden, NotFound
from cstoannot.projects.results_actions import count_results_visit
from cstoannot.projects.results_queries import open_results
from cstoannot.projects.scope import LinkReader

PAGES = "cstoannot.web.results.pages"
VISIT = 30 * 60  # seconds in which requests of one network are one visit
_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


def keep_to_readers(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Keep a page from search engines, other sites and shared caches."""

    @wraps(view)
    def guarded(request: HttpRequest, secret: str, rest: str = "") -> HttpResponseBase:
        response = view(request, secret, rest)
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    return guarded


@keep_to_readers
@require_safe
def show_results(request: HttpRequest, secret: str, rest: str) -> HttpResponseBase:
    """Answer with the page of the results that `rest` names."""
    request.user = AnonymousUser()
    try:
        reader = open_results(secret)
    except NotFound as error:
        context: dict[str, object] = {"error": error, "reads_by_link": True, "messages": ()}
        return render(request, "results/gone.html", context, status=404)
    _count_visit(request, reader)
    prefix = reverse("results", args=[secret])
    request.user = reader  # type: ignore[assignment] # views pass it to the door alone
    with _addresses_below(prefix):
        return _answer(request, reader, rest)


def _answer(request: HttpRequest, reader: LinkReader, rest: str) -> HttpResponseBase:
    slug = reader.scope.project.slug
    frame: dict[str, object] = {"scope": reader.scope, "reads_by_link": True, "messages": ()}
    try:
        found = resolve(f"/{rest}", PAGES)
        view, named = found.func, {**found.kwargs, "project": slug}
        response: HttpResponseBase = view(request, **named)
        return response
    except Resolver404:
        error: DomainError = NotFound("The results have no such page.")
    except DomainError as refused:
        error = refused
    status = {NotFound: 404, Forbidden: 403}.get(type(error), 422)
    context = {**frame, "error": error}
    refusal: HttpResponse = render(request, "results/refused.html", context, status=status)
    return refusal


@contextmanager
def _addresses_below(prefix: str) -> Iterator[None]:
    """Within the block, URLs are those of `pages.py`, below the prefix."""
    before, urlconf = get_script_prefix(), get_urlconf()
    set_script_prefix(prefix)
    set_urlconf(PAGES)
    try:
        yield
    finally:
        set_script_prefix(before)
        set_urlconf(urlconf)


def _count_visit(request: HttpRequest, reader: LinkReader) -> None:
    """Count the first request of a network within half an hour, so that few requests write."""
    network = resolve_client_network(get_adapter(request), request)
    key = salted_hmac("results", f"{reader.link.pk} {network}", algorithm="sha256").hexdigest()
    if cache.add(f"results-visit:{key}", 1, timeout=VISIT):
        count_results_visit(reader.scope, reader.link.pk)


@require_safe
def serve_robots_txt(request: HttpRequest) -> HttpResponse:
    """Keep search engines out: nothing here is public."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")
