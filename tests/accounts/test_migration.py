"""User names that looked alike before it was refused are kept."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cstoannot.accounts.models import User
from cstoannot.annotations.triggers import install_triggers
from tests.codebook.test_migration import _migrate

BEFORE, DONE = "0009_outsiders_and_unfinished_restores", "0010_tokens_and_user_names"


@pytest.mark.django_db(transaction=True)
def test_names_that_look_alike_are_kept_and_named(transactional_db, capsys):
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("cstoannot")[0][1]
    models = _migrate(BEFORE)
    old = models.get_model("cstoannot", "User").objects
    for name in ("anna", "Anna", "\u0430nna", "bob"):
        old.create(username=name)
    capsys.readouterr()
    _migrate(DONE)
    _migrate(newest)
    install_triggers()
    said = capsys.readouterr().out
    assert [name in said for name in ("'Anna' looks like 'anna'", "'\u0430nna' looks", "bob")] == [
        True,
        True,
        False,
    ]
    cyrillic = User.objects.get(username="\u0430nna").pk
    found = dict(User.objects.values_list("username", "likeness"))
    keys = {user.username: user.pk for user in User.objects.all()}
    assert found == {
        "anna": "anna",
        "Anna": f"anna#{keys['Anna']}",
        "\u0430nna": f"anna#{cyrillic}",
        "bob": "bob",
    }
    User.objects.all().delete()
