"""Numbers, slugs, names and UUIDs that are none, or somebody else's."""

import uuid

import pytest

from tests.api.hostile import (
    NOT_NUMBERS,
    PATH_NUMBERS,
    PATH_UUIDS,
    PATH_WORDS,
    assert_problem,
    contents,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _refused_everywhere(client, paths, *statuses):
    before = contents()
    for path in paths:
        for method in METHODS:
            assert_problem(client.request(method, path, {"name": "N", "role": "viewer"}), *statuses)
    assert contents() == before


@pytest.mark.parametrize(
    "path", ["sources/{}/", "sources/{}/text/", "sources/{}/segments/", "codebook/revisions/{}/"]
)
def test_numbers_in_a_path(world, api, path):
    paths = [f"{world.api}{path.format(number)}" for number in PATH_NUMBERS]
    _refused_everywhere(api(world.alice), paths, 400, 404, 405)


@pytest.mark.parametrize("path", ["codes/{}/", "members/{}/"])
def test_words_in_a_path(world, api, path):
    paths = [f"{world.api}{path.format(word)}" for word in PATH_WORDS]
    _refused_everywhere(api(world.alice), paths, 400, 404, 405)


def test_words_for_a_project_or_a_token(world, api):
    lead = api(world.alice)
    _refused_everywhere(lead, [f"projects/{word}/" for word in PATH_WORDS], 404, 405)
    _refused_everywhere(lead, [f"projects/{word}/sources/" for word in PATH_WORDS], 404, 405)
    _refused_everywhere(lead, [f"me/tokens/{word}/" for word in PATH_WORDS], 404, 405)


@pytest.mark.parametrize(
    "path",
    [
        "annotations/{}/",
        "assignments/{}/",
        "invitations/{}/",
        "speakers/{}/",
        "code-proposals/{}/",
        "threads/{}/",
        "decisions/{}/",
    ],
)
def test_uuids_in_a_path(world, api, path):
    paths = [f"{world.api}{path.format(word)}" for word in PATH_UUIDS]
    _refused_everywhere(api(world.alice), paths, 400, 404, 405)


def test_numbers_in_a_body(world, api):
    lead, bob = api(world.alice), api(world.bob)
    said = {"source": world.shared.pk, "code": "failure", "start": 0, "end": 3}
    before = contents()
    for number in NOT_NUMBERS:
        for field in ("source", "start", "end"):
            body = {**said, field: number}
            assert_problem(bob.put(f"{world.api}annotations/{uuid.uuid4()}/", body), 400)
        assignment = {"source": number, "annotator": "bob"}
        assert_problem(lead.post(f"{world.api}assignments/", assignment), 400)
        assert_problem(lead.patch(f"{world.api}codes/failure/", {"position": number}), 400)
    assert_problem(lead.patch(f"{world.api}codes/failure/", {"position": 2**31}), 400)
    for days in (0, -1, 3651, 2**31, 2**63, "1", 1.5, True):
        assert_problem(lead.post("me/tokens/", {"days": days}), 400, 422)
    assert contents() == before


def test_selections_that_mean_nothing(world, api):
    bob = api(world.bob)
    before = contents()
    length = world.shared.length
    for start, end in [(3, 3), (5, 2), (0, length + 1), (length, length + 1), (0, 2**62)]:
        body = {"source": world.shared.pk, "code": "failure", "start": start, "end": end}
        assert_problem(bob.post(f"{world.api}annotations/", body), 422)
    assert contents() == before


def test_flags_are_true_or_false(world, api):
    lead = api(world.alice)
    before = contents()
    for value in (0, 1, "true", "yes", None, [], {}):
        assert_problem(lead.patch(world.api, {"open_sources": value}), 400)
        assert_problem(lead.patch(f"{world.api}codes/plea/", {"retired": value}), 400)
        assert_problem(lead.post("me/tokens/", {"read_only": value}), 400)
    assert contents() == before


def test_ids_for_an_annotation_are_uuids(world, api):
    bob = api(world.bob)
    said = {"source": world.shared.pk, "code": "failure", "start": 0, "end": 3}
    before = contents()
    for value in (1, "", "x", str(uuid.uuid4()).replace("-", ""), f"urn:uuid:{uuid.uuid4()}", []):
        assert_problem(bob.post(f"{world.api}annotations/", {**said, "id": value}), 400)
    assert contents() == before


def test_what_belongs_to_another_project_is_as_if_it_were_not_there(world, api):
    lead, bob = api(world.alice), api(world.bob)
    foreign, never = world.foreign_source.pk, 2**40
    said = {"code": "failure", "start": 0, "end": 3}
    mine = f"{world.api}annotations/{world.said['bob failure']['id']}/"
    pairs = [
        (lead.get, f"{world.api}sources/{{}}/", foreign, never, None),
        (lead.get, f"{world.api}sources/{{}}/text/", foreign, never, None),
        (lead.delete, f"{world.api}sources/{{}}/", foreign, never, None),
        (lead.get, f"{world.api}annotations/?source={{}}", foreign, never, None),
        (lead.get, f"{world.api}annotations/?code={{}}", "strange", "never", None),
        (lead.get, f"{world.api}annotations/?annotator={{}}", "charlie", "never", None),
        (lead.get, f"{world.api}annotations/?voice={{}}", "A stranger", "never", None),
        (lead.get, f"{world.api}codes/{{}}/", "strange", "never-ev", None),
        (lead.get, f"{world.api}members/{{}}/", "charlie", "never", None),
        (lead.get, f"{world.api}events/?actor={{}}", "charlie", "never", None),
        (lead.get, f"{world.api}events/?source={{}}", foreign, never, None),
        (lead.get, f"{world.api}assignments/?source={{}}", foreign, never, None),
        (bob.put, mine, foreign, never, lambda value: {**said, "source": value}),
        (bob.patch, mine, "strange", "never-e", lambda value: {"code": value}),
        (
            lead.post,
            f"{world.api}assignments/",
            foreign,
            never,
            lambda value: {"source": value, "annotator": "bob"},
        ),
        (
            lead.post,
            f"{world.api}assignments/",
            "charlie",
            "neverev",
            lambda value: {"source": world.shared.pk, "annotator": value},
        ),
        (
            lead.post,
            f"{world.api}codes/",
            "strange",
            "never-e",
            lambda value: {"name": "N", "parent": value},
        ),
    ]
    before = contents()
    for call, path, theirs, nobodys, body in pairs:
        answers = [
            call(path.format(value), body(value)) if body else call(path.format(value))
            for value in (theirs, nobodys)
        ]
        said_of = [
            answer.content.replace(f"“{value}”".encode(), b"?")
            for answer, value in zip(answers, (theirs, nobodys), strict=True)
        ]
        assert answers[0].status_code == answers[1].status_code, path
        assert said_of[0] == said_of[1], path
    assert contents() == before


def test_an_id_taken_in_another_project_is_not_given_away(world, api):
    lead, bob = api(world.alice), api(world.bob)
    path = f"{world.api}annotations/{world.foreign_said['id']}/"
    before = contents()
    assert_problem(lead.get(path), 404)
    assert_problem(bob.delete(path), 404)
    body = {"source": world.shared.pk, "code": "failure", "start": 0, "end": 3}
    assert_problem(bob.put(path, body), 404)
    assert contents() == before


def test_codes_unknown_or_in_a_circle(world, api):
    lead, bob = api(world.alice), api(world.bob)
    before = contents()
    said = {"source": world.shared.pk, "start": 0, "end": 3}
    for code in ("", "none", "Failure", "failure ", "\u200bfailure", "a\x00", "a\ud800", "x" * 61):
        assert_problem(bob.post(f"{world.api}annotations/", {**said, "code": code}), 400, 422)
    for parent in ("plea", "failure", "none", "a\x00"):
        body = {"parent": parent}
        assert_problem(lead.patch(f"{world.api}codes/failure/", body), 400, 422)
    assert contents() == before
