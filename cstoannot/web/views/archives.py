from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from cstoannot.exchange.archiving.restoring import Restored, restore
from cstoannot.web.base import SignedInRequest, signed_in
from cstoannot.web.forms.archives import ArchiveForm
from cstoannot.web.forms.base import posted, refusals_on


@signed_in
def restore_project(request: SignedInRequest) -> HttpResponse:
    """Whoever may start a project may restore one, and owns it."""
    form = ArchiveForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            made = restore(
                given["archive"].file,
                by=request.user,
                slug=given["slug"],
                same_people=given["same_people"],
            )
            _tell(request, made)
            return redirect("project", made.scope.project.slug)
    return render(request, "home/restore_project.html", {"form": form})


def _tell(request: SignedInRequest, made: Restored) -> None:
    counts = [f"{made.counts.get(kind, 0):,} {kind}" for kind in ("sources", "annotations")]
    messages.success(request, f"The project is restored: {' and '.join(counts)}.")
    if made.made:
        messages.warning(
            request,
            f"Nobody here was called {', '.join(made.made)}: their coding stands under closed "
            "accounts, which whoever runs this installation can open.",
        )
