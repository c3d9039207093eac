"""What was decided on a coder's own passages; and opening decisions to coders."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Conflict, Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.decisions.actions import open_decisions
from cstoannot.decisions.own_queries import (
    OwnDecisionFilter,
    list_own_decisions,
    load_opened_sources,
    load_told_sources,
)
from cstoannot.decisions.queries import load_consensus_states
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.threads.actions import ThreadDraft, open_thread
from cstoannot.threads.queries import list_asked_again
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.learning.presenters import build_own_decision_rows

ON_A_PAGE = 50


@require_safe_or_post
@sign_in_required
def show_own_decisions(request: SignedInRequest, project: str) -> HttpResponse:
    """Show place by place what the coder marked and what was decided; ask to look again."""
    scope = open_project(request.user, project, Permission.ANNOTATE)
    if request.method == "POST":
        _ask_again(request, scope)
        return redirect(request.get_full_path())
    asked = _parse_filter(request)
    told = load_told_sources(scope)
    page = paginate_rows(request, list_own_decisions(scope, asked), ON_A_PAGE)
    codes = {code.slug: code for code in visible_codes(scope)}
    threads = list_asked_again(scope).filter(opened_by=request.user)
    context: dict[str, Any] = {
        "asked": asked,
        "told": told.items(),
        "codes": codes.values(),
        "page": page,
        "rows": build_own_decision_rows(
            page.object_list, {slug: code.name for slug, code in codes.items()}
        ),
        "asked_again": set(threads.values_list("decision_id", flat=True)),
    }
    return render_project_page(request, scope, "learning/decisions.html", context, place="overview")


def _parse_filter(request: SignedInRequest) -> OwnDecisionFilter:
    source = parse_whole_number(request.GET.get("source", ""))
    code = request.GET.get("code", "")
    return OwnDecisionFilter(
        sources=() if source is None else (source,),
        codes=(code,) if code else (),
        differs="differs" in request.GET,
    )


def _ask_again(request: SignedInRequest, scope: Scope) -> None:
    """Open a thread on a decision, with the coder's reason."""
    try:
        decision = uuid.UUID(request.POST.get("decision", ""))
    except ValueError:
        messages.error(request, "Nothing was sent: reload the page, then try again.")
        return
    draft = ThreadDraft(kind="decision", text=request.POST.get("reason", ""), decision=decision)
    try:
        open_thread(scope, draft, asks_again=True)
    except (Invalid, Conflict) as refused:
        messages.error(request, str(refused))
        return
    messages.success(request, "Sent: the team is asked to look at this decision again.")


@require_safe_or_post
@sign_in_required
def open_decisions_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Show which sources' decisions coders are told of; owners open and close them."""
    scope = open_project(request.user, project, Permission.DECIDE)
    if request.method == "POST":
        scope.require(Permission.MANAGE)
        _change_opening(request, scope)
        return redirect(reverse("decisions_opened", args=[project]))
    states = load_consensus_states(scope)
    context = {
        "rows": [
            (source, states[source.pk], opened) for source, opened in load_opened_sources(scope)
        ],
        "opened_for_all": scope.project.decisions_opened,
    }
    return render_project_page(request, scope, "learning/opened.html", context, place="decide")


def _change_opening(request: SignedInRequest, scope: Scope) -> None:
    """Open or close all sources, or set those whose boxes changed."""
    act = request.POST.get("act", "")
    if act in {"open", "close"}:
        open_decisions(scope, opened=act == "open")
        messages.success(request, "Opened for all sources." if act == "open" else "Closed.")
        return
    shown = {int(one) for one in request.POST.get("shown", "").split() if one.isdecimal()}
    known = {source.pk: opened for source, opened in load_opened_sources(scope)}
    ticked = {parse_whole_number(one) for one in request.POST.getlist("opened")}
    chosen = [pk for pk in known if pk in shown]
    open_decisions(scope, [pk for pk in chosen if pk in ticked and not known[pk]])
    open_decisions(scope, [pk for pk in chosen if pk not in ticked and known[pk]], opened=False)
    messages.success(request, "Saved.")
