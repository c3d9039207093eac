"""The colours of a codebook as a style sheet, with its URL."""

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

# Part of the address, so that browsers do not use rules kept from before an upgrade. Raise it when
# the rules below change.
_FORMAT = 3
# Overlapping passages lie on levels: their underlines stand one below the other.
_OFFSETS = {1: ".2em", 2: ".36em", 3: ".52em"}


def build_codes_css_url(project: str, revision: int) -> str:
    """The address under which the style sheet of a codebook revision may be kept for good."""
    return f"{reverse('codes_css', args=[project])}?v={revision}&f={_FORMAT}"


@require_safe
@sign_in_required
def serve_codes_css(request: SignedInRequest, project: str) -> HttpResponse:
    """The codebook's colours as a style sheet: the policy allows no style attributes.

    An address that names the current revision (`?v=4`) may be kept for good. Any other is asked
    for again, and answered with 304 as long as the sheet is the same. Members only, either way:
    the project is opened before anything is compared.
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
    """A revision that does not exist yet, or no longer, names no content: ask again."""
    named = request.GET.get("v") == str(revision)
    return "max-age=31536000, immutable" if named else "no-cache"


def _iterate_css_rules(codes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Rules for chips, and for highlights in the paragraphs that carry a highlight's class.

    The browser tries every ::highlight() rule of an element for every highlight, so that rules
    which fit all paragraphs would cost codes² × paragraphs; the painter puts `has-KIND-SLUG` only
    where it paints `cstoannot-KIND-SLUG`. Codes of one colour share their rules.
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
    """Selectors of these kinds of highlight of some codes."""
    return ",".join(
        f".text .has-{kind}-{slug}::highlight(cstoannot-{kind}-{slug})"
        for slug in slugs
        for kind in kinds
    )
