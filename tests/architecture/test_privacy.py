"""Files of an installation are its user's alone, whoever made them, under whatever umask."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from cstoannot.management.serving import installation


def _modes(folder: Path) -> set[tuple[bool, int]]:
    return {
        (path.is_dir(), stat.S_IMODE(path.lstat().st_mode)) for path in [folder, *folder.rglob("*")]
    }


PRIVATE = {(True, 0o700), (False, 0o600)}


def test_files_that_were_there_are_closed(tmp_path, settings):
    settings.DATA_FOLDER = tmp_path / "data"
    settings.STATIC_ROOT = settings.DATA_FOLDER / "static"
    (settings.STATIC_ROOT / "js").mkdir(parents=True)
    for name in ("secret-key", "static/js/a.js"):
        (settings.DATA_FOLDER / name).write_text("x")
    for path in settings.DATA_FOLDER.rglob("*"):
        path.chmod(0o777 if path.is_dir() else 0o666)
    settings.DATA_FOLDER.chmod(0o755)
    installation.make_files_private()
    assert _modes(settings.DATA_FOLDER) == PRIVATE


def test_shared_folder_is_not_closed(tmp_path, settings):
    settings.DATA_FOLDER = tmp_path / "shared"
    settings.DATA_FOLDER.mkdir()
    settings.DATA_FOLDER.chmod(0o1777)
    (settings.DATA_FOLDER / "other").write_text("x")
    (settings.DATA_FOLDER / "other").chmod(0o644)
    installation.make_files_private()
    assert stat.S_IMODE(settings.DATA_FOLDER.stat().st_mode) == 0o1777
    assert stat.S_IMODE((settings.DATA_FOLDER / "other").stat().st_mode) == 0o644


@pytest.mark.slow
def test_new_installation_is_private_under_any_umask(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = {
        **kept,
        "CSTOANNOT_DATA": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "cstoannot.settings",
    }
    prepare = "from cstoannot.management.serving.installation import prepare_installation as p; p()"
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", prepare],
        cwd=settings.BASE_DIR,
        env=environment,
        umask=0,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert _modes(tmp_path / "data") == PRIVATE
    assert (tmp_path / "data" / "cstoannot.sqlite3").exists()
