"""Static files: hashed, compressed, and collected again only after a change."""

import hashlib
import json
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files whose ES modules import each other by their hashed names."""

    support_js_module_import_aggregation = True


def collect_static_files() -> bool:
    """Collect the static files unless they are unchanged; return whether it did."""
    marker = Path(settings.STATIC_ROOT) / "collected-from"
    fingerprint = _fingerprint_static_files()
    if marker.exists() and marker.read_text() == fingerprint:
        return False
    call_command("collectstatic", interactive=False, verbosity=0)
    marker.write_text(fingerprint)
    return True


def _fingerprint_static_files() -> str:
    """Hash the path, size and modification time of each file to collect."""
    files = [
        (path, *_read_size_and_time(storage.path(path)))
        for finder in get_finders()
        for path, storage in finder.list([])
    ]
    state = [django.__version__, settings.STORAGES["staticfiles"]["BACKEND"], sorted(files)]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _read_size_and_time(path: str) -> tuple[int, int]:
    status = Path(path).stat()
    return status.st_size, status.st_mtime_ns
