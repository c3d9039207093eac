"""The speakers of a project: whose voices the coding names, and which of them are one."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.annotations.merging.actions import merge_speakers, undo_merge_of_speakers
from cstoannot.annotations.queries import get_speaker, visible_speakers
from cstoannot.annotations.speakers.queries import count_by_speaker, doubles_of_speakers
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.web.base import (
    SignedInRequest,
    page_of,
    project_page,
    require_safe_or_post,
    signed_in,
)
from cstoannot.web.safeguards import tell_with_undo

SPEAKERS_ON_A_PAGE = 100
MOST_CHOICES = 500


@require_safe
@signed_in
def speakers(request: SignedInRequest, project: str) -> HttpResponse:
    """Counts are of what the reader may see."""
    scope = open_project(request.user, project)
    page = page_of(request, visible_speakers(scope), SPEAKERS_ON_A_PAGE)
    counts = count_by_speaker(scope)
    may_edit = scope.can(Permission.EDIT_CODEBOOK)
    groups = doubles_of_speakers(scope) if may_edit else []
    context: dict[str, Any] = {
        "page": page,
        "rows": [(speaker, counts.get(speaker.pk, 0)) for speaker in page.object_list],
        "doubles": [
            (group[0], [(other, counts.get(other.pk, 0)) for other in group[1:]])
            for group in groups
        ],
    }
    if may_edit and (asked := request.GET.get("merge")):
        merging = get_speaker(scope, _key(asked))
        context["merging"] = merging
        context["merging_count"] = counts.get(merging.pk, 0)
        context["choices"] = visible_speakers(scope).exclude(pk=merging.pk)[:MOST_CHOICES]
    return project_page(request, scope, "speakers/page.html", context, place="codebook")


@require_safe_or_post
@signed_in
def merge(request: SignedInRequest, project: str, speaker: uuid.UUID) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        old = get_speaker(scope, speaker)
        try:
            new = merge_speakers(scope, speaker, into=_key(request.POST.get("into", "")))
        except Invalid as error:
            messages.error(request, error.message)
        else:
            tell_with_undo(
                request,
                f"“{old.name}” is now “{new.name}”, in every passage.",
                reverse("speaker_unmerge", args=[project, speaker]),
            )
    return redirect("speakers", project)


@require_safe_or_post
@signed_in
def unmerge(request: SignedInRequest, project: str, speaker: uuid.UUID) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        try:
            old = undo_merge_of_speakers(scope, speaker)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"“{old.name}” is a speaker of their own again.")
    return redirect("speakers", project)


def _key(typed: str) -> uuid.UUID:
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise Invalid("Choose the speaker who is meant.", field="into") from None
