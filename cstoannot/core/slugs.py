"""Slugs of names in any script, in a-z, 0-9, hyphens and underscores."""

import re
from collections.abc import Collection

from anyascii import anyascii

LONGEST_STEM = 50
_SYLLABLE = re.compile(r"(?<=[a-z])(?=[A-Z])")  # 集体 becomes JiTi
_SIGNS = re.compile(r"[^\w\s-]", re.ASCII)
_GAPS = re.compile(r"[-\s]+")


def slug_stem(name: str, otherwise: str) -> str:
    """The name as a slug, in Latin letters whatever its script; `otherwise` if nothing is left."""
    latin = name if name.isascii() else _SYLLABLE.sub("-", anyascii(name))
    slug = _GAPS.sub("-", _SIGNS.sub("", latin.replace("/", "-"))).lower().strip("-_")
    if len(slug) > LONGEST_STEM:
        whole = slug[: LONGEST_STEM + 1].rpartition("-")[0]
        slug = whole if len(whole) > LONGEST_STEM // 2 else slug[:LONGEST_STEM]
    return slug.strip("-_") or otherwise


def free_slug(stem: str, taken: Collection[str]) -> str:
    """The stem, or the first of stem-2, stem-3 and so on that is free."""
    if stem not in taken:
        return stem
    return next(slug for n in range(2, len(taken) + 3) if (slug := f"{stem}-{n}") not in taken)
