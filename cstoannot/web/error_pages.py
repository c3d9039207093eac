"""Pages for HTTP errors and refused forms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from cstoannot.accounts.models import User
from cstoannot.web.base import redirect_to_sign_in
from cstoannot.web.drafts import resolve_form_page_url

_SENTENCES = {
    400: ("Bad request", "The server cannot process this request."),
    403: ("Not allowed", "You may not do this."),
    404: ("Not found", "This page does not exist, or you may not see it."),
    405: ("Method not allowed", "This page does not accept this HTTP method."),
    429: ("Too many attempts", "Wait a minute, then try again."),
    500: ("Server error", "An error occurred and was logged. Try again later."),
}


def render_error_page(request: HttpRequest, status: int) -> HttpResponse:
    title, sentence = _SENTENCES[status]
    if status == 500:
        # A page with the reader's name may need what has failed.
        context = {"title": title, "sentence": sentence}
        return HttpResponse(render_to_string("errors/plain.html", context), status=status)
    return render(
        request, "errors/error.html", {"title": title, "sentence": sentence}, status=status
    )


def render_plain_page(request: HttpRequest, title: str, sentence: str, status: int) -> HttpResponse:
    """Render a page without a query for the user."""
    context = {"title": title, "sentence": sentence, "sent": request.method == "POST"}
    if request.method == "POST":
        context["back"] = resolve_form_page_url(request)
    return HttpResponse(render_to_string("errors/plain.html", context), status=status)


def render_refused_form(request: HttpRequest) -> HttpResponse:
    """Respond to a form without a valid CSRF token: after a new login, or without cookies."""
    signing_in = request.path == reverse("account_login")
    if not isinstance(request.user, User) and not signing_in:
        return redirect_to_sign_in(request)
    context = {"back": resolve_form_page_url(request), "signing_in": signing_in}
    return render(request, "errors/form_refused.html", context, status=403)
