"""The page that restores a project from an archive."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from cstoannot.accounts.queries import may_restore_archives
from cstoannot.core.errors import Forbidden
from cstoannot.exchange.archive.restoring import RestoreResult, restore_archive
from cstoannot.web.base import SignedInRequest, require_safe_or_post, sign_in_required
from cstoannot.web.page_forms import FormRefusals, PageForm, get_posted_data

LARGEST_ARCHIVE = 200_000_000  # bytes; larger ones are restored from the command line


class ArchiveForm(PageForm):
    archive = forms.FileField(
        help_text="A file made with Export → Archive of the project.",
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )
    slug = forms.CharField(
        required=False,
        label="Short name",
        help_text="Used in URLs: a-z, 0-9 and hyphens. Leave empty to keep the one in the archive.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off"}),
    )
    mine = forms.BooleanField(
        required=False,
        label="The annotations under my user name are mine",
        help_text="All other people of the archive keep their names and get no access. You can "
        "link each of them to a member of the project later.",
    )

    def clean_archive(self) -> object:
        file = self.cleaned_data["archive"]
        if file.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(
                f"The file has {file.size:,} bytes; {LARGEST_ARCHIVE:,} are allowed here. Your "
                f"administrator can restore it with manage.py restore_project."
            )
        return file


LARGEST_UNPACKED = 2_000_000_000  # bytes; larger ones are restored from the command line


@require_safe_or_post
@sign_in_required
def restore_project_view(request: SignedInRequest) -> HttpResponse:
    """Restore a project, if the operator allows the user to; the user becomes its owner."""
    if not may_restore_archives(request.user, settings.RESTORING):
        raise Forbidden(
            "You may not restore archives here. Ask your administrator: the setting "
            "CSTOANNOT_RESTORING controls who may."
        )
    form = ArchiveForm(get_posted_data(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with FormRefusals(form):
            made = restore_archive(
                given["archive"].file,
                by=request.user,
                slug=given["slug"],
                mine=given["mine"],
                largest=LARGEST_UNPACKED,
            )
            _report_restored_project(request, made)
            return redirect("project", made.scope.project.slug)
    return render(request, "home/restore_project.html", {"form": form})


def _report_restored_project(request: SignedInRequest, made: RestoreResult) -> None:
    counts = [f"{made.counts.get(kind, 0):,} {kind}" for kind in ("sources", "annotations")]
    messages.success(request, f"The project was restored: {' and '.join(counts)}.")
    if made.outsiders:
        messages.info(
            request,
            "The people of the archive keep their names and have no access. You can link each of "
            "them to a member on the page Members.",
        )
