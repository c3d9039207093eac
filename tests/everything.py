"""Run every check this machine can run, and say in the last lines what was left out.

`CI=true` turns whatever is left out into a failure.
"""

import getpass
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.core.management.utils import get_random_secret_key

from tests.exchange.reference import FOLDER

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PYTEST = [sys.executable, "-m", "pytest", "--durations=5", "--durations-min=2"]


@dataclass
class Report:
    """What passed, what failed, and what could not be run, with the command that adds it."""

    failed: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    not_at_hand: list[tuple[str, str]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def step(self, name: str, command: list[str], **environment: str) -> None:
        print(f"\n── {name}", flush=True)
        begun = time.monotonic()
        kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        done = subprocess.run(command, cwd=ROOT, env={**kept, **environment}, check=False)
        if done.returncode:
            self.failed.append(name)
        print(f"   {'failed' if done.returncode else 'passed'} in {time.monotonic() - begun:.0f} s")

    def leave_out(self, what: str, remedy: str) -> None:
        self.left_out.append((what, remedy))

    def miss(self, what: str, remedy: str) -> None:
        """What no installation brings: said in the last lines, and no failure."""
        self.not_at_hand.append((what, remedy))

    def close(self) -> int:
        print(f"\n{'═' * 72}\nAll of it took {time.monotonic() - self.began:.0f} s.")
        for what, remedy in self.left_out:
            print(f"left out: {what}. To add it: {remedy}")
        for what, remedy in self.not_at_hand:
            print(f"not at hand: {what}. To add it: {remedy}")
        if not self.left_out:
            print(f"Nothing {'else ' if self.not_at_hand else ''}was left out.")
        strict = os.environ.get("CI", "").lower() in {"1", "true"}
        if strict and self.left_out:
            self.failed += [f"{what} (left out)" for what, _ in self.left_out]
        print(f"FAILED: {', '.join(self.failed)}" if self.failed else "Everything passed.")
        return 1 if self.failed else 0


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


def suites(report: Report) -> None:
    browser = any(shutil.which(name) for name in CHROMIUM)
    if not browser:
        report.leave_out("browser journeys (no Chromium)", "apt-get install chromium")
    chosen = "not slow" if browser else "not slow and not browser"
    report.step("tests on SQLite", [*PYTEST, "-n", "auto", "-m", chosen])
    report.step("slow tests on SQLite", [*PYTEST, "-m", "slow and not postgres"])
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
    url = postgres_url()
    if url is None:
        report.leave_out(
            "the suite on PostgreSQL (no server answers)",
            "apt-get install postgresql, or name one: DATABASE_URL=postgres://… make test",
        )
        return
    without_browser = ["-m", "not slow and not browser", "--of-the-database"]
    report.step("tests on PostgreSQL", [*PYTEST, "-n", "auto", *without_browser], DATABASE_URL=url)
    if browser:
        # Pages ask the same queries and actions on both databases: these save, conflict and lock.
        journeys = ["tests/browser/test_annotate.py", "tests/browser/test_done.py"]
        command = [*PYTEST, "-n", "auto", "-m", "not slow", *journeys]
        report.step("coding in the browser on PostgreSQL", command, DATABASE_URL=url)
    report.step("slow tests on PostgreSQL", [*PYTEST, "-m", "slow"], DATABASE_URL=url)


def main() -> int:
    report = Report()
    python = [sys.executable, "-m"]
    manage = [sys.executable, "manage.py"]
    report.step("lint", [*python, "ruff", "check", "."])
    report.step("format", [*python, "ruff", "format", "--check", "--quiet", "."])
    report.step("types", [*python, "mypy"])
    report.step("migrations", [*manage, "makemigrations", "--check", "--dry-run"])
    report.step(
        "deployment settings",
        [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        CSTOANNOT_URL="https://coding.example.org",
        SECRET_KEY=get_random_secret_key(),
    )
    suites(report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
