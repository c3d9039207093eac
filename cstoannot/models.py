"""Every domain's models, gathered for Django. Nothing else imports this module."""

from cstoannot.accounts.models import SignInAttempts, Token, User
from cstoannot.annotations.models import Annotation, CodeProposal, Speaker
from cstoannot.assignments.models import Assignment, Plan, Round, SourceConsensus
from cstoannot.codebook.models import Code, CodebookRevision
from cstoannot.decisions.models import Decision
from cstoannot.history.models import Event
from cstoannot.projects.models import Invitation, Membership, Outsider, Project, ResultsLink
from cstoannot.sources.models import Source
from cstoannot.threads.models import Comment, Thread, ThreadRead

__all__ = [
    "Annotation",
    "Assignment",
    "Code",
    "CodeProposal",
    "CodebookRevision",
    "Comment",
    "Decision",
    "Event",
    "Invitation",
    "Membership",
    "Outsider",
    "Plan",
    "Project",
    "ResultsLink",
    "Round",
    "SignInAttempts",
    "Source",
    "SourceConsensus",
    "Speaker",
    "Thread",
    "ThreadRead",
    "Token",
    "User",
]
