"""Servers in processes of their own have a database of their own here too."""

from tests.durability.conftest import database_url

__all__ = ["database_url"]
