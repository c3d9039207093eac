"""Run every check this machine can run, and say in the last lines what was left out.

`CI=true` turns whatever is left out into a failure.
"""

import getpass
import os
import shutil
import subprocess
import sys

from tests.exchange.reference import FOLDER
from tests.steps import (
    PYTEST,
    PYTEST_ON_ALL_CORES,
    Report,
    Step,
    collect_script_checks,
    static_checks,
)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def postgres_url() -> str | None:
    """A PostgreSQL that answers: the one DATABASE_URL names, or a local server."""
    import psycopg

    given = os.environ.get("DATABASE_URL", "")
    user = getpass.getuser()
    candidates = [given] if given.startswith("postgres") else []
    candidates += [
        f"postgres://{user}@127.0.0.1:5432/postgres",
        "postgres://postgres@127.0.0.1:5432/postgres",
        "postgres://postgres:postgres@127.0.0.1:5432/postgres",
    ]
    for url in candidates:
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                role = connection.execute(
                    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                ).fetchone()
        except psycopg.Error:
            continue
        if role and role[0]:
            return url
    return None


def r_is_at_hand() -> bool:
    """Whether the lines for R can be run: their test is skipped otherwise."""
    if shutil.which("Rscript") is None:
        return False
    command = ["Rscript", "--vanilla", "-e", "library(jsonlite)"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say_what_is_missing(report: Report, *, browser: bool, postgres: bool) -> None:
    if not browser:
        report.leave_out("browser journeys (no Chromium)", "apt-get install chromium")
    if not FOLDER.exists():
        report.miss(
            "schemas of REFI-QDA, GEXF and Web Annotation, which are not to be copied",
            "CSTOANNOT_REFERENCE_FILES=<their folder> make test",
        )
    if not r_is_at_hand():
        report.miss(
            "R with its package jsonlite, for the lines for R of the page Use the API",
            "apt-get install r-base-core r-cran-jsonlite",
        )
    for name in ("caddy", "nginx"):
        if shutil.which(name) is None:
            report.miss(f"{name}, for the test of its example", f"apt-get install {name}")
    if not postgres:
        report.leave_out(
            "the suite on PostgreSQL (no server answers)",
            "apt-get install postgresql, or name one: DATABASE_URL=postgres://… make test",
        )


def steps_on_postgres(url: str, *, browser: bool) -> list[Step]:
    """Those that use every core."""
    there = {"DATABASE_URL": url}
    chosen = ["-m", "not slow and not browser", "--of-the-database"]
    steps = [Step("tests on PostgreSQL", [*PYTEST_ON_ALL_CORES, *chosen], there)]
    if browser:
        # Pages ask the same queries and actions on both databases: these save, conflict and lock.
        journeys = ["tests/browser/test_annotate.py", "tests/browser/test_done.py"]
        command = [*PYTEST_ON_ALL_CORES, "-m", "not slow", *journeys]
        steps.append(Step("coding in the browser on PostgreSQL", command, there))
    return steps


def main() -> int:
    report = Report()
    url = postgres_url()
    browser = any(shutil.which(name) for name in CHROMIUM)
    say_what_is_missing(report, browser=browser, postgres=url is not None)
    chosen = "not slow" if browser else "not slow and not browser"
    report.run([Step("tests on SQLite", [*PYTEST_ON_ALL_CORES, "-m", chosen])])
    # The rest mostly uses one core each, or waits.
    slow = Step("slow tests on SQLite", [*PYTEST, "-m", "slow and not postgres"])
    lanes = [[slow], [*static_checks(), *collect_script_checks(report)]]
    if url is not None:
        report.run(steps_on_postgres(url, browser=browser))
        command = [*PYTEST, "-m", "slow", "--of-the-database"]
        lanes.append([Step("slow tests on PostgreSQL", command, {"DATABASE_URL": url})])
    report.run(*lanes)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
