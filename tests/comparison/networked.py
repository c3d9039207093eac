"""The worked example of discourse networks as a project: A to D on the claims p to s."""

from cstoannot.projects.scope import Scope
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    join,
    make_project,
    make_user,
)
from tests.stats.comparison.test_networks import COUNTS

CLAIMS = "pqrs"
WORDS = [f"w{number}" for number in range(12)]
TEXT = " ".join(WORDS)
STANCES = ("opposes", "supports")


def worked_project(dates: dict[str, str] | None = None) -> Scope:
    """Its owner's scope; Cara coded all four sources, which have these dates."""
    lead = make_project(make_user("alice"), "Worked")
    coder = join(lead, make_user("cara"), "annotator")
    for claim in CLAIMS:
        add_code(lead, claim.upper(), claim=f"That {claim}.")
    for name, row in zip("ABCD", COUNTS, strict=True):
        add_article(lead, coder, name, said_of(row), published=(dates or {}).get(name, ""))
    return lead


def said_of(row):
    """A row of counts as (claim, stance), one by one."""
    return [
        (claim, stance)
        for claim, counts in zip(CLAIMS, row, strict=True)
        for stance, count in zip(STANCES, counts, strict=True)
        for _ in range(count)
    ]


def add_article(lead, coder, title, said, **details):
    """A source on which the coder, who is done with it, said these things, each at a word."""
    source = add_source(lead, title, TEXT, **details)
    assign_to(lead, source, coder.user)
    for word, (claim, stance) in zip(WORDS, said, strict=False):
        annotate(coder, source, word, claim, stance=stance)
    finish(coder, source)
    return source
