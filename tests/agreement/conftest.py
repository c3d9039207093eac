import pytest

from cstoannot.projects.scope import Scope
from tests.agreement.demo import demo


@pytest.fixture
def lead(db: None) -> Scope:
    """The owner of the demonstration project."""
    return demo()
