"""The demonstration project: five articles, a codebook, three coders' annotations."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from cstoannot.accounts.actions import ensure_user
from cstoannot.accounts.models import User
from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.assignments.actions import assign_source, set_assignment_state
from cstoannot.assignments.models import AssignmentState
from cstoannot.codebook.bulk_actions import add_codebook
from cstoannot.core.errors import Conflict, Forbidden, NotFound
from cstoannot.decisions.rule_actions import decide_by_majority
from cstoannot.history.actions import record_event
from cstoannot.history.queries import has_event
from cstoannot.projects.actions import add_member, change_project, create_project
from cstoannot.projects.models import Results, Role
from cstoannot.projects.permissions import Permission
from cstoannot.projects.results_actions import LONGEST_LINK_DAYS, create_results_link
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.actions import create_source
from cstoannot.text.normalise import decode_text

SLUG = "csto"
LEAD = "lead"
READER = "reader"
CODERS = ("coder-a", "coder-b", "coder-c")
USERS = (LEAD, *CODERS, READER)
# The ids of the demonstration's annotations, so that loading it anywhere gives the same ones.
_IDS = uuid.UUID("5a0c3b54-5f4c-4f0e-9c0e-6b3d1f9b7a10")
_ABOUT = (
    "{about}\n\nThe codings of coder-a, coder-b and coder-c were made independently of each "
    "other by machine coders with different habits. They show real agreement and disagreement; "
    "they are not a scholarly finding."
)
DECIDED_SOURCES = 2
RULE = "the majority’s reading at every place. Nobody has looked at it."
_ABOUT_DECISIONS = (
    "The consensus on the first two articles was made by a rule, not by people: the majority’s "
    "reading at every place, and nothing where most coders marked nothing. It shows what decided "
    "sources look like."
)
_NOTE = (
    "© {owner}. The article is shown here, word for word, to demonstrate the work with it; it is "
    "not covered by the licence of this program."
)


@dataclass(frozen=True)
class SeedResult:
    """What a load did: whether anything was new, and how much the project's files hold."""

    new: bool
    sources: int
    annotations: int


def ensure_demo_users() -> list[User]:
    """The five people of the demonstration, made where they do not exist."""
    return [ensure_user(username)[0] for username in USERS]


@transaction.atomic
def load_seeds(folder: Path, *, decided: bool = False) -> SeedResult:
    """Load `seeds/` and `fixtures/` of `folder` into the project `csto`, once.

    `decided`: with a consensus of two sources, and results open by link. A second call changes
    nothing, whatever was edited or deleted since.
    """
    users = {user.username: user for user in ensure_demo_users()}
    manifest = _read_seed_file(folder / "seeds" / "manifest.json")["sources"]
    codings = {coder: _read_seed_codings(folder, coder) for coder in CODERS}
    total = sum(map(len, codings.values()))
    scope = _ensure_seed_project(users[LEAD], folder)
    if has_event(scope, action="load", kind="project", object_id="seeds"):
        return SeedResult(new=False, sources=len(manifest), annotations=total)
    sources = {entry["file"]: _create_seed_source(scope, folder, entry) for entry in manifest}
    add_codebook(
        scope,
        _read_seed_file(folder / "fixtures" / "codebook.json")["codes"],
        note="First codebook",
    )
    for coder in CODERS:
        add_member(scope, username=coder, role=Role.ANNOTATOR)
    add_member(scope, username=READER, role=Role.VIEWER)
    for coder in CODERS:
        _save_seed_codings(scope, open_project(users[coder], SLUG), sources, codings[coder])
    if decided:
        _decide_seeds(scope, list(sources.values())[:DECIDED_SOURCES])
    record_event(scope, action="load", kind="project", object_id="seeds")
    return SeedResult(new=True, sources=len(manifest), annotations=total)


def _decide_seeds(scope: Scope, sources: Sequence[int]) -> None:
    """Decide these sources by the rule, which project and decisions name, and open the results."""
    for source in sources:
        decide_by_majority(scope, source, rule=RULE)
    about = f"{scope.project.about}\n\n{_ABOUT_DECISIONS}"
    change_project(scope, about=about, results=Results.LINK)


def make_demo_link() -> str | None:
    """Return the secret of a new link to the demonstration's results; None if they are closed."""
    try:
        scope = open_project(ensure_user(LEAD)[0], SLUG, Permission.MANAGE)
        return create_results_link(scope, note="The demonstration", days=LONGEST_LINK_DAYS)[1]
    except (NotFound, Forbidden, Conflict):
        return None


def _read_seed_file(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _read_seed_codings(folder: Path, coder: str) -> list[dict[str, Any]]:
    path = folder / "fixtures" / "codings" / f"{coder}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _ensure_seed_project(lead: User, folder: Path) -> Scope:
    try:
        return open_project(lead, SLUG)
    except NotFound:
        codebook = _read_seed_file(folder / "fixtures" / "codebook.json")
        guidelines = (folder / "fixtures" / "guidelines.md").read_text(encoding="utf-8")
        return create_project(
            lead,
            name=codebook["name"],
            slug=SLUG,
            about=_ABOUT.format(about=codebook["about"]),
            guidelines=guidelines,
        )


def _create_seed_source(scope: Scope, folder: Path, entry: dict[str, str]) -> int:
    text = decode_text((folder / "seeds" / entry["file"]).read_bytes())
    known = ("title", "publisher", "author", "published", "url", "language")
    owner = " / ".join(filter(None, (entry["author"], entry["publisher"])))
    details = {field: entry[field] for field in known}
    return create_source(scope, text=text, note=_NOTE.format(owner=owner), **details).pk


def _save_seed_codings(
    lead: Scope, coder: Scope, sources: dict[str, int], codings: list[Any]
) -> None:
    """Assign every source to the coder, enter what they said, and mark the sources as done."""
    username = coder.user.username
    given = [assign_source(lead, source_id=pk, annotator=username)[0] for pk in sources.values()]
    for number, coding in enumerate(codings):
        said = {**coding, "source": sources[coding["source"]]}
        save_annotation(coder, uuid.uuid5(_IDS, f"{username}/{number}"), Draft(**said))
    for assignment in given:
        set_assignment_state(coder, assignment.pk, AssignmentState.DONE)
