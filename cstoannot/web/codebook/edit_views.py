"""Add, edit, move, merge, retire and delete codes; add codes from a pasted list."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.counts import count_by_code
from cstoannot.codebook.actions import TEXTS, change_code, create_code, delete_code
from cstoannot.codebook.bulk_actions import create_codes
from cstoannot.codebook.bulk_plan import CodebookPlan, CodeDraft, PlannedCode, preview_codes
from cstoannot.codebook.models import Code
from cstoannot.codebook.order_actions import move_code
from cstoannot.codebook.outline import Outline, read_outline
from cstoannot.codebook.queries import load_code_tree, load_near_colours, require_code
from cstoannot.codebook.tree import TreeNode, collect_descendants
from cstoannot.core.errors import Conflict, Stale
from cstoannot.core.fields import expect_version
from cstoannot.decisions.merge_actions import merge_code
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import (
    SignedInRequest,
    add_undo_message,
    render_confirmation_page,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.codebook.forms import CodeForm, CodeListForm, MergeCodeForm, NewCodeForm
from cstoannot.web.page_forms import FormRefusals, get_posted_data


def _build_code_url(project: str, slug: str) -> str:
    """Return the URL of the code on the codebook page."""
    return f"{reverse('codebook', args=[project])}#code-{slug}"


@require_safe_or_post
@sign_in_required
def create_code_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    places = [place for place in load_code_tree(scope) if place.code.retired_at is None]
    initial = {"parent": request.GET.get("below", "")}
    form = NewCodeForm(get_posted_data(request), places=places, initial=initial)
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            code = create_code(scope, **form.said())
            messages.success(request, f"“{code.name}” was added to the codebook.")
            if "another" in request.POST:
                below = f"?below={code.parent.slug}" if code.parent else ""
                return redirect(reverse("code_new", args=[project]) + below)
            return redirect(_build_code_url(project, code.slug))
    return render_project_page(
        request, scope, "codebook/new.html", {"form": form}, place="codebook"
    )


@require_safe_or_post
@sign_in_required
def edit_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    tree = load_code_tree(scope)
    entry = require_code(scope, code)
    stored = _build_code_initial(entry, tree)
    places = _list_possible_parents(entry, tree)
    form = CodeForm(
        get_posted_data(request), places=places, initial={**stored, "version": entry.version}
    )
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            try:
                version = form.cleaned_data["version"]
                changed = change_code(scope, code, expected=expect_version(version), **form.said())
                messages.success(request, f"“{changed.name}” was saved.")
                return redirect(_build_code_url(project, code))
            except Stale as error:
                form.show_conflict(error, stored, entry.version)
    near = load_near_colours(scope, beside=entry).get(entry.slug, [])
    context = {
        "form": form,
        "code": entry,
        "count": count_by_code(scope).get(entry.pk, 0),
        "too_near": [place.code.name for place in tree if place.code.slug in near],
        "has_children": any(place.code.parent_id == entry.pk for place in tree),
    }
    return render_project_page(request, scope, "codebook/edit.html", context, place="codebook")


def _build_code_initial(entry: Code, tree: list[TreeNode[Code]]) -> dict[str, str]:
    above = next((p.code.slug for p in tree if p.code.pk == entry.parent_id), "")
    names = ("name", "colour", "shortcut", *TEXTS)
    return {"parent": above, **{name: getattr(entry, name) for name in names}}


def _list_possible_parents(entry: Code, tree: list[TreeNode[Code]]) -> list[TreeNode[Code]]:
    """List the parents that a code may have: neither below it nor, unless unchanged, retired."""
    below = collect_descendants({place.code.pk: place.code.parent_id for place in tree}, entry.pk)
    return [
        place
        for place in tree
        if place.code.pk not in below
        and (place.code.retired_at is None or place.code.pk == entry.parent_id)
    ]


@require_safe_or_post
@sign_in_required
def move_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        move_code(scope, code, by=-1 if request.POST.get("to") == "up" else 1)
    return redirect(_build_code_url(project, code))


@require_safe_or_post
@sign_in_required
def retire_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    """Retire a code, or reactivate it."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method != "POST":
        return redirect("code_edit", project, code)
    to = request.POST.get("to") or request.GET.get("to")
    _change_retirement(request, scope, code, retired=to != "restore")
    return redirect(_build_code_url(project, code))


def _change_retirement(request: SignedInRequest, scope: Scope, slug: str, *, retired: bool) -> None:
    name = require_code(scope, slug).name
    note = f"Retired “{name}”" if retired else f"Restored “{name}”"
    try:
        change_code(scope, slug, retired=retired, note=note)
    except Conflict as error:
        messages.error(request, f"{error.message} Remove that key first.")
        return
    address = reverse("code_retire", args=[scope.project.slug, slug])
    undo = f"{address}?to={'restore' if retired else 'retire'}"
    add_undo_message(request, f"{note}.", undo)


@require_safe_or_post
@sign_in_required
def merge_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    """Ask for the code to merge into and how to treat stances; then merge."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    entry = require_code(scope, code)
    places = [place for place in load_code_tree(scope) if place.code.retired_at is None]
    takers = [place for place in places if place.code.pk != entry.pk]
    form = MergeCodeForm(get_posted_data(request), code=entry, places=takers)
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            taker = merge_code(scope, code, **form.cleaned_data)
            messages.success(request, f"“{entry.name}” was merged into “{taker.name}” and retired.")
            return redirect(_build_code_url(project, taker.slug))
    count = count_by_code(scope, code_id=entry.pk).get(entry.pk, 0)
    context = {"form": form, "code": entry, "count": count}
    return render_project_page(request, scope, "codebook/merge.html", context, place="codebook")


def _is_code_used(scope: Scope, entry: Code) -> bool:
    """Whether the code has annotations or child codes."""
    has_children = any(place.code.parent_id == entry.pk for place in load_code_tree(scope))
    return has_children or bool(count_by_code(scope).get(entry.pk))


@require_safe_or_post
@sign_in_required
def delete_code_view(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    entry = require_code(scope, code)
    name, edit_page = entry.name, reverse("code_edit", args=[project, code])
    if request.method != "POST":
        if _is_code_used(scope, entry):
            return redirect(edit_page)
        return render_confirmation_page(
            request,
            scope,
            question=f"Delete the code “{name}”?",
            effects=[
                "It has no annotations and is removed from the codebook. The codebook’s "
                "revisions still show it."
            ],
            button="Delete the code",
            back=edit_page,
            place="codebook",
        )
    try:
        delete_code(scope, code)
    except Conflict as error:
        messages.error(request, error.message)
        return redirect(edit_page)
    messages.success(request, f"“{name}” was deleted.")
    return redirect("codebook", project)


@dataclass(frozen=True)
class CodeListLine:
    """A line of the list: the code that it creates, and its problems."""

    line: int
    depth: int
    code: PlannedCode
    problems: Sequence[str]


@dataclass(frozen=True)
class CodeListPreview:
    lines: Sequence[CodeListLine]
    problems: Sequence[tuple[int, str]]
    """All problems, each with its line number."""
    key: str
    """Identifies the list in the preview, so that nothing else is accepted."""


@require_safe_or_post
@sign_in_required
def create_code_list_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    places = [place for place in load_code_tree(scope) if place.code.retired_at is None]
    form = CodeListForm(get_posted_data(request), places=places)
    preview = None
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            outline = read_outline(form.cleaned_data["lines"])
            drafts = list(_iterate_code_drafts(outline, form.cleaned_data["parent"]))
            preview = _build_code_list_preview(scope, form, outline, drafts)
            if not preview.problems and request.POST.get("accept") == preview.key:
                create_codes(scope, drafts, note=form.cleaned_data["note"])
                count = len(drafts)
                said = "1 code was" if count == 1 else f"{count:,} codes were"
                messages.success(request, f"{said} added to the codebook.")
                return redirect("codebook", project)
    context = {"form": form, "preview": preview}
    return render_project_page(request, scope, "codebook/new_list.html", context, place="codebook")


def _iterate_code_drafts(outline: Outline, parent: str) -> Iterable[CodeDraft]:
    for code, below in zip(outline.codes, outline.parents(), strict=True):
        yield CodeDraft(
            name=code.cells.get("name", ""),
            parent=parent if below is None else None,
            below=below,
            shortcut=code.cells.get("shortcut", ""),
            colour=code.cells.get("colour", ""),
            texts={text: code.cells[text] for text in TEXTS if text in code.cells},
        )


def _build_code_list_preview(
    scope: Scope, form: CodeListForm, outline: Outline, drafts: Sequence[CodeDraft]
) -> CodeListPreview:
    plan = preview_codes(scope, drafts)
    found = [(problem.line, problem.message) for problem in outline.problems]
    found += [
        (outline.codes[index].line, fault.message)
        for index, faults in plan.faults.items()
        for fault in faults
    ]
    looked_at = f"{form.cleaned_data['parent']}\n{form.cleaned_data['lines']}"
    return CodeListPreview(
        lines=_build_preview_lines(outline, plan, found),
        problems=sorted(found, key=lambda one: one[0]),
        key=hashlib.sha256(looked_at.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _build_preview_lines(
    outline: Outline, plan: CodebookPlan, found: Sequence[tuple[int, str]]
) -> list[CodeListLine]:
    by_line: dict[int, list[str]] = {}
    for line, message in found:
        by_line.setdefault(line, []).append(message)
    return [
        CodeListLine(code.line, code.depth, planned, by_line.get(code.line, []))
        for code, planned in zip(outline.codes, plan.codes, strict=True)
    ]
