"""A blind coder is told nothing of what the others do, in any channel.

Two worlds differ in Beth's work alone, and in what the team decided upon it and has not opened; Bob
asks for everything he may ask for in both, and each answer must be the same, byte for byte.
"""

import json
import uuid
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cstoannot.accounts.models import User
from cstoannot.agreement.project_cache import clear_agreement_cache
from cstoannot.annotations.actions import (
    Draft,
    add_listed_speaker,
    delete_annotation,
    save_annotation,
)
from cstoannot.codebook.actions import change_code
from cstoannot.comparison.project_cache import clear_comparison_cache as forget_comparison
from cstoannot.core.fields import expect_version
from cstoannot.decisions.models import Decision
from cstoannot.decisions.places import build_place_id
from cstoannot.exchange.formats.registry import FORMATS
from cstoannot.projects.actions import remove_member
from cstoannot.projects.invitation_actions import accept_invitation, withdraw_invitation
from cstoannot.projects.models import Invitation, Role
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.threads.actions import ThreadDraft, open_thread, resolve_thread
from cstoannot.threads.comment_actions import add_comment
from tests.access.decided import DECIDED, RESULTS_LINK, decide_apart_from_coders
from tests.access.routes import filled, routes
from tests.access.twins import Answer, Clock, Reader, differences, named, stopped_clock, undone
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

SLUG = "alliances"
API = f"/api/v1/projects/{SLUG}/"
BOBS = [named("annotation", "bob", number) for number in range(2)]
BETHS = [named("annotation", "beth", number) for number in range(5)]
INVITED = named("invitation", "for Beth")
NOBODYS = named("annotation", "nobody")
NOBODY_ELSE = named("nobody")

# What Beth does, in the order of time; Bob codes between "early" and "late".
FULLEST = "coded, changed, deleted, finished"
LIVES = {
    "assigned": {"member", "assigned"},
    "coded before Bob": {"member", "assigned", "early"},
    FULLEST: {
        "member",
        "assigned",
        "early",
        "late",
        "changed",
        "done",
        "decided",
        "threads",
    },
    "invited, and others with her": {"member", "invited", "assigned", "early", "done"},
    "decided without a word to coders": {"member", "assigned", "early", "done", "decided"},
    "left": {"member", "assigned", "early", "late", "done", "threads", "left"},
}


def build(clock: Clock, life: Collection[str], **options: Any) -> dict[str, Source]:
    """The team's work, with as much of Beth's as `life` says, and Bob's, always the same."""
    clock.at(1)
    alice, ada, bob, vera = (make_user(name) for name in ("alice", "ada", "bob", "vera"))
    lead = make_project(alice, "Alliances", **options)
    join(lead, ada, Role.ADJUDICATOR)
    bob_scope = join(lead, bob, Role.ANNOTATOR)
    join(lead, vera, Role.VIEWER)
    sources = {name: add_source(lead, name.capitalize()) for name in ("shared", "bobs", "beths")}
    add_code(lead, "Failure", claim="The alliance failed.", shortcut="f")
    add_code(lead, "Plea", parent="failure")
    assign_to(lead, sources["shared"], bob)
    assign_to(lead, sources["bobs"], bob)
    beth_scope = None
    if "member" in life:
        clock.at(10)
        beth_scope = _comes_in(lead, make_user("beth"), invited="invited" in life)
    if beth_scope and "assigned" in life:
        clock.at(20)
        assign_to(lead, sources["shared"], beth_scope.user)
        assign_to(lead, sources["beths"], beth_scope.user)
    if beth_scope and "early" in life:
        _early(clock, beth_scope, sources)
    _bob_codes(clock, bob_scope, sources)
    if beth_scope:
        _later(clock, lead, beth_scope, sources, life)
    clock.at(90)
    add_listed_speaker(lead, name="A silent witness")
    change_code(lead, "plea", definition="Somebody asks for help.")
    clock.at(91)
    finish(bob_scope, sources["shared"])
    _bob_talks(clock, lead, bob_scope, sources)
    clock.at(95)
    if "decided" in life:
        decide_apart_from_coders(lead, sources["shared"])
    clock.at(1000)
    return sources


def _comes_in(lead: Scope, beth: User, *, invited: bool) -> Scope:
    """Beth becomes a member; by a link, if she is invited, as is somebody who does not come."""
    if not invited:
        return join(lead, beth, Role.ANNOTATOR)
    waiting, _ = invite(lead, note="Beth", days=90)
    Invitation.objects.filter(pk=waiting.pk).update(id=INVITED)
    withdrawn, _ = invite(lead, note="Beth at her old address", days=90)
    withdraw_invitation(lead, withdrawn.pk)
    return accept_invitation(beth, secret=invite(lead, note="Beth", days=90)[1])


def _early(clock: Clock, beth: Scope, sources: dict[str, Source]) -> None:
    clock.at(30)
    first = "The alliance failed its member."
    annotate(beth, sources["shared"], first, id=BETHS[0], stance="opposes", note="Secret")
    annotate(beth, sources["shared"], "We asked", "plea", id=BETHS[1], voice="The minister")
    annotate(beth, sources["beths"], "hopes", id=BETHS[2], voice="A hidden voice")


def _bob_codes(clock: Clock, bob: Scope, sources: dict[str, Source]) -> None:
    clock.at(40)
    first = "The alliance failed its member."
    annotate(bob, sources["shared"], first, id=BOBS[0], stance="supports")
    annotate(bob, sources["shared"], "We asked", "plea", id=BOBS[1], voice="The minister")


def _later(
    clock: Clock, lead: Scope, beth: Scope, sources: dict[str, Source], life: Collection[str]
) -> None:
    clock.at(50)
    if "late" in life:
        annotate(beth, sources["shared"], "Nobody", "plea", id=BETHS[3], voice="A silent witness")
        annotate(beth, sources["shared"], "all", "failure", id=BETHS[4], note="witness")
    if "changed" in life:
        clock.at(60)
        draft = Draft(source=sources["shared"].pk, code="plea", start=0, end=3, stance="mixed")
        save_annotation(beth, BETHS[0], draft, expected=expect_version(1))
        delete_annotation(beth, BETHS[1])
    if "done" in life:
        clock.at(70)
        finish(beth, sources["shared"])
        finish(beth, sources["beths"])
    if "threads" in life:
        clock.at(75)
        _talk(lead, beth, sources)
    if "left" in life:
        clock.at(80)
        remove_member(lead, username="beth")


def _talk(lead: Scope, beth: Scope, sources: dict[str, Source]) -> None:
    """What Bob may not read: of a source that is not his, one that he has not finished, decisions.

    He is mentioned, and comes too late or too early for all of it.
    """
    hers = ThreadDraft("place", "@bob, no?", source=sources["beths"].pk, start=0, end=3)
    add_comment(lead, open_thread(beth, hers).pk, text="@beth @bob, see there.")
    open_thread(lead, ThreadDraft("source", "What of it, @bob?", source=sources["bobs"].pk))
    decision = Decision.objects.create(
        project=lead.project,
        source=sources["shared"],
        place=named("another place"),
        start=0,
        end=31,
        outcome="nothing",
        by=lead.user,
        at=timezone.now(),
    )
    about = ThreadDraft("decision", "Settled, @bob and @beth.", decision=decision.pk)
    thread = open_thread(lead, about)
    resolve_thread(lead, thread.pk, resolved=True)


def _bob_talks(clock: Clock, lead: Scope, bob: Scope, sources: dict[str, Source]) -> None:
    """What Bob does read, and what he writes of his own, always the same."""
    clock.at(92)
    mine = ThreadDraft("source", "@beth, @alice?", source=sources["shared"].pk)
    add_comment(lead, open_thread(bob, mine).pk, text="Well, @bob.")
    open_thread(lead, ThreadDraft("code", "A plea, @bob, is a request.", code="plea"))


# ── what Bob asks ──────────────────────────────────────────────────────────────────────────────


def _values(sources: dict[str, Source]) -> dict[str, list[Any]]:
    """What a route's parameters may be: his, hers, and nobody's."""
    numbers = [source.pk for source in sources.values()]
    return {
        "project": [SLUG],
        "source": numbers,
        "annotation": [BOBS[0], DECIDED, BETHS[0], BETHS[3], NOBODYS],
        "assignment": [
            *(named("assignment", number, "bob") for number in numbers[:2]),
            named("assignment", numbers[0], "beth"),
            NOBODY_ELSE,
        ],
        "speaker": [
            *(
                named("speaker", 1, name)
                for name in ("The minister", "A silent witness", "A hidden voice")
            ),
            NOBODY_ELSE,
        ],
        "username": ["bob", "beth", "nobody"],
        "place": [build_place_id(number, [], []) for number in numbers],
        "proposal": [NOBODY_ELSE],
        "thread": [
            named("thread", 92, "source", numbers[0], None),
            named("thread", 75, "place", numbers[2], 0),
            named("thread", 75, "source", numbers[1], None),
            named("thread", 75, "decision", numbers[0], 0),
            NOBODY_ELSE,
        ],
        "comment": [NOBODY_ELSE],
        "plan": [NOBODY_ELSE],
        "round": [NOBODY_ELSE],
        "outsider": ["nobody"],
        "code": ["plea", "nothing"],
        "invitation": [INVITED, NOBODY_ELSE],
        "secret": ["abcd1234"],
        "results_link": [RESULTS_LINK, NOBODY_ELSE],
        "rest": ["agreement/"],
        "number": [1, 3, 9],
        "key": ["abcd1234"],
        "format": list(FORMATS),
    }


def _parameters(sources: dict[str, Source]) -> dict[str, list[str]]:
    """What a query's parameters may be, for every parameter that the API describes."""
    shared, beths = sources["shared"].pk, sources["beths"].pk
    times = ["2026-01-01T00:25:00Z", "2026-01-01T00:45:00Z", "2026-01-01T01:05:00Z"]
    return {
        "source": [f"{shared}", f"{beths}", f"{shared},{beths}"],
        "code": ["plea", "failure"],
        "between": ["plea,failure"],
        "descendants": ["true"],
        "annotator": ["beth", "bob,beth", "nobody"],
        "layer": ["individual", "consensus"],
        "stance": ["opposes", "mixed", "none"],
        "voice": ["", "The minister", "A silent witness", "A hidden voice"],
        "stale": ["true", "false"],
        "q": ["Secret", "alliance", "witness", "Shared", "beth"],
        "updated_since": times,
        "since": [*times, "2020"],
        "until": ["2021"],
        "verdict": ["diverge", "single"],
        "offset": ["0", "1"],
        "claims": ["true"],
        "first": ["1", "2"],
        "second": ["1", "2"],
        "ignore_stance": ["true"],
        "threshold": ["1"],
        "limit": ["5"],
        "passages": ["true"],
        "differs": ["true"],
        "kind": [
            "annotation",
            "assignment",
            "invitation",
            "member",
            "speaker",
            "source",
            "missed",
            "boundary",
            "decision",
            "thread",
        ],
        "action": ["create", "change", "delete", "accept"],
        "actor": ["beth", "alice,beth"],
        "object": ["beth", f"{BETHS[0]}", f"{BOBS[0]}", f"{BETHS[3]},{BOBS[1]}", f"{DECIDED}"],
        "state": ["todo", "started", "done", "undecided", "decided", "again", "differs", "open"],
        "unread": ["true", "false"],
        "mine": ["true"],
        "mentions": ["true"],
        "asks_again": ["true"],
        "decision": [f"{NOBODYS}"],
        "role": ["annotator"],
        "round": ["Pilot"],
        "page": ["0"],
        "page_size": ["1", "2"],
        "group": [""],
        "publisher": [""],
        "language": [""],
        "deleted": ["true", "false"],
        "unit": ["sentence", "paragraph"],
        "start": ["0"],
        "end": ["10"],
        "before": [],
        "cursor": [],
        "confirm": [],
        "format": list(FORMATS),
    }


@cache
def _described() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Path, parameter and choices of every parameter of every GET, as the API describes them."""
    client = Client()
    client.force_login(make_user("bob"))
    response = client.get("/api/v1/schema/", headers={"Accept": "application/json"})
    paths = json.loads(response.content)["paths"]
    return tuple(
        (path, parameter["name"], tuple(map(str, parameter["schema"].get("enum", ()))))
        for path, methods in paths.items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter["in"] == "query"
    )


def _filtered(sources: dict[str, Source]) -> Iterator[list[str]]:
    """The addresses with each value of one parameter, for each path and parameter."""
    known, values = _parameters(sources), _values(sources)
    for path, name, choices in _described():
        route = path.removeprefix("/").replace("{", "<").replace("}", ">")
        for url in filled(route, values):
            yield [f"{url}?{name}={value}" for value in choices or known[name]]


PAGES_ASKED = [
    f"/projects/{SLUG}/threads/?state=all",
    f"/projects/{SLUG}/threads/?state=all&show=unread",
    f"/projects/{SLUG}/threads/?state=all&show=mentions",
    f"/projects/{SLUG}/?q=Beths",
    f"/projects/{SLUG}/?order=newest",
    f"/projects/{SLUG}/history/?before={uuid.UUID(int=2**128 - 1)}",
    *(
        f"/projects/{SLUG}/compare/{view}?code=failure&{query}"
        for view in ("passages/", "passages.csv", "reading/")
        for query in ("voice=everyone", "by=speaker&voice=everyone", "annotator=beth", "source=1")
    ),
]


def _everything(sources: dict[str, Source], turn: int | None = None) -> list[str]:
    """Every address with every value of every parameter; with a turn, one value of each."""
    plain = [
        url
        for route in routes()
        if not route.startswith(("admin/", "account/logout"))
        for url in filled(route, _values(sources))
    ]
    filtered = [
        url
        for urls in _filtered(sources)
        for url in (urls if turn is None or not urls else [urls[turn % len(urls)]])
    ]
    return [*plain, *filtered, *PAGES_ASKED]


def _try_everything(reader: Reader, sources: dict[str, Source]) -> None:
    """Every method, with nothing in it, on every address."""
    hers = {name: values[-2:] for name, values in _values(sources).items()}
    for route in routes():
        if route.startswith(("admin/", "account/", "api/v1/me/")):
            continue
        for url in filled(route, hers):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                reader.try_out(method, url, {}, form=not route.startswith("api/"))


def _pry(reader: Reader, sources: dict[str, Source]) -> None:
    """What a prying coder would send."""
    _pry_into_annotations(reader, sources)
    _pry_into_assignments(reader, sources)
    _pry_into_threads(reader, sources)


def _pry_into_threads(reader: Reader, sources: dict[str, Source]) -> None:
    path = f"{API}threads/"
    for source in sources.values():
        for text in ("Hello", "@beth @bob @alice @nobody"):
            said = {"source": source.pk, "text": text}
            reader.try_out("POST", path, {"kind": "source", **said})
            reader.try_out("POST", path, {"kind": "place", "start": 0, "end": 3, **said})
    for thread in _values(sources)["thread"]:
        decision = {"kind": "decision", "decision": str(thread), "text": "Why?"}
        reader.try_out("POST", path, decision)
        reader.try_out("POST", f"{path}{thread}/comments/", {"text": "@beth, why?"})
        reader.try_out("POST", f"{path}{thread}/read/", {})
        reader.try_out("POST", f"{path}{thread}/proposal/", {"name": ""})
        reader.try_out("PATCH", f"{path}{thread}/", {"resolved": True}, **{"If-Match": '"1"'})


def _pry_into_annotations(reader: Reader, sources: dict[str, Source]) -> None:
    draft = {"source": sources["shared"].pk, "code": "plea", "start": 0, "end": 3}
    for hers in (BETHS[0], BETHS[3], DECIDED, NOBODYS):
        path = f"{API}annotations/{hers}/"
        for header in ({"If-Match": '"1"'}, {"If-Match": '"2"'}, {"If-Match": "*"}):
            reader.try_out("PUT", path, draft, **header)
            reader.try_out("PATCH", path, {"note": "mine"}, **header)
            reader.try_out("DELETE", path, **header)
    for voice in ("The minister", "A silent witness", "A hidden voice", "Somebody new"):
        body = {**draft, "id": NOBODYS, "voice": voice}
        reader.try_out("POST", f"{API}annotations/", body)
        reader.try_out("POST", f"{API}speakers/", {"name": voice})
    for number in (source.pk for source in sources.values()):
        reader.try_out("POST", f"{API}annotations/", {**draft, "id": NOBODYS, "source": number})


def _pry_into_assignments(reader: Reader, sources: dict[str, Source]) -> None:
    for number in (source.pk for source in sources.values()):
        reader.try_out("POST", f"{API}assignments/", {"source": number, "annotator": "beth"})
    for name in ("bob", "beth"):
        assignment = named("assignment", sources["shared"].pk, name)
        for state in ("todo", "started", "done"):
            reader.try_out("PATCH", f"{API}assignments/{assignment}/", {"state": state})
    reader.try_out("POST", f"{API}members/", {"username": "beth", "role": "viewer"})


def _told(
    name: str, life: Collection[str], *, turn: int | None = None, **options: Any
) -> dict[str, Answer]:
    """All that this person is told in a world with as much of Beth as `life` says.

    With a turn: one value of each parameter, no links, and no change but a prying coder's.
    """
    clear_agreement_cache()
    forget_comparison()
    with stopped_clock() as clock, undone():
        sources = build(clock, life, **options)
        reader = Reader(make_user(name), clock)
        reader.read(_everything(sources, turn), follow=turn is None)
        if turn is None:
            _try_everything(reader, sources)
        _pry(reader, sources)
    return reader.answers


@pytest.fixture(autouse=True)
def _described_first(db: None) -> None:
    with undone():
        _described()


def test_blind_coder_is_told_nothing_of_the_other():
    """Asked for everything, where Beth has done all there is to do."""
    told = differences(_told("bob", ()), _told("bob", LIVES[FULLEST]))
    assert not told, "\n".join(told)


_WITHOUT_BETH: dict[tuple[str, int, str], dict[str, Answer]] = {}


def _without_beth(name: str, turn: int, visibility: str) -> dict[str, Answer]:
    key = (name, turn, visibility)
    if key not in _WITHOUT_BETH:
        _WITHOUT_BETH[key] = _told(name, (), turn=turn, visibility=visibility)
    return _WITHOUT_BETH[key]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("name", "turn", "visibility", "life"),
    [
        ("bob", 0, "own", "assigned"),
        ("bob", 0, "own", "left"),
        ("bob", 1, "own", "coded before Bob"),
        ("bob", 1, "own", "invited, and others with her"),
        ("bob", 3, "own", "decided without a word to coders"),
        ("bob", 2, "done", "coded before Bob"),  # has finished, and waits for he knows not whom
        ("vera", 0, "own", "coded before Bob"),
        ("vera", 1, "own", "coded before Bob"),
    ],
)
def test_nobody_is_told_of_what_they_may_not_see(name, turn, visibility, life):
    """Each turn asks for another value of each parameter."""
    told = _told(name, LIVES[life], turn=turn, visibility=visibility)
    found = differences(_without_beth(name, turn, visibility), told)
    assert not found, "\n".join(found)


def test_difference_is_seen_by_those_who_may():
    """The comparison is worth something: it finds Beth where she is to be found."""
    found = []
    for life in ((), LIVES[FULLEST]):
        clear_agreement_cache()
        forget_comparison()
        with stopped_clock() as clock, undone():
            sources = build(clock, life)
            reader = Reader(make_user("ada"), clock)
            pages = ["annotations/", "assignments/", "codes/", "events/", "members/", "speakers/"]
            pages += ["agreement/", "disagreements/", "comparison/", "threads/"]
            reader.read([f"{API}{page}" for page in pages])
            reader.read([f"/projects/{SLUG}/", f"/projects/{SLUG}/history/"])
            reader.try_out("DELETE", f"{API}annotations/{BETHS[0]}/")
            assert sources["shared"].pk == 1
            found.append(reader.answers)
    assert {line.split(": ")[0].strip() for line in differences(*found)} >= {
        f"{API}agreement/",
        f"{API}annotations/",
        f"{API}assignments/",
        f"{API}codes/",
        f"{API}comparison/",
        f"{API}disagreements/",
        f"{API}events/",
        f"{API}members/",
        f"{API}speakers/",
        f"{API}threads/",
        f"/projects/{SLUG}/",
        f"/projects/{SLUG}/history/",
        f"DELETE {API}annotations/{BETHS[0]}/ null",
    }


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        ("GET", None, {}),
        ("HEAD", None, {}),
        ("DELETE", None, {}),
        ("DELETE", None, {"If-Match": '"1"'}),
        ("PATCH", {"note": "mine"}, {}),
        ("PATCH", {"note": "mine"}, {"If-Match": '"1"'}),
        ("PUT", {}, {}),
        ("PUT", {"source": 1, "code": "plea", "start": 0, "end": 3}, {"If-Match": '"1"'}),
        ("PUT", {"source": 1, "code": "plea", "start": 0, "end": 3}, {"If-Match": "*"}),
    ],
)
def test_annotation_of_the_other_is_as_one_that_does_not_exist(method, body, headers):
    with stopped_clock() as clock, undone():
        build(clock, LIVES["coded before Bob"])
        reader = Reader(make_user("bob"), clock)
        for number in (BETHS[0], NOBODYS):
            reader.try_out(method, f"{API}annotations/{number}/", body, **headers)
        hers, nobodys = reader.answers.values()
    assert hers == nobodys
    assert hers.status in {400, 404, 412}


def test_id_taken_by_the_other_is_refused_without_a_word_of_her():
    """An id made of random bits cannot be guessed; whoever sends it all the same learns no more."""
    draft = {"source": 1, "code": "plea", "start": 0, "end": 3}
    with stopped_clock() as clock, undone():
        build(clock, LIVES["coded before Bob"])
        reader = Reader(make_user("bob"), clock)
        reader.try_out("PUT", f"{API}annotations/{BETHS[0]}/", draft)
        reader.try_out("GET", f"{API}annotations/{BETHS[0]}/")
        put, get = reader.answers.values()
    assert (put.status, put.content) == (404, get.content)
