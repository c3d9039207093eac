"""What is done with all places of a source: adopt what is agreed, hand it on, go to another."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from cstoannot.assignments.queries import select_my_assignments
from cstoannot.codebook.queries import load_code_tree
from cstoannot.core.errors import Invalid
from cstoannot.core.fields import parse_whole_number
from cstoannot.decisions.actions import adopt_agreed_places, hand_on_source
from cstoannot.decisions.case_queries import find_source_consensus
from cstoannot.projects.permissions import ROLES, Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import open_project
from cstoannot.sources.queries import load_source_with_text, require_source
from cstoannot.web.base import (
    SignedInRequest,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.decide.params import parse_decide_query


@require_safe
@sign_in_required
def choose_source(request: SignedInRequest, project: str) -> HttpResponse:
    """Go to the source that was chosen from the list."""
    scope = open_project(request.user, project, Permission.DECIDE)
    chosen = parse_whole_number(request.GET.get("source", ""))
    if chosen is None:
        return redirect("decide", project)
    source = require_source(scope, chosen)
    return redirect(parse_decide_query(request.GET).at(None).address(project, source.pk))


@require_safe_or_post
@sign_in_required
def adopt_places(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Show how many places all agree on, and which; a POST adopts the majority's passage there."""
    scope = open_project(request.user, project, Permission.DECIDE)
    article = load_source_with_text(scope, source)
    if request.method == "POST":
        adopted = adopt_agreed_places(scope, article.pk)
        messages.success(
            request,
            f"{adopted.places} place{'' if adopted.places == 1 else 's'} adopted, with "
            f"{adopted.passages} passage{'' if adopted.passages == 1 else 's'}.",
        )
        return redirect("decide_source", project, article.pk)
    context = {
        "source": article,
        "found": adopt_agreed_places(scope, article.pk, dry_run=True),
        "code_names": {node.code.slug: node.code.name for node in load_code_tree(scope)},
    }
    return render_project_page(request, scope, "decide/adopt.html", context, place="decide")


@require_safe_or_post
@sign_in_required
def hand_on(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Ask to whom the decisions of a source are handed on."""
    scope = open_project(request.user, project, Permission.DECIDE)
    article = require_source(scope, source)
    refusal = None
    if request.method == "POST":
        try:
            hand_on_source(scope, article.pk, request.POST.get("username", ""))
            messages.success(request, f"“{article.title}” was handed on.")
            return redirect("decide", project)
        except Invalid as error:
            refusal = error
    deciding = [role for role, allowed in ROLES.items() if Permission.DECIDE in allowed]
    members = visible_members(scope).filter(role__in=deciding)
    context = {
        "source": article,
        "members": members.exclude(user_id=scope.user_id),
        "consensus": find_source_consensus(scope, article.pk),
        "coded_myself": select_my_assignments(scope).filter(source_id=article.pk).exists(),
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render_project_page(
        request, scope, "decide/hand_on.html", context, place="decide", status=status
    )
