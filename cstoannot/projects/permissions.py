"""The permissions, and the table of those that each role has.

The database stores only the role's key.
"""

from enum import Enum


class Permission(Enum):
    """What a member can be allowed to do, each with the text of its refusal."""

    VIEW = "see the project"
    MANAGE = "change the project's settings and members"
    EDIT_SOURCES = "add and edit sources and assignments"
    EDIT_CODEBOOK = "edit the codebook"
    ANNOTATE = "annotate"
    SEE_ALL_SOURCES = "read every source"
    SEE_ALL_CODING = "see the coding of others"
    SEE_AGREEMENT = "see the agreement of coders"
    DECIDE = "decide places on which coders differ"
    SEE_RESULTS = "see what most coders marked, and how far they agree"
    READ_ARTICLES = "read whole articles"


ROLES: dict[str, frozenset[Permission]] = {
    "owner": frozenset(Permission),
    "adjudicator": frozenset(Permission) - {Permission.MANAGE},
    "annotator": frozenset(
        {
            Permission.VIEW,
            Permission.ANNOTATE,
            Permission.SEE_AGREEMENT,
            Permission.READ_ARTICLES,
        }
    ),
    "viewer": frozenset({Permission.VIEW, Permission.SEE_ALL_SOURCES, Permission.READ_ARTICLES}),
}

READER = "reader"
"""The role of whoever reads the results by a link. No member has it."""
RESULTS = "results"
"""The role in which results are computed, for those who see them without names."""

OTHER_ROLES: dict[str, frozenset[Permission]] = {
    READER: frozenset({Permission.VIEW, Permission.SEE_ALL_SOURCES}),
    RESULTS: frozenset(
        {
            Permission.VIEW,
            Permission.SEE_ALL_SOURCES,
            Permission.SEE_ALL_CODING,
            Permission.SEE_AGREEMENT,
            Permission.READ_ARTICLES,
        }
    ),
}


def list_permissions(role: str, *, results: bool, articles: bool) -> frozenset[Permission]:
    """Return what a role may do in a project.

    `results`: whether its results are open to viewers; `articles`: whether readers by link read
    whole articles.
    """
    found = ROLES[role] if role in ROLES else OTHER_ROLES[role]
    if results and role in ("viewer", READER):
        found |= {Permission.SEE_RESULTS}
    if articles and role == READER:
        found |= {Permission.READ_ARTICLES}
    return found
