"""PostgreSQL: its own tools, in their custom format."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.db import connection

from cstoannot.management.backups.files import refuse_newer, write_atomically

IN_USE = ("cstoannot_user", "cstoannot_project")
LOCK_PATIENCE = "10s"


def back_up(settings: Mapping[str, Any], target: Path) -> None:
    """Dump the database as it stands at this moment; writers go on."""
    with write_atomically(target) as beside:
        _run(
            "pg_dump",
            settings,
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={beside}",
        )


def put_back(path: Path, settings: Mapping[str, Any]) -> None:
    """Fill the database from the backup in one transaction, or change nothing."""
    told = _run("pg_restore", {}, "--data-only", "--table=django_migrations", "--file=-", str(path))
    refuse_newer(_migrations(told))
    _refuse_in_use(settings)
    connection.close()
    _run(
        "pg_restore",
        settings,
        *("--clean", "--if-exists", "--no-owner", "--no-privileges"),
        *("--single-transaction", "--exit-on-error", str(path)),
    )


def _run(tool: str, settings: Mapping[str, Any], *words: str) -> str:
    """What the tool prints; `settings` are Django's of the database that it connects to, if any."""
    found = shutil.which(tool)
    if found is None:
        raise CommandError(
            f"{tool} is not installed here: install PostgreSQL's client programs "
            "(postgresql-client on Debian), of the server's version or newer."
        )
    done = subprocess.run(
        [found, *(["--dbname", settings["NAME"]] if settings else []), *words],
        env={**os.environ, **_environment(settings)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"{tool} failed: {' '.join(done.stderr.split())[-500:]}")
    return done.stdout


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    """How PostgreSQL's programs are told of a server; a password never stands in a command."""
    options = settings.get("OPTIONS", {})
    told = {
        "PGHOST": settings.get("HOST"),
        "PGPORT": settings.get("PORT"),
        "PGUSER": settings.get("USER"),
        "PGPASSWORD": settings.get("PASSWORD"),
        "PGSSLMODE": options.get("sslmode"),
        "PGSSLROOTCERT": options.get("sslrootcert"),
        "PGOPTIONS": f"-c lock_timeout={LOCK_PATIENCE}",
    }
    return {name: str(value) for name, value in told.items() if value}


def _migrations(told: str) -> set[tuple[str, str]]:
    """The rows of django_migrations in a dump written as SQL."""
    _, _, rows = told.partition(
        "COPY public.django_migrations (id, app, name, applied) FROM stdin;\n"
    )
    columns = [row.split("\t") for row in rows.partition("\n\\.")[0].splitlines()]
    return {(row[1], row[2]) for row in columns if len(row) == 4}


def _refuse_in_use(settings: Mapping[str, Any]) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name in set(IN_USE) & tables:
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")
            (held,) = cursor.fetchone()
            if held:
                raise CommandError(
                    f"The database {settings['NAME']} has accounts or projects already. Restore "
                    "into an empty one, and set DATABASE_URL to it."
                )
