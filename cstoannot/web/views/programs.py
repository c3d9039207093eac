from django.http import HttpResponse
from django.views.decorators.http import require_safe

from cstoannot.projects.scope import open_project
from cstoannot.web.base import SignedInRequest, project_page, signed_in
from cstoannot.web.snippets import addresses_for, snippets_for


@require_safe
@signed_in
def programs(request: SignedInRequest, project: str) -> HttpResponse:
    """How to read this project with a program: its addresses, and lines to paste."""
    scope = open_project(request.user, project)
    base = request.build_absolute_uri(f"/api/v1/projects/{scope.project.slug}")
    context = {
        "base": base,
        "languages": list(snippets_for(scope, base)),
        "addresses": addresses_for(scope),
    }
    return project_page(request, scope, "programs/page.html", context, place="api")
