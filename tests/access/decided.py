"""What a team does apart from its coders: decisions, conversations, plans, rounds, links.

Stored as it stands in the database, in worlds that differ in nothing else.
"""

from django.utils import timezone

from cstoannot.annotations.models import Annotation, Layer
from cstoannot.assignments.models import ConsensusState, Plan, Round, SourceConsensus
from cstoannot.codebook.models import Code
from cstoannot.decisions.models import Decision, Outcome
from cstoannot.history.actions import record_event
from cstoannot.projects.models import ResultsLink
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.threads.models import Comment, Thread, ThreadKind
from tests.access.twins import named

QUOTE = "We asked for help"
DECIDED = named("annotation", "consensus")
DECISION = named("decision")
THREAD = named("thread")
PLAN = named("plan")
ROUND = named("round")
RESULTS_LINK = named("results link")


def decide_apart_from_coders(lead: Scope, source: Source) -> None:
    """The team decides a place of the source, talks about it, and plans its further work."""
    _decide(lead, source)
    _talk(lead, source)
    _plan(lead, source)
    now = timezone.now()
    ResultsLink.objects.create(
        id=RESULTS_LINK,
        project=lead.project,
        note="for Beth",
        digest="d" * 64,
        made_by=lead.user,
        created_at=now,
        expires_at=now.replace(year=now.year + 1),
        visits=3,
    )
    record_event(lead, action="create", kind="results_link", object_id=RESULTS_LINK)


def _decide(lead: Scope, source: Source) -> None:
    start = source.text.index(QUOTE)
    passage = {"source": source, "start": start, "end": start + len(QUOTE)}
    now = timezone.now()
    Annotation.objects.create(
        id=DECIDED,
        project=lead.project,
        code=Code.objects.get(project=lead.project, slug="plea"),
        layer=Layer.CONSENSUS,
        quote=QUOTE,
        stance="opposes",
        note="witness",
        revision=1,
        created_at=now,
        updated_at=now,
        **passage,
    )
    Decision.objects.create(
        id=DECISION,
        project=lead.project,
        place=named("place"),
        outcome=Outcome.MAJORITY,
        reason="Beth is right.",
        passages=[str(DECIDED)],
        by=lead.user,
        at=now,
        **passage,
    )
    SourceConsensus.objects.create(
        source=source, project=lead.project, state=ConsensusState.DECIDED, adjudicator=lead.user
    )
    about = {"source_id": source.pk, "after": {"reason": "Beth is right."}}
    record_event(lead, action="create", kind="annotation", object_id=DECIDED, **about)
    record_event(lead, action="create", kind="decision", object_id=DECISION, **about)


def _talk(lead: Scope, source: Source) -> None:
    """About the decision: a conversation on the source or a place is open to all who finished."""
    thread = Thread.objects.create(
        id=THREAD,
        project=lead.project,
        kind=ThreadKind.DECISION,
        source=source,
        decision_id=DECISION,
        start=source.text.index(QUOTE),
        end=source.text.index(QUOTE) + len(QUOTE),
        quote=QUOTE,
        opened_by=lead.user,
        created_at=timezone.now(),
    )
    Comment.objects.create(
        thread=thread, author=lead.user, text="Beth?", created_at=thread.created_at
    )
    record_event(
        lead, action="create", kind="thread", object_id=thread.pk, source_id=source.pk, after={}
    )


def _plan(lead: Scope, source: Source) -> None:
    now = timezone.now()
    Plan.objects.create(id=PLAN, project=lead.project, name="Beth’s", created_at=now)
    record_event(lead, action="create", kind="plan", object_id=PLAN, after={"name": "Beth’s"})
    pilot = Round.objects.create(
        id=ROUND, project=lead.project, name="Beth’s pilot", revision=1, created_at=now
    )
    Source.objects.filter(pk=source.pk).update(round=pilot)
    record_event(lead, action="create", kind="round", object_id=ROUND, after={"name": "Beth’s"})
