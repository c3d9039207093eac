from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.assignments.settings import change_settings
from cstoannot.core.errors import Stale
from cstoannot.core.versions import expect
from cstoannot.projects.actions import delete_project
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope, open_project
from cstoannot.web.base import SignedInRequest, project_page, require_safe_or_post, signed_in
from cstoannot.web.forms.base import posted, refusals_on
from cstoannot.web.forms.projects import DeleteProjectForm, SettingsForm
from cstoannot.web.safeguards import tell_with_undo

FIELDS = ("name", "about", "visibility", "counts_after_look", "open_sources", "guidelines")


@require_safe_or_post
@signed_in
def settings(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    stored = {name: getattr(scope.project, name) for name in FIELDS}
    form = SettingsForm(posted(request), initial={**stored, "version": scope.project.version})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            try:
                changes = {name: form.cleaned_data[name] for name in FIELDS}
                version = form.cleaned_data["version"]
                change_settings(scope, expected=expect(version), **changes)
                messages.success(request, "Saved.")
                return redirect("settings", project)
            except Stale as error:
                texts = {name: stored[name] for name in ("name", "about", "guidelines")}
                form.show_conflict(error, texts, scope.project.version)
    return _page(request, scope, form, _deletion(scope))


@require_safe_or_post
@signed_in
def delete(request: SignedInRequest, project: str) -> HttpResponse:
    scope = open_project(request.user, project, Permission.MANAGE)
    if request.method != "POST":
        return redirect("settings", project)
    deletion = DeleteProjectForm(request.POST, expected=project, prefix="delete")
    if deletion.is_valid():
        delete_project(scope)
        tell_with_undo(
            request,
            f"The project “{scope.project.name}” is deleted. Owners can restore it for 30 days.",
            reverse("project_undelete", args=[project]),
        )
        return redirect("home")
    stored = {name: getattr(scope.project, name) for name in FIELDS}
    form = SettingsForm(initial={**stored, "version": scope.project.version})
    return _page(request, scope, form, deletion)


def _deletion(scope: Scope) -> DeleteProjectForm:
    return DeleteProjectForm(expected=scope.project.slug, prefix="delete")


def _page(
    request: SignedInRequest, scope: Scope, form: SettingsForm, deletion: DeleteProjectForm
) -> HttpResponse:
    context = {"form": form, "deletion": deletion}
    return project_page(request, scope, "settings/page.html", context, place="settings")
