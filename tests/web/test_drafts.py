"""What is typed is not lost: where people come back to, and which drafts the server confirms."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.sources.actions import delete_source
from cstoannot.threads.actions import ThreadDraft, open_thread
from tests.access.forms import forms_of
from tests.access.matrix import BODIES
from tests.builders import add_source, finish, invite

pytestmark = pytest.mark.any_database  # it is about forms, not about what they store
DRAFT = "01890a5d-ac96-774b-bcce-b302099a8057"
HERE = "http://testserver"
# Signing in and out, which those who have signed out need not come back to.
SIGNING = {"account_login", "account_logout"}


@pytest.fixture
def forms(world, lead):
    """All that Alice finds on pages on which every part has something to show."""
    world.invited = invite(world.lead)
    create_token(world.alice, name="nightly")
    propose_code(world.scope(world.bob), name="Debt")
    open_thread(world.lead, ThreadDraft("code", "What is a plea?", code="plea"))
    delete_source(world.lead, add_source(world.lead, "Gone").pk)
    finish(world.scope(world.bob), world.shared)
    return forms_of(lead, world)


def test_forms_are_found(forms):
    typed = {form.name for form in forms if form.typed}
    assert typed >= {"source_new", "code_edit", "settings", "invitations", "tokens", "members"}
    assert {form.name for form in forms} >= {"source_restore", "assignment_reopen", "code_retire"}


def test_post_of_any_form_without_session_leads_back_to_its_page(world, forms, client_for):
    wrong = []
    for form in forms:
        answer = client_for(None).post(
            form.action, form.sent, headers={"Referer": HERE + form.page}
        )
        back = answer.headers.get("Location")
        if form.name not in SIGNING and back != f"{reverse('account_login')}?next={form.page}":
            wrong.append(f"{form.name}: {answer.status_code} {back}")
    assert wrong == []


def test_post_of_any_form_without_referrer_leads_back_to_its_page(world, forms, client_for, lead):
    """Some browsers do not tell where a form stood: its address leads there."""
    wrong = []
    for form in forms:
        if form.name in SIGNING:
            continue
        back = client_for(None).post(form.action, form.sent).headers["Location"]
        page = lead.get(back.partition("next=")[2], follow=True)
        if page.status_code != 200 or (
            f'action="{form.action}"' not in page.text and form.action != form.page
        ):
            wrong.append(f"{form.name}: {back} {page.status_code}")
    assert wrong == []


def test_post_of_any_form_with_an_older_secret_leads_back_to_its_page(world, forms):
    """As after signing in anew in another tab, or after the cookies were cleared."""
    wrong = []
    for form in forms:
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.alice)
        headers = {"Referer": HERE + form.page}
        answer = client.post(form.action, form.sent, headers=headers)
        if answer.status_code != 403 or f'href="{form.page}"' not in answer.text:
            wrong.append(f"{form.name}: {answer.status_code}")
        client.logout()
        answer = client.post(form.action, form.sent, headers=headers)
        back = f"{reverse('account_login')}?next={form.page}"
        if form.name not in SIGNING and answer.headers.get("Location") != back:
            wrong.append(f"{form.name}: {answer.status_code}")
    assert wrong == []


def test_referrer_from_elsewhere_is_not_followed(world, client_for, at):
    for referrer in ("https://evil.example/", "//evil.example", "http://testserver//evil.example"):
        answer = client_for(None).post(at("settings/"), headers={"Referer": referrer})
        assert (
            "evil.example" not in answer["Location"] or "next=/evil.example" in answer["Location"]
        )


def test_sign_in_page_says_that_nothing_was_saved(world, client_for, at):
    client = client_for(None)
    assert "Nothing was saved" in client.post(at("settings/"), follow=True).text
    assert "Nothing was saved" not in client_for(None).get(at("settings/"), follow=True).text


# Which no body can fill in: one asks for the old password, one for a file, and a list of codes is
# looked at before it is stored (tests/browser/test_code_lists.py).
# Plans and handing on are looked at first as well.
NOT_FILLED = {"account_change_password", "project_restore", "code_list_new", "plans", "hand_on"}


def test_draft_of_any_form_is_taken_once_it_is_stored(world, forms, client_for):
    wrong = []
    for form in forms:
        if not form.typed or form.name in SIGNING | NOT_FILLED:
            continue
        body = dict(BODIES.get(f"POST /{form.route}", form.sent))
        if "version" in body:
            body["version"] = form.sent["version"]
        with transaction.atomic():
            answer = client_for(world.alice).post(form.action, {**body, "draft": DRAFT})
            transaction.set_rollback(True)
        if "drafts_taken" not in answer.cookies:
            wrong.append(f"{form.name}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("settings/", {"name": "", "visibility": "own", "version": 1}),
        ("settings/", {"name": "A", "visibility": "own", "version": 7}),
        ("invitations/", {"invite-role": "viewer", "invite-days": 1000}),
        ("members/", {"username": "nobody at all", "role": "viewer"}),
        ("sources/new/", {"title": "", "text": "A text."}),
        ("codebook/none/edit/", {"name": "A"}),
    ],
)
def test_draft_of_a_refused_form_is_not_taken(lead, at, path, body):
    answer = lead.post(at(path), {**body, "draft": DRAFT})
    assert answer.status_code in (200, 404)
    assert "drafts_taken" not in answer.cookies


def test_draft_is_not_taken_from_somebody_who_is_signed_out(client_for, at):
    answer = client_for(None).post(at("settings/"), {"draft": DRAFT})
    assert (answer.status_code, "drafts_taken" in answer.cookies) == (302, False)


def test_drafts_taken_one_after_the_other_are_named_together(lead, at):
    for draft in (DRAFT, "x; Path=/", DRAFT[::-1]):
        lead.post(at("members/"), {"username": "dan", "role": "viewer", "draft": draft})
        lead.post(at("members/dan/remove/"))
    assert lead.cookies["drafts_taken"].value == f"{DRAFT}.{DRAFT[::-1]}"
