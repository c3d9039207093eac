"""`make check`: lint, types, and the quick tests of what changed since the last commit.

    make check                       # of what changed
    make check PACKAGES="codebook"   # of the packages that are named

Slow tests, and those in the browser, are left to `make test`.
"""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.steps import (
    PYTEST_ON_ALL_CORES,
    ROOT,
    Report,
    Step,
    collect_script_checks,
    static_checks,
)

TESTS = ROOT / "tests"
PRODUCT = "cstoannot"
# What the pages are made of has its tests in tests/web.
WITHOUT_TESTS_OF_THEIR_OWN = {"templates": "web", "static": "web", "management": "serving"}
# No more than these is quick: they ask for every address there is.
EVERYTHING = {"access"}


def changed_files() -> list[str]:
    """Paths that differ from the last commit, new ones included."""
    asked = (["diff", "--name-only", "HEAD"], ["ls-files", "--others", "--exclude-standard"])
    return [
        path
        for words in asked
        for path in subprocess.check_output(["git", *words], cwd=ROOT, text=True).splitlines()
    ]


def tests_of(paths: Iterable[str]) -> set[str]:
    """The tests to run for changes of these paths: files of tests themselves, else packages."""
    found = set()
    for path in paths:
        parts = Path(path).parts
        if parts[0] == "tests" and parts[-1].startswith("test_") and (ROOT / path).exists():
            found.add(path)
        elif len(parts) > 2 and parts[0] in (PRODUCT, "tests"):
            found |= packages([WITHOUT_TESTS_OF_THEIR_OWN.get(parts[1], parts[1])])
    return found


def packages(names: Iterable[str]) -> set[str]:
    """The folders of tests of these packages, where they have one that is quick."""
    return {f"tests/{name}" for name in names if name not in EVERYTHING and (TESTS / name).is_dir()}


def main(names: list[str]) -> int:
    """Check; the exit code."""
    if unknown := [name for name in names if not packages([name])]:
        sys.exit(f"No quick tests of {', '.join(unknown)} in tests/.")
    chosen = packages(names) if names else tests_of(changed_files())
    files = sorted({"tests/architecture", *chosen})
    command = [*PYTEST_ON_ALL_CORES, "-m", "not slow and not browser", *files]
    report = Report()
    lint = [*static_checks(), *collect_script_checks(report)]
    report.run(lint, [Step(f"tests of {' '.join(files)}", command)])
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
