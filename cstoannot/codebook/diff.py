"""Differences between two snapshots of a codebook; plain Python."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

Entry = Mapping[str, Any]
Piece = tuple[Literal["same", "gone", "new"], str]

_FIELDS = ("name", "parent", "colour", "shortcut")
_TEXTS = ("claim", "definition", "include", "exclude", "example")
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MANY_WORDS = 2_000  # with more, comparing by word is too slow to be worth it


@dataclass(frozen=True)
class FieldChange:
    """One changed field; `pieces`: the differences, for texts."""

    field: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class CodeChange:
    """The changes of one code; `name` is its newest."""

    verb: Literal["added", "deleted", "retired", "restored", "changed"]
    slug: str
    name: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class SiblingReorder:
    """The children of `parent` (None for the top), named in their old and their new order."""

    parent: str | None
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class CodebookDifference:
    codes: tuple[CodeChange, ...]
    orders: tuple[SiblingReorder, ...]

    def __bool__(self) -> bool:
        return bool(self.codes or self.orders)


def compare_snapshots(before: Sequence[Entry], after: Sequence[Entry]) -> CodebookDifference:
    """Return all changes between two snapshots, codes in the order of the newer one."""
    old = {entry["slug"]: entry for entry in before}
    new = {entry["slug"]: entry for entry in after}
    codes = [
        change for slug in new if (change := _compare_code(old.get(slug), new[slug], old, new))
    ]
    codes += [
        CodeChange("deleted", slug, entry["name"]) for slug, entry in old.items() if slug not in new
    ]
    return CodebookDifference(tuple(codes), tuple(_compare_sibling_orders(before, after, new)))


def _compare_code(
    old: Entry | None, new: Entry, before: Mapping[str, Entry], after: Mapping[str, Entry]
) -> CodeChange | None:
    if old is new:
        return None
    if old is None:
        return CodeChange("added", new["slug"], new["name"])
    fields = (*_compare_plain_fields(old, new, before, after), *_compare_text_fields(old, new))
    verb: Literal["retired", "restored", "changed"] = "changed"
    if old["retired"] != new["retired"]:
        verb = "retired" if new["retired"] else "restored"
    elif not fields:
        return None
    return CodeChange(verb, new["slug"], new["name"], fields)


def _compare_plain_fields(
    old: Entry, new: Entry, before: Mapping[str, Entry], after: Mapping[str, Entry]
) -> Iterable[FieldChange]:
    for field in _FIELDS:
        if old[field] != new[field]:
            was, now = old[field] or "", new[field] or ""
            if field == "parent":
                was, now = _resolve_code_name(was, before), _resolve_code_name(now, after)
            yield FieldChange(field, was, now)


def _resolve_code_name(slug: str, codes: Mapping[str, Entry]) -> str:
    return codes[slug]["name"] if slug in codes else slug


def _compare_text_fields(old: Entry, new: Entry) -> Iterable[FieldChange]:
    for field in _TEXTS:
        if old[field] != new[field]:
            pieces = tuple(compare_words(old[field], new[field]))
            yield FieldChange(field, old[field], new[field], pieces)


def compare_words(before: str, after: str) -> list[Piece]:
    """Return the text in pieces, word by word: unchanged, deleted and new."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MANY_WORDS:
        whole: list[Piece] = [("gone", before), ("new", after)]
        return [piece for piece in whole if piece[1]]
    pieces: list[Piece] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[i:j])))
            continue
        if i < j:
            pieces.append(("gone", "".join(old[i:j])))
        if k < m:
            pieces.append(("new", "".join(new[k:m])))
    return pieces


def _compare_sibling_orders(
    before: Sequence[Entry], after: Sequence[Entry], names: Mapping[str, Entry]
) -> Iterable[SiblingReorder]:
    """Yield siblings whose order changed, among those with the same parent before and after."""
    old, new = _group_slugs_by_parent(before), _group_slugs_by_parent(after)
    for parent, now in new.items():
        was = old.get(parent, [])
        both = set(was) & set(now)
        stayed = [slug for slug in now if slug in both]
        were = [slug for slug in was if slug in both]
        if stayed != were:
            yield SiblingReorder(
                _resolve_code_name(parent, names) if parent else None,
                tuple(_resolve_code_name(slug, names) for slug in were),
                tuple(_resolve_code_name(slug, names) for slug in stayed),
            )


def _group_slugs_by_parent(entries: Sequence[Entry]) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for entry in sorted(entries, key=lambda entry: entry["position"]):
        found.setdefault(entry["parent"], []).append(entry["slug"])
    return found
