"""Pages without a build: nothing inline, modules that import downward, nothing from elsewhere."""

import re
from pathlib import Path

from tests.architecture.code import APP, files, shown

SCRIPTS = APP / "static" / "js"
ROWS = {"lib": 0, "parts": 1}  # a page's own folder stands above both
TAG = re.compile(r"<(script|style)\b([^>]*)>(.*?)</\1>", re.S | re.I)
HANDLER = re.compile(r"<[a-z][^>]*\s(on[a-z]+|style)\s*=", re.I)
LONGEST_TEMPLATE_LINE = 120
IMPORT = re.compile(
    r"^\s*(?:import\s*(?:[\w*{][^;'\"]*?\bfrom\s*)?|export\s*[*{][^;'\"]*?\bfrom\s*)"
    r"(['\"])(.+?)\1(.?)",
    re.M,
)
COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.M | re.S)
# A path that stands there is rewritten to the served file; a computed one would not be.
DYNAMIC = re.compile(r"\bimport\s*\((?!\"\.{1,2}/[\w/.-]+\.js\"\);)")
ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w-]+\.[\w.-]+", re.I)
LOADED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)\s*=\s*[\"']([^\"']*)")


def _templates() -> list[tuple[str, str]]:
    return [(shown(path), path.read_text(encoding="utf-8")) for path in files("templates", ".html")]


def _scripts() -> list[tuple[Path, str]]:
    return [(path, path.read_text(encoding="utf-8")) for path in files("static", ".js")]


def test_templates_hold_no_inline_script_or_style():
    wrong = [
        f"{name}: <{tag}>"
        for name, html in _templates()
        for tag, attributes, body in TAG.findall(html)
        if body.strip() and "application/json" not in attributes
    ]
    assert wrong == []


def test_templates_hold_no_handlers_or_style_attributes():
    wrong = [f"{name}: {m[0][-40:]}" for name, html in _templates() for m in HANDLER.finditer(html)]
    assert wrong == []


def test_templates_mark_nothing_safe():
    unsafe = re.compile(r"\|\s*safe\b|{%\s*autoescape off|javascript:", re.I)
    assert [name for name, html in _templates() if unsafe.search(html)] == []


def test_pages_load_nothing_from_elsewhere():
    wrong = [
        f"{name}: {address}"
        for name, html in _templates()
        for address in LOADED.findall(html)
        if ELSEWHERE.match(address)
    ]
    wrong += [
        f"{shown(path)}: {found[0]}"
        for path in files("static", ".css")
        for found in ELSEWHERE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_scripts_name_no_other_host():
    named = re.compile(r"['\"`](?:https?:)?//(?!www\.w3\.org/)")
    assert [shown(path) for path, text in _scripts() if named.search(COMMENT.sub("", text))] == []


def test_scripts_are_modules_that_import_downward():
    wrong = []
    for path, text in _scripts():
        folder = path.relative_to(SCRIPTS).parts[0]
        for _, target, _ in IMPORT.findall(text):
            to = (path.parent / target).resolve().relative_to(SCRIPTS.resolve()).parts[0]
            downward = ROWS.get(to, 2) < ROWS.get(folder, 2)
            if to != folder and not downward:
                wrong.append(f"{shown(path)} imports {target}")
    assert wrong == []


def test_scripts_import_by_relative_paths_with_semicolons():
    wrong = [
        f"{shown(path)}: {target}"
        for path, text in _scripts()
        for _, target, after in IMPORT.findall(text)
        if not target.startswith(("./", "../")) or not target.endswith(".js") or after != ";"
    ]
    wrong += [shown(path) for path, text in _scripts() if DYNAMIC.search(COMMENT.sub("", text))]
    assert wrong == []


def test_scripts_import_what_exists():
    wrong = [
        f"{shown(path)}: {target}"
        for path, text in _scripts()
        for _, target, _ in IMPORT.findall(text)
        if not (path.parent / target).is_file()
    ]
    assert wrong == []


def test_scripts_build_no_html_from_strings():
    unsafe = re.compile(
        r"\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function\("
    )
    assert [shown(path) for path, text in _scripts() if unsafe.search(text)] == []


def test_highlights_of_others_are_left_alone():
    assert [shown(path) for path, text in _scripts() if "highlights.clear(" in text] == []


def test_template_lines_are_short():
    long = [
        f"{shown(path)}:{number}"
        for path in files("templates", ".html")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_TEMPLATE_LINE
    ]
    assert long == []
