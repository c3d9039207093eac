"""The page that shows a source and its passages, with the data for its scripts."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.queries import find_source_annotations
from cstoannot.assignments.actions import assign_source
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.queries import (
    find_next_source_after,
    load_my_neighbours,
    load_my_progress,
    select_my_assignments,
)
from cstoannot.codebook.queries import load_current_revision
from cstoannot.core.errors import NotFound
from cstoannot.projects.models import Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.details import format_partial_date
from cstoannot.sources.models import Source
from cstoannot.sources.queries import (
    find_removed_source,
    load_neighbouring_sources,
    load_source_with_text,
)
from cstoannot.web.annotate.presenters import (
    build_codebook_config,
    build_source_config,
    build_source_list,
    render_json_script,
)
from cstoannot.web.article_html import LONG, render_article_html, resolve_text_direction
from cstoannot.web.base import (
    SignedInRequest,
    render_project_page,
    require_safe_or_post,
    sign_in_required,
)
from cstoannot.web.code_stylesheet import build_codes_css_url
from cstoannot.web.threads.presenters import build_source_threads

BROUGHT = 5_000  # annotations that the page includes; its scripts load the rest
REACH = 60  # sources listed before and after the current one


@require_safe_or_post
@sign_in_required
def show_annotate_page(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """Show the text with its passages, read-only if it is not assigned to the user."""
    scope = open_project(request.user, project)
    article = _load_article(scope, source)
    if request.POST.get("assign") == "me":
        assign_source(scope, source_id=article.pk, annotator=request.user.username)
        return redirect("annotate", project, article.pk)
    mine = select_my_assignments(scope).filter(source_id=article.pk)
    assignment = mine.first() if scope.can(Permission.ANNOTATE) else None
    load_neighbours = load_my_neighbours if assignment else load_neighbouring_sources
    before, after = load_neighbours(scope, article, reach=REACH)
    following = _find_next_source_url(scope, article, assignment, after)
    revision = load_current_revision(scope)
    discussed = build_source_threads(scope, article.pk)
    config = {
        **build_source_config(scope, article, assignment),
        **build_codebook_config(scope),
        "revision": revision,
        "nextUrl": following,
        "discussUrl": discussed.about_url if discussed else "",
        "signInUrl": f"{reverse('account_login')}?next={request.get_full_path()}",
    }
    progress = load_my_progress(scope)
    annotations = find_source_annotations(scope, article.pk, most=BROUGHT)
    context = {
        **_build_article_context(article),
        "nav_sources": build_source_list(scope, article, [*before, article, *after]),
        "nav_more": len(before) == REACH or len(after) == REACH,
        "done_count": progress.done,
        "total_count": progress.total,
        "next_url": following,
        "discussed": discussed,
        "codes_css_url": build_codes_css_url(project, revision),
        "config": config,
        "reading_only": _describe_reading_only(scope, assignment),
        "annotations": None
        if annotations is None
        else render_json_script("annotations", annotations),
        "annotate_url": request.path,
    }
    return render_project_page(request, scope, "annotate/page.html", context, place="annotate")


def _load_article(scope: Scope, source: int) -> Source:
    try:
        return load_source_with_text(scope, source)
    except NotFound:
        if find_removed_source(scope, source) is None:
            raise
    raise NotFound(
        "This source has been removed from the project. Restore it under Removed sources."
    )


def _build_article_context(article: Source) -> dict[str, Any]:
    direction = resolve_text_direction(article.language)
    return {
        "source": article,
        "published_display": format_partial_date(article.published),
        "direction": direction,
        "is_long": article.length >= LONG,
        "article_html": render_article_html(article.text, bytes(article.paragraphs), direction),
    }


def _describe_reading_only(scope: Scope, assignment: Assignment | None) -> dict[str, Any] | None:
    """Explain why the reader cannot code here, and who can change that; None if they can."""
    if assignment is not None:
        return None
    owners = visible_members(scope).filter(role=Role.OWNER).values_list("user__username", flat=True)
    return {
        "role": scope.role,
        "may_annotate": scope.can(Permission.ANNOTATE),
        "may_assign": scope.can(Permission.ANNOTATE) and scope.can(Permission.EDIT_SOURCES),
        "owners": list(owners),
    }


def _find_next_source_url(
    scope: Scope, article: Source, assignment: Assignment | None, after: list[Source]
) -> str | None:
    """Return the URL of an annotator's next source to do, or of a reader's next source."""
    pk = find_next_source_after(scope, article) if assignment else after[0].pk if after else None
    return reverse("annotate", args=[scope.project.slug, pk]) if pk else None
