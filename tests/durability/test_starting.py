"""Starting again does not do again what the first start did."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.durability.server import PATIENCE

pytestmark = pytest.mark.slow
FOLDER = Path(settings.BASE_DIR)


def load_modules_of_serve(folder: Path, **environment: str) -> dict[Path, int]:
    """Import what `serve` needs, as a start does; the bytecode kept then, with its times."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--help"],
        cwd=FOLDER,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "cstoannot.settings",
            "CSTOANNOT_DATA": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.pyc")}


def test_modules_are_compiled_once_where_python_keeps_no_bytecode(tmp_path):
    first = load_modules_of_serve(tmp_path, PYTHONDONTWRITEBYTECODE="1")
    names = {path.name.split(".")[0] for path in first}
    assert {"settings", "processes", "triggers"} <= names
    assert load_modules_of_serve(tmp_path, PYTHONDONTWRITEBYTECODE="1") == first


def test_bytecode_goes_where_the_environment_says(tmp_path):
    data, named = tmp_path / "data", tmp_path / "named"
    kept = load_modules_of_serve(data, PYTHONDONTWRITEBYTECODE="", PYTHONPYCACHEPREFIX=str(named))
    assert kept == {}
    assert list(named.rglob("processes.*.pyc"))
