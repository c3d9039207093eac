"""Builds the source list and the scripts' data, which the page embeds as JSON."""

from typing import Any

import orjson
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from cstoannot.annotations.proposal_queries import filter_proposals
from cstoannot.annotations.queries import readable_speakers
from cstoannot.assignments.models import Assignment
from cstoannot.assignments.queries import select_my_assignments
from cstoannot.codebook.models import Code
from cstoannot.codebook.queries import load_code_tree
from cstoannot.codebook.tree import TreeNode
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope
from cstoannot.sources.details import format_partial_date
from cstoannot.sources.models import Source

# No data can end the script element or begin a comment; in JSON these characters occur only in
# strings.
_ESCAPED = ((b"<", b"\\u003C"), (b">", b"\\u003E"), (b"&", b"\\u0026"))


def render_json_script(name: str, data: Any) -> SafeString:
    """Render data as JSON in a script element with this id, which is read but not run."""
    text = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    for character, escaped in _ESCAPED:
        text = text.replace(character, escaped)
    return mark_safe(f'<script id="{name}" type="application/json">{text.decode()}</script>')


def build_source_list(scope: Scope, article: Source, sources: list[Source]) -> list[dict[str, Any]]:
    """Build the sidebar's list of sources, with the member's progress in each."""
    mine = select_my_assignments(scope).filter(source_id__in=[source.pk for source in sources])
    states = dict(mine.values_list("source_id", "state"))
    return [
        {
            "title": source.title,
            "publisher": source.publisher,
            "published_display": format_partial_date(source.published),
            "url": reverse("annotate", args=[scope.project.slug, source.pk]),
            "state": states.get(source.pk, ""),
            "current": source.pk == article.pk,
        }
        for source in sources
    ]


def build_source_config(
    scope: Scope, article: Source, assignment: Assignment | None
) -> dict[str, Any]:
    """Build the scripts' data on the source and its reader."""
    slug = scope.project.slug
    root = f"/api/v1/projects/{slug}"
    return {
        "project": slug,
        "sourceId": article.pk,
        "username": scope.user.username,
        "mayAnnotate": assignment is not None,
        "seesOthers": scope.can(Permission.SEE_ALL_CODING),
        "assignment": assignment
        and {
            "url": f"{root}/assignments/{assignment.pk}/",
            "state": assignment.state,
            "practice": {
                "resultUrl": reverse("practice_result", args=[slug, assignment.pk]),
                "againUrl": reverse("practice_clear", args=[slug, assignment.pk]),
            }
            if assignment.practice
            else None,
        },
        "annotationsUrl": f"{root}/annotations/",
        "speakersUrl": f"{root}/speakers/",
        "codesUrl": f"{root}/codes/",
        "proposalsUrl": f"{root}/code-proposals/",
        "proposals": list_own_proposals(scope, article) if assignment else [],
        "mayEditCodebook": scope.can(Permission.EDIT_CODEBOOK),
        "language": article.language,
    }


def build_codebook_config(scope: Scope) -> dict[str, Any]:
    """Build the scripts' data on codes, speakers and guidelines."""
    places = load_code_tree(scope)
    slugs = {place.code.pk: place.code.slug for place in places}
    return {
        "codes": [
            _build_code_config(place, slugs.get(place.code.parent_id or 0)) for place in places
        ],
        "speakers": list(readable_speakers(scope).values_list("name", flat=True)),
        "guidelines": scope.project.guidelines,
    }


def list_own_proposals(scope: Scope, article: Source) -> list[dict[str, Any]]:
    """List the codes that the member has proposed in this source, in the API's form."""
    plain = ("name", "quote", "start", "end", "state", "reason")
    return [
        {
            "id": str(proposal.pk),
            "code": proposal.code.slug if proposal.code else None,
            **{name: getattr(proposal, name) for name in plain},
        }
        for proposal in filter_proposals(scope, source=[article.pk], own=True)
    ]


def _build_code_config(place: TreeNode[Code], parent: str | None) -> dict[str, Any]:
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
