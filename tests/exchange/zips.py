"""Archives taken apart, changed, and put together again."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from cstoannot.exchange.archive.layout import MANIFEST, format_archive_line

Parts = dict[str, bytes]


def parts_of(data: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes], **options: Any) -> bytes:
    """As archives are, `options` being changes to every entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            one = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            one.compress_type, one.create_system = zipfile.ZIP_DEFLATED, 3
            one.external_attr = 0o644 << 16
            for option, value in options.items():
                setattr(one, option, value)
            archive.writestr(one, data)
    return file.getvalue()


def with_true_manifest(parts: Parts) -> Parts:
    """With sizes and hashes that fit the parts, as somebody who forges would have them."""
    told = json.loads(parts[MANIFEST])
    told["files"] = {
        name: {
            "bytes": len(parts[name]),
            "lines": parts[name].count(b"\n"),
            "sha256": hashlib.sha256(parts[name]).hexdigest(),
        }
        for name in parts
        if name != MANIFEST
    }
    return {**parts, MANIFEST: format_archive_line(told)}


def forged(data: bytes, kind: str, change: Callable[[list[dict[str, Any]]], Any]) -> bytes:
    """The archive with the rows of one kind changed, and everything else fitting."""
    parts = parts_of(data)
    name = f"data/{kind}.jsonl"
    rows = [json.loads(one) for one in parts[name].splitlines()]
    change(rows)
    parts[name] = b"".join(map(format_archive_line, rows))
    return zipped(with_true_manifest(parts))
