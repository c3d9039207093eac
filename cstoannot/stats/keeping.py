"""Statistics as bytes and back: plain arrays, nothing that runs when it is read."""

from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np

from cstoannot.stats.coding import CodingTable
from cstoannot.stats.labels import LabelTable
from cstoannot.stats.partition import PartitionTable, Rows
from cstoannot.stats.sections import SectionTable

VERSION = 1
_KINDS: dict[str, Any] = {
    kind.__name__: kind for kind in (CodingTable, LabelTable, PartitionTable, SectionTable)
}
_KINDS["Rows"] = Rows
_KIND = "kind"

Kept = TypeVar("Kept")


def packed(statistics: Any) -> bytes:
    """Bytes for a dataclass of the kinds above, arrays, numbers and strings."""
    file = BytesIO()
    arrays: dict[str, Any] = {"version": np.asarray(VERSION)}
    _collect(statistics, "", arrays)
    np.savez(file, **arrays)
    return file.getvalue()


def _collect(part: Any, name: str, arrays: dict[str, Any]) -> None:
    for field in fields(part):
        value = getattr(part, field.name)
        path = f"{name}{field.name}"
        if is_dataclass(value):
            arrays[f"{path}/{_KIND}"] = np.asarray(type(value).__name__)
            _collect(value, f"{path}/", arrays)
        elif value is not None:
            arrays[path] = np.asarray(value)


def unpacked(data: bytes, kind: type[Kept]) -> Kept:
    """What `packed` made of a ``kind``. Raises ValueError for anything else."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if int(arrays["version"]) != VERSION:
            raise KeyError("version")
        return kind(**_restored(kind, "", arrays))
    except (KeyError, EOFError, OSError, TypeError, ValueError, BadZipFile) as problem:
        raise ValueError("these are no statistics of this version") from problem


def _restored(kind: Any, name: str, arrays: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(kind):
        path = f"{name}{field.name}"
        if f"{path}/{_KIND}" in arrays:
            part = _KINDS[str(arrays[f"{path}/{_KIND}"])]
            found[field.name] = part(**_restored(part, f"{path}/", arrays))
        elif path in arrays:
            value = arrays[path]
            found[field.name] = value.item() if value.ndim == 0 else value
    return found
