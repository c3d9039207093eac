"""The format of a revision: the codes that one change of the codebook affects; plain Python.

Changes are JSON: `added` lists whole codes, `changed` the changed fields by slug, `removed` slugs,
and `order` all slugs if the order of codes with the same position is not that of their creation.
Empty parts are left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
Changes = Mapping[str, Any]

FIELDS = (
    *("slug", "parent", "name", "colour", "shortcut"),
    *("claim", "definition", "include", "exclude", "example"),
    *("position", "retired"),
)


def compute_changed_fields(before: Entry, after: Entry) -> dict[str, Any]:
    return {field: value for field, value in after.items() if before[field] != value}


class CodebookState:
    """The codebook after a number of revisions, which are applied one by one."""

    def __init__(self, revisions: Iterable[Changes] = ()) -> None:
        self.number = 0
        self.added_revisions: dict[str, int] = {}
        """The revision that added each existing code, by slug."""
        # In the order of codes with the same position.
        self._entries: dict[str, Entry] = {}
        for changes in revisions:
            self.apply(changes)

    def snapshot(self) -> list[Entry]:
        """Return every code, by position; unchanged entries are the same objects."""
        return sorted(self._entries.values(), key=lambda entry: entry["position"])

    def apply(self, changes: Changes) -> None:
        """Apply the next revision; raise ValueError for changes that do not fit this state."""
        self.number += 1
        self._remove(changes.get("removed", ()))
        self._change(changes.get("changed", {}))
        self._add(changes.get("added", ()))
        self._order(changes.get("order", ()))

    def advance_to(self, snapshot: Sequence[Entry], ranks: Mapping[str, int]) -> Changes:
        """Advance to the whole codebook of a revision; return the changes to store.

        `ranks` orders codes that were added together, if known: in the database, by id.
        """
        after = {entry["slug"]: entry for entry in snapshot}
        changes: dict[str, Any] = {
            "added": sorted(
                (entry for slug, entry in after.items() if slug not in self._entries),
                key=lambda entry: ranks.get(entry["slug"], 0),
            ),
            "changed": {
                slug: fields
                for slug, entry in self._entries.items()
                if slug in after and (fields := compute_changed_fields(entry, after[slug]))
            },
            "removed": [slug for slug in self._entries if slug not in after],
        }
        changes = {name: value for name, value in changes.items() if value}
        self.apply(changes)
        if [entry["slug"] for entry in self.snapshot()] != list(after):
            changes["order"] = list(after)
            self._order(changes["order"])
        return changes

    def _remove(self, slugs: Iterable[str]) -> None:
        for slug in slugs:
            if self._entries.pop(slug, None) is None:
                raise ValueError(f"no code {slug} to remove")
            del self.added_revisions[slug]

    def _change(self, changed: Mapping[str, Entry]) -> None:
        for slug, fields in changed.items():
            if slug not in self._entries:
                raise ValueError(f"no code {slug} to change")
            self._entries[slug] = {**self._entries[slug], **fields}

    def _add(self, added: Iterable[Entry]) -> None:
        for entry in added:
            slug = entry["slug"]
            if slug in self._entries:
                raise ValueError(f"a second code {slug}")
            # PostgreSQL does not preserve the order of fields.
            self._entries[slug] = {field: entry[field] for field in FIELDS}
            self.added_revisions[slug] = self.number

    def _order(self, slugs: Sequence[str]) -> None:
        if slugs:
            if sorted(slugs) != sorted(self._entries):
                raise ValueError("the order does not name every code once")
            self._entries = {slug: self._entries[slug] for slug in slugs}
