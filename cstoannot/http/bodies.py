"""How large the body of a request may be, by address. Whatever is not named here is small."""

from django.conf import settings

from cstoannot.web.forms.archives import LARGEST_ARCHIVE

KIB = 1024
SMALL = 64 * KIB  # an annotation, and whatever is sent by somebody who has not signed in to a page
TEXTS = 512 * KIB  # two texts of 20,000 characters, each as its longest escape
LIST = 2 * KIB * KIB  # 500 annotations
CODES = 4 * KIB * KIB  # 2,000 codes with what explains them

_API = "api/v1/projects/"
_ONE_API = f"{_API}<str:project>/"
_ONE_PAGE = "projects/<str:project>/"
LIMITS = {
    _API: TEXTS,
    _ONE_API: TEXTS,
    f"{_ONE_API}annotations/": LIST,
    f"{_ONE_API}codes/": CODES,
    f"{_ONE_API}codes/<str:code>/": TEXTS,
    f"{_ONE_API}code-proposals/": TEXTS,
    f"{_ONE_API}code-proposals/<id:proposal>/accept/": TEXTS,
    f"{_ONE_API}sources/": settings.LARGEST_SOURCE_BODY,
    f"{_ONE_API}sources/<int:source>/": TEXTS,
    "projects/new/": TEXTS,
    "projects/restore/": LARGEST_ARCHIVE + SMALL,
    f"{_ONE_PAGE}settings/": TEXTS,
    f"{_ONE_PAGE}assignments/": TEXTS,
    f"{_ONE_PAGE}sources/new/": settings.LARGEST_SOURCE_BODY,
    f"{_ONE_PAGE}sources/<int:source>/edit/": TEXTS,
    f"{_ONE_PAGE}codebook/new/": TEXTS,
    f"{_ONE_PAGE}codebook/new-list/": CODES,
    f"{_ONE_PAGE}codebook/<str:code>/edit/": TEXTS,
    f"{_ONE_PAGE}codebook/proposals/<uuid:proposal>/": TEXTS,
}
"""By route, as the resolver names it."""

IN_MEMORY = {"api_sources", "source_new"}
"""Names of the routes whose bodies are held in memory whole, many times over while a text is cut
into units."""


def largest_body(route: str) -> int:
    """Bytes that a request to this route may send."""
    return LIMITS.get(route, SMALL)
