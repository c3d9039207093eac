"""Days and times in the reader's zone on every page; UTC in the API and in exports."""

from datetime import UTC, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.models import Annotation
from cstoannot.codebook.models import CodebookRevision
from cstoannot.projects.models import Invitation, Membership
from cstoannot.web.exports.params import parse_export_filter
from cstoannot.web.middleware import parse_time_zone
from tests.builders import invite
from tests.web.pages import html_of, text_of

LATE = datetime(2026, 3, 3, 20, 15, tzinfo=UTC)  # already the 4th in Kolkata


@pytest.fixture
def kolkata(lead):
    lead.cookies["zone"] = "Asia/Kolkata"
    return lead


def test_revisions_name_the_zone(world, kolkata, at):
    CodebookRevision.objects.filter(project=world.lead.project).update(at=LATE)
    assert "4 March 2026, 01:45 (Asia/Kolkata)" in text_of(kolkata.get(at("codebook/revisions/")))


def test_moment_tells_all_of_itself(world, kolkata, at):
    CodebookRevision.objects.filter(project=world.lead.project).update(at=LATE)
    assert (
        '<time class="moment" datetime="2026-03-03T20:15:00Z"'
        ' title="4 March 2026, 01:45 (Asia/Kolkata, UTC+05:30)">'
    ) in kolkata.get(at("codebook/revisions/")).content.decode()


def test_invitations_are_cut_at_the_readers_midnight(world, kolkata, client_for, at):
    _, secret = invite(world.lead)
    Invitation.objects.update(created_at=LATE, expires_at=LATE + timedelta(days=4000))
    page = text_of(kolkata.get(at("members/")))
    assert "created 4 March 2026 by alice, valid until 14 February 2037" in page
    assert "Times are in Asia/Kolkata." in page
    stranger = client_for(world.dan)
    path = f"/join/{secret}/"
    assert "13 February 2037, 20:15 UTC" in text_of(stranger.get(path))
    stranger.cookies["zone"] = "Asia/Kolkata"
    assert "14 February 2037, 01:45 (Asia/Kolkata)" in text_of(stranger.get(path))


def test_members_and_tokens_are_cut_at_the_readers_midnight(world, kolkata, at):
    Membership.objects.update(created_at=LATE)
    assert "since 4 March 2026" in text_of(kolkata.get(at("members/bob/")))
    token, _ = create_token(world.alice, name="script", days=30, read_only=True)
    type(token).objects.update(created=LATE)
    page = text_of(kolkata.get("/account/tokens/"))
    assert "created 4 March 2026" in page
    assert "Times are in Asia/Kolkata." in page


def test_filter_by_day_begins_at_the_readers_midnight(world, kolkata, at):
    with timezone.override(parse_time_zone("Asia/Kolkata")):
        since = parse_export_filter(QueryDict("updated_since=2026-03-04")).updated_since
    assert since == datetime(2026, 3, 3, 18, 30, tzinfo=UTC)
    page = html_of(kolkata.get(at("export/"), {"updated_since": "2026-03-04"}))
    assert 'type="date" value="2026-03-04"' in page


def test_api_and_exports_stay_in_utc(world, kolkata, at):
    Annotation.objects.update(updated_at=LATE)
    row = world.said["bob failure"]
    answer = kolkata.get(f"{world.api}annotations/{row['id']}/")
    assert answer.json()["updated_at"] == "2026-03-03T20:15:00Z"
    there = b"".join(kolkata.get(f"{at('export/')}csv/").streaming_content)
    del kolkata.cookies["zone"]
    assert b"".join(kolkata.get(f"{at('export/')}csv/").streaming_content) == there


def test_zone_of_one_request_is_not_that_of_the_next(world, kolkata, lead, at):
    kolkata.get(at("history/"))
    assert timezone.get_current_timezone_name() == "UTC"
