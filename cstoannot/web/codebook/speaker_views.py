"""The speakers of a project, with counts; merge two speakers and undo a merge."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.annotations.queries import require_speaker, visible_speakers
from cstoannot.annotations.speaker_queries import count_by_speaker, list_duplicate_speakers
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.decisions.merge_actions import merge_speakers, undo_speaker_merge
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import open_project
from cstoannot.web.base import (
    SignedInRequest,
    add_undo_message,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)

SPEAKERS_ON_A_PAGE = 100
MOST_CHOICES = 500


@require_safe
@sign_in_required
def show_speakers(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the speakers; counts include only annotations that the reader may see."""
    scope = open_project(request.user, project)
    page = paginate_rows(request, visible_speakers(scope), SPEAKERS_ON_A_PAGE)
    counts = count_by_speaker(scope)
    may_edit = scope.can(Permission.EDIT_CODEBOOK)
    groups = list_duplicate_speakers(scope) if may_edit else []
    context: dict[str, Any] = {
        "page": page,
        "rows": [(speaker, counts.get(speaker.pk, 0)) for speaker in page.object_list],
        "doubles": [
            (group[0], [(other, counts.get(other.pk, 0)) for other in group[1:]])
            for group in groups
        ],
    }
    if may_edit and (asked := request.GET.get("merge")):
        merging = require_speaker(scope, _parse_speaker_id(asked))
        context["merging"] = merging
        context["merging_count"] = counts.get(merging.pk, 0)
        context["choices"] = visible_speakers(scope).exclude(pk=merging.pk)[:MOST_CHOICES]
    return render_project_page(request, scope, "speakers/page.html", context, place="codebook")


@require_safe_or_post
@sign_in_required
def merge_speaker_view(request: SignedInRequest, project: str, speaker: uuid.UUID) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        old = require_speaker(scope, speaker)
        try:
            new = merge_speakers(
                scope, speaker, into=_parse_speaker_id(request.POST.get("into", ""))
            )
        except Invalid as error:
            messages.error(request, error.message)
        else:
            add_undo_message(
                request,
                f"“{old.name}” was merged into “{new.name}” in all passages.",
                reverse("speaker_unmerge", args=[project, speaker]),
            )
    return redirect("speakers", project)


@require_safe_or_post
@sign_in_required
def unmerge_speaker_view(
    request: SignedInRequest, project: str, speaker: uuid.UUID
) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        try:
            old = undo_speaker_merge(scope, speaker)
        except Conflict as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"“{old.name}” is a separate speaker again.")
    return redirect("speakers", project)


def _parse_speaker_id(typed: str) -> uuid.UUID:
    try:
        return uuid.UUID(typed)
    except ValueError:
        raise Invalid("Choose a speaker.", field="into") from None
