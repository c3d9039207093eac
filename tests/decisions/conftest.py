import pytest

from tests.builders import World, finish


@pytest.fixture
def finished(world: World) -> World:
    """Bob and Beth have finished what they share: two places on which they differ."""
    finish(world.scope(world.bob), world.shared)
    finish(world.scope(world.beth), world.shared)
    return world
