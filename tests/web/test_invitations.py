"""The link: made by an owner, shown once, accepted by whoever has signed in."""

import logging
import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from cstoannot.projects.invitation_actions import accept_invitation, withdraw_invitation
from cstoannot.projects.models import Invitation
from cstoannot.projects.queries import visible_members
from cstoannot.web.logs import RedactingFormatter
from tests.builders import PASSWORD, invite, make_user
from tests.web.pages import text_of

CSRF = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
FORM = {"invite-note": "Erin", "invite-role": "annotator", "invite-days": "14"}


def roles(world):
    return {one.user.username: one.role for one in visible_members(world.lead)}


def link_on(response):
    found = re.search(r'id="link"[^>]* value="http://testserver(/join/\w+/)"', response.text)
    return found and found[1]


@pytest.fixture
def link(world):
    return f"/join/{invite(world.lead, note='Erin')[1]}/"


# ── making and withdrawing ─────────────────────────────────────────────────────────────────────


def test_link_is_shown_once_and_works(world, lead, at, client_for):
    response = lead.post(at("invitations/"), FORM)
    assert response["Cache-Control"] == "no-store"
    page, link = text_of(response), link_on(response)
    assert "Invitation for Erin" in page
    assert "shown only once" in page
    again = lead.get(at("members/"))
    assert "Erin annotator open created" in text_of(again)
    assert link_on(again) is None
    assert link.split("/")[2] not in again.text
    response = client_for(world.dan).post(link, follow=True)
    assert response.redirect_chain == [(at(), 302)]
    assert "You are now a member of “Alliances” with the role annotator." in text_of(response)
    assert roles(world)["dan"] == "annotator"
    assert "accepted by dan on" in text_of(lead.get(at("members/")))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "example.org"])
def test_owner_is_told_if_the_link_leads_nobody_else(world, lead, at, settings, host):
    settings.ALLOWED_HOSTS = ["*"]
    page = text_of(lead.post(at("invitations/"), FORM, headers={"host": host}))
    assert ("The link works on this computer only" in page) == (host != "example.org")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"invite-days": "0"}, "days"),
        ({"invite-days": "91"}, "days"),
        ({"invite-days": ""}, "days"),
        ({"invite-days": "x"}, "days"),
        ({"invite-role": "owner"}, "role"),
        ({"invite-role": ""}, "role"),
        ({"invite-note": "x" * 101}, "note"),
        ({"invite-note": "a\u2028b"}, "note"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(world, lead, at, typed, field):
    response = lead.post(at("invitations/"), {**FORM, **typed})
    assert list(response.context["inviting"].errors) == [field]
    assert "No invitation was created" in text_of(response)
    assert "Nobody was added" not in text_of(response)
    assert not Invitation.objects.exists()


def test_adding_somebody_wrongly_leaves_the_other_form_alone(world, lead, at):
    page = text_of(lead.post(at("members/"), {"username": "nobody", "role": "viewer"}))
    assert "Nobody was added" in page
    assert "No invitation was created" not in page


def test_withdraw(world, lead, at, client_for):
    invitation, secret = invite(world.lead)
    path = at(f"invitations/{invitation.pk}/withdraw/")
    assert "Withdraw the invitation for somebody?" in text_of(lead.get(path))
    assert client_for(world.dan).get(f"/join/{secret}/").status_code == 200
    page = text_of(lead.post(path, follow=True))
    assert lead.get(path)["Location"] == at("members/")
    assert "The invitation was withdrawn; its link no longer works." in page
    assert "withdrawn on" in page
    assert client_for(world.dan).post(f"/join/{secret}/").status_code == 404
    assert "dan" not in roles(world)


def test_withdraw_too_late(world, lead, at):
    invitation, secret = invite(world.lead)
    accept_invitation(world.dan, secret=secret)
    page = text_of(lead.post(at(f"invitations/{invitation.pk}/withdraw/"), follow=True))
    assert "This invitation was already accepted" in page
    assert roles(world)["dan"] == "annotator"


def test_every_state_in_words(world, lead, at):
    for state in ("open", "accepted", "withdrawn", "expired", "orphaned"):
        one, secret = invite(world.lead, "viewer", note=state.capitalize())
        if state == "accepted":
            accept_invitation(world.dan, secret=secret)
        elif state == "withdrawn":
            withdraw_invitation(world.lead, one.pk)
        elif state == "expired":
            past = timezone.now() - timedelta(days=2)
            Invitation.objects.filter(pk=one.pk).update(
                created_at=past, expires_at=past + timedelta(days=1)
            )
        elif state == "orphaned":
            Invitation.objects.filter(pk=one.pk).update(made_by=None)
    response = lead.get(at("members/"))
    page = text_of(response)
    for sentence in (
        "Open viewer open created",
        "valid until",
        "Accepted viewer accepted created",
        "accepted by dan on",
        "Withdrawn viewer withdrawn created",
        "Expired viewer expired created",
        "Orphaned viewer withdrawn created",
        "by former member, invalid because the account of its creator is deactivated",
    ):
        assert sentence in page
    assert response.text.count("/withdraw/") == 1


def test_page_by_page(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.members.views.INVITATIONS_ON_A_PAGE", 2)
    for number in range(5):
        invite(world.lead, note=f"Number {number}")
    seen = [re.findall(r"Number \d", lead.get(at(f"members/?page={n}")).text) for n in (1, 2, 3)]
    assert [list(dict.fromkeys(page)) for page in seen] == [
        ["Number 4", "Number 3"],
        ["Number 2", "Number 1"],
        ["Number 0"],
    ]


def test_pages_go_on_from_the_answer_that_shows_a_link(world, lead, at, monkeypatch):
    monkeypatch.setattr("cstoannot.web.members.views.INVITATIONS_ON_A_PAGE", 1)
    invite(world.lead)
    assert 'href="?page=2"' in lead.post(at("invitations/"), FORM).text
    assert lead.get(at("invitations/?page=2"))["Location"] == at("members/?page=2")


@pytest.mark.parametrize("number", [1, 3])
def test_queries_are_as_many_for_any_number_of_invitations(
    world, lead, at, django_assert_num_queries, number
):
    for one in range(number):
        accept_invitation(make_user(f"person{one}"), secret=invite(world.lead)[1])
    with django_assert_num_queries(9):
        lead.get(at("members/"))


@pytest.mark.parametrize("note", ["<script>alert(1)</script>", '"><img src=x>', "{{ 7|add:7 }}"])
def test_note_stays_text(world, lead, at, note):
    response = lead.post(at("invitations/"), {**FORM, "invite-note": note})
    main = response.text.split("<main")[1]
    assert "<script" not in main
    assert "<img" not in main
    assert note in text_of(response) or "14" not in main.split("</h1>")[0]


# ── accepting ──────────────────────────────────────────────────────────────────────────────────


def test_page_names_project_role_and_inviter(world, client_for, link):
    world.alice.first_name, world.alice.last_name = "Alice", "Lead"
    world.alice.save()
    page = text_of(client_for(world.dan).get(link))
    assert "alice (Alice Lead) invites you to the project Alliances" in page
    assert "Annotator: codes assigned sources" in page
    assert "You are logged in as dan ." in page
    assert "Erin" not in page, "for whom it is meant, owners alone read"


def test_looking_accepts_nothing(world, client_for, link):
    dan = client_for(world.dan)
    for _ in range(2):
        assert dan.get(link).status_code == dan.head(link).status_code == 200
    assert "dan" not in roles(world)


def test_button_of_another_site_accepts_nothing(world, link):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.dan)
    assert client.post(link).status_code == 403
    assert "dan" not in roles(world)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(link).text)[1]
    assert client.post(link, {"csrfmiddlewaretoken": token}).status_code == 302
    assert roles(world)["dan"] == "annotator"


@pytest.mark.parametrize(
    "headers", [{"origin": "https://testserver"}, {"referer": "https://testserver/"}]
)
def test_button_works_with_what_browsers_say_under_the_pages_policy(world, link, headers):
    """Over https Django asks where a form comes from: an origin, or a referrer without a path."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.dan)
    page = client.get(link, secure=True).text
    sent = {"csrfmiddlewaretoken": re.search(r'middlewaretoken" value="(\w+)"', page)[1]}
    assert client.post(link, sent, secure=True).status_code == 403
    assert (
        client.post(link, sent, secure=True, headers=headers)["Location"] == "/projects/alliances/"
    )


def test_whoever_has_not_signed_in_does_and_comes_back(world, client, link):
    response = client.get(link, follow=True)
    assert response.redirect_chain == [(f"/account/login/?next={link}", 302)]
    assert "Log in to see your invitation. If you have no account yet, ask" in text_of(response)
    assert "Alliances" not in response.text
    sent = {"login": "dan", "password": PASSWORD, "next": link}
    response = client.post("/account/login/", sent, follow=True)
    assert response.redirect_chain == [(link, 302)]
    assert "You are invited" in text_of(response)
    assert "dan" not in roles(world)


def test_post_without_signing_in_accepts_nothing(world, client, link):
    assert client.post(link)["Location"] == f"/account/login/?next={link}"
    assert Invitation.objects.get().accepted_at is None


def test_somebody_else_at_the_same_browser(world, client_for, link):
    dan = client_for(world.dan)
    response = dan.post("/account/logout/", {"next": link})
    assert response["Location"] == link
    assert dan.get(link)["Location"] == f"/account/login/?next={link}"


@pytest.mark.parametrize("name", ["alice", "bob", "vera"])
def test_member_is_told_so_and_nothing_changes(world, client_for, link, name):
    client, before = client_for(getattr(world, name)), roles(world)
    for response in (client.get(link), client.post(link)):
        assert response.status_code == (409 if response.wsgi_request.method == "POST" else 200)
        page = text_of(response)
        assert f"You are a member of the project Alliances with the role {before[name]}" in page
        assert "still works for somebody else" in page
    assert roles(world) == before
    assert client_for(world.dan).post(link).status_code == 302


def test_click_too_many_is_no_refusal(world, client_for, link):
    dan = client_for(world.dan)
    dan.post(link)
    page = text_of(dan.post(link))
    assert "You are already a member" in page
    assert "still works" not in page


def test_links_of_no_use_give_the_same_page(world, client_for, client):
    past = timezone.now() - timedelta(days=2)
    made = {name: invite(world.lead) for name in ("expired", "withdrawn", "used")}
    Invitation.objects.filter(pk=made["expired"][0].pk).update(
        created_at=past, expires_at=past + timedelta(days=1)
    )
    withdraw_invitation(world.lead, made["withdrawn"][0].pk)
    accept_invitation(make_user("erin"), secret=made["used"][1])
    secrets = [secret for _, secret in made.values()]
    secrets += ["0" * 64, "x", "a" * 3000, quote("é"), "%00", "%2e%2e", "{{ 7 }}"]
    for reader in (client_for(world.dan), client):
        pages = []
        for secret in secrets:
            for response in (reader.get(f"/join/{secret}/"), reader.post(f"/join/{secret}/")):
                assert response.status_code == 404
                # Which method it answers is all that a page says of the request.
                page = CSRF.sub("", response.text)
                pages.append(re.sub(r'data-method="(GET|POST)"', "", page))
        assert len(set(pages)) == 1
        assert "Ask the sender for a new invitation." in pages[0]
        assert "Alliances" not in pages[0]
        assert "alice" not in pages[0]


# ── the secret goes nowhere ────────────────────────────────────────────────────────────────────


def test_address_is_sent_along_nowhere_and_kept_nowhere(world, client_for, client, link):
    answers = [client_for(world.dan).get(link), client.get(link), client.get("/join/none/")]
    answers += [client.get("/account/login/", {"next": link}), client_for(world.dan).post(link)]
    assert [(a["Referrer-Policy"], a["Cache-Control"]) for a in answers] == [
        ("strict-origin", "no-store")
    ] * len(answers)


def test_secret_stands_in_no_line_of_the_log(caplog, monkeypatch, client, db, link):
    """Nor does the line of a failure, which names the address, hold it."""
    secret = link.split("/")[2]

    def fails(*args):
        raise RuntimeError(f"at {link}")

    monkeypatch.setattr("cstoannot.web.members.invitation_views.require_invitation_offer", fails)
    client.raise_request_exception = False
    assert client.get(link).status_code == 500
    (record,) = [one for one in caplog.records if one.name == "django.request"]
    assert link in record.getMessage()
    told = RedactingFormatter("%(levelname)s %(message)s").format(record)
    assert told.startswith("ERROR Internal Server Error: /join/…/\n")
    assert "RuntimeError: at /join/…/" in told
    assert secret not in told


def test_log_is_written_that_way(settings):
    console = settings.LOGGING["handlers"]["console"]
    assert (
        settings.LOGGING["formatters"][console["formatter"]]["()"]
        == "cstoannot.web.logs.RedactingFormatter"
    )
    other = logging.LogRecord("x", logging.ERROR, "x", 1, "at %s", ("/projects/join/",), None)
    assert RedactingFormatter("%(message)s").format(other) == "at /projects/join/"
