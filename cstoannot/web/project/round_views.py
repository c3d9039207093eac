"""Pages of the rounds, and of one round with its sources."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect

from cstoannot.assignments.models import Round
from cstoannot.assignments.round_actions import change_round, create_round, delete_round
from cstoannot.assignments.round_queries import list_round_summaries, require_round
from cstoannot.codebook.queries import load_current_revision
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.queries import visible_sources
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.page_forms import FormRefusals, get_posted_data
from cstoannot.web.project.plan_forms import RoundForm

SOURCES_ON_A_PAGE = 200


@require_safe_or_post
@sign_in_required
def manage_rounds_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    form = RoundForm(get_posted_data(request), initial={"revision": load_current_revision(scope)})
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            made = create_round(scope, **form.cleaned_data)
            messages.success(request, f"“{made.name}” was created. Now choose its sources.")
            return redirect("round", project, made.pk)
    context = {"form": form, "rounds": list_round_summaries(scope)}
    return render_project_page(
        request, scope, "assignments/rounds.html", context, place="assignments"
    )


@require_safe_or_post
@sign_in_required
def edit_round_view(request: SignedInRequest, project: str, round: uuid.UUID) -> HttpResponse:
    """Rename a round, choose its sources, or delete it."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    found = require_round(scope, round)
    act = request.POST.get("act", "")
    if act == "delete":
        delete_round(scope, found.pk)
        messages.success(request, f"“{found.name}” was deleted. Its sources are in no round.")
        return redirect("rounds", project)
    if act == "fill":
        _fill_from_ticks(scope, found, request.POST)
        messages.success(request, "Saved.")
        return redirect(request.get_full_path())
    data = get_posted_data(request)
    stored = {"name": found.name, "revision": found.revision, "note": found.note}
    form = RoundForm(data, initial=stored)
    if data is not None and form.is_valid():
        with FormRefusals(form):
            change_round(scope, found.pk, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("round", project, found.pk)
    sources = visible_sources(scope).defer(None).only("pk", "title", "round_id")
    page = paginate_rows(request, sources, SOURCES_ON_A_PAGE)
    shown = " ".join(str(one.pk) for one in page if one.round_id == found.pk)
    context = {"form": form, "round": found, "page": page, "shown": shown}
    return render_project_page(
        request, scope, "assignments/round.html", context, place="assignments"
    )


def _fill_from_ticks(scope: Scope, found: Round, posted: QueryDict) -> None:
    """Change only the boxes that changed since the page was shown."""
    before = _parse_ids(posted.get("shown", "").split())
    ticked = _parse_ids(posted.getlist("source"))
    change_round(scope, found.pk, add=sorted(ticked - before), remove=sorted(before - ticked))


def _parse_ids(words: list[str]) -> set[int]:
    numbers = [parse_whole_number(word) for word in words]
    if None in numbers:
        raise Invalid("The form contains an invalid source. Reload the page.")
    return {number for number in numbers if number is not None}
