"""Tells the browser that the server has saved a form, so that it deletes its draft."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

FIELD = "draft"  # additional form field: the id of the draft
TAKEN = "drafts_taken"  # ids of drafts, separated by dots; the script reads and clears it
LIFE = 30 * 24 * 3600  # in seconds
MOST_AT_ONCE = 20
_ID = re.compile(r"[0-9a-f-]{36}")


def mark_draft_saved(request: HttpRequest, response: HttpResponseBase) -> None:
    """Make the browser delete its draft of this form, which is saved now."""
    draft = request.POST.get(FIELD, "")
    if not _ID.fullmatch(draft):
        return
    before = [one for one in request.COOKIES.get(TAKEN, "").split(".") if _ID.fullmatch(one)]
    response.set_cookie(
        TAKEN,
        ".".join([*before, draft][-MOST_AT_ONCE:]),
        max_age=LIFE,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def resolve_form_page_url(request: HttpRequest) -> str:
    """Return the URL of the page whose form was sent; the request's own if the referrer is missing.

    The URL of every form responds to GET with its page.
    """
    page = request.headers.get("Referer", "")
    here = {request.get_host()}
    told = url_has_allowed_host_and_scheme(page, here, require_https=request.is_secure())
    path, query = urlsplit(page)[2:4] if told else ("", "")
    # Pages with a secret in their URL send only the origin.
    if request.method != "POST" or path in ("", "/"):
        return request.get_full_path()
    path = "/" + path.lstrip("/")
    return f"{path}?{query}" if query else path
