"""Tells the browser that the server has saved a form, so that it drops its draft of the form."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

FIELD = "draft"  # beside the form's own fields: which draft it was filled in from
TAKEN = "drafts_taken"  # ids of drafts, with dots between them; the script reads and clears it
LIFE = 30 * 24 * 3600  # seconds
MOST_AT_ONCE = 20
_ID = re.compile(r"[0-9a-f-]{36}")


def mark_draft_saved(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let the browser forget what was typed into this form: it is stored now."""
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
    """The address of the page whose form was sent; the request's own where browsers do not tell.

    Asked for by GET, the address of every form leads to its page.
    """
    page = request.headers.get("Referer", "")
    here = {request.get_host()}
    told = url_has_allowed_host_and_scheme(page, here, require_https=request.is_secure())
    path, query = urlsplit(page)[2:4] if told else ("", "")
    # Pages whose address holds a secret name the host alone.
    if request.method != "POST" or path in ("", "/"):
        return request.get_full_path()
    path = "/" + path.lstrip("/")
    return f"{path}?{query}" if query else path
