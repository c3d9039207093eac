"""Add, edit, remove and restore sources."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cstoannot.annotations.counts import count_by_source
from cstoannot.core.errors import Stale
from cstoannot.core.fields import expect_version
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.actions import (
    add_sources,
    build_source_details,
    change_source,
    delete_source,
    restore_source,
)
from cstoannot.sources.models import Source
from cstoannot.sources.queries import (
    SPELT,
    find_duplicate_source,
    load_spellings,
    require_source,
    visible_sources,
)
from cstoannot.web.base import (
    SignedInRequest,
    add_undo_message,
    paginate_rows,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.page_forms import FormRefusals, get_posted_data
from cstoannot.web.sources.forms import NewSourcesForm, SourceForm


@require_safe_or_post
@sign_in_required
def add_sources_view(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    form = NewSourcesForm(
        get_posted_data(request), request.FILES or None, offered=_load_offered_details(scope)
    )
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            added = _add_form_sources(scope, form)
            _report_added_sources(request, scope, added)
            if len(added) == 1 and "another" in request.POST:
                return redirect("source_new", project)
            return redirect(reverse("project", args=[project]) + "?order=newest")
    context = {"form": form, "lost_files": bool(form.files)}
    return render_project_page(request, scope, "sources/new.html", context, place="overview")


def _load_offered_details(scope: Scope) -> dict[str, list[str]]:
    """Load the publishers and groups of other articles, each in one spelling."""
    return {name: sorted(set(load_spellings(scope, name).values())) for name in SPELT}


def _add_form_sources(scope: Scope, form: NewSourcesForm) -> list[Source]:
    files = [(str(one.name), one.read()) for one in form.cleaned_data["files"]]
    title, text = form.cleaned_data["title"], form.cleaned_data["text"]
    pasted = [(title, text)] if text else []
    return add_sources(scope, files=files, pasted=pasted, **form.details())


def _report_added_sources(request: SignedInRequest, scope: Scope, added: list[Source]) -> None:
    """Report the added sources, and which ones the project had already."""
    if len(added) == 1:
        messages.success(request, f"“{added[0].title}” was added.")
    else:
        messages.success(request, f"{len(added)} sources were added.")
    for source in added:
        same = find_duplicate_source(scope, sha256=source.sha256)
        if same and same.pk != source.pk:
            messages.warning(
                request,
                f"“{source.title}” has the same text as “{same.title}”. If this is a mistake, "
                f"remove one of them.",
            )


@require_safe_or_post
@sign_in_required
def edit_source_view(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    article = require_source(scope, source)
    stored = {**build_source_details(article), "version": article.version}
    form = SourceForm(
        get_posted_data(request), initial=stored, offered=_load_offered_details(scope)
    )
    if request.method == "POST" and form.is_valid():
        with FormRefusals(form):
            try:
                version = form.cleaned_data["version"]
                change_source(scope, source, expected=expect_version(version), **form.details())
                messages.success(request, "Saved.")
                return redirect("project", project)
            except Stale as error:
                form.show_conflict(error, build_source_details(article), article.version)
    context = {"form": form, "source": article}
    return render_project_page(request, scope, "sources/edit.html", context, place="overview")


@require_safe_or_post
@sign_in_required
def remove_source_view(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Ask for confirmation with the number of annotations, then remove the source."""
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    article = require_source(scope, source)
    if request.method == "POST":
        delete_source(scope, source, confirmed="confirm" in request.POST)
        undo = reverse("source_restore", args=[project, source])
        add_undo_message(request, f"“{article.title}” was removed. You can restore it.", undo)
        return redirect("project", project)
    count = count_by_source(scope, sources=[source]).get(source, 0)
    context = {"source": article, "count": count}
    return render_project_page(request, scope, "sources/remove.html", context, place="overview")


@require_safe
@sign_in_required
def show_removed_sources(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    page = paginate_rows(request, visible_sources(scope, deleted=True), 100)
    return render_project_page(
        request, scope, "sources/removed.html", {"page": page}, place="overview"
    )


@require_safe_or_post
@sign_in_required
def restore_source_view(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    scope = open_project(request.user, project, Permission.EDIT_SOURCES)
    if request.method == "POST":
        article = restore_source(scope, source)
        messages.success(request, f"“{article.title}” was restored with its annotations.")
    return redirect("sources_removed", project)
