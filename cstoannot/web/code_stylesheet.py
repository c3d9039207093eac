"""The colours of a codebook as a style sheet, and its URL."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from cstoannot.codebook.queries import load_current_revision, visible_codes
from cstoannot.projects.scope import open_project
from cstoannot.web.base import SignedInRequest, sign_in_required

# Part of the URL, so that browsers do not use rules cached before an upgrade. Increase it when the
# rules below change.
_FORMAT = 3
# By level of overlapping passages, whose underlines are drawn one below the other.
_OFFSETS = {1: ".2em", 2: ".36em", 3: ".52em"}


def build_codes_css_url(project: str, revision: int) -> str:
    """Return the URL of a codebook revision's style sheet, which may be cached for ever."""
    return f"{reverse('codes_css', args=[project])}?v={revision}&f={_FORMAT}"


@require_safe
@sign_in_required
def serve_codes_css(request: SignedInRequest, project: str) -> HttpResponse:
    """Serve the codebook's colours as a style sheet: the policy allows no style attributes.

    A URL with the current revision (`?v=4`) may be cached for ever. Any other must be revalidated,
    and is answered with 304 while the sheet is unchanged. Only for members: the project is opened
    before the comparison.
    """
    scope = open_project(request.user, project)
    codes = visible_codes(scope).values_list("slug", "colour")
    body = "\n".join(_iterate_css_rules(codes)).encode()
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    response = HttpResponse(body, content_type="text/css; charset=utf-8")
    response["ETag"] = tag
    response["Cache-Control"] = (
        f"private, {_format_cache_lifetime(request, load_current_revision(scope))}"
    )
    return get_conditional_response(request, etag=tag, response=response) or response


def _format_cache_lifetime(request: HttpRequest, revision: int) -> str:
    """Return Cache-Control; URLs of other revisions than the current one must be revalidated."""
    named = request.GET.get("v") == str(revision)
    return "max-age=31536000, immutable" if named else "no-cache"


def _iterate_css_rules(codes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield rules for chips, and for highlights in paragraphs that have the highlight's class.

    Browsers try every ::highlight() rule of an element for every highlight, so rules for all
    paragraphs would cost codes² × paragraphs. The painter sets the class `has-KIND-SLUG` only where
    it paints `cstoannot-KIND-SLUG`. Codes of one colour share their rules.
    """
    by_colour: dict[str, list[str]] = defaultdict(list)
    for slug, colour in codes:
        by_colour[colour].append(slug)
    for colour, slugs in by_colour.items():
        chips = ",".join(f'[data-code="{slug}"]' for slug in slugs)
        yield f"{chips}{{--code:{colour}}}"
        shaded = f"color-mix(in oklab,{colour},#000 var(--shade))"
        yield (
            f"{_format_highlight_selectors(slugs, *_OFFSETS)}{{"
            f"background-color:color-mix(in oklab,{shaded} var(--tint),transparent);"
            f"text-decoration:underline 2px color-mix(in oklab,{colour} 70%,transparent);"
            f"text-underline-offset:{_OFFSETS[1]}}}"
        )
        yield (
            f"{_format_highlight_selectors(slugs, 'selected')}{{"
            f"background-color:color-mix(in oklab,{shaded} var(--tint-more),transparent)}}"
        )
    every = [slug for slugs in by_colour.values() for slug in slugs]
    for level in (2, 3) if every else ():
        selectors = _format_highlight_selectors(every, level)
        yield f"{selectors}{{text-underline-offset:{_OFFSETS[level]}}}"


def _format_highlight_selectors(slugs: Iterable[str], *kinds: int | str) -> str:
    """Return the selectors of these kinds of highlights for some codes."""
    return ",".join(
        f".text .has-{kind}-{slug}::highlight(cstoannot-{kind}-{slug})"
        for slug in slugs
        for kind in kinds
    )
