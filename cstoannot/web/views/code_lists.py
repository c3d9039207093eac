"""Many codes added from a pasted list: looked at as a tree, then accepted."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from cstoannot.codebook.actions import TEXTS
from cstoannot.codebook.bulk.actions import create_codes
from cstoannot.codebook.bulk.planning import CodeDraft, Plan, PlannedCode
from cstoannot.codebook.bulk.queries import preview_codes
from cstoannot.codebook.outline import Outline, read_outline
from cstoannot.codebook.queries import code_tree
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, require_safe_or_post, signed_in
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.codebook import CodeListForm


@dataclass(frozen=True)
class PreviewLine:
    """A code as a line of the list makes it, and what is wrong with that line."""

    line: int
    depth: int
    code: PlannedCode
    problems: Sequence[str]


@dataclass(frozen=True)
class Preview:
    lines: Sequence[PreviewLine]
    problems: Sequence[tuple[int, str]]
    """All that is wrong, with the number of the line."""
    key: str
    """Names what was looked at, so that nothing else is accepted."""


@require_safe_or_post
@signed_in
def new_list(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_CODEBOOK)
    places = [place for place in code_tree(scope) if place.code.retired_at is None]
    form = CodeListForm(posted(request), places=places)
    preview = None
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            outline = read_outline(form.cleaned_data["lines"])
            drafts = list(_read_drafts(outline, form.cleaned_data["parent"]))
            preview = _look_at(scope, form, outline, drafts)
            if not preview.problems and request.POST.get("accept") == preview.key:
                create_codes(scope, drafts, note=form.cleaned_data["note"])
                count = len(drafts)
                said = "1 code is" if count == 1 else f"{count:,} codes are"
                messages.success(request, f"{said} in the codebook.")
                return redirect("codebook", project)
    context = {"form": form, "preview": preview}
    return project_page(request, scope, "codebook/new_list.html", context, place="codebook")


def _read_drafts(outline: Outline, parent: str) -> Iterable[CodeDraft]:
    for code, below in zip(outline.codes, outline.parents(), strict=True):
        yield CodeDraft(
            name=code.cells.get("name", ""),
            parent=parent if below is None else None,
            below=below,
            shortcut=code.cells.get("shortcut", ""),
            colour=code.cells.get("colour", ""),
            texts={text: code.cells[text] for text in TEXTS if text in code.cells},
        )


def _look_at(
    scope: Scope, form: CodeListForm, outline: Outline, drafts: Sequence[CodeDraft]
) -> Preview:
    plan = preview_codes(scope, drafts)
    found = [(problem.line, problem.message) for problem in outline.problems]
    found += [
        (outline.codes[index].line, fault.message)
        for index, faults in plan.faults.items()
        for fault in faults
    ]
    looked_at = f"{form.cleaned_data['parent']}\n{form.cleaned_data['lines']}"
    return Preview(
        lines=_preview_lines(outline, plan, found),
        problems=sorted(found, key=lambda one: one[0]),
        key=hashlib.sha256(looked_at.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _preview_lines(
    outline: Outline, plan: Plan, found: Sequence[tuple[int, str]]
) -> list[PreviewLine]:
    by_line: dict[int, list[str]] = {}
    for line, message in found:
        by_line.setdefault(line, []).append(message)
    return [
        PreviewLine(code.line, code.depth, planned, by_line.get(code.line, []))
        for code, planned in zip(outline.codes, plan.codes, strict=True)
    ]
