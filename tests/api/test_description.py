"""The API's description says what everything means, and shows it."""

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from cstoannot.api.schema import build_api_description

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema():
    return build_api_description()


def _operations(schema):
    for path, item in schema["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method} {path}", item[method]


def _contents(operation):
    """(where, media type, what is said of it) of a body and of every answer."""
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "body", kind, media
    for status, response in operation["responses"].items():
        for kind, media in response.get("content", {}).items():
            yield status, kind, media


def test_it_is_valid_to_the_letter(schema):
    assert list(OpenAPIV31SpecValidator(schema).iter_errors()) == []


def test_every_address_and_parameter_is_explained(schema):
    silent = []
    for where, operation in _operations(schema):
        silent += [where] if not operation["description"].strip() else []
        silent += [
            f"{where} {parameter['name']}"
            for parameter in operation["parameters"]
            if not parameter.get("description")
        ]
    assert silent == []


def test_every_field_is_explained(schema):
    silent = [
        f"{name}.{field}"
        for name, component in schema["components"]["schemas"].items()
        for field, inner in component.get("properties", {}).items()
        if not inner.get("description")
    ]
    assert silent == []


def test_examples_show_the_values_given_for_a_field(schema):
    listed = schema["paths"]["/api/v1/projects/{project}/comparison/passages/"]["get"]
    shown = listed["responses"]["200"]["content"]["application/json"]["example"]
    assert (shown["next"], shown["results"][0]["quote"]) == (None, "did not come to us")


def test_examples_take_values_of_a_base_class(schema):
    read = schema["paths"]["/api/v1/projects/{project}/agreement/"]["get"]
    shown = read["responses"]["200"]["content"]["application/json"]["example"]
    assert (shown["codes"][0]["code"], shown["codes"][0]["value"]) == ("article-4", 0.71)


def test_components_hold_no_keywords_of_our_own(schema):
    components = schema["components"]["schemas"]
    own = [name for name, one in components.items() if any(key[:2] == "x-" for key in one)]
    assert own == []


def test_every_body_and_answer_has_an_example_that_fits(schema):
    wrong = []
    for where, operation in _operations(schema):
        for part, kind, media in _contents(operation):
            if not kind.endswith("json"):
                continue
            shown = [one["value"] for one in media.get("examples", {}).values()]
            shown += [media["example"]] if "example" in media else []
            wrong += [f"{where} {part}: none"] if not shown else []
            rule = {"components": schema["components"], **media["schema"]}
            checker = jsonschema.Draft202012Validator(
                rule, format_checker=jsonschema.FormatChecker()
            )
            for value in shown:
                wrong += [
                    f"{where} {part}: {fault.json_path} {fault.message[:200]}"
                    for fault in checker.iter_errors(value)
                ]
    assert wrong == []


def test_addresses_stand_by_what_they_are_about(schema):
    tags = {tag for _, operation in _operations(schema) for tag in operation["tags"]}
    assert {"annotations", "codes", "sources", "agreement", "export", "me"} <= tags


def test_it_says_who_may(schema):
    codes = schema["paths"]["/api/v1/projects/{project}/codes/"]
    assert codes["post"]["description"].endswith(" For: owner, adjudicator.")
    assert "For:" not in codes["get"]["description"]
