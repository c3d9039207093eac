from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from cstoannot.accounts.queries import may_restore
from cstoannot.core.errors import Forbidden
from cstoannot.exchange.archiving.restoring import Restored, restore
from cstoannot.web.base import SignedInRequest, require_safe_or_post, signed_in
from cstoannot.web.forms.archives import ArchiveForm
from cstoannot.web.forms.base import posted, refusals_on

LARGEST_UNPACKED = 2_000_000_000  # bytes; larger ones are restored from the command line


@require_safe_or_post
@signed_in
def restore_project(request: SignedInRequest) -> HttpResponse:
    """Whoever the operator allows it may restore a project, and owns it."""
    if not may_restore(request.user, settings.RESTORING):
        raise Forbidden(
            "Archives are restored by whoever runs this installation, and by those whom they allow "
            "it. Ask them: the setting CSTOANNOT_RESTORING says who may."
        )
    form = ArchiveForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            made = restore(
                given["archive"].file,
                by=request.user,
                slug=given["slug"],
                mine=given["mine"],
                largest=LARGEST_UNPACKED,
            )
            _tell(request, made)
            return redirect("project", made.scope.project.slug)
    return render(request, "home/restore_project.html", {"form": form})


def _tell(request: SignedInRequest, made: Restored) -> None:
    counts = [f"{made.counts.get(kind, 0):,} {kind}" for kind in ("sources", "annotations")]
    messages.success(request, f"The project is restored: {' and '.join(counts)}.")
    if made.outsiders:
        messages.info(
            request,
            "The people of the archive keep their names and have no access. On the page Members "
            "you can link each of them to a member.",
        )
