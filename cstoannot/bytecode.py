"""Compiled modules are kept even where they may not be kept beside their sources.

Runs before Django and the settings, so that it counts for them too.
"""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def locate_data_folder() -> Path:
    """The folder of `CSTOANNOT_DATA`, by default `var/` beside manage.py; it need not exist."""
    given = os.environ.get("CSTOANNOT_DATA") or PACKAGE.parent / "var"
    return Path(given).expanduser().resolve()


def keep_bytecode() -> None:
    """Have Python keep bytecode in the data folder if it would keep none.

    Containers set PYTHONDONTWRITEBYTECODE, and an account that serves often cannot write to the
    program's folder. Without bytecode each start compiles everything, half of what it costs.
    """
    kept_beside_sources = os.access(PACKAGE, os.W_OK) and not sys.dont_write_bytecode
    if kept_beside_sources or sys.pycache_prefix:
        return
    sys.pycache_prefix = str(locate_data_folder() / "bytecode")
    sys.dont_write_bytecode = False
