"""Nothing grows beyond what one can read at a sitting; nothing is left lying about."""

import ast
import re

import pytest

from tests.architecture.code import APP, ROOT, ROWS, Function, files, modules, shown

LONGEST_MODULE, LONGEST_SCRIPT, LONGEST_FUNCTION = 400, 300, 40
DOMAIN = [name for name in ROWS if (APP / name).is_dir()]
WITHOUT_HOME = {"utils", "util", "common", "helpers", "misc", "base_utils"}
LEFT_LYING = re.compile(r"(?:#|//|/\*|<!--).*\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def _length(function: Function) -> int:
    """Lines from `def` on, its docstring not counted."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) and first.end_lineno:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_modules_are_short():
    assert [f"{m.name}: {m.lines}" for m in modules() if m.lines > LONGEST_MODULE] == []


def test_functions_are_short():
    long = [
        f"{module.name} {function.name}: {_length(function)}"
        for module in modules()
        for function in module.functions()
        if _length(function) > LONGEST_FUNCTION
    ]
    assert long == []


def test_scripts_are_short():
    sizes = {shown(path): len(path.read_text().splitlines()) for path in files("static", ".js")}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_SCRIPT} == {}


@pytest.mark.parametrize("package", DOMAIN)
def test_package_says_in_one_to_three_lines_what_lives_there(package):
    docstring = ast.get_docstring(ast.parse((APP / package / "__init__.py").read_text()))
    assert docstring
    assert 1 <= len(docstring.splitlines()) <= 3


def test_modules_have_names_that_mean_something():
    assert [m.name for m in modules() if m.path.stem in WITHOUT_HOME] == []


def test_nothing_is_left_to_be_done():
    places = [path for path in ROOT.glob("tests/**/*.py")]
    places += [path for suffix in (".py", ".js", ".css", ".html") for path in files("", suffix)]
    wrong = [
        f"{shown(path)}: {found[0]}"
        for path in places
        for found in LEFT_LYING.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
