"""What a test reads off a page."""

import html
import re

from django.http import HttpResponse


def html_of(response: HttpResponse) -> str:
    """The page's HTML however its template is formatted.

    In tags and in texts, white space is one space; there is none beside a tag.
    """
    page = re.sub(r"\s+", " ", response.content.decode())
    page = re.sub(r"(<[a-z][^>]*?) >", r"\1>", page)
    return re.sub(r" ?(<[^>]+>) ?", r"\1", page)


def text_of(response: HttpResponse) -> str:
    """The words on the page, as one line; hidden ones included."""
    without = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


def errors_of(response: HttpResponse) -> dict[str, list[str]]:
    """What the page's form refuses, by field."""
    return {
        name: list(map(str, errors)) for name, errors in response.context["form"].errors.items()
    }
