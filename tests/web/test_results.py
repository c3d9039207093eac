"""Results are closed, open to viewers, or read by a link without an account."""

import logging
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone

from cstoannot.annotations.models import Annotation
from cstoannot.core.errors import Conflict, NotFound
from cstoannot.projects.actions import change_project, delete_project
from cstoannot.projects.models import ResultsLink
from cstoannot.projects.results_actions import create_results_link, revoke_results_link
from cstoannot.projects.results_queries import open_results
from cstoannot.projects.scope import open_project
from cstoannot.web.compare import views as compare_views
from cstoannot.web.logs import RedactingFormatter
from tests.builders import annotate, finish
from tests.comparison.test_rights import decide
from tests.web.pages import html_of, text_of

PAGES = (
    *("", "omissions/", "passages/?code=failure", "network/", "agreement/", "methods/"),
    *("matrix.csv", "matrix.svg", "passages.csv?code=failure", "codes.css"),
    *("network/figure.svg", "network/edges.csv", "network/nodes.csv"),
    *("network/network.graphml", "network/network.gexf"),
)
# Coders, a note, and what only Beth marked.
HIDDEN = (b"bob", b"beth", b"Secret", b"A silent witness", b"@")


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def coded(world):
    """Both coders finished the shared source, Beth hers; nothing is decided."""
    for coder in (world.bob, world.beth):
        finish(world.scope(coder), world.shared)
    finish(world.scope(world.beth), world.beths)
    return world


@pytest.fixture
def opened(coded):
    change_project(coded.lead, results="link")
    return coded


@pytest.fixture
def secret(opened):
    return create_results_link(opened.scope(opened.alice), note="The referees")[1]


# ── viewers ────────────────────────────────────────────────────────────────────────────────────


def test_closed_results_say_so_to_viewers(coded, client_for, at):
    vera = client_for(coded.vera)
    page = text_of(vera.get(at("compare/")))
    assert "Results are not open yet" in page
    assert "An owner of the project can open them" in page
    assert "not open yet" in page
    assert "no side taken" not in page
    refused = vera.get(at("agreement/"))
    assert refused.status_code == 403
    assert "Results are not open yet" in text_of(refused)
    assert "Results are not open yet" in text_of(vera.get(at("compare/passages/?code=failure")))


def test_closed_results_are_no_verdict_in_large_matrices_and_figures(
    coded, client_for, at, monkeypatch
):
    monkeypatch.setattr(compare_views, "MOST_PLAIN", 2)
    vera = client_for(coded.vera)
    page = html_of(vera.get(at("compare/")))
    assert '"verdict_name": "not open yet"' in page
    assert '"meaning": "Results are not open yet: ' in page
    figure = body(vera.get(at("compare/matrix.svg"))).decode()
    assert "not open yet" in figure
    assert "no side taken" not in page + figure


def test_closed_results_show_what_is_decided(coded, client_for, at):
    decide(coded, coded.bobs, "Nobody came.", "opposes")
    page = text_of(client_for(coded.vera).get(at("compare/passages/?code=failure")))
    assert "Nobody came." in page
    assert "its member" not in page


@pytest.mark.parametrize("results", ["viewers", "link"])
def test_open_results_show_viewers_the_majority_and_agreement(coded, client_for, at, results):
    change_project(coded.lead, results=results)
    vera = client_for(coded.vera)
    page = text_of(vera.get(at("compare/")))
    assert "Results are not open yet" not in page
    passages = text_of(vera.get(at("compare/passages/?code=failure")))
    assert "alliance failed" in passages
    assert "2 of 2 coders" in passages
    agreement = vera.get(at("agreement/"))
    assert agreement.status_code == 200
    assert "Two coders took part" in text_of(agreement)
    for page in (agreement, vera.get(at("compare/")), vera.get(at("compare/network/"))):
        for word in HIDDEN:
            assert word not in body(page).replace(b"beths", b"").replace(b"Beths", b""), word
    assert vera.get(at("compare/reading/")).status_code == 200
    assert vera.get(at("disagreements/")).status_code == 403


def test_viewers_cannot_ask_for_one_coder(opened, client_for, at, api):
    vera = client_for(opened.vera)
    for query in ("annotator=beth", "layer=individual", "layer=individual&annotator=beth"):
        assert vera.get(at(f"compare/?{query}")).status_code == 403
        assert vera.get(at(f"compare/passages.csv?code=failure&{query}")).status_code == 403
    for query in ("annotator=beth", f"source={opened.shared.pk}"):
        assert vera.get(at(f"agreement/?{query}")).status_code == 403
        assert api(opened.vera).get(f"{opened.api}agreement/?{query}").status_code == 403


def test_api_gives_viewers_totals_without_names(opened, api):
    vera, lead = api(opened.vera), api(opened.alice)
    found, whole = (one.get(f"{opened.api}agreement/").json() for one in (vera, lead))
    assert found["overall"] == whole["overall"]
    assert found["codes"] == whole["codes"]
    assert (found["annotators"], found["pairs"], found["by_source"]) == ([], [], [])
    compared, known = (one.get(f"{opened.api}comparison/").json() for one in (vera, lead))
    assert compared["annotators"] == []
    assert compared["claims"] == known["claims"]
    passages = vera.get(f"{opened.api}comparison/passages/?code=failure").json()["results"]
    assert {(one["annotation"], one["annotator"]) for one in passages} == {(None, None)}
    majority = vera.get(f"{opened.api}annotations/?layer=majority")
    assert majority.status_code == 200
    assert vera.get(f"{opened.api}annotations/").json()["results"] == []
    change_project(opened.lead, results="closed")
    assert vera.get(f"{opened.api}agreement/").status_code == 403
    assert vera.get(f"{opened.api}annotations/?layer=majority").status_code == 403


def test_voice_that_one_coder_heard_is_as_one_that_does_not_exist(opened, api, at, client_for):
    annotate(opened.scope(opened.beth), opened.shared, "hopes", voice="A silent witness")
    vera = api(opened.vera)
    for voice in ("A silent witness", "Nobody at all"):
        assert vera.get(f"{opened.api}comparison/?voice={voice}").status_code == 422
    for query in ("by=speaker", "by=speaker&voice=everyone", "voice=everyone"):
        page = client_for(opened.vera).get(at(f"compare/?{query}"))
        assert "A silent witness" not in html_of(page)


# ── by link ────────────────────────────────────────────────────────────────────────────────────


def test_link_shows_the_results_and_names_nobody(secret, opened):
    reader = Client()
    for page in PAGES:
        found = reader.get(f"/results/{secret}/{page}")
        assert found.status_code == 200, page
        content = body(found).replace(b"Beths", b"").replace(b"beths", b"")
        for word in HIDDEN:
            assert word not in content, (page, word)
        assert b"/projects/" not in content, page
    assert "alliance failed" in text_of(reader.get(f"/results/{secret}/passages/?code=failure"))


def test_link_leads_nowhere_else(secret, opened):
    reader = Client()
    for page in ("", "passages/?code=failure", "network/", "agreement/", "methods/", "omissions/"):
        content = html_of(reader.get(f"/results/{secret}/{page}"))
        for link in re.findall(r'(?:href|action)="([^"]*)"', content):
            local = not link.startswith(("#", "?", "/static/"))
            assert not local or link.startswith(f"/results/{secret}/"), (page, link)
    for path in ("projects/alliances/", "api/v1/projects/", "export/csv/", "settings/", "members/"):
        assert reader.get(f"/results/{secret}/{path}").status_code == 404
    assert reader.get("/projects/alliances/").status_code == 302
    assert reader.get(opened.api).status_code == 401
    assert reader.get(opened.api, headers={"Authorization": f"Bearer {secret}"}).status_code == 401
    assert reader.post(f"/results/{secret}/").status_code == 405


def test_link_leaves_no_trace_and_keeps_search_engines_out(secret):
    reader = Client()
    for address in (f"/results/{secret}/", f"/results/{secret}/nowhere/", "/results/abc/"):
        found = reader.get(address)
        assert found["X-Robots-Tag"] == "noindex, nofollow"
        assert found["Referrer-Policy"] == "no-referrer"
        assert found["Cache-Control"].startswith("private")
        assert not found.cookies
        assert "zone.js" not in html_of(found)  # it sets a cookie
    assert b"Disallow: /" in reader.get("/robots.txt").content


def test_link_shows_passages_and_no_whole_article(secret, opened):
    reader = Client()
    at = f"/results/{secret}/articles/"
    assert reader.get(at).status_code == 403
    article = reader.get(f"{at}{opened.shared.pk}/")
    assert article["Location"] == f"/results/{secret}/passages/?source={opened.shared.pk}"
    page = text_of(reader.get(f"/results/{secret}/passages/?code=failure"))
    assert "Naïve" not in page
    change_project(opened.scope(opened.alice), whole_articles=True)
    article = reader.get(f"{at}{opened.shared.pk}/")
    assert article["Location"] == f"/results/{secret}/articles/?source={opened.shared.pk}"
    assert "Naïve" in text_of(reader.get(article["Location"]))


def test_link_is_the_same_for_those_who_are_logged_in(secret, opened, client_for):
    page = f"/results/{secret}/"
    assert body(client_for(opened.alice).get(page)) == body(Client().get(page))


def test_unusable_links_are_alike(secret, opened):
    lead = opened.scope(opened.alice)
    reader, at = Client(), f"/results/{secret}/"

    def refused():
        found = reader.get(at)
        assert found.status_code == 404
        return re.sub(secret, "", html_of(found))

    unknown = html_of(reader.get("/results/abc/"))
    assert "This link cannot be used" in unknown
    change_project(lead, results="viewers")
    assert refused() == unknown
    change_project(lead, results="link")
    assert reader.get(at).status_code == 200
    link = ResultsLink.objects.get()
    ResultsLink.objects.update(
        created_at=timezone.now() - timedelta(days=2),
        expires_at=timezone.now() - timedelta(days=1),
    )
    assert refused() == unknown
    ResultsLink.objects.update(expires_at=timezone.now() + timedelta(days=1))
    revoke_results_link(lead, link.pk)
    revoke_results_link(lead, link.pk)
    assert refused() == unknown
    ResultsLink.objects.update(revoked_at=None)
    delete_project(opened.scope(opened.alice))
    assert refused() == unknown


def test_reader_opens_the_links_project_alone(secret, opened):
    reader = open_results(secret)
    assert open_project(reader, opened.slug).role == "reader"
    with pytest.raises(NotFound):
        open_project(reader, "elsewhere")
    with pytest.raises(NotFound):
        revoke_results_link(open_project(reader, opened.slug), reader.link.pk)
    with pytest.raises(NotFound):
        open_project(AnonymousUser(), opened.slug)


def test_visits_are_counted_once_in_half_an_hour(secret):
    for page in ("", "agreement/", ""):
        Client().get(f"/results/{secret}/{page}")
    link = ResultsLink.objects.get()
    assert link.visits == 1
    assert link.last_visit_at is not None
    Client(REMOTE_ADDR="203.0.113.9").get(f"/results/{secret}/")
    assert ResultsLink.objects.get().visits == 2


# ── owners ─────────────────────────────────────────────────────────────────────────────────────


def test_owner_makes_and_revokes_links(opened, lead, at):
    page = lead.post(at("settings/results-links/"), {"note": "The referees", "days": "30"})
    made = re.search(r'value="http://testserver(/results/[^"]+/)"', html_of(page))[1]
    assert page["Cache-Control"] == "no-store"
    assert Client().get(made).status_code == 200
    listed = html_of(lead.get(at("settings/results-links/")))
    assert made not in listed
    assert "The referees" in listed
    assert "1 visit" in listed
    revoke = at(f"settings/results-links/{ResultsLink.objects.get().pk}/revoke/")
    assert "Revoke the link for The referees?" in text_of(lead.get(revoke))
    assert lead.post(revoke).status_code == 302
    assert Client().get(made).status_code == 404
    assert "revoked" in text_of(lead.get(at("settings/results-links/")))


def test_links_need_open_results(coded, lead, at, api):
    with pytest.raises(Conflict):
        create_results_link(coded.lead)
    refused = lead.post(at("settings/results-links/"), {"days": "30"})
    assert "No link was created" in text_of(refused)
    answer = api(coded.alice).post(f"{coded.api}results-links/", {})
    assert answer.status_code == 409


def test_api_makes_lists_and_revokes_links(opened, api):
    alice, at = api(opened.alice), f"{opened.api}results-links/"
    made = alice.post(at, {"note": "Referees", "days": 2})
    assert made.status_code == 201
    shown = made.json()
    assert shown["link"] == f"http://testserver/results/{shown['secret']}/"
    (listed,) = alice.get(at).json()["results"]
    assert listed == {name: shown[name] for name in listed}
    assert {"secret", "link"}.isdisjoint(listed)
    assert alice.post(at, {"days": 0}).status_code == 422
    assert alice.delete(f"{at}{shown['id']}/").status_code == 204
    assert alice.get(at).json()["results"][0]["state"] == "revoked"
    assert api(opened.ada).get(at).status_code == 403


def test_log_keeps_no_secret_of_a_link(secret):
    line = logging.LogRecord(
        "x", logging.ERROR, "", 0, f"GET /results/{secret}/agreement/?a=1", None, None
    )
    assert RedactingFormatter().format(line) == "GET /results/…/agreement/?a=1"


def test_results_show_notes_of_nobody(secret, opened):
    assert Annotation.objects.exclude(note="").exists()
    assert "Secret" not in html_of(Client().get(f"/results/{secret}/passages/?code=failure"))
