"""Customises what drf-spectacular generates: authentication schemes, tags, required roles, and
the descriptions, headers and examples that no single view states.
"""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance

from cstoannot.api.errors import TITLES
from cstoannot.projects.permissions import ROLES, Permission


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "cstoannot.api.authentication.BearerTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made under Tokens or with `manage.py create_token`.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "cstoannot.api.authentication.SessionCookieAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The pages' cookie; unsafe requests send X-CSRFToken.",
        }


PROBLEM = "application/problem+json"
_METHODS = {"get", "post", "put", "patch", "delete"}
_PLAIN: dict[Any, Any] = {"integer": 1, "number": 0.5, "boolean": True, "string": "", "null": None}
_FORMATS = {
    "date-time": "2026-01-31T12:00:00Z",
    "uuid": "0197d1a2-7c44-7b1e-9f3a-5d0c8e6b2a10",
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
_VALUES = "x-example-values"  # of a component, until the examples are made
# What drf-spectacular adds for a choice whose label is its value.
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


class ApiAutoSchema(AutoSchema):
    """Groups URLs by tag and describes the required roles."""

    def get_tags(self) -> list[str]:
        parts = [part for part in self.path.split("/")[3:] if part and part[0] != "{"]
        return [parts[1] if len(parts) > 1 and parts[0] == "projects" else parts[0]]

    def get_operation(self, *args: Any, **options: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **options)
        if operation is None:
            return None
        said = operation.get("description") or f"{operation['summary']}."
        operation["description"] = f"{said}{_describe_required_roles(self.view, self.method)}"
        in_path = _collect_inherited_values(type(self.view), "path_descriptions")
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "path" and parameter["name"] in in_path:
                parameter["description"] = in_path[parameter["name"]]
        return operation

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """Return the schema of a serializer, with example values for `complete_api_description`."""
        component: dict[str, Any] = super()._map_basic_serializer(serializer, direction)
        given = _collect_inherited_values(type(force_instance(serializer)), "example_values")
        shown = {name: given[name] for name in component["properties"] if name in given}
        return {**component, _VALUES: shown}


def _collect_inherited_values(described: type, attribute: str) -> Mapping[str, Any]:
    """Merge a mapping attribute of a class and its bases."""
    return ChainMap(*(vars(one).get(attribute, {}) for one in described.__mro__))


def _describe_required_roles(view: Any, method: str) -> str:
    always = getattr(view, "permission", Permission.VIEW)
    needed = getattr(view, "permissions", {}).get(method, always)
    roles = [role for role, allowed in ROLES.items() if needed in allowed]
    return "" if needed is Permission.VIEW else f" For: {', '.join(roles)}."


def complete_api_description(result: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Add what no single view declares; drf-spectacular's postprocessing hook."""
    components = result["components"]["schemas"]
    for component in components.values():
        for described in (component, *component.get("properties", {}).values()):
            _remove_bare_choices(described)
    for item in result["paths"].values():
        for method in _METHODS & item.keys():
            _complete_operation(item[method], method)
            _add_operation_examples(item[method], components)
    for component in components.values():
        component.pop(_VALUES, None)
    return result


def _remove_bare_choices(described: dict[str, Any]) -> None:
    """Remove choices whose label is their value, and a description that is then empty."""
    rest = _BARE_CHOICE.sub("", described.pop("description", "")).strip()
    if rest:
        described["description"] = rest


def _complete_operation(operation: dict[str, Any], method: str) -> None:
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        _remove_bare_choices(parameter)
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
        response["headers"] = {
            **_LIMITS,
            **response.get("headers", {}),
            **_build_response_headers(status, method),
        }
    operation["responses"] = dict(sorted(responses.items()))


def _build_response_headers(status: str, method: str) -> dict[str, Any]:
    if status == "429":
        text = "How many seconds to wait."
        return {"Retry-After": {"description": text, "schema": {"type": "integer"}}}
    if method == "get" and status in {"200", "304"}:
        return {"ETag": {"description": "Names this answer.", "schema": {"type": "string"}}}
    return {}


def _add_operation_examples(operation: dict[str, Any], components: Mapping[str, Any]) -> None:
    """Add an example to every JSON body and response without one."""
    for status, kind, media in _iterate_media_types(operation):
        if "examples" in media or "example" in media:
            continue
        if kind == PROBLEM:
            media["example"] = _build_problem_example(int(status))
        elif kind == "application/json":
            media["example"] = build_schema_example(media["schema"], components)


def _iterate_media_types(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for kind, media in operation.get("requestBody", {}).get("content", {}).items():
        yield "", kind, media
    for status, response in operation["responses"].items():
        for kind, media in response.get("content", {}).items():
            yield status, kind, media


def _build_problem_example(status: int) -> dict[str, Any]:
    title = TITLES[status]
    key = title.lower().replace(" ", "_")
    return {
        "type": f"urn:cstoannot:problem:{key}",
        "title": title,
        "status": status,
        "detail": "What is wrong, and what to do.",
    }


def build_schema_example(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    """Return a value that fits a schema: from `example_values`, else any of the type.

    `components` are the named schemas, which `$ref` refers to.
    """
    if "$ref" in schema:
        return build_schema_example(components[schema["$ref"].rpartition("/")[2]], components)
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            return build_schema_example(schema[key][0], components)
    if "properties" in schema:
        given = schema.get(_VALUES, {})
        return {
            name: given[name] if name in given else build_schema_example(inner, components)
            for name, inner in schema["properties"].items()
        }
    return _any_value(schema, components)


def _any_value(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "null")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "array":
        return [build_schema_example(schema.get("items", {}), components)]
    if kind == "object":
        return {}
    return _FORMATS.get(schema.get("format", ""), _PLAIN[kind])
