"""A bad value in the environment stops the start with a sentence."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from cstoannot import settings


def test_pool_has_as_many_connections_as_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://user@127.0.0.1:1/name")
    for said, size in ((None, 16), ("40", 40)):
        if said:
            monkeypatch.setenv("CSTOANNOT_POOL", said)
        pool = settings._build_database_settings(tmp_path)["default"]["OPTIONS"]["pool"]
        assert pool == {"max_size": size, "timeout": 10}


@pytest.mark.parametrize("said", ["many", "0", "-1", "", "1.5", "²"])
def test_pool_of_no_number_of_connections_is_refused(tmp_path, monkeypatch, said):
    monkeypatch.setenv("DATABASE_URL", "postgres://user@127.0.0.1:1/name")
    monkeypatch.setenv("CSTOANNOT_POOL", said)
    with pytest.raises(ImproperlyConfigured, match=r"CSTOANNOT_POOL is .*: give a number of conn"):
        settings._build_database_settings(tmp_path)
