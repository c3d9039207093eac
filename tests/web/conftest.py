from collections.abc import Callable

import pytest
from django.test import Client

from cstoannot.accounts.models import User
from tests.builders import World


@pytest.fixture
def lead(world: World, client_for: Callable[[User | None], Client]) -> Client:
    """Alice's browser."""
    return client_for(world.alice)


@pytest.fixture
def at(world: World) -> Callable[[str], str]:
    """An address in the project: `at("codebook/")`."""
    return lambda path="": f"/projects/{world.slug}/{path}"
