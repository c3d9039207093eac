"""The documentation names what exists, and its journeys lead from file to file."""

import re
from pathlib import Path

import pytest

from tests.architecture.code import APP, ROOT, modules

# A path in backticks, perhaps with a name in it after a colon: of the repository, or of a file of
# ours from any folder on.
FOLDERS = "cstoannot|docs|tests|benchmarks|seeds|fixtures"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./*-]*|[\w./*-]+\.(?:py|json|js|css|html))(?:: (\w+))?")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
PLACEHOLDER = "NAME"
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    # The changelog tells of files as they were.
    if path.name != "CHANGELOG.md"
)
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
JOURNEY = re.compile(r"^### ([^\n]+)\n\n((?:^\d+\. [^\n]+\n)+)", re.M)
STEP = re.compile(r"^\d+\. `([^`]+)`", re.M)
JOURNEYS = {title: STEP.findall(steps) for title, steps in JOURNEY.findall(ARCHITECTURE)}
# The most files that somebody opens on the way.
LONGEST = {
    "A coder marks a passage": 12,
    "From a project to its agreement page": 12,
    "From a cell of the matrix to its passages": 7,
    "A million annotations leave": 7,
}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_name_what_exists(document):
    text = document.read_text(encoding="utf-8")
    wrong = [
        f"{path}: {name}" if name else path
        for path, name in PATH.findall(text)
        if PLACEHOLDER not in path and not _exists(path, name)
    ]
    wrong += [link for link in LINK.findall(text) if not (document.parent / link).exists()]
    assert wrong == []


def _exists(path: str, name: str) -> bool:
    found = [*ROOT.glob(path), *APP.rglob(path), *(ROOT / "tests").rglob(path)]
    if not name:
        return bool(found)
    return any(re.search(rf"\b{name}\b", one.read_text(encoding="utf-8")) for one in found)


def test_journeys_are_short():
    assert {title: len(steps) <= LONGEST[title] for title, steps in JOURNEYS.items()} == (
        dict.fromkeys(LONGEST, True)
    )


@pytest.mark.parametrize("title", JOURNEYS)
def test_steps_of_a_journey_are_reached_from_one_before(title):
    """Python by an import, a template by its name. Scripts get each other as arguments."""
    steps = [ROOT / step for step in JOURNEYS[title]]
    python = [path for path in steps if path.suffix == ".py"]
    wrong = [path.name for path in steps if not path.exists()]
    wrong += [
        path.name
        for place, path in enumerate(python)
        if place and not _imported(path, python[:place])
    ]
    named = "".join(path.read_text(encoding="utf-8") for path in python)
    wrong += [
        path.name
        for path in steps
        if path.suffix == ".html" and path.relative_to(APP / "templates").as_posix() not in named
    ]
    assert wrong == []


def _imported(path: Path, by: list[Path]) -> bool:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return any(
        imported == name or imported.startswith(f"{name}.")
        for module in modules()
        if module.path in by
        for _, imported in module.imports()
    )
