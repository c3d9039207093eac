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
from cstoannot.codebook.actions import change_code
from cstoannot.sources.models import Source
from tests.builders import build_world, finish
from tests.web.pages import text_of

LINES = re.compile(r'<code id="([\w-]+)" data-language="(\w+)">(.*?)</code>', re.S)


def _lines(page: str) -> dict[str, dict[str, str]]:
    """What the page offers to paste, by language and place."""
    found: dict[str, dict[str, str]] = {}
    for key, language, text in LINES.findall(page):
        found.setdefault(language, {})[key] = html.unescape(text)
    return found


@pytest.fixture
def offered(live_server, client_for, tmp_path):
    """The lines for a member, who has made a token, and a way to run them."""
    world = build_world()
    change_code(world.lead, "failure", claim="The alliance failed.")
    for user in (world.bob, world.beth):
        finish(world.scope(user), world.shared)

    def offer(name, *, read_only=True):
        user = getattr(world, name)
        host = live_server.url.partition("//")[2]
        page = client_for(user).get(f"/projects/{world.slug}/api/", headers={"Host": host})
        _, secret = create_token(user, read_only=read_only)

        def run(*command: str) -> str:
            done = subprocess.run(
                command,
                cwd=tmp_path,
                env={**os.environ, "CSTOANNOT_TOKEN": secret},
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
    (tmp_path / "passages.csv").write_text("\n".join(["source,code,start,end", *rows]))
    before = Annotation.objects.count()
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
