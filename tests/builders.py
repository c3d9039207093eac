"""The world of the tests, built by calling actions.

Alice leads, Ada adjudicates, Bob and Beth code (blind to each other), Vera views. Charlie is at
home in a project of his own, and Dan, who can sign in, in none.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cstoannot.accounts.actions import ensure_user, set_password
from cstoannot.accounts.models import User
from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.assignments.actions import assign_source, set_assignment_state
from cstoannot.assignments.models import Assignment, AssignmentState, Plan, Round
from cstoannot.assignments.plan_actions import apply_plan
from cstoannot.assignments.plan_queries import PlanDraft
from cstoannot.assignments.round_actions import create_round
from cstoannot.codebook.actions import create_code
from cstoannot.codebook.models import Code
from cstoannot.history.models import Event
from cstoannot.projects.actions import add_member, create_project
from cstoannot.projects.invitation_actions import create_invitation
from cstoannot.projects.models import Invitation, Project, Role
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.actions import create_source
from cstoannot.sources.models import Source

PASSWORD = "a long enough sentence"
TEXT = (
    "The alliance failed its member.\n\n"
    "“We asked for help,” the minister said. Nobody came.\n\n"
    "Naïve 🙂 hopes, cafe\u0301s and all."
)


def make_user(username: str, **fields: Any) -> User:
    """A user who signs in with PASSWORD."""
    user, new = ensure_user(username)
    if new:
        set_password(user, PASSWORD)
    for name, value in fields.items():
        setattr(user, name, value)
    if fields:
        user.save()
    return user


def make_project(owner: User, name: str = "Alliances", **options: Any) -> Scope:
    """A project and its owner's scope; its slug comes from the name."""
    return create_project(owner, name=name, **options)


def join(lead: Scope, user: User, role: str) -> Scope:
    """Make the user a member; returns their scope."""
    add_member(lead, username=user.username, role=role)
    return open_project(user, lead.project.slug)


def invite(lead: Scope, role: str = Role.ANNOTATOR, **options: Any) -> tuple[Invitation, str]:
    """An open invitation and its secret."""
    return create_invitation(lead, role=role, **options)


def add_source(lead: Scope, title: str = "An article", text: str = TEXT, **details: str) -> Source:
    return create_source(lead, title=title, text=text, **details)


def add_code(lead: Scope, name: str = "Failure", **options: Any) -> Code:
    return create_code(lead, name=name, **options)


def assign_to(lead: Scope, source: Source, *users: User) -> list[Assignment]:
    return [assign_source(lead, source_id=source.pk, annotator=user.username)[0] for user in users]


def finish(coder: Scope, source: Source) -> Assignment:
    """The coder says that they are done with the source."""
    assignment = Assignment.objects.get(source=source, annotator=coder.user)
    return set_assignment_state(coder, assignment.pk, AssignmentState.DONE)


def show_decisions(lead: Scope) -> None:
    """Coders see what was decided on all sources; scopes opened before do not know it."""
    Project.objects.filter(pk=lead.project_id).update(decisions_opened=True)


def annotate(
    coder: Scope,
    source: Source,
    quote: str,
    code: str = "failure",
    *,
    id: uuid.UUID | None = None,
    **said: Any,
) -> dict[str, Any]:
    """The coder marks the first place where the source reads `quote`; the annotation, flat.

    A source that they have finished is reopened for it, and finished again.
    """
    start = source.text.index(quote)
    draft = Draft(source=source.pk, code=code, start=start, end=start + len(quote), **said)
    with reopened(coder, source):
        return save_annotation(coder, id or uuid.uuid4(), draft)[0]


def hand_out_more(world: "World") -> tuple[Plan, Round]:
    """A plan for what Bob has already, which gives nothing, and a round of the shared source."""
    plan, _ = apply_plan(world.lead, PlanDraft(("bob",), each=1, sources=(world.bobs.pk,)))
    return plan, create_round(world.lead, name="Pilot", sources=[world.shared.pk])


@contextmanager
def reopened(coder: Scope, source: Source) -> Iterator[None]:
    """A source that the coder has finished is open to them within the block."""
    mine = Assignment.objects.filter(
        source=source, annotator=coder.user, state=AssignmentState.DONE
    )
    assignment = mine.first()
    if assignment is not None:
        set_assignment_state(coder, assignment.pk, AssignmentState.STARTED)
    yield
    if assignment is not None:
        finish(coder, source)


@contextmanager
def recorded() -> Iterator[list[Event]]:
    """The events that the block writes, oldest first, there once it has ended."""
    known = set(Event.objects.values_list("pk", flat=True))
    found: list[Event] = []
    yield found
    found += Event.objects.exclude(pk__in=known).select_related("actor").order_by("pk")


@dataclass
class World:
    """Everybody, what they have, and what they said. Scopes are as of when it was built."""

    alice: User
    ada: User
    bob: User
    beth: User
    vera: User
    charlie: User
    dan: User

    lead: Scope
    """Alice's; `scope(user)` gives anybody's, opened anew."""
    shared: Source
    """Assigned to Bob and to Beth."""
    bobs: Source
    """Assigned to Bob alone."""
    beths: Source
    """Assigned to Beth alone."""
    codes: dict[str, Code]
    assignments: dict[str, Assignment]
    """By "bob shared", "bob bobs", "beth shared", "beth beths"."""
    said: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Annotations, flat, by "bob failure", "bob plea", "beth failure", "beth plea", "beth own"."""

    invited: tuple[Invitation, str] | None = None
    """An open invitation and its secret, where a test has made one."""

    elsewhere: Scope | None = None
    """Charlie's, in his own project."""
    foreign_source: Source | None = None
    foreign_code: Code | None = None
    foreign_said: dict[str, Any] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        return self.lead.project.slug

    @property
    def api(self) -> str:
        """Where the API keeps the project."""
        return f"/api/v1/projects/{self.slug}/"

    def scope(self, user: User) -> Scope:
        return open_project(user, self.slug)


def build_world(**options: Any) -> World:
    """`options` are those of the project: visibility, open_sources."""
    names = ("alice", "ada", "bob", "beth", "vera", "charlie", "dan")
    users = {name: make_user(name) for name in names}
    lead = make_project(users["alice"], **options)
    join(lead, users["ada"], Role.ADJUDICATOR)
    bob = join(lead, users["bob"], Role.ANNOTATOR)
    beth = join(lead, users["beth"], Role.ANNOTATOR)
    join(lead, users["vera"], Role.VIEWER)
    titles = ("shared", "bobs", "beths")
    sources = {title: add_source(lead, title.capitalize()) for title in titles}
    world = World(
        **users,
        **sources,
        lead=lead,
        codes={code.slug: code for code in _codebook(lead)},
        assignments={
            f"{user} {title}": assign_to(lead, sources[title], users[user])[0]
            for user, title in (
                ("bob", "shared"),
                ("bob", "bobs"),
                ("beth", "shared"),
                ("beth", "beths"),
            )
        },
    )
    _bob_codes(world, bob)
    _beth_codes(world, beth)
    _charlie_is_elsewhere(world)
    return world


def _codebook(lead: Scope) -> list[Code]:
    return [
        add_code(lead, "Failure", claim="The alliance failed.", shortcut="f"),
        add_code(lead, "Plea", parent="failure", definition="Somebody asks for help."),
    ]


def _bob_codes(world: World, bob: Scope) -> None:
    first = "The alliance failed its member."
    world.said["bob failure"] = annotate(bob, world.shared, first, stance="supports")
    world.said["bob plea"] = annotate(bob, world.shared, "We asked", "plea", voice="The minister")


def _beth_codes(world: World, beth: Scope) -> None:
    """Over Bob's passages and beside them, in a voice of his and in one that only she has named."""
    world.said["beth failure"] = annotate(
        beth, world.shared, "alliance failed", stance="opposes", voice="The minister", note="Secret"
    )
    world.said["beth plea"] = annotate(
        beth, world.shared, "We asked for help", "plea", stance="mixed", voice="A silent witness"
    )
    world.said["beth own"] = annotate(beth, world.beths, "Nobody came.", stance="supports")


def _charlie_is_elsewhere(world: World) -> None:
    scope = make_project(world.charlie, "Elsewhere")
    world.elsewhere = scope
    world.foreign_source = add_source(scope, "Foreign")
    world.foreign_code = add_code(scope, "Strange")
    assign_to(scope, world.foreign_source, world.charlie)
    world.foreign_said = annotate(
        scope, world.foreign_source, "Nobody came.", "strange", voice="A stranger"
    )
