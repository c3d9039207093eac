import shutil

import pytest
from django.core.management import call_command

from cstoannot.api.schema import build_api_description
from tests.access.routes import routes


@pytest.fixture(scope="module")
def schema():
    return build_api_description()


def _operations(schema):
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def test_valid_without_warnings(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "x.yml"))


def test_it_is_openapi_3_1(schema):
    assert schema["openapi"] == "3.1.0"


def test_every_address_is_described(schema):
    described = {path.replace("{", "").replace("}", "") for path in schema["paths"]}
    existing = {
        "/" + "".join(part.split(":")[-1] for part in route.replace(">", "").split("<"))
        for route in routes()
        if route.startswith("api/v1/")
    }
    assert existing - described == {"/api/v1/schema/", "/api/v1/docs/"}
    assert described <= existing


def test_every_operation_has_a_summary_and_its_errors(schema):
    names = set()
    for where, operation in _operations(schema):
        assert operation["summary"], where
        assert {"401", "404"} <= set(operation["responses"]), where
        names.add(operation["operationId"])
    assert len(names) == len(list(_operations(schema)))


def test_errors_are_problems(schema):
    for where, operation in _operations(schema):
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], where


def test_annotations_have_examples(schema):
    item = schema["paths"]["/api/v1/projects/{project}/annotations/{annotation}/"]["put"]
    assert item["requestBody"]["content"]["application/json"]["examples"]
    assert item["responses"]["201"]["content"]["application/json"]["examples"]


def test_anybody_may_read_it(client, db):
    answer = client.get("/api/v1/schema/")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json"
    assert answer.json()["paths"].keys() == build_api_description()["paths"].keys()


def test_documentation_loosens_styles_and_nothing_else(client, db):
    page = client.get("/api/v1/docs/")
    other = client.get("/account/login/")["Content-Security-Policy"]
    policy = page["Content-Security-Policy"]
    assert policy.replace("style-src 'self' 'unsafe-inline'", "style-src 'self'") == other
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"] == "application/javascript"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_documentation_shows_in_a_browser(live_server):
    """With its styles and scripts, and no complaint of the browser, such as of the policy."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    said = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{live_server.url}/api/v1/docs/")
        page.wait_for_selector(".opblock")
        assert page.locator(".opblock").count() > 30
        browser.close()
    assert said == []
