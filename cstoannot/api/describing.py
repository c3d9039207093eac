"""Completes the API's description: what every address has in common, meanings, examples."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema

from cstoannot.api.errors import TITLES
from cstoannot.api.vocabulary import EXAMPLES, FILES, MEANINGS, PLACES
from cstoannot.projects.permissions import Permission
from cstoannot.projects.roles import ROLES

PROBLEM = "application/problem+json"
_METHODS = {"get", "post", "put", "patch", "delete"}
_PLAIN: dict[Any, Any] = {"integer": 1, "number": 0.5, "boolean": True, "string": "", "null": None}
_FORMATS = {
    "date-time": EXAMPLES["at"],
    "uuid": EXAMPLES["id"],
    "uri": "https://coding.example.org/api/v1/",
}
_LIMITS = {
    "RateLimit-Policy": {
        "description": 'How many requests in how many seconds: `"user";q=60000;w=60`.',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": 'How many are left, and for how many seconds: `"user";r=59990;t=12`.',
        "schema": {"type": "string"},
    },
}
_NOTHING = {"$ref": "#/components/schemas/NullEnum"}
# What drf-spectacular adds of a choice that has no other name than itself.
_BARE_CHOICE = re.compile(r"\n*^\* `(.+)` - \1$", re.M)
_ALWAYS = {
    "405": "This address does not know the method.",
    "429": "More requests than allowed: wait as many seconds as Retry-After says.",
}
_WITH_BODY = {"411": "Send the body's length as Content-Length, not in chunks."}
_KNOWN = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "The ETag of the answer you have; if it still holds, the new one is 304.",
    "example": '"0f343b0931126a20f133d67c2b018a3b"',
}


class Described(AutoSchema):
    """Groups addresses by what they are about, and says who may use them."""

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.split("/")[3:] if part and part[0] != "{"]
        return [parts[1] if len(parts) > 1 and parts[0] == "projects" else parts[0]]

    def get_description(self) -> str:
        return ""  # what a view's docstring says, it says to programmers

    def get_operation(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **options)
        if operation is None:
            return None
        said = operation.get("description") or f"{operation['summary']}."
        operation["description"] = f"{said}{_rights(self.view, self.method)}"
        return operation


def _rights(view: Any, method: str) -> str:
    always = getattr(view, "permission", Permission.VIEW)
    needed = getattr(view, "permissions", {}).get(method, always)
    roles = [role for role, allowed in ROLES.items() if needed in allowed]
    return "" if needed is Permission.VIEW else f" For: {', '.join(roles)}."


def complete(result: dict[str, Any], **given: Any) -> dict[str, Any]:
    """drf-spectacular's last step: add what no single view says."""
    components = result["components"]["schemas"]
    for component in components.values():
        _explain(component)
    for item in result["paths"].values():
        for method in _METHODS & item.keys():
            _complete_operation(item[method], method)
            _show(item[method], components)
    return result


def _explain(component: dict[str, Any]) -> None:
    _shorten(component)
    for name, field in component.get("properties", {}).items():
        _shorten(field)
        if "description" not in field and name in MEANINGS:
            field["description"] = MEANINGS[name]


def _shorten(described: dict[str, Any]) -> None:
    """Leave out choices that are explained by themselves, and a description that was no more."""
    rest = _BARE_CHOICE.sub("", described.pop("description", "")).strip()
    if rest:
        described["description"] = rest


def _complete_operation(operation: dict[str, Any], method: str) -> None:
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        _shorten(parameter)
        where = PLACES if parameter["in"] == "path" else MEANINGS
        if "description" not in parameter and parameter["name"] in where:
            parameter["description"] = where[parameter["name"]]
    responses = operation["responses"]
    said = {**_ALWAYS, **(_WITH_BODY if "requestBody" in operation else {})}
    for status, meaning in said.items():
        schema = {"$ref": "#/components/schemas/Problem"}
        responses[status] = {"description": meaning, "content": {PROBLEM: {"schema": schema}}}
    if method == "get":
        parameters.append(_KNOWN)
        responses["304"] = {"description": "You have it already."}
    for status, response in responses.items():
        response["description"] = response.get("description") or operation["summary"]
        response["headers"] = {**_LIMITS, **response.get("headers", {}), **_headers(status, method)}
    operation["responses"] = dict(sorted(responses.items()))


def _headers(status: str, method: str) -> dict[str, Any]:
    if status == "429":
        text = "How many seconds to wait."
        return {"Retry-After": {"description": text, "schema": {"type": "integer"}}}
    if method == "get" and status in {"200", "304"}:
        return {"ETag": {"description": "Names this answer.", "schema": {"type": "string"}}}
    return {}


def _show(operation: dict[str, Any], components: Mapping[str, Any]) -> None:
    """Give every JSON body and answer an example that has none."""
    for status, kind, media in _contents(operation):
        if "examples" in media or "example" in media:
            continue
        if kind == PROBLEM:
            media["example"] = _problem(int(status))
        elif kind in FILES:
            media["example"] = FILES[kind]
        elif kind == "application/json":
            media["example"] = example(media["schema"], components)


def _contents(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "", kind, media
    for status, response in operation["responses"].items():
        for kind, media in response.get("content", {}).items():
            yield status, kind, media


def _problem(status: int) -> dict[str, Any]:
    title = TITLES[status]
    key = title.lower().replace(" ", "_")
    return {
        "type": f"urn:cstoannot:problem:{key}",
        "title": title,
        "status": status,
        "detail": "What is wrong, and what to do.",
    }


def example(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits a schema, as far as possible the one that the field's name suggests."""
    if "$ref" in schema:
        return example(components[schema["$ref"].rpartition("/")[2]], components, name)
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            if EXAMPLES.get(name, "") is None and _NOTHING in schema[key]:
                return None
            return example(schema[key][0], components, name)
    if "properties" in schema:
        fields = schema["properties"].items()
        return {field: example(inner, components, field) for field, inner in fields}
    return _value(schema, components, name)


def _value(schema: Mapping[str, Any], components: Mapping[str, Any], name: str) -> Any:
    if "example" in schema:
        return schema["example"]
    kinds = schema.get("type", "null")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if name in EXAMPLES and _fits(EXAMPLES[name], kinds, schema):
        return EXAMPLES[name]
    if "enum" in schema:
        return schema["enum"][0]
    if kinds[0] == "array":
        return [example(schema.get("items", {}), components, name.removesuffix("s"))]
    if kinds[0] == "object":
        return {}
    return _FORMATS.get(schema.get("format", ""), _PLAIN[kinds[0]])


def _fits(value: Any, kinds: list[str], schema: Mapping[str, Any]) -> bool:
    """Whether the value is of one of the kinds, and one of those that may be chosen."""
    names = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
    kind = names.get(type(value), "array" if isinstance(value, list) else "object")
    if kind not in kinds or ("enum" in schema and value not in schema["enum"]):
        return False
    forms = {"uuid": "uuid", "uri": "uri", "date-time": "date-time"}
    form = schema.get("format", "")
    return form not in forms or value is None or (form == "uuid") == (value == EXAMPLES["id"])
