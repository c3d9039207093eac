"""Figures that say how easy the code is to read: `python -m tests.architecture.figures`.

They cover the Python files and templates of `cstoannot/`; migrations are left out.
"""

import ast
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from tests.architecture.code import Function, files, modules

# Django and DRF look these classes up by this name, so each must be called that.
NAMES_OF_THE_FRAMEWORK = {"Command", "DatabaseWrapper", "Meta"}


def module_functions() -> Iterator[str]:
    """The name of each function defined at the top level of a module."""
    for module in modules():
        yield from (node.name for node in module.tree.body if isinstance(node, Function))


def class_names() -> Iterator[str]:
    """The name of each class, nested classes included, except those the framework prescribes."""
    for module in modules():
        found = (node.name for node in module.nodes if isinstance(node, ast.ClassDef))
        yield from (name for name in found if name not in NAMES_OF_THE_FRAMEWORK)


def one_word_share() -> float:
    """Percentage of module-level functions whose name is a single word."""
    names = list(module_functions())
    return 100 * sum("_" not in name.strip("_") for name in names) / len(names)


def shared_name_share() -> float:
    """Percentage of module-level functions whose name is used in another module as well."""
    counts = Counter(module_functions())
    return 100 * sum(count for count in counts.values() if count > 1) / counts.total()


def reused_class_names() -> list[str]:
    """Class names that are defined more than once."""
    return sorted(name for name, count in Counter(class_names()).items() if count > 1)


def longest_template_line() -> int:
    """Characters in the longest line of a template."""
    templates = files("templates", ".html")
    lines = (line for path in templates for line in path.read_text(encoding="utf-8").splitlines())
    return max(map(len, lines))


def all_figures() -> Mapping[str, str]:
    """Each figure under its description, ready to print."""
    lengths = [module.lines for module in modules()]
    reused = reused_class_names()
    return {
        "functions with one-word names": f"{one_word_share():.0f} %",
        "functions that share their name": f"{shared_name_share():.0f} %",
        "class names used more than once": f"{len(reused)} {' '.join(reused)}".rstrip(),
        "Python files": f"{len(lengths):,}",
        "lines of Python": f"{sum(lengths):,}",
        "median file, lines": f"{statistics.median(lengths):.0f}",
        "longest template line, characters": f"{longest_template_line():,}",
    }


if __name__ == "__main__":
    for description, value in all_figures().items():
        sys.stdout.write(f"{description:36}{value}\n")
