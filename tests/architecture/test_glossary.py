"""The glossary's names exist in the code, and its words on the pages."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.code import APP, ROOT, Function, files, modules

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.M)
HEADS = {"word", "---"}
NOT_SHOWN = "–"
WORDS = [row for row in ROW.findall(GLOSSARY) if row[0] not in HEADS]


def _defined_names() -> Iterator[str]:
    """Modules, functions, classes, constants and fields."""
    for module in modules():
        yield module.path.stem
        for node in module.nodes:
            if isinstance(node, Function | ast.ClassDef):
                yield node.name
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id


def _pages() -> str:
    """Templates, scripts, and the modules that write sentences for pages."""
    shown = [*files("templates", ".html"), *files("static/js", ".js"), *(APP / "web").rglob("*.py")]
    shown += APP.rglob("models.py")
    text = " ".join(path.read_text(encoding="utf-8") for path in shown)
    return re.sub(r"\s+", " ", text).lower()


def test_words_are_defined_once():
    words = [word for word, _, _ in WORDS]
    names = [name for _, name, _ in WORDS]
    assert len(words) > 50
    assert sorted(set(words)) == sorted(words)
    assert sorted(set(names)) == sorted(names)


def test_names_in_code_exist():
    names = {name.strip("`") for _, name, _ in WORDS}
    assert names - set(_defined_names()) == set()


def test_words_on_pages_are_used_there():
    pages = _pages()
    assert [shown for _, _, shown in WORDS if shown != NOT_SHOWN and shown not in pages] == []


def test_only_verdicts_are_tentative():
    """A value from .667 to .800 is `cautious`: no other code, page or style says *tentative*."""
    shown = [*files("templates", ".html"), *files("static", ".js"), *files("static", ".css")]
    shown += [*(APP / "web").rglob("*.py"), *(APP / "agreement").rglob("*.py")]
    saying = {
        str(path.relative_to(APP))
        for path in shown
        if "tentative" in path.read_text(encoding="utf-8").lower()
    }
    assert saying == {
        "static/css/compare.css",
        "static/js/compare/reading.js",
        "static/js/compare/virtual-grid.js",
        "templates/comparison/matrix.html",
        "templates/comparison/matrix_table.html",
        "templates/comparison/passages.html",
        "web/cell_words.py",
        "web/compare/passage_views.py",
        "web/compare/presenters.py",
        "web/compare/views.py",
        "web/figures/claim_matrix.py",
    }
