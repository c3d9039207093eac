from uuid import uuid4

import pytest

from cstoannot.annotations.actions import Draft
from cstoannot.annotations.proposal_actions import propose_code
from cstoannot.api.schema import build_api_description
from cstoannot.decisions.elsewhere_actions import ConsensusDraft, save_consensus
from cstoannot.decisions.practice_actions import give_practice
from cstoannot.decisions.queries import list_decidable_places
from cstoannot.projects.actions import remove_member
from cstoannot.threads.actions import ThreadDraft, open_thread
from tests.api.hostile import assert_problem
from tests.builders import add_code, finish, hand_out_more

PATHS = ["me/", "projects/", "{}", "{}sources/", "{}codes/plea/", "{}annotations/", "schema/"]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_known_already_is_not_sent_again(world, api, path):
    bob = api(world.bob)
    first = bob.get(path.format(world.api))
    again = bob.get(path.format(world.api), if_none_match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "Content-Type" not in again


def test_ways_to_say_what_is_known(world, api):
    bob = api(world.bob)
    tag = bob.get(world.api)["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', f' {tag} ,"y"', "*"):
        assert bob.get(world.api, if_none_match=known).status_code == 304
    for unknown in ("", '"1"', tag.strip('"'), '"', ",", "\x80", "x" * 10_000):
        assert bob.get(world.api, if_none_match=unknown).status_code == 200


def test_text_is_tagged_by_its_hash(world, api):
    path = f"{world.api}sources/{world.shared.pk}/text/"
    again = api(world.bob).get(path, if_none_match=f'"{world.shared.sha256}"')
    assert (again.status_code, again.content) == (304, b"")


def test_tag_changes_with_what_follows_from_other_rows(world, api):
    """An annotation becomes stale, and a code's count grows, without a new version."""
    bob, lead = api(world.bob), api(world.alice)
    paths = [
        f"{world.api}annotations/{world.said['bob failure']['id']}/",
        f"{world.api}codes/plea/",
    ]
    tags = [bob.get(path)["ETag"] for path in paths]
    lead.patch(f"{world.api}codes/failure/", {"claim": "Another."})
    said = {"source": world.shared.pk, "code": "plea", "start": 0, "end": 3}
    bob.post(f"{world.api}annotations/", said)
    for path, tag in zip(paths, tags, strict=True):
        answer = bob.get(path, if_none_match=tag)
        assert (answer.status_code, answer.json()["version"]) == (200, 1)


def test_refusals_are_not_tagged(world, api):
    answer = api(world.dan).get(world.api, if_none_match="*")
    assert_problem(answer, 404)
    assert "ETag" not in answer


def test_nothing_is_kept_on_the_way(world, api):
    for path in PATHS:
        answer = api(world.bob).get(path.format(world.api))
        assert answer["Cache-Control"] == "private, no-cache"


def test_head_is_get_without_the_body(world, api):
    bob = api(world.bob)
    for path in PATHS:
        get, head = (bob.request(method, path.format(world.api)) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", get["ETag"])


def _practise(world):
    """Beth's source, decided elsewhere, which Bob has coded for practice."""
    draft = Draft(source=world.beths.pk, code="plea", start=0, end=3)
    save_consensus(world.scope(world.ada), [ConsensusDraft(uuid4(), draft, "We met.")])
    ((practice, _),) = give_practice(world.lead, source_ids=[world.beths.pk], annotators=["bob"])
    finish(world.scope(world.bob), world.beths)
    return practice


def _reads(world):
    """Every address that can be read, with values for its parameters."""
    thread = open_thread(world.lead, ThreadDraft("code", "What is a plea?", code="plea"))
    practice = _practise(world)
    finish(world.scope(world.beth), world.beths)
    plan, pilot = hand_out_more(world)
    values = {
        "project": world.slug,
        "source": world.shared.pk,
        "code": "plea",
        "number": 1,
        "annotation": world.said["bob failure"]["id"],
        "assignment": practice.pk,
        "format": "csv",
        "place": list_decidable_places(world.lead, world.beths.pk)[0].id,
        "plan": plan.pk,
        "round": pilot.pk,
        "proposal": propose_code(world.lead, name="A proposal")[0].pk,
        "thread": thread.pk,
        "comment": thread.comments.get().pk,
    }
    queries = {
        "segments": "?unit=sentence",
        "agreement": "?measure=krippendorff_alpha",
        "difference": "?of=codes&first=plea&second=other",
    }
    for path, item in build_api_description()["paths"].items():
        if "get" in item:
            query = queries.get(path.rstrip("/").rpartition("/")[2], "")
            yield path.format(**values) + query


def test_every_address_answers_conditional_reads(world, api):
    add_code(world.lead, "Other")
    lead, wrong = api(world.alice), []
    for path in _reads(world):
        first = lead.get(path)
        again = lead.get(path, if_none_match=first.get("ETag", ""))
        if (first.status_code, again.status_code) != (200, 304) or again.content:
            wrong.append((path, first.status_code, again.status_code))
    assert wrong == []


def test_files_are_sent_anew_once_something_has_happened(world, api):
    lead, path = api(world.alice), f"{world.api}export/csv/"
    tag = lead.get(path)["ETag"]
    said = {"source": world.shared.pk, "code": "plea", "start": 0, "end": 3}
    api(world.bob).post(f"{world.api}annotations/", said)
    assert lead.get(path, if_none_match=tag).status_code == 200
    assert lead.get(f"{path}?code=plea")["ETag"] != lead.get(path)["ETag"]


def test_files_of_a_blind_coder_carry_no_tag_that_others_change(world, api):
    for user in (world.bob, world.vera):
        assert "ETag" not in api(user).get(f"{world.api}export/csv/", if_none_match="*")


@pytest.mark.parametrize("format", ["csv", "archive"])
def test_files_are_sent_anew_once_somebody_in_them_has_another_name(world, api, format):
    lead, path = api(world.alice), f"{world.api}export/{format}/"
    remove_member(world.lead, username="beth")
    first = lead.get(path)
    content = b"".join(first)
    world.beth.username = "elizabeth"
    world.beth.save()
    again = lead.get(path, if_none_match=first["ETag"])
    assert again.status_code == 200
    assert again["ETag"] != first["ETag"]
    assert b"".join(again) != content
