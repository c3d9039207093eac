from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse

from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import visible_codes
from cstoannot.projects.scope import open_project
from cstoannot.web.base import signed_in

# Overlapping passages lie on levels: their underlines stand one below the other.
_LEVELS = ((1, ".2em"), (2, ".36em"), (3, ".52em"))


@signed_in
def codes_css(request: HttpRequest, project: str) -> HttpResponse:
    """The codebook's colours as a style sheet: the policy allows no style attributes.

    An address that names a codebook revision (`?v=4`) may be kept for good: the next revision
    has another one.
    """
    scope = open_project(request.user, project)
    response = HttpResponse(
        "\n".join(_rules(visible_codes(scope))), content_type="text/css; charset=utf-8"
    )
    kept = "max-age=31536000, immutable" if "v" in request.GET else "no-cache"
    response["Cache-Control"] = f"private, {kept}"
    return response


def _rules(codes: Iterable[Code]) -> Iterator[str]:
    """Rules begin with `.text p`: a bare ::highlight() is matched against the whole page."""
    for code in codes:
        slug, colour = code.slug, code.colour
        yield f":root{{--code-{slug}:{colour}}}"
        yield f'[data-code="{slug}"]{{--code:{colour}}}'
        shaded = f"color-mix(in oklab,{colour},#000 var(--shade))"
        for level, offset in _LEVELS:
            yield (
                f".text p::highlight(cstoannot-{level}-{slug}){{"
                f"background-color:color-mix(in oklab,{shaded} var(--tint),transparent);"
                f"text-decoration:underline 2px color-mix(in oklab,{colour} 70%,transparent);"
                f"text-underline-offset:{offset}}}"
            )
        yield (
            f".text p::highlight(cstoannot-selected-{slug}){{"
            f"background-color:color-mix(in oklab,{shaded} var(--tint-more),transparent)}}"
        )
