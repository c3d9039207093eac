"""Conversations through the API."""

import uuid

import pytest

from tests.api.hostile import TEXTS, assert_problem, contents
from tests.builders import finish


@pytest.fixture
def path(world):
    return f"{world.api}threads/"


def begin(client, path, **said):
    return client.post(path, {"kind": "code", "code": "plea", "text": "What is a plea?", **said})


def test_thread_on_a_place_keeps_its_passage(world, api, path):
    finish(world.scope(world.bob), world.shared)
    place = {"source": world.shared.pk, "start": 4, "end": 12, "quote": "alliance"}
    made = api(world.bob).post(path, {"kind": "place", "text": "Whose, @ada?", **place})
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    shown = made.json()
    assert shown == {
        "id": shown["id"],
        "kind": "place",
        **place,
        "code": None,
        "decision": None,
        "asks_again": False,
        "opened_by": "bob",
        "created_at": shown["created_at"],
        "resolved": False,
        "resolved_by": None,
        "resolved_at": None,
        "proposal": None,
        "comments": 1,
        "unread": 0,
        "mentioned": False,
        "last_at": shown["last_at"],
        "version": 1,
    }
    assert api(world.bob).get(f"{path}{shown['id']}/").json() == shown
    seen = api(world.ada).get(f"{path}{shown['id']}/").json()
    assert seen == {**shown, "unread": 1, "mentioned": True}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "verdict"}, "kind"),
        ({"code": "nothing"}, "code"),
        ({"code": None}, "code"),
        ({"source": 1}, "source"),
        ({"kind": "source", "code": None, "source": 10**9}, "source"),
        ({"kind": "source", "code": None, "source": "BETHS"}, "source"),
        ({"kind": "place", "code": None, "source": "SHARED"}, "start"),
        ({"kind": "place", "code": None, "source": "SHARED", "start": 3, "end": 3}, "end"),
        ({"kind": "place", "code": None, "source": "SHARED", "start": 0, "end": 10**6}, "end"),
        (
            {"kind": "place", "code": None, "source": "SHARED", "start": 0, "end": 3, "quote": "a"},
            "quote",
        ),
        ({"kind": "decision", "code": None, "decision": str(uuid.uuid4())}, "decision"),
        ({"asks_again": True}, "asks_again"),
        ({"text": ""}, "text"),
        ({"text": " \n\u3000"}, "text"),
        ({"text": "x" * 10_001}, "text"),
    ],
)
def test_what_does_not_fit_is_refused(world, api, path, said, field):
    finish(world.scope(world.bob), world.shared)
    ids = {"BETHS": world.beths.pk, "SHARED": world.shared.pk}
    before = contents()
    answer = begin(api(world.bob), path, **{k: ids.get(str(v), v) for k, v in said.items()})
    assert list(assert_problem(answer, 422)["errors"]) == [field]
    assert contents() == before


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", 7, None, ["a"]])
def test_what_is_no_text_is_refused(world, api, path, text):
    before = contents()
    thread = f"{path}{begin(api(world.bob), path).json()['id']}/"
    before = contents()
    for answer in (
        begin(api(world.bob), path, text=text),
        api(world.bob).post(f"{thread}comments/", {"text": text}),
    ):
        assert list(assert_problem(answer, 400)["errors"]) == ["text"]
    assert contents() == before


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_comes_back_as_it_is(world, api, path, text):
    if not text.strip():
        text = f"{text}."
    made = begin(api(world.bob), path, text=text).json()
    (comment,) = api(world.beth).get(f"{path}{made['id']}/comments/").json()["results"]
    assert (comment["text"], comment["author"]) == (text, "coder 1")


def test_unfinished_source_is_a_conflict(world, api, path):
    said = {"kind": "source", "source": world.shared.pk, "text": "Hello"}
    assert_problem(api(world.bob).post(path, said), 409)
    assert api(world.ada).post(path, said).status_code == 201


def test_names_of_coders_are_not_told_to_coders(world, api, path):
    thread = begin(api(world.alice), path, text="What do you say, @bob and @beth?").json()["id"]
    comments = f"{path}{thread}/comments/"
    api(world.beth).post(comments, {"text": "A request, @alice."})
    told = api(world.bob).get(comments)
    assert b"beth" not in told.content
    assert [(c["author"], c["text"], c["mentions"]) for c in told.json()["results"]] == [
        ("alice", "What do you say, @bob and @coder 2?", ["bob", "coder 2"]),
        ("coder 2", "A request, @alice.", ["alice"]),
    ]
    begin(api(world.beth), path)
    listed = api(world.bob).get(path)
    assert b"beth" not in listed.content
    assert [row["opened_by"] for row in listed.json()["results"]] == ["coder 1", "alice"]
    assert [row["opened_by"] for row in api(world.ada).get(path).json()["results"]] == [
        "beth",
        "alice",
    ]


def test_comment_is_changed_and_deleted_by_its_writer(world, api, path):
    bob = api(world.bob)
    comments = f"{path}{begin(bob, path).json()['id']}/comments/"
    mine = bob.post(comments, {"text": "Or what?"}).json()
    changed = bob.patch(f"{comments}{mine['id']}/", {"text": "So what?"}).json()
    assert changed == {**mine, "text": "So what?", "edited_at": changed["edited_at"]}
    assert bob.get(f"{comments}{mine['id']}/").json() == changed
    assert_problem(api(world.alice).patch(f"{comments}{mine['id']}/", {"text": "No"}), 403)
    assert bob.delete(f"{comments}{mine['id']}/").status_code == 204
    assert_problem(bob.get(f"{comments}{mine['id']}/"), 404)
    other = begin(bob, path).json()["id"]
    assert_problem(bob.get(f"{path}{other}/comments/{mine['id']}/"), 404)


def test_thread_is_resolved_from_the_version_seen(world, api, path):
    bob = api(world.bob)
    thread = f"{path}{begin(bob, path).json()['id']}/"
    done = bob.patch(thread, {"resolved": True}, if_match='"1"')
    assert (done.json()["resolved_by"], done["ETag"]) == ("bob", '"2"')
    late = assert_problem(bob.patch(thread, {"resolved": False}, if_match='"1"'), 412)
    assert late["current"]["version"] == 2
    assert bob.get(f"{path}?state=open").json()["results"] == []
    assert_problem(bob.patch(thread, {"resolved": "yes"}), 400)
    assert_problem(bob.patch(thread, {}), 400)


def test_thread_is_marked_as_read(world, api, path):
    thread = f"{path}{begin(api(world.bob), path).json()['id']}/"
    beth = api(world.beth)
    assert [row["unread"] for row in beth.get(f"{path}?unread=true").json()["results"]] == [1]
    (first,) = beth.get(f"{thread}comments/").json()["results"]
    api(world.bob).post(f"{thread}comments/", {"text": "Well?"})
    assert beth.post(f"{thread}read/", {"until": first["id"]}).json()["unread"] == 1
    assert beth.post(f"{thread}read/", {}).json()["unread"] == 0
    assert_problem(beth.post(f"{thread}read/", {"until": str(uuid.uuid4())}), 404)


def test_thread_becomes_a_proposal(world, api, path):
    bob = api(world.bob)
    thread = f"{path}{begin(bob, path).json()['id']}/"
    made = bob.post(f"{thread}proposal/", {"name": "Request", "parent": "plea"})
    assert (made.status_code, made.json()["parent"]) == (201, "plea")
    assert bob.get(thread).json()["proposal"] == made.json()["id"]
    assert api(world.beth).get(thread).json()["proposal"] is None
    assert_problem(bob.post(f"{thread}proposal/", {"name": "Request"}), 409)


def test_filters_of_the_list(world, api, path):
    lead = api(world.alice)
    place = {"kind": "place", "code": None, "source": world.shared.pk, "start": 4, "end": 12}
    begin(lead, path, **place)
    begin(lead, path)

    def kinds(query):
        return [row["kind"] for row in lead.get(f"{path}?{query}").json()["results"]]

    assert kinds("") == ["code", "place"]
    assert kinds("ordering=created_at") == ["place", "code"]
    assert kinds(f"source={world.shared.pk}&start=0&end=5") == ["place"]
    assert kinds(f"source={world.shared.pk}&start=12&end=50") == []
    assert kinds("code=plea,failure&mine=true") == ["code"]
    assert kinds("mentions=true") == []
    assert_problem(lead.get(f"{path}?start=1"), 400)
    assert_problem(lead.get(f"{path}?state=shut"), 400)
