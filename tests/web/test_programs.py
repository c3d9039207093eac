"""The page Use the API: its lines run as they stand, for everybody whom it shows them to."""

import csv
import html
import json
import os
import re
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest

from cstoannot.accounts.actions import create_token
from cstoannot.annotations.models import Annotation
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.actions import change_code
from cstoannot.sources.models import Source
from tests.builders import add_code, annotate, build_world, finish
from tests.everything import r_is_at_hand
from tests.web.pages import text_of

LINES = re.compile(r'<code id="([\w-]+)" data-language="(\w+)">(.*?)</code>', re.S)


def _lines(page: str) -> dict[str, dict[str, str]]:
    """What the page offers to paste, by language and place."""
    found: dict[str, dict[str, str]] = {}
    for key, language, text in LINES.findall(page):
        found.setdefault(language, {})[key] = html.unescape(text)
    return found


@pytest.fixture
def compared(transactional_db):
    """A world with a claim, and with a source that two have finished."""
    world = build_world()
    change_code(world.lead, "failure", claim="The alliance failed.")
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)
    return world


@pytest.fixture
def offered(compared, live_server, client_for, tmp_path):
    """The lines for a member, who has made a token, and a way to run them."""
    world = compared

    def offer(name, *, read_only=True):
        user = getattr(world, name)
        host = live_server.url.partition("//")[2]
        page = client_for(user).get(f"/projects/{world.slug}/api/", headers={"Host": host})
        _, secret = create_token(user, read_only=read_only)

        def run(*command: str, **environment: str) -> str:
            done = subprocess.run(
                command,
                cwd=tmp_path,
                env={**os.environ, "CSTOANNOT_TOKEN": secret, **environment},
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
            return done.stdout

        return _lines(page.content.decode()), run

    return offer


@pytest.mark.django_db(transaction=True)
def test_lines_for_curl_run_as_they_stand(offered, tmp_path):
    lines, run = offered("alice")
    said = {key: run("sh", "-c", text) for key, text in lines["curl"].items()}
    assert set(said) == {"curl-annotations", "curl-comparison", "curl-agreement"}
    with (tmp_path / "annotations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted({row["annotator"] for row in rows}) == ["beth", "bob"]
    assert json.loads(said["curl-comparison"])["claims"][0]["code"] == "failure"
    assert json.loads(said["curl-agreement"])["measure"] == "krippendorff_alpha"


@pytest.mark.django_db(transaction=True)
def test_lines_for_python_run_as_they_stand(offered):
    lines, run = offered("alice")
    assert lines["python"].pop("python-save")
    said = {key: run(sys.executable, "-c", text) for key, text in lines["python"].items()}
    assert "failure" in said["python-annotations"]
    assert "plea" in said["python-annotations"]
    assert "failure" in said["python-comparison"]
    assert len(said["python-pages"].splitlines()) == 3


@pytest.fixture
def r(offered, tmp_path):
    """A way to run lines for R, with more after them that print what they have got."""
    if not r_is_at_hand():
        pytest.skip("needs Rscript with the package jsonlite")

    def print_after(key: str, more: str, name: str = "alice", **environment: str) -> str:
        lines, run = offered(name)
        assert set(lines["r"]) == {"r-annotations", "r-comparison"}
        (tmp_path / "lines.R").write_text(lines["r"][key] + more, encoding="utf-8")
        return run("Rscript", "--vanilla", "lines.R", **environment)

    return print_after


AWKWARD = (
    ("Nobody", "two\n“lines”, ש"),
    ("🙂 hopes", "NA"),
    ("cafe\u0301s", "1e5"),
)
"""Passages and notes, by position, of a code that is called 007."""


@pytest.fixture
def awkward(compared):
    """All there is to read are numbers, nothing and two rows to whoever guesses at tables."""
    world = compared
    Annotation.objects.all().delete()
    add_code(world.lead, "007")
    for quote, note in AWKWARD:
        annotate(world.scope(world.beth), world.beths, quote, "007", note=note)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
def test_annotations_arrive_in_r_as_they_are(r, awkward, locale):
    said = r(
        "r-annotations",
        """
stopifnot(nchar(annotations$quote) == annotations$end - annotations$start)
said <- annotations[c("code", "quote", "note")]
writeLines(c("JSON", jsonlite::toJSON(said, dataframe = "values")), useBytes = TRUE)
""",
        LC_ALL=locale,
    )
    assert json.loads(said.partition("JSON")[2]) == [["007", *one] for one in AWKWARD]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("name", "rows"), [("bob", 2), ("vera", 0)])
def test_lines_for_r_run_for_whoever_may_see_less(r, name, rows):
    assert r("r-annotations", "cat('ROWS', nrow(annotations))", name).endswith(f"ROWS {rows}")
    r("r-comparison", "", name)


@pytest.mark.django_db(transaction=True)
def test_annotations_arrive_in_pandas_as_they_are(offered, awkward):
    lines, run = offered("alice")
    more = """
assert (annotations["quote"].str.len() == annotations["end"] - annotations["start"]).all()
print("JSON", annotations[["code", "quote", "note"]].to_json(orient="values"))
"""
    said = run(sys.executable, "-c", lines["python"]["python-annotations"] + more)
    assert json.loads(said.partition("JSON")[2]) == [["007", *one] for one in AWKWARD]


COMPARED = ["failure", "mixed", "pending", "pending"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most_cells", [20_000, 1])
def test_whole_comparison_arrives_in_r(r, monkeypatch, most_cells):
    monkeypatch.setattr("cstoannot.api.comparison.MOST_CELLS", most_cells)
    said = r("r-comparison", "cat('JSON', rownames(matrix), matrix)\n")
    assert said.partition("JSON")[2].split() == COMPARED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("most_cells", [20_000, 1])
def test_whole_comparison_arrives_in_python(offered, monkeypatch, most_cells):
    monkeypatch.setattr("cstoannot.api.comparison.MOST_CELLS", most_cells)
    lines, run = offered("alice")
    said = run(sys.executable, "-c", lines["python"]["python-comparison"])
    assert said.splitlines()[-1].split() == COMPARED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["bob", "vera"])
def test_lines_are_those_that_the_reader_may_run(offered, name):
    lines, run = offered(name)
    assert ("curl-agreement" in lines["curl"]) == (name == "bob")
    assert (lines["python"].pop("python-save", None) is not None) == (name == "bob")
    for text in lines["curl"].values():
        run("sh", "-c", text)
    for text in lines["python"].values():
        run(sys.executable, "-c", text)


@pytest.mark.django_db(transaction=True)
def test_passages_saved_from_a_file_are_there_once(offered, tmp_path):
    lines, run = offered("bob", read_only=False)
    source = Source.objects.get(title="Shared").pk
    rows = [f"{source},plea,{start},{start + 3}" for start in range(3)]
    # As Excel saves it, and with a row that stands there twice.
    table = "\n".join(["source,code,start,end", *rows, rows[0]])
    (tmp_path / "passages.csv").write_text(table, encoding="utf-8-sig")
    before = Annotation.objects.count()
    finished = Assignment.objects.filter(source=source, annotator__username="bob")
    finished.update(state="started", done_at=None, finished_under=None)
    for _ in range(2):
        assert run(sys.executable, "-c", lines["python"]["python-save"]) == "3 saved\n"
    assert Annotation.objects.count() == before + 3


@pytest.mark.django_db(transaction=True)
def test_addresses_are_the_projects_own_and_answer(live_server, client_for):
    world = build_world()
    for user, count in ((world.alice, 10), (world.vera, 8)):
        host = live_server.url.partition("//")[2]
        page = client_for(user).get(f"/projects/{world.slug}/api/", headers={"Host": host})
        _, secret = create_token(user)
        base = f"{live_server.url}{world.api}"
        found = [url for url in re.findall(r'href="([^"]+)"', page.content.decode()) if base in url]
        assert len(found) == count
        for url in found:
            with urlopen(Request(url, headers={"Authorization": f"Bearer {secret}"})) as answer:
                assert answer.status == 200


def test_page_leads_to_tokens_and_documentation(world, client_for):
    page = client_for(world.vera).get(f"/projects/{world.slug}/api/")
    assert 'href="/account/tokens/"' in page.content.decode()
    assert 'href="/api/v1/docs/"' in page.content.decode()
    assert "read.csv(" in text_of(page)


def test_export_page_leads_there(world, client_for):
    page = client_for(world.vera).get(f"/projects/{world.slug}/export/")
    assert f'href="/projects/{world.slug}/api/"' in page.content.decode()
