"""The annotate page's store: nothing lost, nothing twice, nothing overwritten unseen."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.fake_server import BASE, CONTENT, FakeServer

pytestmark = pytest.mark.browser

HARNESS = Path(__file__).with_name("store_harness.js").read_text(encoding="utf-8")
CONFIG = {
    "annotationsUrl": BASE,
    "sourceId": 3,
    "username": "coder-a",
    "revision": 1,
    "mayAnnotate": True,
}
SPEED = 10  # no faster: the store waits 1.5 s for an answer, and a busy machine is slow to give it
PREFIX = f"cstoannot:v1:coder-a:{BASE}:3:"
FAILURES = ["lose-request", "lose-answer", "hang", "html", 500, 503, 429, 408]
ADD = "store.add({ start: 0, end: 4, quote: 'text', code: 'a' }).id"


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def context(chromium: Browser, static_url: str, server: FakeServer) -> Iterator[BrowserContext]:
    context = chromium.new_context(base_url=static_url)
    context.route("**/empty.html", lambda route: route.fulfill(body="<!doctype html><title>t"))
    script = {"body": HARNESS, "content_type": "text/javascript"}
    context.route("**/js/harness.js", lambda route: route.fulfill(**script))
    context.route("**/api/**", server.handle)
    context.add_cookies([{"name": "csrftoken", "value": "first", "url": static_url}])
    yield context
    context.close()


def start(page: Page, **config: object) -> Page:
    """Opens the page, or opens it again, and loads its store."""
    page.goto("/empty.html")
    page.evaluate(
        "async ([config, speed]) => (await import('/js/harness.js')).start(config, speed)",
        [CONFIG | config, SPEED],
    )
    return page


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return start(context.new_page())


def until(page: Page, condition: str) -> None:
    page.wait_for_function(condition, polling=10, timeout=10_000)


def settle(page: Page) -> None:
    until(page, "store.status().pending === 0")


def await_held(page: Page, server: FakeServer, count: int = 1) -> None:
    for _ in range(500):
        if len(server.held) >= count:
            return
        page.wait_for_timeout(10)
    raise AssertionError("nothing was sent")


def saved_annotation(page: Page, **facts: object) -> str:
    wanted = {"start": 0, "end": 4, "quote": "text", "code": "a"} | facts
    uid = page.evaluate("wanted => store.add(wanted).id", wanted)
    settle(page)
    return uid


def change(page: Page, uid: str, **patch: object) -> None:
    page.evaluate("([id, patch]) => { store.change(id, patch) }", [uid, patch])


def remove(page: Page, uid: str) -> None:
    page.evaluate("id => store.remove(id)", uid)


def shown(page: Page, uid: str) -> dict | None:
    return page.evaluate("id => store.get(id)", uid)


def requests(server: FakeServer) -> list[tuple]:
    return [(method, match, status) for method, _, match, status in server.log]


# Holding and sending


def test_add_holds_at_once_and_is_saved(page: Page, server: FakeServer) -> None:
    held = page.evaluate("store.add({ start: 2, end: 4, quote: 'xt', code: 'a', note: 'n' })")
    assert (held["state"], held["mine"], held["annotator"]) == ("waiting", True, "coder-a")
    settle(page)
    assert shown(page, held["id"]) == server.rows[held["id"]] | {"state": "saved", "mine": True}
    (headers,) = server.headers
    assert headers["x-csrftoken"] == "first"
    assert headers["accept"] == "application/json"
    assert "if-match" not in headers
    assert "if-none-match" not in headers


def test_change_and_remove_name_the_version(page: Page, server: FakeServer) -> None:
    uid = saved_annotation(page)
    change(page, uid, note="one")
    settle(page)
    change(page, uid, note="one")
    change(page, uid, stance="supports")
    settle(page)
    remove(page, uid)
    settle(page)
    assert shown(page, uid) is None
    assert requests(server) == [
        ("PUT", None, 201),
        ("PUT", '"1"', 200),
        ("PUT", '"2"', 200),
        ("DELETE", '"3"', 204),
    ]


def test_kept_before_sent(page: Page, server: FakeServer) -> None:
    server.holding = True
    page.evaluate(ADD)
    keys = page.evaluate("Object.keys(localStorage)")
    assert sorted(key.removeprefix(PREFIX).split(":")[0] for key in keys) == ["queue", "undo"]
    await_held(page, server)
    server.release()
    settle(page)
    assert not page.evaluate("Object.keys(localStorage).some(key => key.includes('queue'))")


def test_all_is_in_order_and_frozen(context: BrowserContext, server: FakeServer) -> None:
    for uid, start_, end in [("d", 5, 9), ("c", 0, 4), ("b", 0, 9), ("a", 0, 4)]:
        server.put(uid, start=start_, end=end, annotator="x" if uid == "a" else "coder-a")
    server.page_limit = 3
    page = start(context.new_page())
    assert page.evaluate("store.all().map(a => a.id)") == ["b", "a", "c", "d"]
    assert page.evaluate("store.all().map(a => a.mine)") == [True, False, True, True]
    assert page.evaluate("store.all().every(Object.isFrozen)")
    page.evaluate("store.add({ start: 0, end: 5, quote: 'text ', code: 'a' })")
    assert page.evaluate("store.all().map(a => a.end)") == [9, 5, 4, 4, 9]


def test_events_of_a_batch_come_once(page: Page) -> None:
    page.evaluate(f"store.batch('both', () => {{ {ADD}; {ADD} }})")
    (event,) = page.evaluate("events.filter(event => event.name === 'change')")
    assert (len(event["added"]), event["changed"], event["removed"]) == (2, [], [])
    settle(page)
    event = page.evaluate("events.filter(event => event.name === 'change').at(-1)")
    assert (event["added"], len(event["changed"]), event["removed"]) == ([], 1, [])


def test_read_only_throws(context: BrowserContext, server: FakeServer) -> None:
    server.put("a")
    page = start(context.new_page(), mayAnnotate=False)
    for edit in [ADD, "store.change('a', { note: 'x' })", "store.remove('a')", "store.undo()"]:
        error = page.evaluate(f"(() => {{ try {{ {edit} }} catch (e) {{ return e.message }} }})()")
        assert error == "read-only"
    assert page.evaluate("store.next('undo')") is None


# Outages


@pytest.mark.parametrize("failure", FAILURES)
def test_failure_leaves_each_change_applied_once(
    page: Page, server: FakeServer, failure: int | str
) -> None:
    server.plan = [failure, failure]
    uid = saved_annotation(page)
    server.plan = [failure, failure]
    change(page, uid, note="changed")
    settle(page)
    assert server.rows[uid]["note"] == "changed"
    assert server.rows[uid]["version"] == 2
    server.plan = [failure]
    remove(page, uid)
    settle(page)
    assert server.applied == [("PUT", uid), ("PUT", uid), ("DELETE", uid)]
    assert page.evaluate("store.conflicts().length + store.refused().length") == 0


def test_status_tells_of_an_outage(page: Page, server: FakeServer) -> None:
    server.down = True
    page.evaluate(ADD)
    until(page, "!store.status().online")
    assert page.evaluate("store.status().pending") == 1
    server.down = False
    page.evaluate("window.dispatchEvent(new Event('online'))")
    settle(page)
    assert page.evaluate("store.status().online")


def test_pauses_grow_to_thirty_seconds(page: Page) -> None:
    pauses = page.evaluate(
        """async config => {
          const { createStore } = await import("/js/annotate/store.js");
          const pauses = [];
          const clock = { now: Date.now, random: () => 1, clearTimeout() {},
            setTimeout(fn, ms) { if (ms !== 15000) { pauses.push(ms); setTimeout(fn); } } };
          const fetch = async (url, { method }) => {
            if (method !== "GET" && pauses.length < 7) throw new TypeError("no network");
            return Response.json({ results: [], id: url.split("/").at(-2), version: 1 });
          };
          const slow = createStore({ config, fetch, clock });
          await slow.load();
          slow.add({ start: 0, end: 1, quote: "t", code: "a" });
          while (slow.status().pending) await new Promise((done) => setTimeout(done, 5));
          slow.close();
          return pauses;
        }""",
        CONFIG | {"username": "other"},
    )
    assert pauses == [1000, 2000, 4000, 8000, 16000, 30000, 30000]


def test_load_waits_for_a_server_that_is_away(context: BrowserContext, server: FakeServer) -> None:
    server.put("a")
    page = context.new_page()
    tries = []
    context.route(
        "**/annotations/?*",
        lambda route: (tries.append(1), route.abort() if len(tries) < 3 else route.fallback()),
    )
    start(page)
    assert page.evaluate("store.all().length") == 1


def test_queue_survives_a_reload_in_order(page: Page, server: FakeServer) -> None:
    kept = saved_annotation(page, code="kept")
    server.down = True
    ids = [page.evaluate(ADD) for _ in range(3)]
    change(page, kept, note="later")
    change(page, ids[0], note="joined")
    server.holding, server.down = True, False
    start(page)
    assert [shown(page, uid)["state"] for uid in ids] == ["waiting"] * 3
    assert shown(page, kept)["note"] == "later"
    server.release()
    settle(page)
    assert [uid for _, uid in server.applied] == [kept, *ids, kept, ids[0]]
    assert server.rows[ids[0]]["note"] == "joined"


def test_reload_while_a_change_is_under_way(page: Page, server: FakeServer) -> None:
    server.plan = ["lose-answer"] + ["lose-request"] * 100
    uid = page.evaluate(ADD)
    until(page, "!store.status().online")
    change(page, uid, note="second")
    assert page.evaluate("store.status().pending") == 2
    start(page)
    server.plan = []
    settle(page)
    assert server.rows[uid]["note"] == "second"
    assert requests(server) == [("PUT", None, 201), ("PUT", None, 200), ("PUT", '"1"', 200)]


def test_one_stumbling_block_of_the_server_holds_nobody_up(page: Page, server: FakeServer) -> None:
    server.broken_codes = {"bad"}
    stuck = page.evaluate("store.add({ start: 0, end: 4, quote: 'text', code: 'bad' }).id")
    other = page.evaluate(ADD)
    until(page, "store.status().pending === 1")
    assert list(server.rows) == [other]
    server.broken_codes = set()
    settle(page)
    assert list(server.rows) == [other, stuck]


EDITS = {
    "add": ADD,
    "change": "any && store.change(any.id, { note: `${Math.random()}`, stance: 'mixed' })",
    "remove": "any && store.remove(any.id)",
    "undo": "store.undo()",
    "redo": "store.redo()",
}


@pytest.mark.parametrize("seed", range(4))
def test_any_course_of_edits_failures_and_reloads_arrives_whole(
    page: Page, server: FakeServer, seed: int
) -> None:
    dice = random.Random(seed)
    for _ in range(60):
        server.plan += [dice.choice([*FAILURES, None, None, None]) for _ in range(2)]
        edit = EDITS[dice.choice(["add", "add", "change", "change", "remove", "undo", "redo"])]
        pick = f"store.all()[Math.floor({dice.random()} * store.all().length)]"
        page.evaluate(f"() => {{ const any = {pick}; {edit}; }}")
        page.wait_for_timeout(dice.choice([0, 0, 5, 30]))
        if dice.random() < 0.1:
            before = contents(page)
            start(page)
            assert contents(page) == before
    server.plan = []
    before = contents(page)
    settle(page)
    assert contents(page) == before
    assert {uid: [row[f] for f in CONTENT] for uid, row in server.rows.items()} == before
    assert page.evaluate("store.conflicts().length + store.refused().length") == 0


def contents(page: Page) -> dict[str, list]:
    return {row["id"]: [row[f] for f in CONTENT] for row in page.evaluate("store.all()")}


# Joining


def test_waiting_changes_are_joined(page: Page, server: FakeServer) -> None:
    old = saved_annotation(page)
    same = saved_annotation(page, code="b")
    gone = saved_annotation(page, code="c")
    server.log.clear()
    server.holding = True
    first = page.evaluate(ADD)
    await_held(page, server)
    fresh = page.evaluate(ADD)
    change(page, fresh, note="x")
    never = page.evaluate(ADD)
    remove(page, never)
    change(page, old, note="1")
    change(page, old, note="2")
    change(page, same, note="1")
    change(page, same, note="")
    change(page, gone, note="1")
    remove(page, gone)
    server.release()
    settle(page)
    assert server.log == [
        ("PUT", first, None, 201),
        ("PUT", fresh, None, 201),
        ("PUT", old, '"1"', 200),
        ("DELETE", gone, '"1"', 204),
    ]
    assert (server.rows[fresh]["note"], server.rows[old]["note"]) == ("x", "2")
    assert shown(page, never) is None


def test_a_change_on_its_way_is_not_altered(page: Page, server: FakeServer) -> None:
    server.holding = True
    uid = page.evaluate(ADD)
    await_held(page, server)
    change(page, uid, note="1")
    change(page, uid, note="2")
    assert page.evaluate("store.status().pending") == 2
    assert server.held[0].request.post_data_json["note"] == ""
    server.release()
    settle(page)
    assert requests(server) == [("PUT", None, 201), ("PUT", '"1"', 200)]
    assert server.rows[uid]["note"] == "2"


def test_remove_of_an_add_on_its_way(page: Page, server: FakeServer) -> None:
    server.holding = True
    uid = page.evaluate(ADD)
    await_held(page, server)
    remove(page, uid)
    assert shown(page, uid) is None
    server.release()
    settle(page)
    assert requests(server) == [("PUT", None, 201), ("DELETE", '"1"', 204)]


# Conflicts


def conflict(page: Page, server: FakeServer, *, mine: bool = True, theirs: bool = True) -> str:
    """Both sides change (or, with False, remove) the same annotation."""
    uid = saved_annotation(page)
    if theirs:
        server.put(uid, note="theirs")
    else:
        del server.rows[uid]
    change(page, uid, note="mine") if mine else remove(page, uid)
    until(page, "store.status().conflicts === 1")
    return uid


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_conflict_waits_for_a_choice(page: Page, server: FakeServer, choice: str) -> None:
    uid = conflict(page, server)
    change(page, uid, stance="supports")
    other = saved_annotation(page, code="b")
    assert other in server.rows
    assert (shown(page, uid)["state"], server.rows[uid]["note"]) == ("conflict", "theirs")
    start(page)
    (found,) = page.evaluate("store.conflicts()")
    assert (found["mine"]["note"], found["theirs"]["note"]) == ("mine", "theirs")
    assert found["mine"]["stance"] == "supports"
    page.evaluate("([id, choice]) => store.resolve(id, choice)", [uid, choice])
    settle(page)
    assert server.rows[uid]["note"] == choice
    assert shown(page, uid)["note"] == choice
    assert shown(page, uid)["state"] == "saved"
    assert server.rows[uid]["version"] == (3 if choice == "mine" else 2)


@pytest.mark.parametrize(("choice", "note"), [("mine", "mine"), ("theirs", None)])
def test_conflict_with_a_removal_there(
    page: Page, server: FakeServer, choice: str, note: str | None
) -> None:
    uid = conflict(page, server, theirs=False)
    assert page.evaluate("store.conflicts()[0].theirs") is None
    page.evaluate("([id, choice]) => store.resolve(id, choice)", [uid, choice])
    settle(page)
    assert server.rows.get(uid, {}).get("note") == note
    assert (shown(page, uid) or {}).get("note") == note


@pytest.mark.parametrize(("choice", "note"), [("mine", None), ("theirs", "theirs")])
def test_conflict_with_a_removal_here(
    page: Page, server: FakeServer, choice: str, note: str | None
) -> None:
    uid = conflict(page, server, mine=False)
    assert page.evaluate("store.conflicts()[0].mine") is None
    assert shown(page, uid)["note"] == "theirs"
    page.evaluate("([id, choice]) => store.resolve(id, choice)", [uid, choice])
    settle(page)
    assert server.rows.get(uid, {}).get("note") == note


def test_conflict_of_two_creations(page: Page, server: FakeServer) -> None:
    server.holding = True
    uid = page.evaluate(ADD)
    await_held(page, server)
    server.put(uid, note="theirs")
    server.release()
    until(page, "store.status().conflicts === 1")
    assert server.rows[uid]["note"] == "theirs"


def test_removed_on_both_sides_is_no_conflict(page: Page, server: FakeServer) -> None:
    uid = saved_annotation(page)
    del server.rows[uid]
    remove(page, uid)
    settle(page)
    assert page.evaluate("store.status().conflicts") == 0


# Refusals


def test_refused_change_blocks_nobody(page: Page, server: FakeServer) -> None:
    server.refused_codes = {"old"}
    uid = page.evaluate("store.add({ start: 0, end: 4, quote: 'text', code: 'old' }).id")
    other = saved_annotation(page)
    assert list(server.rows) == [other]
    start(page)
    (refused,) = page.evaluate("store.refused()")
    assert (refused["id"], refused["kind"], refused["wanted"]["code"]) == (uid, "add", "old")
    assert refused["detail"] == "This code is retired. Retired."
    assert shown(page, uid)["state"] == "refused"
    server.refused_codes = set()
    page.evaluate("id => store.retry(id)", uid)
    settle(page)
    assert server.rows[uid]["code"] == "old"


def test_discard_returns_to_what_the_server_holds(page: Page, server: FakeServer) -> None:
    server.refused_codes = {"old"}
    uid = saved_annotation(page)
    change(page, uid, code="old")
    until(page, "store.status().refused === 1")
    assert page.evaluate("store.refused()[0].kind") == "change"
    page.evaluate("id => store.discard(id)", uid)
    assert (shown(page, uid)["code"], shown(page, uid)["state"]) == ("a", "saved")
    assert page.evaluate("Object.keys(localStorage).some(key => key.includes('queue'))") is False


def test_discard_asks_when_an_answer_was_lost(page: Page, server: FakeServer) -> None:
    server.plan = ["lose-answer", 422]
    uid = page.evaluate(ADD)
    until(page, "store.status().refused === 1")
    page.evaluate("id => store.discard(id)", uid)
    until(page, "store.all().length === 1")
    assert shown(page, uid)["state"] == "saved"


def test_refusal_after_a_lost_answer_keeps_what_follows(page: Page, server: FakeServer) -> None:
    server.holding = True
    uid = page.evaluate(ADD)
    await_held(page, server)
    change(page, uid, note="follows")
    server.plan = ["lose-answer", 422]
    server.release()
    until(page, "store.status().refused === 1")
    assert page.evaluate("store.refused()[0].wanted.note") == "follows"
    page.evaluate("id => store.retry(id)", uid)
    settle(page)
    assert requests(server) == [("PUT", None, 201), ("PUT", None, 200), ("PUT", '"1"', 200)]


def test_edit_of_a_refused_add_is_sent_instead(page: Page, server: FakeServer) -> None:
    server.refused_codes = {"old"}
    uid = page.evaluate("store.add({ start: 0, end: 4, quote: 'text', code: 'old' }).id")
    until(page, "store.status().refused === 1")
    change(page, uid, code="new")
    settle(page)
    assert (server.rows[uid]["code"], server.rows[uid]["version"]) == ("new", 1)
    assert page.evaluate("store.status().refused") == 0


def test_removing_a_refused_add_asks_nothing(page: Page, server: FakeServer) -> None:
    server.refused_codes = {"old"}
    uid = page.evaluate("store.add({ start: 0, end: 4, quote: 'text', code: 'old' }).id")
    until(page, "store.status().refused === 1")
    remove(page, uid)
    settle(page)
    assert (len(server.log), shown(page, uid)) == (1, None)


def test_correction_made_meanwhile_overtakes_the_refusal(page: Page, server: FakeServer) -> None:
    server.refused_codes = {"old"}
    server.holding = True
    uid = page.evaluate("store.add({ start: 0, end: 4, quote: 'text', code: 'old' }).id")
    await_held(page, server)
    change(page, uid, code="new")
    server.release()
    settle(page)
    assert server.rows[uid]["code"] == "new"
    assert page.evaluate("store.status().refused") == 0


def test_refused_removal_stays_to_be_seen(page: Page, server: FakeServer) -> None:
    uid = saved_annotation(page)
    server.plan = [403]
    remove(page, uid)
    until(page, "store.status().refused === 1")
    assert shown(page, uid)["state"] == "refused"
    assert page.evaluate("store.refused()[0].kind") == "remove"
    assert page.evaluate("store.refused()[0].detail") == "Planned 403."
    page.evaluate("id => store.discard(id)", uid)
    assert shown(page, uid)["state"] == "saved"


# Sessions


@pytest.mark.parametrize("status", [401, 403])
def test_signed_out_keeps_the_queue(page: Page, server: FakeServer, status: int) -> None:
    server.user = None
    server.plan = [status]
    uid = page.evaluate(ADD)
    until(page, "store.status().signedOut")
    assert page.evaluate("store.status().pending") == 1
    page.evaluate("document.cookie = 'csrftoken=second'")
    server.user = "coder-a"
    page.evaluate("store.flush()")
    settle(page)
    assert server.headers[-1]["x-csrftoken"] == "second"
    assert not page.evaluate("store.status().signedOut")
    assert server.applied == [("PUT", uid)]


def test_nothing_is_sent_in_another_persons_name(page: Page, server: FakeServer) -> None:
    server.user = "coder-b"
    page.evaluate("document.cookie = 'csrftoken=second'")
    page.evaluate(ADD)
    until(page, "store.status().signedOut")
    assert (server.headers, page.evaluate("store.status().pending")) == ([], 1)


def test_queues_of_two_people_are_apart(page: Page, server: FakeServer) -> None:
    server.down = True
    page.evaluate(ADD)
    page.goto("/empty.html")
    server.down, server.user = False, "coder-b"
    start(page, username="coder-b")
    page.evaluate("store.flush()")
    assert (page.evaluate("store.all()"), server.log) == ([], [])


# Undo


def test_undo_and_redo_each_kind_across_reloads(page: Page, server: FakeServer) -> None:
    uid = saved_annotation(page, note="n")
    change(page, uid, note="changed", stance="mixed")
    remove(page, uid)
    settle(page)
    start(page)
    assert page.evaluate("store.undo()") == "Remove a"
    settle(page)
    assert (server.rows[uid]["note"], server.rows[uid]["version"]) == ("changed", 1)
    start(page)
    assert page.evaluate("store.undo()") == "Change a"
    assert page.evaluate("store.undo()") == "Add a"
    assert page.evaluate("store.undo()") is None
    settle(page)
    assert (server.rows, page.evaluate("store.next('undo')")) == ({}, None)
    start(page)
    assert [page.evaluate("store.redo()") for _ in range(2)] == ["Add a", "Change a"]
    settle(page)
    assert (server.rows[uid]["note"], server.rows[uid]["stance"]) == ("changed", "mixed")
    assert page.evaluate("[store.redo(), store.redo(), store.next('redo')]") == [
        "Remove a",
        None,
        None,
    ]
    settle(page)
    assert server.rows == {}


def test_batch_is_one_step(page: Page, server: FakeServer) -> None:
    page.evaluate(
        """store.batch("Two codes", () => {
          const { id } = store.add({ start: 0, end: 4, quote: "text", code: "a" });
          store.add({ start: 0, end: 4, quote: "text", code: "b" });
          store.change(id, { stance: "opposes" });
        })"""
    )
    assert page.evaluate("store.undo()") == "Two codes"
    assert page.evaluate("[store.all().length, store.next('undo')]") == [0, None]
    assert page.evaluate("store.redo()") == "Two codes"
    assert page.evaluate("store.all().map(a => a.stance).sort()") == ["", "opposes"]
    settle(page)
    assert len(server.rows) == 2


def test_new_edit_clears_redo(page: Page) -> None:
    page.evaluate(ADD)
    page.evaluate("store.undo()")
    assert page.evaluate("store.next('redo')")
    page.evaluate(ADD)
    assert not page.evaluate("store.next('redo')")


def test_undo_skips_what_is_gone_and_leaves_newer_work(page: Page, server: FakeServer) -> None:
    gone = saved_annotation(page)
    kept = saved_annotation(page, code="b")
    change(page, gone, note="mine")
    change(page, kept, note="mine", stance="supports")
    settle(page)
    del server.rows[gone]
    server.put(kept, note="newer")
    start(page)
    assert page.evaluate("store.undo()") == "Change b"
    settle(page)
    assert (server.rows[kept]["note"], server.rows[kept]["stance"]) == ("newer", "")
    label = page.evaluate("store.undo()")
    assert label == "Change a: skipped, it was changed or removed elsewhere"
    assert (gone in server.rows, page.evaluate("store.status().conflicts")) == (False, 0)


def test_undo_keeps_500_steps(page: Page, server: FakeServer) -> None:
    server.holding = True
    uid = page.evaluate(ADD)
    page.evaluate(
        "id => { for (let i = 1; i <= 505; i++) store.change(id, { note: `${i}` }) }", uid
    )
    server.down, server.holding = True, False
    start_without_load = "async c => (await import('/js/harness.js')).start(...c).catch(() => {})"
    page.goto("/empty.html")
    page.evaluate(start_without_load, [CONFIG, SPEED])
    assert page.evaluate("(() => { let n = 0; while (store.undo()) n++; return n })()") == 500
    assert shown(page, uid)["note"] == "5"


# Tabs


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "lease"])
def test_two_tabs_send_each_change_once(
    context: BrowserContext, server: FakeServer, *, locks: bool
) -> None:
    if not locks:
        context.add_init_script("delete Navigator.prototype.locks")
    one, two = start(context.new_page()), start(context.new_page())
    uid = saved_annotation(one)
    until(two, "store.all().length === 1 && store.all()[0].state === 'saved'")
    server.plan = ["lose-answer", 500, "lose-request"]
    for number in range(10):
        for page in (one, two):
            page.evaluate(f"store.add({{ start: 0, end: 4, quote: 'text', code: 'c{number}' }})")
    change(one, uid, note="from one")
    until(two, "store.all().some(a => a.note === 'from one')")
    change(two, uid, stance="opposes")
    for page in (one, two):
        settle(page)
        until(page, "store.all().length === 21 && store.all().every(a => a.state === 'saved')")
    assert (server.rows[uid]["note"], server.rows[uid]["stance"]) == ("from one", "opposes")
    assert len({target for _, target in server.applied[1:]} - {uid}) == 20
    assert {row["version"] for target, row in server.rows.items() if target != uid} == {1}
    assert one.evaluate("store.all()") == two.evaluate("store.all()")
    assert one.evaluate("store.status()") == two.evaluate("store.status()")


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "lease"])
def test_another_tab_takes_over_from_one_that_closed(
    context: BrowserContext, server: FakeServer, *, locks: bool
) -> None:
    if not locks:
        context.add_init_script("delete Navigator.prototype.locks")
    one, two = (start(context.new_page()) for _ in range(2))
    server.holding = True
    uid = one.evaluate(ADD)
    await_held(one, server)
    until(two, "store.all().length === 1")
    change(two, uid, note="on top")
    other = two.evaluate(ADD)
    two.wait_for_timeout(100)
    assert len(server.held) == 1
    one.close()
    server.holding, server.held = False, []
    settle(two)
    assert server.applied == [("PUT", uid), ("PUT", uid), ("PUT", other)]
    assert server.rows[uid]["note"] == "on top"


def test_tabs_share_undo_and_conflicts(context: BrowserContext, server: FakeServer) -> None:
    one, two = start(context.new_page()), start(context.new_page())
    uid = saved_annotation(one)
    until(two, "store.next('undo')")
    server.put(uid, note="theirs")
    change(two, uid, note="mine")
    until(one, "store.status().conflicts === 1")
    assert one.evaluate("store.conflicts()[0].theirs.note") == "theirs"
    one.evaluate("id => store.resolve(id, 'theirs')", uid)
    until(two, "store.status().conflicts === 0")
    assert shown(two, uid)["note"] == "theirs"
    # The change is not what stands there any more: there is nothing of it to take back.
    assert "skipped" in two.evaluate("store.undo()")
    assert two.evaluate("store.undo()") == "Add a"
    until(one, "store.all().length === 0")


FORGET = """Object.keys(localStorage).filter((key) => key.includes(":queue:"))
    .forEach((key) => localStorage.removeItem(key))"""


def test_what_another_tab_settled_is_not_sent_again(page: Page, server: FakeServer) -> None:
    server.holding = True
    page.evaluate(ADD)
    await_held(page, server)
    page.evaluate(ADD)
    # As after another tab's success, word of which has not arrived yet.
    page.evaluate(FORGET)
    server.release()
    page.evaluate("store.flush()")
    assert len(server.log) == 1


def test_late_echo_of_what_another_tab_settled_is_no_conflict(
    page: Page, server: FakeServer
) -> None:
    uid = saved_annotation(page)
    server.holding = True
    change(page, uid, note="mine")
    await_held(page, server)
    page.evaluate(FORGET)
    server.put(uid, note="and then changed again")
    server.release()
    page.evaluate("store.flush()")
    assert page.evaluate("store.status().conflicts") == 0


# Storage


def test_full_storage_is_told_and_still_sent(page: Page, server: FakeServer) -> None:
    uid = saved_annotation(page)
    page.evaluate(
        """() => {
          let block = "x".repeat(1 << 20);
          for (let i = 0; block.length > 8; i++) {
            try { localStorage.setItem(`fill${i}`, block); }
            catch { block = block.slice(block.length / 2); }
          }
        }"""
    )
    server.holding = True
    change(page, uid, note="x" * 5000)
    assert page.evaluate("store.status().storageFull")
    await_held(page, server)
    server.release()
    settle(page)
    assert len(server.rows[uid]["note"]) == 5000
    assert not page.evaluate("store.status().storageFull")


def test_undo_steps_make_room_for_changes(page: Page, server: FakeServer) -> None:
    page.evaluate(
        """() => {
          let block = "x".repeat(1 << 20);
          for (let i = 0; block.length > 8; i++) {
            try { localStorage.setItem(`cstoannot:v1:coder-a:/p/:9:undo:${i}`, block); }
            catch { block = block.slice(block.length / 2); }
          }
        }"""
    )
    server.holding = True
    page.evaluate(ADD)
    assert not page.evaluate("store.status().storageFull")
    assert not page.evaluate("Object.keys(localStorage).some(key => key.includes(':9:'))")


def test_without_storage_changes_are_still_sent(page: Page, server: FakeServer) -> None:
    page.evaluate(
        """async config => {
          const { createStore } = await import("/js/annotate/store.js");
          store.close();
          globalThis.store = createStore({ config, storage: null });
          await store.load();
        }""",
        CONFIG,
    )
    uid = page.evaluate(ADD)
    assert page.evaluate("store.status().storageFull")
    settle(page)
    assert uid in server.rows


def test_queue_is_written_again_when_another_tab_clears(
    context: BrowserContext, server: FakeServer
) -> None:
    one, two = start(context.new_page()), context.new_page()
    two.goto("/empty.html")
    server.down = True
    uid = one.evaluate(ADD)
    two.evaluate("localStorage.clear()")
    until(one, "Object.keys(localStorage).some(key => key.includes('queue'))")
    server.down = False
    start(one)
    settle(one)
    assert list(server.rows) == [uid]


# Size


def test_5000_annotations_load_within_200_ms(page: Page) -> None:
    best = page.evaluate(
        """async config => {
          const { createStore } = await import("/js/annotate/store.js");
          const results = Array.from({ length: 5000 }, (_, i) => ({
            id: `${i}`.padStart(36, "0"), source: 3, code: "a", start: (i * 7919) % 100000,
            end: (i * 7919) % 100000 + 40, quote: "x".repeat(40), stance: "", voice: "", note: "",
            annotator: i % 2 ? "coder-a" : "coder-b", layer: "individual", version: 1,
            revision: 1, stale: false, created_at: "2026-01-01T00:00:00Z",
            updated_at: "2026-01-01T00:00:00Z" }));
          const text = JSON.stringify({ next: null, results });
          const times = [];
          for (let round = 0; round < 3; round++) {
            const big = createStore({ config, fetch: async () => new Response(text) });
            const begin = performance.now();
            await big.load();
            if (big.all().length !== 5000) throw new Error("not all there");
            times.push(performance.now() - begin);
            big.close();
          }
          return Math.min(...times);
        }""",
        CONFIG,
    )
    assert best < 200


def test_uuid7_sorts_and_is_well_formed(page: Page) -> None:
    ids = page.evaluate(
        """async () => {
          const { uuid7 } = await import("/js/lib/uuid.js");
          const now = Date.now();
          return Array.from({ length: 9000 }, (_, i) => uuid7(i % 2 ? now : now - i));
        }"""
    )
    assert ids == sorted(set(ids))
    assert abs(int(ids[0].replace("-", "")[:12], 16) / 1000 - time.time()) < 60
    assert {uid[14] for uid in ids} == {"7"}
    assert {uid[19] for uid in ids} <= set("89ab")


WRITTEN_BY_ANOTHER = """([key, entry]) => dispatchEvent(new StorageEvent("storage", {
    key, newValue: JSON.stringify(entry), storageArea: localStorage }))"""


def test_late_word_of_what_this_tab_settled_leaves_nothing_waiting(
    page: Page, server: FakeServer
) -> None:
    server.holding = True
    page.evaluate(ADD)
    key = page.evaluate("Object.keys(localStorage).find((key) => key.includes(':queue:'))")
    step = page.evaluate("Object.keys(localStorage).find((key) => key.includes(':undo:'))")
    entry, undone = (page.evaluate("key => JSON.parse(localStorage[key])", k) for k in (key, step))
    await_held(page, server)
    server.release()
    settle(page)
    page.evaluate("store.undo()")
    settle(page)
    for late in ((key, entry), (step, undone)):
        page.evaluate(WRITTEN_BY_ANOTHER, list(late))
    assert page.evaluate("[store.status().pending, store.all(), store.next('undo')]") == [
        0,
        [],
        None,
    ]


def test_late_word_of_a_change_on_its_way_does_not_make_it_unsent(
    page: Page, server: FakeServer
) -> None:
    server.holding = True
    uid = page.evaluate(ADD)
    key = page.evaluate("Object.keys(localStorage).find((key) => key.includes(':queue:'))")
    await_held(page, server)
    entry = page.evaluate("key => JSON.parse(localStorage[key])", key)
    page.evaluate(WRITTEN_BY_ANOTHER, [key, entry | {"sent": False}])
    change(page, uid, note="on top")
    assert page.evaluate("store.status().pending") == 2
    server.release()
    settle(page)
    assert requests(server) == [("PUT", None, 201), ("PUT", '"1"', 200)]
    assert server.rows[uid]["note"] == "on top"
