"""CONTRIBUTING.md lists the files that each recipe touches; here the lists are followed.

A recipe is a section with a line "Example: `key`" and a list whose items begin with a path. In a
path, NAME stands for the key and * for anything.
"""

import re
from pathlib import Path

import pytest

from cstoannot.exchange.formats.registry import FORMATS
from cstoannot.projects.permissions import Permission
from cstoannot.stats.coefficients.definitions import MeasureKind
from cstoannot.stats.coefficients.registry import MEASURES
from tests.architecture.code import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### ([^\n]+)\n\nExample: `(\w+)`\n(.*?)(?=^##|\Z)", re.M | re.S)
ITEM = re.compile(r"^- `([^`]+)`", re.M)
RECIPES = {title: (key, ITEM.findall(body)) for title, key, body in SECTION.findall(GUIDE)}
# The recipes of these hold for everything that has been added, not for the example alone.
KEYS = {
    "Add a measure": [
        key for key, one in MEASURES.items() if one.kind is MeasureKind.UNITS and not one.all_codes
    ],
    "Add an export format": list(FORMATS),
}
EXAMPLES = [(title, key) for title, (key, _) in RECIPES.items()]
EXAMPLES += [(title, key) for title, keys in KEYS.items() for key in keys]


def _named_in(files: list[Path], key: str) -> bool:
    """Whether one of the files is named after the key or holds it as a word."""
    word = re.compile(rf"\b{key}\b")
    return any(key in path.name or word.search(path.read_text(encoding="utf-8")) for path in files)


def test_there_is_a_recipe_for_each_common_change():
    assert list(RECIPES) == [
        "Add a measure",
        "Add an export format",
        "Add a page",
        "Add an API resource",
        "Add a permission",
    ]
    assert RECIPES["Add a permission"][0] in Permission.__members__


@pytest.mark.parametrize(("title", "key"), EXAMPLES)
def test_files_of_the_recipe_name_what_was_added_by_it(title, key):
    wrong = []
    for pattern in RECIPES[title][1]:
        found = sorted(ROOT.glob(pattern.replace("NAME", key)))
        if not _named_in(found, key):
            wrong.append(f"{pattern}: {len(found)} files, none of which names {key}")
    assert wrong == []
