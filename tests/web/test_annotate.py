"""The annotate page brings its annotations along, as the API would give them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cstoannot.projects.scope import Scope
from cstoannot.sources.models import Source
from cstoannot.web.annotate import views as page
from tests.builders import World, annotate

HOSTILE = "</script><script>alert(1)</script> & <!-- 👩‍👩‍👧"


def brought(client: Client, scope: Scope, source: Source) -> list[dict[str, Any]] | None:
    html = client.get(reverse("annotate", args=[scope.project.slug, source.pk])).content.decode()
    found = re.search(r'<script id="annotations" type="application/json">(.*?)</script>', html)
    # Nothing is asked for twice.
    assert (found is None) == ('as="fetch"' in html)
    return json.loads(found[1]) if found else None


@pytest.mark.parametrize("name", ["alice", "bob", "beth"])
def test_page_brings_what_the_api_lists(
    world: World, client_for: Callable[..., Client], name: str
) -> None:
    scope = world.scope(world.bob)
    annotate(scope, world.shared, "Nobody came", stance="opposes", voice="An official")
    annotate(scope, world.shared, "Nobody", note=HOSTILE)
    client = client_for(getattr(world, name))
    address = f"/api/v1/projects/{scope.project.slug}/annotations/?source={world.shared.pk}"
    listed = client.get(address).json()["results"]
    assert brought(client, scope, world.shared) == listed
    assert any(row["note"] == HOSTILE for row in listed) == (name != "beth")


def test_page_brings_no_more_than_it_can_carry(
    world: World, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = world.scope(world.bob)
    held = len(brought(client_for(world.bob), scope, world.shared) or [])
    assert held > 0
    monkeypatch.setattr(page, "BROUGHT", held - 1)
    assert brought(client_for(world.bob), scope, world.shared) is None
