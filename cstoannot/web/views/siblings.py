"""Codes that stand side by side and cannot be told apart, by name or by colour, and the remedy."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from cstoannot.codebook.actions import change_code
from cstoannot.codebook.colours import better_colour, near_siblings
from cstoannot.codebook.models import Code
from cstoannot.codebook.names import distinct_name, doubles
from cstoannot.codebook.queries import get_code, visible_codes
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, require_safe_or_post, signed_in

MOST_SHOWN = 20  # of each kind; the rest is counted


@dataclass(frozen=True)
class Double:
    code: Code
    beside: Code
    proposal: str


def attention(codes: Sequence[Code]) -> dict[str, Any]:
    """Siblings in use whose names look alike, and pairs whose colours are too near."""
    families: dict[int | None, list[Code]] = defaultdict(list)
    for code in codes:
        if code.retired_at is None:
            families[code.parent_id].append(code)
    alike = [
        Double(other, group[0], distinct_name(other.name, families[other.parent_id]))
        for group in doubles(codes)
        for other in group[1:]
    ]
    near = near_siblings(codes)
    return {
        "alike": alike[:MOST_SHOWN],
        "more_alike": max(0, len(alike) - MOST_SHOWN),
        "near": near[:MOST_SHOWN],
        "more_near": max(0, len(near) - MOST_SHOWN),
    }


@require_safe
@signed_in
def told_apart(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    return _page(request, scope)


def _page(
    request: SignedInRequest, scope: Scope, typed: Mapping[str, str] | None = None
) -> HttpResponse:
    """`typed`: names that were refused, by the codes' slugs; they stay in their fields."""
    context = attention(list(visible_codes(scope)))
    context["alike"] = [
        replace(one, proposal=(typed or {}).get(one.code.slug, one.proposal))
        for one in context["alike"]
    ]
    return project_page(request, scope, "codebook/told_apart.html", context, place="codebook")


@require_safe_or_post
@signed_in
def recolour(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    """Give a code the colour that is furthest from its siblings'."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        changed = change_code(scope, code, colour=_better(scope, get_code(scope, code)))
        messages.success(request, f"“{changed.name}” has another colour.")
    return redirect("codes_told_apart", project)


def _better(scope: Scope, code: Code) -> str:
    siblings = visible_codes(scope).filter(parent_id=code.parent_id, retired_at=None)
    colours = list(siblings.exclude(pk=code.pk).values_list("colour", flat=True))
    return better_colour(colours, code.parent.colour if code.parent else None)


@require_safe_or_post
@signed_in
def rename(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        try:
            changed = change_code(scope, code, name=request.POST.get("name", ""))
            messages.success(request, f"The code is called “{changed.name}” now.")
        except (Conflict, Invalid) as error:
            messages.error(request, error.message)
            return _page(request, scope, typed={code: request.POST.get("name", "")})
    return redirect("codes_told_apart", project)
