"""Pages on which work is handed out by a plan, a plan is extended, and work handed on."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from cstoannot.agreement.plan_precision import PlanPrecision, estimate_plan_precision
from cstoannot.assignments.plan_actions import apply_plan, extend_plan, hand_on_sources
from cstoannot.assignments.plan_queries import (
    PlanDraft,
    PlanPreview,
    build_extension_preview,
    build_hand_on_preview,
    build_plan_preview,
    list_plans,
    list_unassigned_sources,
    load_plan_annotators,
    load_plan_state,
    require_plan,
)
from cstoannot.assignments.queries import list_working_names
from cstoannot.assignments.round_queries import (
    require_round,
    visible_round_sources,
    visible_rounds,
)
from cstoannot.core.errors import Invalid
from cstoannot.core.plurals import count_of
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import coding_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import (
    SignedInRequest,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.coefficient_display import format_coefficient
from cstoannot.web.page_forms import FormRefusals, get_posted_data
from cstoannot.web.project.plan_forms import ALL, FREE, HandOnForm, PlanExtensionForm, PlanForm

PLANS_ON_A_PAGE = 20


@require_safe_or_post
@sign_in_required
def make_plan_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Show the plans, and a form that previews a new one and applies it."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    form = PlanForm(
        get_posted_data(request),
        names=_list_coder_names(scope),
        rounds=list(visible_rounds(scope)),
        initial={"annotators": list(list_working_names(scope))},
    )
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            draft = _build_draft(scope, form.cleaned_data)
            if request.POST.get("act") == "apply":
                plan, found = apply_plan(scope, draft)
                given = count_of(len(found.give), "source")
                messages.success(request, f"“{plan.name}” was applied: {given} assigned.")
                return redirect("plan", project, plan.pk)
            shown = _show_preview(scope, build_plan_preview(scope, draft))
    plans = paginate_rows(request, list_plans(scope), PLANS_ON_A_PAGE)
    context = {"form": form, "page": plans, **shown}
    return render_project_page(
        request, scope, "assignments/plans.html", context, place="assignments"
    )


@require_safe_or_post
@sign_in_required
def extend_plan_view(request: SignedInRequest, project: str, plan: uuid.UUID) -> HttpResponse:
    """Show what a plan has handed out, and a form that extends it."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    chosen = require_plan(scope, plan)
    names = [one.user.username for one in load_plan_annotators(scope, chosen)]
    others = [name for name in _list_coder_names(scope) if name not in names]
    form = PlanExtensionForm(
        get_posted_data(request), names=others, rounds=list(visible_rounds(scope))
    )
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            asked = {
                "sources": _choose_form_sources(scope, form.cleaned_data["sources"]),
                "annotators": form.cleaned_data["annotators"],
            }
            if request.POST.get("act") == "apply":
                _, found = extend_plan(scope, chosen.pk, **asked)
                messages.success(request, _describe_extension(found))
                return redirect("plan", project, chosen.pk)
            shown = _show_preview(scope, build_extension_preview(scope, chosen, **asked))
    shown = shown or _show_preview(scope, load_plan_state(scope, chosen))
    context = {"form": form, "plan": chosen, "previews": request.method == "POST", **shown}
    return render_project_page(
        request, scope, "assignments/plan.html", context, place="assignments"
    )


@require_safe_or_post
@sign_in_required
def hand_on_view(request: SignedInRequest, project: str) -> HttpResponse:
    """Preview who takes over what an annotator has not begun, and do it."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    working = list_working_names(scope, everybody=True)
    form = HandOnForm(get_posted_data(request), leaving=working, names=_list_coder_names(scope))
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            name, to = form.cleaned_data["annotator"], form.cleaned_data["to"]
            if request.POST.get("act") == "apply":
                found = hand_on_sources(scope, name, to=to)
                count = count_of(len(found.give), "source")
                messages.success(request, f"{count} handed on from {name}.")
                return redirect("assignments", project)
            shown = _show_preview(scope, build_hand_on_preview(scope, name, to=to))
    context = {"form": form, **shown}
    return render_project_page(
        request, scope, "assignments/hand_on.html", context, place="assignments"
    )


def _list_coder_names(scope: Scope) -> list[str]:
    return [one.user.username for one in coding_members(scope)]


def _build_draft(scope: Scope, given: dict[str, Any]) -> PlanDraft:
    return PlanDraft(
        annotators=tuple(given["annotators"]),
        each=given["each"],
        shared=given["shared"],
        seed=given["seed"],
        sources=_choose_form_sources(scope, given["sources"]),
        name=given["name"],
        deadline=given["deadline"],
    )


def _choose_form_sources(scope: Scope, asked: str) -> tuple[int, ...]:
    """Return the sources of the form's choice; empty for all; raise Invalid for none."""
    if asked == ALL:
        return ()
    if asked == FREE:
        found = list_unassigned_sources(scope)
    else:
        found = visible_round_sources(scope, require_round(scope, uuid.UUID(asked)))
    ids = tuple(found.values_list("pk", flat=True))
    if not ids:
        raise Invalid("There are no such sources.", field="sources")
    return ids


def _describe_extension(found: PlanPreview) -> str:
    if not found.give and not found.take:
        return "The plan stays as it is: there is nothing to add."
    return f"Extended: {len(found.give)} assigned, {len(found.take)} moved."


def _show_preview(scope: Scope, found: PlanPreview) -> dict[str, Any]:
    names = [one.username for one in found.coders]
    precision = estimate_plan_precision(scope, found.coders_by_source)
    return {
        "preview": found,
        "loads": [
            (one, [(name, count) for name, count in zip(names, row, strict=True)])
            for one, row in zip(found.coders, found.pairs, strict=True)
        ],
        "names": names,
        "precision": precision,
        "widths": _list_widths(precision),
    }


def _list_widths(found: PlanPrecision) -> Sequence[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "value": format_coefficient(one.result.value),
            "half_width": format_coefficient(one.half_width),
            "expected": format_coefficient(one.expected),
        }
        for one in found.codes
        if one.expected is not None
    ]
