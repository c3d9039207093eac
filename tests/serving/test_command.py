"""`manage.py serve` says what is wrong with its options, and when clients can connect."""

import pytest
from django.core.management import CommandError, call_command

from cstoannot.management.commands import serve as module
from tests.durability.server import free_port


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--port", "70000", "'70000' is not a number from 1 to 65535"),
        ("--port", "0", "'0' is not a number from 1 to 65535"),
        ("--workers", "-1", "'-1' is not a number from 1 to 256"),
        ("--workers", "0", "'0' is not a number from 1 to 256"),
        ("--workers", "many", "'many' is not a number from 1 to 256"),
    ],
)
def test_impossible_option_is_named(option, value, message):
    with pytest.raises(CommandError, match=f"argument {option}: {message}"):
        call_command("serve", f"{option}={value}")


@pytest.mark.django_db
def test_address_is_printed_once_clients_can_connect(monkeypatch, capsys):
    said = []

    def serve(listener, *, workers, announce):
        said.append(capsys.readouterr().out)
        announce()
        said.append(capsys.readouterr().out)
        listener.close()

    monkeypatch.setattr(module, "run_server", serve)
    monkeypatch.setattr(module, "prepare_installation", lambda: None)
    call_command("serve", f"--port={free_port()}")
    assert said[0] == ""
    assert said[1].startswith("Serving on http")
