"""Responses that are files with a name."""

from typing import TypeVar

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header

R = TypeVar("R", bound=HttpResponseBase)


def as_download(response: R, name: str) -> R:
    """To be saved under the name."""
    return _name_file(response, name, is_attachment=True)


def svg_response(drawn: str, name: str) -> HttpResponse:
    """Shown by the browser, and saved under the name if the reader wishes."""
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    return _name_file(response, name, is_attachment=False)


def _name_file(response: R, name: str, *, is_attachment: bool) -> R:
    response["Content-Disposition"] = content_disposition_header(is_attachment, name) or ""
    return response
