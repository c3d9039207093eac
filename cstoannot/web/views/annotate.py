from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from cstoannot.annotations.proposals.queries import find_proposals
from cstoannot.annotations.queries import rows_of_source, visible_speakers
from cstoannot.assignments.actions import assign
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.queries import my_assignments, my_progress, next_after
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import code_tree, current_revision
from cstoannot.codebook.tree import Place
from cstoannot.core.errors import NotFound
from cstoannot.projects.models import Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.queries import visible_members
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.dates import display_date
from cstoannot.sources.models import Source
from cstoannot.sources.queries import find_removed, neighbours, source_with_text
from cstoannot.web.article import LONG, article_html, direction_of
from cstoannot.web.base import SignedInRequest, project_page, require_safe_or_post, signed_in
from cstoannot.web.embedding import embedded
from cstoannot.web.views.codes_css import codes_css_url

BROUGHT = 5_000  # annotations that the page brings with it; its scripts ask for more than these
REACH = 60  # sources listed before and after the one that is open


@require_safe_or_post
@signed_in
def annotate(request: SignedInRequest, project: str, source: int) -> HttpResponse:
    """The text with its passages: to annotate, or to read for whom it is not assigned to."""
    scope = open_project(request.user, project)
    article = _article(scope, source)
    if request.POST.get("assign") == "me":
        assign(scope, source_id=article.pk, annotator=request.user.username)
        return redirect("annotate", project, article.pk)
    mine = my_assignments(scope).filter(source_id=article.pk)
    assignment = mine.first() if scope.can(Permission.ANNOTATE) else None
    before, after = neighbours(scope, article, mine=assignment is not None, reach=REACH)
    following = _following(scope, article, assignment, after)
    revision = current_revision(scope)
    config = {
        **_about_the_source(scope, article, assignment),
        **_about_the_codebook(scope),
        "proposals": _own_proposals(scope, article) if assignment else [],
        "revision": revision,
        "nextUrl": following,
        "signInUrl": f"{reverse('account_login')}?next={request.get_full_path()}",
    }
    progress = my_progress(scope)
    direction = direction_of(article.language)
    annotations = rows_of_source(scope, article.pk, most=BROUGHT)
    context = {
        "source": article,
        "published_display": display_date(article.published),
        "direction": direction,
        "is_long": article.length >= LONG,
        "article_html": article_html(article.text, bytes(article.paragraphs), direction),
        "nav_sources": _listed(scope, article, [*before, article, *after]),
        "nav_more": len(before) == REACH or len(after) == REACH,
        "done_count": progress.done,
        "total_count": progress.total,
        "next_url": following,
        "codes_css_url": codes_css_url(project, revision),
        "config": config,
        "reading_only": _reading_only(scope, assignment),
        "annotations": None if annotations is None else embedded("annotations", annotations),
        "annotate_url": request.path,
    }
    return project_page(request, scope, "annotate/page.html", context, place="annotate")


def _article(scope: Scope, source: int) -> Source:
    try:
        return source_with_text(scope, source)
    except NotFound:
        if find_removed(scope, source) is None:
            raise
    raise NotFound(
        "This source has been removed from the project. Restore it under Removed sources."
    )


def _reading_only(scope: Scope, assignment: Assignment | None) -> dict[str, Any] | None:
    """Why the reader cannot code here, and who can change that; None for who can."""
    if assignment is not None:
        return None
    owners = visible_members(scope).filter(role=Role.OWNER).values_list("user__username", flat=True)
    return {
        "role": scope.role,
        "may_annotate": scope.can(Permission.ANNOTATE),
        "may_assign": scope.can(Permission.ANNOTATE) and scope.can(Permission.EDIT_SOURCES),
        "owners": list(owners),
    }


def _following(
    scope: Scope, article: Source, assignment: Assignment | None, after: list[Source]
) -> str | None:
    """Where to go from here: an annotator's next source to do, a reader's next one."""
    pk = next_after(scope, article) if assignment else after[0].pk if after else None
    return reverse("annotate", args=[scope.project.slug, pk]) if pk else None


def _listed(scope: Scope, article: Source, sources: list[Source]) -> list[dict[str, Any]]:
    """The sources at the left, with how far the member is with each."""
    mine = my_assignments(scope).filter(source_id__in=[source.pk for source in sources])
    states = dict(mine.values_list("source_id", "state"))
    return [
        {
            "title": source.title,
            "publisher": source.publisher,
            "published_display": display_date(source.published),
            "url": reverse("annotate", args=[scope.project.slug, source.pk]),
            "state": states.get(source.pk, ""),
            "current": source.pk == article.pk,
        }
        for source in sources
    ]


def _about_the_source(
    scope: Scope, article: Source, assignment: Assignment | None
) -> dict[str, Any]:
    """What the page's scripts need to know of the source and of who reads it."""
    root = f"/api/v1/projects/{scope.project.slug}"
    return {
        "project": scope.project.slug,
        "sourceId": article.pk,
        "username": scope.user.username,
        "mayAnnotate": assignment is not None,
        "seesOthers": scope.can(Permission.SEE_ALL_CODING),
        "assignment": assignment
        and {"url": f"{root}/assignments/{assignment.pk}/", "state": assignment.state},
        "annotationsUrl": f"{root}/annotations/",
        "speakersUrl": f"{root}/speakers/",
        "codesUrl": f"{root}/codes/",
        "proposalsUrl": f"{root}/code-proposals/",
        "mayEditCodebook": scope.can(Permission.EDIT_CODEBOOK),
        "language": article.language,
    }


def _about_the_codebook(scope: Scope) -> dict[str, Any]:
    """What the page's scripts need to know of codes, speakers and guidelines."""
    places = code_tree(scope)
    slugs = {place.code.pk: place.code.slug for place in places}
    return {
        "codes": [_code(place, slugs.get(place.code.parent_id or 0)) for place in places],
        "speakers": list(visible_speakers(scope).values_list("name", flat=True)),
        "guidelines": scope.project.guidelines,
    }


def _own_proposals(scope: Scope, article: Source) -> list[dict[str, Any]]:
    """The codes that the member has proposed in this source, as the API shows them."""
    plain = ("name", "quote", "start", "end", "state", "reason")
    return [
        {
            "id": str(proposal.pk),
            "code": proposal.code.slug if proposal.code else None,
            **{name: getattr(proposal, name) for name in plain},
        }
        for proposal in find_proposals(scope, source=[article.pk], own=True)
    ]


def _code(place: Place[Code], parent: str | None) -> dict[str, Any]:
    code = place.code
    texts = ("name", "colour", "shortcut", "claim", "definition", "include", "exclude", "example")
    return {
        "slug": code.slug,
        "parent": parent,
        **{field: getattr(code, field) for field in texts},
        "retired": code.retired_at is not None,
        "depth": place.depth,
        "groups": place.has_children,
    }
