"""What is installed is what is written down; the settings and migrations are complete."""

import os
import re
import subprocess
import sys
import tomllib

import pytest
from django.core.management import call_command

from tests.architecture.code import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _name(requirement: str) -> str:
    return re.split(r"[\[=<>~ ]", requirement)[0].lower()


def _plain(requirement: str) -> str:
    return re.sub(r"\[.*\]", "", requirement).lower()


def _lines(name: str) -> list[str]:
    text = (ROOT / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_settings_are_fit_for_production():
    call_command("check", "--deploy", "--fail-level", "WARNING")


@pytest.mark.slow
def test_settings_are_fit_for_production_behind_https(tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "cstoannot.settings",
        "CSTOANNOT_DATA": str(tmp_path),
        "CSTOANNOT_URL": "https://coding.example.org",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize("chosen", [False, True])
def test_hsts_binds_other_hosts_only_if_asked(tmp_path, chosen):
    names = {
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": "CSTOANNOT_HSTS_SUBDOMAINS",
        "SECURE_HSTS_PRELOAD": "CSTOANNOT_HSTS_PRELOAD",
    }
    environment = {
        **os.environ,
        "CSTOANNOT_DATA": str(tmp_path),
        "CSTOANNOT_URL": "https://coding.example.org",
        **({name: "true" for name in names.values()} if chosen else {}),
    }
    told = f"from cstoannot import settings as s; print({', '.join(f's.{name}' for name in names)})"
    done = subprocess.run(
        [sys.executable, "-c", told],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == [str(chosen)] * 2, done.stderr


@pytest.mark.parametrize(
    ("target", "chosen", "folder"),
    [
        ("demo", {}, "var/demo"),
        ("demo", {"CSTOANNOT_DATA": "/srv/data"}, "/srv/data"),
        ("serve", {}, ""),
    ],
)
def test_demonstration_keeps_its_data_apart(tmp_path, target, chosen, folder):
    """Each target runs its command with this data folder; without one it is the program's own."""
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$CSTOANNOT_DATA"\n')
    python.chmod(0o755)
    environment = {name: os.environ[name] for name in os.environ if name != "CSTOANNOT_DATA"}
    done = subprocess.run(
        ["make", "-s", target, f"RUN={python}", "-o", ".venv/installed"],
        cwd=ROOT,
        env=environment | chosen,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == folder


def test_dependencies_each_have_their_reason():
    said = (ROOT / "docs" / "dependencies.md").read_text().lower()
    requirements = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    missing = [_name(r) for r in requirements if not re.search(rf"\b{re.escape(_name(r))}\b", said)]
    assert missing == []


def test_dependencies_are_pinned():
    assert [r for r in PROJECT["dependencies"] if "==" not in r] == []
    unpinned = [
        line
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in _lines(name)
        if "==" not in line
    ]
    assert unpinned == []


def test_dependencies_of_the_project_are_those_installed():
    installed = {_plain(line.split(" ")[0]) for line in _lines("requirements.txt")}
    wanted = {_plain(requirement) for requirement in PROJECT["dependencies"]}
    assert wanted - installed == set()
