"""The product's settings, made quick for tests."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("CSTOANNOT_DATA", tempfile.mkdtemp(prefix="cstoannot-tests-"))

from cstoannot.settings import *  # noqa: F403
from cstoannot.settings import DATA_FOLDER, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: the tests of concurrency open it from several threads.
    DATABASES["default"]["TEST"] = {"NAME": Path(DATA_FOLDER) / "test.sqlite3"}
    # No test cuts the power under this process; servers of the tests' own keep their settings.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
    # A pool keeps connections that the test database's removal would wait for.
    DATABASES["default"]["OPTIONS"].pop("pool", None)
# WhiteNoise warns of a missing folder, and warnings are errors here.
(DATA_FOLDER / "static").mkdir(exist_ok=True)
