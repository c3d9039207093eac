from enum import Enum


class Permission(Enum):
    """What a member can be allowed to do, each with the sentence that a refusal shows."""

    VIEW = "see the project"
    MANAGE = "change the project's settings and members"
    EDIT_SOURCES = "add and edit sources and assignments"
    EDIT_CODEBOOK = "edit the codebook"
    ANNOTATE = "annotate"
    SEE_ALL_SOURCES = "read every source"
    SEE_ALL_CODING = "see the coding of others"
    SEE_AGREEMENT = "see how far coders agree"
