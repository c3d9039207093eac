"""Every domain's models, gathered for Django. Nothing else imports this module."""

from cstoannot.accounts.models import SignInAttempts, Token, User
from cstoannot.annotations.models import Annotation, CodeProposal, Speaker
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.history.models import Event
from cstoannot.projects.models import Invitation, Membership, Outsider, Project
from cstoannot.sources.models import Source

__all__ = [
    "Annotation",
    "Assignment",
    "Code",
    "CodeProposal",
    "CodebookRevision",
    "Event",
    "Invitation",
    "Membership",
    "Outsider",
    "Project",
    "SignInAttempts",
    "Source",
    "Speaker",
    "Token",
    "User",
]
