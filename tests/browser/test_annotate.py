"""The annotate page in Chromium, on the real server: what a coder does, from drag to database."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from cstoannot.annotations.actions import Draft, save_annotation
from cstoannot.annotations.models import Annotation
from cstoannot.assignments.models import Assignment
from cstoannot.core.fields import ANY_VERSION
from cstoannot.projects.models import Role
from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from tests.browser.axe import violations
from tests.builders import add_code, add_source, annotate, assign_to, join, make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT = (
    "The alliance in crisis\n\n"
    "Nobody came when the member called. The minister said the alliance had failed its duty. "
    "Others disagreed 🙂 loudly, and cafe\u0301s closed.\n\n"
    "A no-break\u00a0space and a\ttab stand here. The treaty binds every member to help.\n"
)
RIGHT_TO_LEFT = (
    "قال الوزير إن التحالف فشل 🙂 تماما. لم يأت أحد.\n\nהשר אמר שהברית נכשלה. איש לא בא.\n"
)
STATIC = Path(__file__).parents[2] / "cstoannot" / "static"


@dataclass
class Team:
    """Alice leads; Bob codes; Vera reads."""

    lead: Scope
    bob: Scope
    vera: Scope
    source: Source
    url: str

    def said(self) -> list[dict[str, Any]]:
        """What Bob's coding is in the database, in the order of the text."""
        rows = Annotation.objects.filter(source=self.source).order_by("start", "end", "code__slug")
        text = self.source.text
        return [
            {
                "code": row.code.slug,
                "quote": text[row.start : row.end],
                "stance": row.stance,
                "voice": row.voice.name if row.voice else "",
                "note": row.note,
            }
            for row in rows.select_related("code", "voice")
        ]

    def codings(self) -> list[tuple[str, str]]:
        return [(row["code"], row["quote"]) for row in self.said()]


@pytest.fixture(scope="module", autouse=True)
def _database_beside_playwright() -> Iterator[None]:
    """Playwright's event loop runs in this thread; Django would refuse to ask the database."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def make_team() -> Callable[..., Team]:
    def make(text: str = TEXT, **details: str) -> Team:
        lead = make_project(make_user("alice"), "Alliances")
        bob = join(lead, make_user("bob"), Role.ANNOTATOR)
        vera = join(lead, make_user("vera"), Role.VIEWER)
        duties = add_code(lead, "Duties")
        claim = "The alliance failed."
        add_code(lead, "Failure", parent=duties.slug, shortcut="f", claim=claim, colour="#c8453f")
        add_code(lead, "Treaty", parent=duties.slug, shortcut="4", definition="What it binds to.")
        source = add_source(lead, "The alliance in crisis", text, **details)
        assign_to(lead, source, bob.user)
        url = reverse("annotate", args=[lead.project.slug, source.pk])
        return Team(lead, bob, vera, source, url)

    return make


class Desk:
    """The page of one person."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.open(url)

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.ready()

    def ready(self) -> None:
        self.page.wait_for_selector("html[data-ready]", state="attached")

    def reload(self) -> None:
        self.page.reload()
        self.ready()

    def box(self, quote: str) -> dict[str, float]:
        """Where the first and the last character of a quote are."""
        return self.page.evaluate(
            """(quote) => {
              for (const p of document.querySelectorAll("#text p")) {
                const at = p.textContent.indexOf(quote);
                if (at < 0) continue;
                p.scrollIntoView({ block: "center" });
                const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
                const charAt = (i) => {
                  walker.currentNode = p;
                  let node = walker.nextNode();
                  while (i >= node.length) { i -= node.length; node = walker.nextNode(); }
                  const range = document.createRange();
                  range.setStart(node, i);
                  range.setEnd(node, i + 1);
                  return range.getBoundingClientRect();
                };
                const first = charAt(at);
                const last = charAt(at + quote.length - 1);
                return { x: first.left, y: first.top + first.height / 2,
                  right: last.right, bottom: last.top + last.height / 2 };
              }
              throw new Error("not in the text");
            }""",
            quote,
        )

    def drag(self, quote: str) -> None:
        box = self.box(quote)
        self.page.mouse.move(box["x"] + 0.5, box["y"])
        self.page.mouse.down()
        self.page.mouse.move((box["x"] + box["right"]) / 2, box["bottom"], steps=3)
        self.page.mouse.move(box["right"] - 0.5, box["bottom"], steps=3)
        self.page.mouse.up()
        expect(self.page.locator("#inspector-body blockquote")).to_be_visible()

    def select(self, quote: str) -> None:
        """Select as touch handles and assistive technology do: through the browser's selection."""
        self.page.evaluate(
            """(quote) => {
              for (const p of document.querySelectorAll("#text p")) {
                const at = p.firstChild.data.indexOf(quote);
                if (at < 0) continue;
                const end = at + quote.length;
                document.getSelection().setBaseAndExtent(p.firstChild, at, p.firstChild, end);
              }
            }""",
            quote,
        )
        expect(self.page.locator("#inspector-body blockquote")).to_have_count(1)

    def click(self, word: str) -> None:
        box = self.box(word)
        self.page.mouse.click((box["x"] + box["right"]) / 2, box["y"])

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def saved(self) -> None:
        expect(self.page.locator("#status")).to_have_text("All changes saved")

    @property
    def current(self) -> Locator:
        return self.page.locator("#inspector-body .head .chip")

    def expect_painted(self, *words: str) -> None:
        """Painting follows in a frame of its own: it is waited for, and not for ever."""
        for _ in range(100):
            if (painted := self.painted()) == list(words):
                return
            self.page.wait_for_timeout(50)
        assert painted == list(words)

    def painted(self) -> list[str]:
        """What the page paints, read back from the browser."""
        return self.page.evaluate(
            """() => {
              const words = (name, one) => {
                const range = document.createRange();
                range.setStart(one.startContainer, one.startOffset);
                range.setEnd(one.endContainer, one.endOffset);
                return `${name.replace(/^cstoannot-\\d-/, "")}: ${range}`;
              };
              return [...CSS.highlights]
                .filter(([name]) => /^cstoannot-\\d/.test(name))
                .flatMap(([name, ranges]) => [...ranges]
                  .filter((one) => one.startContainer.isConnected)
                  .map((one) => words(name, one)))
                .sort();
            }"""
        )


@pytest.fixture
def open_desk(live_server: Any, chromium: Browser) -> Iterator[Callable[..., Desk]]:
    contexts: list[BrowserContext] = []
    desks: list[Desk] = []

    def make(team: Team, scope: Scope | None = None, query: str = "", **options: Any) -> Desk:
        client = Client()
        client.force_login((scope or team.bob).user)
        context = chromium.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        desks.append(Desk(context.new_page(), team.url + query))
        return desks[-1]

    yield make
    for context in contexts:
        context.close()
    assert [error for desk in desks for error in desk.errors] == []


def test_one_drag_and_one_key_code_a_passage(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("the member called")
    desk.press("f")
    desk.saved()
    assert team.codings() == [("failure", "the member called")]
    desk.expect_painted("failure: the member called")


def test_several_codes_a_stance_and_another_code_by_one_key_each(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("failed its duty")
    desk.press("f", "-", "4", "Shift+F", "z")
    expect(desk.page.locator("#toast")).to_contain_text("Undone")
    desk.saved()
    said = [(row["code"], row["quote"], row["stance"]) for row in team.said()]
    assert said == [("failure", "failed its duty", "opposes"), ("treaty", "failed its duty", "")]


def test_keyboard_alone_selects_codes_and_describes(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.page.locator("#text").focus()
    desk.press("Control+Home", "ArrowDown", "ArrowDown", "Shift+ArrowDown")
    expect(desk.page.locator("#speech")).to_have_text(
        "Selected: The minister said the alliance had failed its duty."
    )
    desk.press("/")
    desk.page.keyboard.type("fail")
    desk.press("Enter", "+", "v")
    desk.page.keyboard.type("The minister")
    desk.press("Enter", "Shift+V")
    desk.page.keyboard.type("Seen twice")
    desk.press("Control+Enter")
    desk.saved()
    assert team.said() == [
        {
            "code": "failure",
            "quote": "The minister said the alliance had failed its duty.",
            "stance": "supports",
            "voice": "The minister",
            "note": "Seen twice",
        }
    ]


def test_words_and_sentences_are_taken_whole_on_request(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("ody came whe")
    desk.press(",", "f")
    desk.saved()
    assert team.codings() == [("failure", "Nobody came when")]
    desk.press(".")
    desk.saved()
    assert team.codings() == [("failure", "Nobody came when the member called.")]


def test_last_code_again_by_one_key(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("Nobody came")
    desk.press("4")
    desk.drag("every member")
    desk.press("Enter")
    desk.saved()
    assert team.codings() == [("treaty", "Nobody came"), ("treaty", "every member")]


def test_ends_move_by_keys_and_by_dragging(make_team, open_desk):
    team = make_team()
    annotate(team.bob, team.source, "the member called")
    desk = open_desk(team)
    desk.press("j", "[", "{", "}", "}")
    desk.saved()
    assert team.codings() == [("failure", "member")]
    handle = desk.page.locator(".handle[data-end=end]").bounding_box()
    goal = desk.box("The minister")
    desk.page.mouse.move(handle["x"] + 1, handle["y"] + handle["height"] / 2)
    desk.page.mouse.down()
    desk.page.mouse.move(goal["right"] - 20, goal["bottom"], steps=3)
    desk.page.mouse.move(goal["right"] - 0.5, goal["bottom"], steps=3)
    desk.page.mouse.up()
    desk.saved()
    assert team.codings() == [("failure", "member called. The minister")]


def test_undo_and_redo_survive_a_reload(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.drag("Nobody came")
    desk.press("f")
    desk.saved()
    desk.reload()
    desk.press("z")
    expect(desk.page.locator("#count")).to_have_text("0 annotations")
    desk.saved()
    assert team.codings() == []
    desk.reload()
    desk.press("Shift+Z")
    desk.saved()
    assert team.codings() == [("failure", "Nobody came")]


def test_offline_changes_survive_a_reload_and_are_sent_once(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    status = desk.page.locator("#status")
    # Only the changes find no way; the page itself can be loaded again.
    desk.page.route("**/annotations/*/", lambda route: route.abort())
    desk.drag("Nobody came")
    desk.press("f")
    desk.drag("every member")
    desk.press("4")
    expect(status).to_have_text("Offline: 2 changes waiting")
    desk.reload()
    expect(desk.page.locator("#count")).to_have_text("2 annotations")
    assert team.codings() == []
    sent: list[str] = []
    # Responses, because a request may be under way when the route opens.
    desk.page.on("response", lambda one: one.request.method == "PUT" and sent.append(one.url))
    desk.page.unroute_all()
    desk.page.evaluate("dispatchEvent(new Event('online'))")
    desk.saved()
    assert team.codings() == [("failure", "Nobody came"), ("treaty", "every member")]
    assert len(sent) == len(set(sent)) == 2


def test_page_goes_on_while_the_network_is_gone(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    desk.page.context.set_offline(True)
    desk.drag("Nobody came")
    desk.press("f", "+", "v")
    desk.page.keyboard.type("The minister")
    desk.press("Enter", "Control+Enter")
    expect(desk.page.locator("#status")).to_contain_text("waiting")
    expect(desk.page.locator("#toast")).to_contain_text("Some changes are not saved yet")
    desk.page.context.set_offline(False)
    desk.saved()
    said = [(row["code"], row["stance"], row["voice"]) for row in team.said()]
    assert said == [("failure", "supports", "The minister")]


def test_conflict_shows_both_versions_and_overwrites_nothing(make_team, open_desk):
    team = make_team()
    before = annotate(team.bob, team.source, "Nobody came", note="first")
    desk = open_desk(team)
    draft = Draft(
        source=team.source.pk, code="treaty", start=before["start"], end=before["end"], note="there"
    )
    save_annotation(team.bob, before["id"], draft, expected=ANY_VERSION)
    desk.press("j", "+")
    dialog = desk.page.locator("#trouble")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Notefirst")
    expect(dialog).to_contain_text("Notethere")
    assert [row["note"] for row in team.said()] == ["there"]
    dialog.get_by_role("button", name="Keep your version").click()
    desk.saved()
    said = [(row["code"], row["stance"], row["note"]) for row in team.said()]
    assert said == [("failure", "supports", "first")]


@pytest.mark.parametrize(
    "quote",
    ["disagreed 🙂 loudly", "🙂", "cafe\u0301s closed", "no-break\u00a0space and a\ttab"],
)
def test_offsets_hold_over_emoji_marks_spaces_and_tabs(make_team, open_desk, quote):
    team = make_team()
    desk = open_desk(team)
    desk.select(quote)
    desk.press("4")
    desk.saved()
    assert team.codings() == [("treaty", quote)]
    desk.expect_painted(f"treaty: {quote}")


@pytest.mark.parametrize("quote", ["التحالف فشل 🙂 تماما", "הברית נכשלה"])
def test_offsets_hold_in_text_from_right_to_left(make_team, open_desk, quote):
    team = make_team(RIGHT_TO_LEFT, language="ar")
    desk = open_desk(team)
    desk.select(quote)
    desk.press("4")
    desk.saved()
    assert team.codings() == [("treaty", quote)]
    desk.press("Escape")
    desk.page.locator("#text").focus()
    desk.press("Control+Home", "Shift+ArrowLeft")
    assert desk.page.evaluate("String(getSelection())") == "قال"


def test_stacked_passages_are_all_reachable(make_team, open_desk):
    team = make_team()
    sentence = "Nobody came when the member called."
    annotate(team.bob, team.source, sentence)
    annotate(team.bob, team.source, "member called", "treaty")
    desk = open_desk(team)
    desk.click("called")
    expect(desk.current).to_have_text("Treaty")
    desk.click("called")
    expect(desk.current).to_have_text("Failure")
    desk.page.get_by_role("button", name="Treaty", exact=True).first.click()
    expect(desk.current).to_have_text("Treaty")
    desk.page.locator("#text").focus()
    desk.press("Tab")
    expect(desk.current).to_have_text("Failure")
    desk.press("j")
    expect(desk.current).to_have_text("Treaty")


def test_one_code_alone_can_be_shown(make_team, open_desk):
    team = make_team()
    annotate(team.bob, team.source, "Nobody came")
    annotate(team.bob, team.source, "every member", "treaty")
    desk = open_desk(team)
    desk.page.get_by_role("button", name="1 passage with Treaty: show only these").click()
    expect(desk.page.locator("#filtered")).to_contain_text("Showing 1 of 2: Treaty")
    desk.expect_painted("treaty: every member")
    desk.page.get_by_role("tab", name="Passages").click()
    expect(desk.page.locator("#passages q")).to_have_text(["every member"])
    desk.page.get_by_role("button", name="Show all").click()
    expect(desk.page.locator("#passages q")).to_have_count(2)


def test_done_is_kept_and_taken_back(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    states = lambda: [row.state for row in Assignment.objects.filter(source=team.source)]  # noqa: E731
    desk.press("Control+Enter")
    expect(desk.page.locator("#finished")).to_be_visible()
    expect(desk.page.locator("#done-count")).to_have_text("1")
    assert states() == ["done"]
    desk.reload()
    desk.page.get_by_role("button", name="Reopen").click()
    expect(desk.page.locator("#finished")).to_be_hidden()
    assert states() == ["started"]


def test_reader_sees_the_text_and_no_tools_to_edit(make_team, open_desk):
    team = make_team()
    annotate(team.bob, team.source, "Nobody came")
    desk = open_desk(team, team.vera)
    expect(desk.page.locator("#status")).to_have_text("Read only")
    desk.press("j", "x", "z")
    desk.page.locator("#text").focus()
    desk.press("Control+Home", "Shift+ArrowRight", "f")
    assert team.codings() == [("failure", "Nobody came")]
    expect(desk.page.locator("#done")).to_have_count(0)
    expect(desk.page.locator("#count")).to_have_text("0 annotations")


def test_marks_stand_in_where_painting_is_missing(make_team, open_desk):
    team = make_team()
    annotate(team.bob, team.source, "Nobody came when the member called.")
    desk = open_desk(team, query="?paint=marks")
    marks = desk.page.locator("#text mark")
    expect(marks).to_have_text(["Nobody came when the member called."])
    desk.drag("member called")
    desk.press("4")
    desk.saved()
    expect(desk.page.locator("#text mark[data-code=treaty]")).to_have_text(["member called"])
    assert desk.page.locator("#text").evaluate("(node) => node.textContent") == team.source.text


def test_print_marks_passages_with_the_names_of_their_codes(make_team, open_desk):
    team = make_team()
    annotate(team.bob, team.source, "every member", "treaty")
    desk = open_desk(team)
    desk.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(desk.page.locator("#text mark")).to_have_attribute("data-name", "Treaty")
    desk.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(desk.page.locator("#text mark")).to_have_count(0)
    desk.expect_painted("treaty: every member")


PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "reduced_motion": "reduce",
}


def test_narrow_page_codes_by_touch(make_team, open_desk):
    team = make_team()
    desk = open_desk(team, **PHONE)
    assert desk.page.evaluate("document.documentElement.scrollWidth") == 390
    desk.select("the member called")
    desk.page.locator("#quick").get_by_role("button", name="Failure").tap()
    desk.page.locator("#quick").get_by_role("button", name="opposes").tap()
    desk.saved()
    said = [(row["code"], row["quote"], row["stance"]) for row in team.said()]
    assert said == [("failure", "the member called", "opposes")]
    desk.page.locator("#grip").tap()
    expect(desk.page.get_by_label("Voice", exact=True)).to_be_in_viewport()
    desk.page.locator("#grip").tap()
    box = desk.box("called")
    desk.page.touchscreen.tap((box["x"] + box["right"]) / 2, box["y"])
    expect(desk.page.locator("#quick .quick-name")).to_have_text("Failure")


def test_narrow_page_has_large_targets(make_team, open_desk):
    team = make_team()
    annotate(team.bob, team.source, "the member called")
    desk = open_desk(team, **PHONE)
    desk.press("j")
    desk.page.locator("#grip").tap()
    small = desk.page.evaluate(
        """() => [...document.querySelectorAll(".tools :is(button, input, select, summary)")]
          .filter((target) => target.checkVisibility() && target.id !== "grip")
          .filter((target) => target.getBoundingClientRect().height < 40)
          .map((target) => target.outerHTML.slice(0, 60))"""
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing(make_team, open_desk, scheme, options):
    team = make_team()
    annotate(team.bob, team.source, "Nobody came when the member called.", stance="supports")
    annotate(team.bob, team.source, "member called", "treaty")
    desk = open_desk(team, color_scheme=scheme, **options)
    states: list[Callable[[], None]] = [
        lambda: None,
        lambda: desk.press("j"),
        lambda: desk.page.evaluate("document.getElementById('tools').dataset.bottomSheet = 'open'"),
        lambda: desk.page.locator("#tab-passages").click(),
        lambda: desk.press("?"),
    ]
    found = []
    for go in states:
        go()
        for violation in violations(desk.page):
            found += [(violation["id"], node["html"][:120]) for node in violation["nodes"]]
    assert found == []


def test_all_passages_of_a_short_text_are_painted_at_once(make_team, open_desk):
    team = make_team("\n".join(f"Line {i} tells of a failure." for i in range(400)))
    for i in (0, 399):
        annotate(team.bob, team.source, f"Line {i} ")
    open_desk(team).expect_painted("failure: Line 0 ", "failure: Line 399 ")


def test_only_passages_near_the_view_of_a_long_text_are_painted(make_team, open_desk):
    team = make_team("\n".join(f"Line {i} tells of a failure." for i in range(900)))
    for i in (0, 899):
        annotate(team.bob, team.source, f"Line {i} ")
    desk = open_desk(team)
    desk.expect_painted("failure: Line 0 ")
    desk.press("j", "j")
    desk.expect_painted("failure: Line 899 ")


def test_page_that_the_browser_kept_is_not_trusted_for_its_annotations(make_team, open_desk):
    team = make_team()
    desk = open_desk(team)
    kept = desk.page.request.get(team.url).text()
    desk.page.goto(f"/projects/{team.lead.project.slug}/")
    annotate(team.bob, team.source, "Nobody came")
    desk.page.route(
        f"**{team.url}", lambda route: route.fulfill(body=kept, content_type="text/html")
    )
    desk.page.go_back()
    desk.expect_painted("failure: Nobody came")


def test_template_preloads_every_module():
    page = (STATIC.parent / "templates" / "annotate" / "page.html").read_text()
    loaded = set(re.findall(r'rel="modulepreload" href="{% static \'([^\']+)\' %}', page))
    needed: set[str] = set()
    waiting = [STATIC / "js" / "annotate" / "main.js"]
    while waiting:
        path = waiting.pop().resolve()
        if (name := path.relative_to(STATIC.resolve()).as_posix()) not in needed:
            needed.add(name)
            imported = re.findall(r'^(?:import|\}).*?"(\..+?)";', path.read_text(), re.M)
            waiting += [path.parent / target for target in imported]
    assert loaded == needed


def test_address_with_a_place_goes_to_its_passage_or_selects_the_text(make_team, open_desk):
    team = make_team()
    called, binds = TEXT.index("Nobody"), TEXT.index("The treaty")
    annotate(team.bob, team.source, "Nobody came", code="failure")
    desk = open_desk(team, query=f"#at={called}-{called + len('Nobody came')}")
    expect(desk.page.locator("#inspector-body")).to_contain_text("Failure")
    desk = open_desk(team, query=f"#at={binds}-{binds + len('The treaty')}")
    expect(desk.page.locator("#inspector-body blockquote")).to_have_text("The treaty")
    desk.press("4")
    expect(desk.page.locator("#count")).to_have_text("2 annotations")
