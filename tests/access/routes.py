"""Every address there is, read from the resolver."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def routes() -> list[str]:
    """Such as `projects/<project>/members/`; those of Django's admin are one, `admin/`."""
    found = [plain(route) for route in _below(get_resolver().url_patterns, "")]
    return sorted({route for route in found if not route.startswith("admin/")} | {"admin/"})


def _below(patterns: Iterable[Any], prefix: str) -> Iterator[str]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route


def plain(route: str) -> str:
    plain = route.replace("^", "").removesuffix("$").removesuffix(r"\Z")
    return PARAMETER.sub(r"<\1>", plain)


def parameters(route: str) -> list[str]:
    return PARAMETER.findall(route)


def filled(route: str, values: Mapping[str, Iterable[Any]]) -> list[str]:
    """The route's addresses, with every combination of the values for its parameters."""
    names = parameters(route)
    combinations = product(*(values[name] for name in names))
    return [_fill(route, dict(zip(names, chosen, strict=True))) for chosen in combinations]


def _fill(route: str, chosen: Mapping[str, Any]) -> str:
    return "/" + PARAMETER.sub(lambda found: str(chosen[found[1]]), route)
