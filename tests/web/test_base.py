"""Whatever destroys something asks first, or what it did can be undone by the button beside it."""

import re

import pytest
from django.urls import get_resolver

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.models import Speaker
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.annotations.queries import visible_annotations
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.queries import require_code
from cstoannot.projects.actions import change_project
from cstoannot.projects.results_actions import create_results_link
from cstoannot.projects.scope import open_project, open_projects
from cstoannot.sources.queries import visible_sources
from cstoannot.threads.actions import ThreadDraft, open_thread
from tests.access.forms import forms_of
from tests.builders import add_code, add_source, assign_to, invite
from tests.web.pages import text_of

DESTROYS = re.compile(
    r"(?:^|_)(?:clear|delete|discard|drop|merge|purge|remove|retire|revoke|withdraw)(?:_|$)"
)
# Names of addresses: those whose own page asks, and those that offer to undo.
ASKING = {
    "code_delete",
    "comment_delete",
    "invitation_withdraw",
    "member_remove",
    "practice_clear",
    "practice_withdraw",
    "project_delete",
    "proposal_withdraw",
    "results_link_revoke",
    "source_remove",
    "token_revoke",
    "tokens_revoke_all",
}
UNDONE = {"code_retire", "project_delete", "source_remove", "speaker_merge"}
# The page of codes asks into which other one, and says what follows.
ASKING_ELSEWHERE = {"code_merge"}
LISTED = ASKING | UNDONE | ASKING_ELSEWHERE


@pytest.fixture
def paths(world, at):
    """An address of each, at which there is something to destroy."""
    unused = add_code(world.lead, "Unused")
    gone = add_source(world.lead, "Without annotations")
    invitation = invite(world.lead, note="Erin")[0]
    proposal, _ = propose_code(world.lead, name="Debt")
    token = create_token(world.alice, name="nightly")[0]
    thread = open_thread(world.lead, ThreadDraft("code", "What is it?", code="plea"))
    comment = thread.comments.get()
    (practice,) = assign_to(world.lead, gone, world.bob)
    Assignment.objects.filter(pk=practice.pk).update(practice=True)
    change_project(world.lead, results="link")
    link = create_results_link(open_project(world.alice, world.slug))[0]
    return {
        "comment_delete": at(f"threads/{thread.pk}/comments/{comment.pk}/delete/"),
        "code_delete": at(f"codebook/{unused.slug}/delete/"),
        "code_retire": at(f"codebook/{unused.slug}/retire/"),
        "invitation_withdraw": at(f"invitations/{invitation.pk}/withdraw/"),
        "member_remove": at("members/bob/remove/"),
        "practice_clear": at(f"practice/{practice.pk}/clear/"),
        "practice_withdraw": at(f"practice/{practice.pk}/withdraw/"),
        "project_delete": at("settings/"),
        "proposal_withdraw": at(f"codebook/proposals/{proposal.pk}/withdraw/"),
        "results_link_revoke": at(f"settings/results-links/{link.pk}/revoke/"),
        "source_remove": at(f"sources/{gone.pk}/remove/"),
        "speaker_merge": at(f"speakers/{_speaker('A silent witness')}/merge/"),
        "token_revoke": f"/account/tokens/{token.token_key}/revoke/",
        "tokens_revoke_all": "/account/tokens/revoke/",
    }


def test_addresses_that_destroy_are_all_listed():
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert {name for name in names if DESTROYS.search(name)} == LISTED


def test_forms_with_a_dangerous_button_lead_to_a_listed_address(world, lead):
    world.invited = invite(world.lead)
    create_token(world.alice, name="nightly")
    wrong = [
        f"{form.page}: {form.action}"
        for form in forms_of(lead, world)
        if (form.dangerous or DESTROYS.search(form.name)) and form.name not in LISTED
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(ASKING))
def test_page_asks_and_nothing_happens_yet(world, lead, paths, name):
    page = lead.get(paths[name])
    assert page.status_code == 200
    assert 'class="button danger" type="submit"' in page.text
    assert lead.get(paths[name]).status_code == 200


@pytest.mark.parametrize("name", sorted(ASKING - {"project_delete"}))
def test_only_the_page_that_asks_destroys(world, lead, paths, name):
    """No form on another page leads there: what one click could destroy, one slip could."""
    world.invited = invite(world.lead)
    forms = [form for form in forms_of(lead, world) if form.name == name]
    assert [form.page for form in forms if form.page != form.action] == []


@pytest.mark.parametrize("name", sorted(UNDONE))
def test_undo_stands_beside_what_was_done(world, lead, paths, at, name):
    before = _contents(world)
    bodies = {
        "project_delete": {"delete-slug": world.slug},
        "code_retire": {"to": "retire"},
        "speaker_merge": {"into": _speaker("The minister")},
    }
    path = at("settings/delete/") if name == "project_delete" else paths[name]
    page = lead.post(path, bodies.get(name, {}), follow=True)
    (undo,) = re.findall(r'<form method="post" action="([^"]+)" class="undo">', page.text)
    assert _contents(world) != before
    assert "Undo" in text_of(page)
    lead.post(undo)
    assert _contents(world) == before


def _contents(world):
    projects = [scope.project.slug for scope in open_projects(world.alice)]
    if world.slug not in projects:
        return projects
    titles = sorted(visible_sources(world.lead).values_list("title", flat=True))
    voices = visible_annotations(world.lead).order_by("pk").values_list("pk", "voice__key")
    return projects, titles, require_code(world.lead, "unused").retired_at, list(voices)


def _speaker(name):
    return str(Speaker.objects.get(name=name).key)
