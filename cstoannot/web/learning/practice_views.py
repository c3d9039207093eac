"""Practice: decided sources given to learn, and how they went."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.agreement.consensus_reports import UNIT, build_practice_report
from cstoannot.assignments.models import AssignmentState
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.decisions.practice_actions import clear_practice, give_practice, withdraw_practice
from cstoannot.decisions.practice_queries import (
    require_finished_practice,
    require_practice,
    visible_practice,
)
from cstoannot.decisions.queries import load_decided_source_ids
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.queries import visible_sources
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_confirmation_page,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.learning.consensus_views import build_coder_context, parse_match
from cstoannot.web.learning.presenters import MATCH_TITLES, build_consensus_row

ON_A_PAGE = 50


@require_safe_or_post
@sign_in_required
def show_practice_list(request: SignedInRequest, project: str) -> HttpResponse:
    """Show one's own practice, or everybody's with a form to give more."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    if request.method == "POST":
        scope.require(Permission.EDIT_SOURCES)
        _give(request, scope)
        return redirect("practice", project)
    page = paginate_rows(request, visible_practice(scope), ON_A_PAGE)
    leads = scope.can(Permission.EDIT_SOURCES)
    finished = [one for one in page.object_list if one.state == AssignmentState.DONE]
    context: dict[str, Any] = {
        "page": page,
        "summaries": [
            (one, build_consensus_row(None, one.overall, "overlap"))
            for one in build_practice_report(scope, finished).coders
        ],
        "leads": leads,
    }
    if leads:
        decided = load_decided_source_ids(scope)
        context["sources"] = [one for one in visible_sources(scope) if one.pk in decided]
        context["members"] = list(coding_members(scope))
    return render_project_page(request, scope, "learning/practice.html", context, place="overview")


def _give(request: SignedInRequest, scope: Scope) -> None:
    numbers = [parse_whole_number(one) for one in request.POST.getlist("source")]
    ids = [one for one in numbers if one is not None]
    names = request.POST.getlist("annotator")
    if not ids or not names:
        messages.error(request, "Choose sources and coders.")
        return
    try:
        given = give_practice(scope, source_ids=ids, annotators=names)
    except (Invalid, Conflict) as refused:
        messages.error(request, f"Nothing was given: {refused}")
        return
    messages.success(request, f"Given for practice: {sum(new for _, new in given)}.")


@require_safe_or_post
@sign_in_required
def show_practice_result(
    request: SignedInRequest, project: str, assignment: uuid.UUID
) -> HttpResponse:
    """Show how a finished practice compares with the consensus."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    practice = require_finished_practice(scope, assignment)
    found = build_practice_report(scope, [practice])
    match = parse_match(request.GET.get("match", ""))
    context: dict[str, Any] = {
        "practice": practice,
        "found": found,
        "unit": UNIT,
        "match": match,
        "matches": MATCH_TITLES.items(),
        **(build_coder_context(request, scope, found.coders[0], match) if found.coders else {}),
    }
    return render_project_page(
        request, scope, "learning/practice_result.html", context, place="overview"
    )


@require_safe_or_post
@sign_in_required
def clear_practice_view(
    request: SignedInRequest, project: str, assignment: uuid.UUID
) -> HttpResponse:
    """Ask, then clear a practice, so that its coder can begin anew."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    practice = require_practice(scope, assignment)
    if request.method == "POST":
        clear_practice(scope, assignment)
        messages.success(request, "Cleared. The practice can begin anew.")
        return redirect("practice", project)
    return render_confirmation_page(
        request,
        scope,
        question=f"Begin the practice on “{practice.source.title}” anew?",
        effects=["What was coded for practice is deleted; the history keeps it."],
        button="Begin anew",
        back=reverse("practice", args=[project]),
        place="overview",
    )


@require_safe_or_post
@sign_in_required
def withdraw_practice_view(
    request: SignedInRequest, project: str, assignment: uuid.UUID
) -> HttpResponse:
    """Ask, then take a practice back."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    practice = require_practice(scope, assignment)
    if request.method == "POST":
        withdraw_practice(scope, assignment)
        messages.success(request, f"Taken back from {practice.annotator.username}.")
        return redirect("practice", project)
    return render_confirmation_page(
        request,
        scope,
        question=f"Take “{practice.source.title}” back from {practice.annotator.username}?",
        effects=["What was coded for practice is deleted; the history keeps it."],
        button="Take back",
        back=reverse("practice", args=[project]),
        place="overview",
    )
