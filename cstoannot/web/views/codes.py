"""Writing the codebook: codes added, edited, moved, merged, retired and deleted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.counts import count_by_code
from cstoannot.annotations.merging.actions import merge_code
from cstoannot.codebook.actions import TEXTS, change_code, create_code, delete_code
from cstoannot.codebook.models import Code
from cstoannot.codebook.ordering.actions import move_code
from cstoannot.codebook.queries import code_tree, get_code, near_colours
from cstoannot.codebook.tree import Place, descendants
from cstoannot.core.errors import Conflict, Stale
from cstoannot.core.versions import expect
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, require_safe_or_post, signed_in
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.codebook import CodeForm, MergeForm, NewCodeForm
from cstoannot.web.safeguards import ask_first, tell_with_undo


def _at(project: str, slug: str) -> str:
    """Where the code stands on the codebook's page."""
    return f"{reverse('codebook', args=[project])}#code-{slug}"


@require_safe_or_post
@signed_in
def new(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    places = [place for place in code_tree(scope) if place.code.retired_at is None]
    initial = {"parent": request.GET.get("below", "")}
    form = NewCodeForm(posted(request), places=places, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            code = create_code(scope, **form.said())
            messages.success(request, f"“{code.name}” is in the codebook.")
            if "another" in request.POST:
                below = f"?below={code.parent.slug}" if code.parent else ""
                return redirect(reverse("code_new", args=[project]) + below)
            return redirect(_at(project, code.slug))
    return project_page(request, scope, "codebook/new.html", {"form": form}, place="codebook")


@require_safe_or_post
@signed_in
def edit(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    tree = code_tree(scope)
    entry = get_code(scope, code)
    stored = _stored(entry, tree)
    places = _possible_parents(entry, tree)
    form = CodeForm(posted(request), places=places, initial={**stored, "version": entry.version})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            try:
                version = form.cleaned_data["version"]
                changed = change_code(scope, code, expected=expect(version), **form.said())
                messages.success(request, f"“{changed.name}” is saved.")
                return redirect(_at(project, code))
            except Stale as error:
                form.show_conflict(error, stored, entry.version)
    near = near_colours(scope, beside=entry).get(entry.slug, [])
    context = {
        "form": form,
        "code": entry,
        "count": count_by_code(scope).get(entry.pk, 0),
        "too_near": [place.code.name for place in tree if place.code.slug in near],
        "has_children": any(place.code.parent_id == entry.pk for place in tree),
    }
    return project_page(request, scope, "codebook/edit.html", context, place="codebook")


def _stored(entry: Code, tree: list[Place[Code]]) -> dict[str, str]:
    """The code as the form shows it."""
    above = next((p.code.slug for p in tree if p.code.pk == entry.parent_id), "")
    names = ("name", "colour", "shortcut", *TEXTS)
    return {"parent": above, **{name: getattr(entry, name) for name in names}}


def _possible_parents(entry: Code, tree: list[Place[Code]]) -> list[Place[Code]]:
    """Where a code may stand: not below itself, nor below a retired one unless it does already."""
    below = descendants({place.code.pk: place.code.parent_id for place in tree}, entry.pk)
    return [
        place
        for place in tree
        if place.code.pk not in below
        and (place.code.retired_at is None or place.code.pk == entry.parent_id)
    ]


@require_safe_or_post
@signed_in
def move(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method == "POST":
        move_code(scope, code, by=-1 if request.POST.get("to") == "up" else 1)
    return redirect(_at(project, code))


@require_safe_or_post
@signed_in
def retire(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    """Retire a code, or take it back into use."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    if request.method != "POST":
        return redirect("code_edit", project, code)
    to = request.POST.get("to") or request.GET.get("to")
    _retire(request, scope, code, retired=to != "restore")
    return redirect(_at(project, code))


def _retire(request: SignedInRequest, scope: Scope, slug: str, *, retired: bool) -> None:
    name = get_code(scope, slug).name
    note = f"Retired “{name}”" if retired else f"Took “{name}” back into use"
    try:
        change_code(scope, slug, retired=retired, note=note)
    except Conflict as error:
        messages.error(request, f"{error.message} Take that key away first.")
        return
    address = reverse("code_retire", args=[scope.project.slug, slug])
    undo = f"{address}?to={'restore' if retired else 'retire'}"
    tell_with_undo(request, f"{note}.", undo)


@require_safe_or_post
@signed_in
def merge(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    """Ask into which code another one goes, and what becomes of the stances; then do it."""
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    entry = get_code(scope, code)
    places = [place for place in code_tree(scope) if place.code.retired_at is None]
    takers = [place for place in places if place.code.pk != entry.pk]
    form = MergeForm(posted(request), code=entry, places=takers)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            taker = merge_code(scope, code, **form.cleaned_data)
            messages.success(request, f"“{entry.name}” is merged into “{taker.name}” and retired.")
            return redirect(_at(project, taker.slug))
    count = count_by_code(scope, code_id=entry.pk).get(entry.pk, 0)
    context = {"form": form, "code": entry, "count": count}
    return project_page(request, scope, "codebook/merge.html", context, place="codebook")


def _is_used(scope: Scope, entry: Code) -> bool:
    """Whether something was coded with it or stands below it."""
    has_children = any(place.code.parent_id == entry.pk for place in code_tree(scope))
    return has_children or bool(count_by_code(scope).get(entry.pk))


@require_safe_or_post
@signed_in
def delete(request: SignedInRequest, project: str, code: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    entry = get_code(scope, code)
    name, edit_page = entry.name, reverse("code_edit", args=[project, code])
    if request.method != "POST":
        if _is_used(scope, entry):
            return redirect(edit_page)
        return ask_first(
            request,
            scope,
            question=f"Delete the code “{name}”?",
            effects=[
                "It has no annotations and disappears from the codebook. "
                "Its name, definition and examples stay in the codebook’s revisions only."
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
    messages.success(request, f"“{name}” is deleted.")
    return redirect("codebook", project)
