"""Imports point down the table of packages, and stand where everybody sees them."""

import ast

from tests.architecture.code import APP, ROWS, TOP, modules

# Where an import may stand inside a function, and why.
INSIDE = {
    "cstoannot/apps.py ready": "models can be imported only once the app is loaded",
}
PURE = ("core", "text", "stats")
FRAMEWORKS = {"django", "rest_framework", "allauth", "knox", "drf_spectacular", "csp", "environ"}


def _row_of(imported: str) -> int:
    parts = imported.split(".")
    return ROWS.get(parts[1], TOP) if len(parts) > 1 else TOP


def test_packages_all_stand_in_the_table():
    assets = {"management", "migrations", "static", "templates"}
    packages = {path.name for path in APP.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert packages - assets - set(ROWS) == set()


def test_imports_point_downward():
    wrong = [
        f"{module.name}:{line} imports {imported}"
        for module in modules()
        for line, imported in module.imports()
        if imported.startswith("cstoannot.")
        and module.row < TOP
        and not imported.startswith(f"cstoannot.{module.package}.")
        and _row_of(imported) >= module.row
    ]
    assert wrong == []


def test_imports_name_packages_in_full():
    wrong = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert wrong == []


def test_pages_and_api_know_nothing_of_each_other():
    wrong = [
        f"{module.name} imports {imported}"
        for module in modules()
        for _, imported in module.imports()
        if (module.package == "web" and imported.startswith("cstoannot.api"))
        or (module.package == "api" and imported.startswith("cstoannot.web"))
    ]
    assert wrong == []


def test_models_module_is_imported_by_nobody():
    wrong = [
        module.name
        for module in modules()
        for _, imported in module.imports()
        if imported.startswith("cstoannot.models.")
    ]
    assert wrong == []


def test_pure_packages_import_no_framework():
    wrong = [
        f"{module.name} imports {imported}"
        for module in modules()
        if module.package in PURE
        for _, imported in module.imports()
        if imported.split(".")[0] in FRAMEWORKS
    ]
    assert wrong == []


def test_domain_knows_nothing_of_http():
    knowing = {
        module.name
        for module in modules()
        if module.row < ROWS["api"]
        for _, imported in module.imports()
        if imported.startswith(("django.http", "django.shortcuts", "rest_framework"))
    }
    # allauth hands its adapter the request.
    assert knowing == {"cstoannot/accounts/adapter.py"}


def test_imports_stand_at_the_top():
    inside = [
        f"{module.name} {function.name}"
        for module in modules()
        for function in module.functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert sorted(set(inside)) == sorted(INSIDE)
