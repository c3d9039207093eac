"""Every page there is, found from the URL conf: axe finds nothing, and no name makes it wider.

Names are as long as they may be and hold no space. What should show more than an empty page is
asked for with the query it needs.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from cstoannot.accounts.actions import create_token
from cstoannot.accounts.models import User
from cstoannot.accounts.queries import list_working_tokens
from cstoannot.annotations.models import CodeProposal, Speaker
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.assignments.models import Assignment, Plan, Round
from cstoannot.assignments.plan_actions import apply_plan
from cstoannot.assignments.plan_queries import PlanDraft
from cstoannot.assignments.round_actions import create_round
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.queries import visible_codes
from cstoannot.comparison.network import build_network
from cstoannot.comparison.network_query import NetworkQuery
from cstoannot.projects.actions import change_project
from cstoannot.projects.invitation_actions import accept_invitation
from cstoannot.projects.models import Invitation, Outsider, Role
from cstoannot.projects.results_actions import create_results_link
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.actions import delete_source
from cstoannot.sources.queries import visible_sources
from cstoannot.threads.actions import ThreadDraft, open_thread
from cstoannot.threads.comment_actions import add_comment
from cstoannot.threads.queries import ThreadFilter, filter_threads, list_comments
from tests.access.routes import filled, routes
from tests.browser.axe import violations
from tests.browser.test_pages import _database_beside_playwright, open_as
from tests.browser.waiting import TWO_FRAMES, Quiet
from tests.builders import (
    add_code,
    add_source,
    annotate,
    assign_to,
    finish,
    invite,
    join,
    make_project,
    make_user,
)

__all__ = ["_database_beside_playwright", "open_as"]  # fixtures of these tests as well

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODES = (("light", 390), ("dark", 1440))
# What stands in a box that scrolls may be wider than the page; nothing else may.
WIDER = """() => {
  const clipped = (one) => {
    for (let at = one.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== "visible") return true;
    return false;
  };
  const found = [...document.body.querySelectorAll("*")].filter((one) =>
    one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1 &&
    one.getBoundingClientRect().width > 1 && !one.closest("svg") && !clipped(one));
  const wide = document.documentElement.scrollWidth > innerWidth;
  return [...(wide ? ["the page"] : []),
    ...found.slice(0, 3).map((one) => one.outerHTML.slice(0, 120))];
}"""
LEFT = """() => {
  const main = document.querySelector("main.wide");
  if (!main) return null;
  const box = main.getBoundingClientRect();
  return Math.round(box.left + parseFloat(getComputedStyle(main).paddingLeft));
}"""


def long(name: str, length: int) -> str:
    """A name without a space that is as long as it may be."""
    return (name + "W" * length)[:length]


TEXT = "The alliance failed its member.\n\nNobody came.\n\n" + long("Word", 480)
OUTSIDER = long("outsider", 150)


def hostile_project() -> Scope:
    """Every name as long as it may be; two coders who disagree, and all that follows from it."""
    alice = make_user(long("alice", 150), is_staff=True)  # who may restore an archive
    lead = make_project(alice, long("Project", 200), about=long("P", 480))
    coders = [join(lead, make_user(long(f"coder{n}", 150)), Role.ANNOTATOR) for n in range(2)]
    texts = {field: long(field, 480) for field in ("claim", "definition", "include", "exclude")}
    top = add_code(lead, long("Failure", 100), shortcut="f", example=long("Ex", 480), **texts)
    plea = add_code(lead, long("Plea", 100), parent=top.slug, **texts)
    gone = add_code(lead, long("Gone", 100), **texts)
    change_code(lead, gone.slug, retired=True, note=long("Note", 300))
    sources = [hostile_source(lead, str(n)) for n in range(3)]
    for source in sources:
        assign_to(lead, source, *(coder.user for coder in coders))
        for coder, code, stance in zip(coders, (top, plea), ("supports", "opposes"), strict=True):
            said = {"voice": long("Speaker", 200), "note": long("Note", 480), "stance": stance}
            annotate(coder, source, "Nobody came.", code.slug, **said)
            annotate(coder, source, "The alliance failed", top.slug, stance=stance)
            annotate(coder, source, long("Word", 480), top.slug, stance=stance)
    propose_code(coders[0], name=long("Proposed", 100), claim=long("claim", 480))
    words = f"https://example.org/{long('talk', 300)} @{coders[0].user.username}"
    thread = open_thread(lead, ThreadDraft("place", words, sources[0].pk, 0, 31))
    open_thread(lead, ThreadDraft("code", words, code=top.slug))
    names = tuple(coder.user.username for coder in coders)
    apply_plan(lead, PlanDraft(names, each=1, name=long("Plan", 100)))
    create_round(lead, name=long("Round", 100), sources=[source.pk for source in sources[:2]])
    for coder in coders:
        for source in sources[:2]:
            finish(coder, source)
        add_comment(coder, thread.pk, text=long("Answer", 480))
    delete_source(lead, hostile_source(lead, "gone").pk)
    practised = hostile_source(lead, "practice")
    assign_to(lead, practised, coders[0].user)
    finish(coders[0], practised)
    Assignment.objects.filter(source=practised).update(practice=True)
    create_token(lead.user, name=long("token", 100))
    invite(lead, note=long("invited", 100))
    outsider = User(username=OUTSIDER, is_outsider=True, is_active=False)
    outsider.set_unusable_password()
    outsider.save()
    Outsider.objects.create(project=lead.project, user=outsider, name=OUTSIDER)
    accept_invitation(make_user(long("erin", 150)), secret=invite(lead, "viewer")[1])
    return lead


def hostile_source(lead: Scope, name: str) -> Any:
    details = {"publisher": long(f"Paper{name}", 300), "author": long("Author", 300)}
    url = f"https://example.org/{long('path', 480)}"
    return add_source(
        lead, long(f"T{name}", 500), TEXT, group=long("Group", 100), url=url, **details
    )


# Queries with which a page shows more, or without which it shows nothing.
QUERIES = {
    "projects/<project>/agreement/counted/": [f"of={of}" for of in ("codes", "coders", "measured")],
    "projects/<project>/agreement/evidence/": ["", "measure=stance_alpha"],
    "projects/<project>/agreement/tables/": ["", "by=source&sort=-0", "by=coder"],
    "projects/<project>/compare/": ["", "by=publisher", "by=speaker"],
    "projects/<project>/compare/network/": ["levels=3", "network=two_mode_combine&levels=3"],
    "projects/<project>/export/": ["", "format=units"],
}
# What only those see who proposed the code.
WITHDRAWING = "projects/<project>/codebook/proposals/<proposal>/withdraw/"
# Addresses that show no page to whoever only reads them: they answer to a POST.
NO_PAGE = {302, 405}


def addresses(lead: Scope, secret: str) -> dict[str, list[str]]:
    """Every route that is not the API's or Django's admin, with its parameters filled in."""
    sources = list(visible_sources(lead).order_by("pk"))
    thread = filter_threads(lead, ThreadFilter(kinds=["place"])).get()
    comment = list_comments(lead, thread.pk).filter(author=lead.user).get()
    values: dict[str, list[Any]] = {
        "project": [lead.project.slug],
        "source": [sources[0].pk],
        "annotation": ["00000000-0000-4000-8000-000000000000"],
        "assignment": [Assignment.objects.filter(source=sources[0], practice=False)[0].pk],
        "speaker": [Speaker.objects.all()[0].key],
        "username": [long("coder0", 150)],
        "code": [visible_codes(lead)[0].slug],
        "invitation": [Invitation.objects.all()[0].pk],
        "secret": [secret],
        "number": [1],
        "key": [list_working_tokens(lead.user, now=timezone.now())[0].token_key],
        "format": ["csv"],
        "plan": [Plan.objects.all()[0].pk],
        "round": [Round.objects.all()[0].pk],
        "proposal": [CodeProposal.objects.all()[0].pk],
        "thread": [thread.pk],
        "comment": [comment.pk],
        "outsider": [OUTSIDER],
        "rest": ["agreement/"],
    }
    change_project(lead, results="link")
    opened = open_project(lead.user, lead.project.slug)
    link, read = create_results_link(opened, note=long("Note", 100))
    values["results_link"] = [link.pk]
    practice = Assignment.objects.get(practice=True).pk
    others = {"results": {"secret": [read]}, "practice": {"assignment": [practice]}}
    found = {}
    for route in routes():
        if route.startswith(("api/", "admin/")):
            continue
        asked = next((others[part] for part in route.split("/") if part in others), {})
        (path,) = filled(route, {**values, **asked})
        found[route] = [f"{path}?{query}" for query in QUERIES.get(route, [""])]
    # The two coders take different sides, so that the majority is mixed.
    actors = build_network(lead, NetworkQuery(levels=3)).nodes
    ends = "&".join(
        f"{end}={node.key}" for end, node in zip(("first", "second"), actors, strict=False)
    )
    edge = "projects/<project>/compare/network/edge/"
    found[edge] = [f"{found[edge][0]}levels=3&{ends}"]
    return found


def pages_of(lead: Scope) -> list[str]:
    """Addresses at which the owner is shown a page."""
    client = Client()
    client.force_login(lead.user)
    found, wrong = [], []
    for route, paths in addresses(lead, invite(lead)[1]).items():
        for path in paths if route != WITHDRAWING else ():
            answer = client.get(path)
            if answer.status_code == 200 and not answer.streaming:
                # What is taken into another page by its scripts is seen there.
                found += [path] if answer.content.startswith(b"<!doctype html>") else []
            elif answer.status_code != 200 and answer.status_code not in NO_PAGE:
                wrong.append(f"{route}: {answer.status_code}")
    assert wrong == []
    return found


@pytest.fixture
def lead() -> Scope:
    return hostile_project()


@pytest.fixture
def visited(lead, open_as) -> Callable[[], Iterator[tuple[Page, str]]]:
    """Each page once: as the owner sees it, and what is there for whoever cannot go on."""

    def visit() -> Iterator[tuple[Page, str]]:
        page, stranger = open_as(lead.user), open_as(None)
        proposal = CodeProposal.objects.all()[0]
        withdrawing = reverse("proposal_withdraw", args=[lead.project.slug, proposal.pk])
        proposer = open_as(proposal.proposed_by)
        quiet = Quiet(page)
        for path in pages_of(lead):
            page.goto(path)
            quiet.wait()
            yield page, path
        for viewer, path in (
            (proposer, withdrawing),
            (stranger, "/account/login/"),
            (stranger, "/account/closed/"),
            (page, f"/projects/{lead.project.slug}/none-such/"),
        ):
            viewer.goto(path)
            yield viewer, path

    return visit


def test_every_page_fits_its_window_and_axe_finds_nothing(visited):
    """Other tests see to every combination of theme and width where a page has less to show."""
    wider, found = [], []
    edges: dict[int, dict[int, list[str]]] = {width: {} for _, width in MODES}
    for page, path in visited():
        for theme, width in MODES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(TWO_FRAMES)  # in which what follows the width is measured
            wider += [f"{width} {path[-60:]}: {one}" for one in page.evaluate(WIDER)]
            if (left := page.evaluate(LEFT)) is not None:
                edges[width].setdefault(left, []).append(path)
            for one in violations(page):
                node = re.sub("W{9,}", "W…", one["nodes"][0]["html"])[:160]
                found.append(f"{theme} {width} {path[-50:]}: {one['id']} ({one['impact']}) {node}")
    assert wider + found == [], "\n".join(wider + found)
    assert [len(lefts) for lefts in edges.values()] == [1, 1], edges
