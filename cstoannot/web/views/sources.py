from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.annotations.counts import count_by_source
from cstoannot.core.errors import Stale
from cstoannot.core.versions import expect
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.actions import (
    add_sources,
    change_source,
    delete_source,
    details_of,
    restore_source,
)
from cstoannot.sources.models import Source
from cstoannot.sources.queries import SPELT, find_same_text, get_source, spellings, visible_sources
from cstoannot.web.base import (
    SignedInRequest,
    page_of,
    project_page,
    require_safe_or_post,
    signed_in,
)
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.sources import NewSourcesForm, SourceForm
from cstoannot.web.safeguards import tell_with_undo


@require_safe_or_post
@signed_in
def new(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    form = NewSourcesForm(posted(request), request.FILES or None, offered=_offered(scope))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            added = _take_in(scope, form)
            _tell(request, scope, added)
            if len(added) == 1 and "another" in request.POST:
                return redirect("source_new", project)
            return redirect(reverse("project", args=[project]) + "?order=newest")
    context = {"form": form, "lost_files": bool(form.files)}
    return project_page(request, scope, "sources/new.html", context, place="overview")


def _offered(scope: Scope) -> dict[str, list[str]]:
    """What other articles have as publisher and group, each in one spelling."""
    return {name: sorted(set(spellings(scope, name).values())) for name in SPELT}


def _take_in(scope: Scope, form: NewSourcesForm) -> list[Source]:
    files = [(str(one.name), one.read()) for one in form.cleaned_data["files"]]
    title, text = form.cleaned_data["title"], form.cleaned_data["text"]
    pasted = [(title, text)] if text else []
    return add_sources(scope, files=files, pasted=pasted, **form.details())


def _tell(request: SignedInRequest, scope: Scope, added: list[Source]) -> None:
    """Say what came in, and which of it the project had already."""
    if len(added) == 1:
        messages.success(request, f"“{added[0].title}” is in the project.")
    else:
        messages.success(request, f"{len(added)} articles are in the project.")
    for source in added:
        same = find_same_text(scope, sha256=source.sha256)
        if same and same.pk != source.pk:
            messages.warning(
                request,
                f"“{source.title}” has the very same text as “{same.title}”. "
                "If it is there twice by mistake, edit one of them and remove it.",
            )


@require_safe_or_post
@signed_in
def edit(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    article = get_source(scope, source)
    stored = {**details_of(article), "version": article.version}
    form = SourceForm(posted(request), initial=stored, offered=_offered(scope))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            try:
                version = form.cleaned_data["version"]
                change_source(scope, source, expected=expect(version), **form.details())
                messages.success(request, "Saved.")
                return redirect("project", project)
            except Stale as error:
                form.show_conflict(error, details_of(article), article.version)
    context = {"form": form, "source": article}
    return project_page(request, scope, "sources/edit.html", context, place="overview")


@require_safe_or_post
@signed_in
def remove(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Ask, then remove; asked with the number of annotations in sight, so that a yes is one."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    article = get_source(scope, source)
    if request.method == "POST":
        delete_source(scope, source, confirmed="confirm" in request.POST)
        undo = reverse("source_restore", args=[project, source])
        tell_with_undo(request, f"“{article.title}” is removed. It can be restored.", undo)
        return redirect("project", project)
    count = count_by_source(scope, sources=[source]).get(source, 0)
    context = {"source": article, "count": count}
    return project_page(request, scope, "sources/remove.html", context, place="overview")


@require_safe
@signed_in
def removed(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    page = page_of(request, visible_sources(scope, deleted=True), 100)
    return project_page(request, scope, "sources/removed.html", {"page": page}, place="overview")


@require_safe_or_post
@signed_in
def restore(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    if request.method == "POST":
        article = restore_source(scope, source)
        messages.success(request, f"“{article.title}” is back, with all that was coded in it.")
    return redirect("sources_removed", project)
