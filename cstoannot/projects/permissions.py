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


ROLES: dict[str, frozenset[Permission]] = {
    "owner": frozenset(Permission),
    "adjudicator": frozenset(Permission) - {Permission.MANAGE},
    "annotator": frozenset({Permission.VIEW, Permission.ANNOTATE, Permission.SEE_AGREEMENT}),
    "viewer": frozenset({Permission.VIEW, Permission.SEE_ALL_SOURCES}),
}
