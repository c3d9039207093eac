import pytest

from cstoannot.sources.models import Source
from tests.builders import World, add_code, add_source, annotate, assign_to
from tests.exchange.reading import ODD


@pytest.fixture(autouse=True)
def _site(settings):
    """Addresses in files are the same wherever the tests run."""
    settings.PUBLIC_URL = "https://coding.example.org"


@pytest.fixture
def odd(world: World) -> Source:
    """A source, a code and passages that formats could stumble over."""
    source = add_source(world.lead, "=SUM(1) “odd”", ODD, publisher="+1", author="@a, b")
    add_code(world.lead, 'Odd, "code"', parent="failure")
    assign_to(world.lead, source, world.bob)
    bob = world.scope(world.bob)
    annotate(bob, source, ODD, "odd-code", voice="-minus", note="\t=cmd\r\nnext")
    annotate(bob, source, "🙂 cafe\u0301", stance="mixed", note="=1")
    annotate(bob, source, "שָׁלוֹם", stance="opposes")
    return source
