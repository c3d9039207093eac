"""The page shown instead of agreement results while there is nothing to compare."""

from django.http import HttpResponse

from cstoannot.projects.models import Visibility
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.web.base import SignedInRequest, render_project_page


def render_closed_agreement(request: SignedInRequest, scope: Scope) -> HttpResponse:
    """Render why there are no results yet that this member may see."""
    if scope.can(Permission.SEE_ALL_CODING):
        why = "all"
    else:
        opened = scope.project.visibility in (Visibility.DONE, Visibility.ALL)
        why = str(scope.project.visibility) if opened else "own"
    context = {"why": why}
    return render_project_page(request, scope, "agreement/closed.html", context, place="agreement")
