"""Schemas and samples of the standards, which lie beside the project and not in it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

_BESIDE = Path(__file__).parents[3] / "shared" / "reference" / "files"
FOLDER = Path(os.environ.get("CSTOANNOT_REFERENCE_FILES", _BESIDE))


def reference(name: str) -> Path:
    """A file or folder of the reference; skips the test where it is not at hand."""
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"needs {name} of the reference files (CSTOANNOT_REFERENCE_FILES)")
    return path


def broken_rules(suite: str, thing: Any) -> list[str]:
    """Which of W3C's assertions of this suite ("collections/collectionMusts") do not hold."""
    folder = reference("w3c/schema")
    definitions = {
        path.name: DRAFT4.create_resource(json.loads(path.read_text()))
        for path in (folder / "definitions").glob("*.json")
    }
    registry = Registry().with_resources(definitions.items())
    found = []
    for name in _assertions(folder, suite):
        schema = json.loads((folder / name).read_text())
        schema.pop("id", None)
        valid = Draft4Validator(schema, registry=registry).is_valid(thing)
        if valid != (schema.get("expectedResult", "valid") == "valid"):
            found.append(name)
    return found


def _assertions(folder: Path, suite: str) -> list[str]:
    told = json.loads((folder / f"{suite}.test").read_text())["assertions"]
    return [name for name in _flat(told) if name.endswith(".json")]


def _flat(told: Any) -> list[str]:
    if isinstance(told, str):
        return [told]
    if isinstance(told, dict):
        return _flat(told.get("assertions", []))
    return [name for one in told for name in _flat(one)]
