"""Plan codes that are created together: their places in the tree, and their errors.

Writes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cstoannot.codebook.actions import DEEPEST, TEXTS
from cstoannot.codebook.colours import check_colour, choose_colour
from cstoannot.codebook.names import check_sibling_name, clean_code_slug, clean_shortcut
from cstoannot.codebook.queries import visible_codes
from cstoannot.core.errors import Conflict, DomainError, Invalid, TooLarge
from cstoannot.core.fields import build_slug_stem, choose_free_slug, clean_line, clean_text
from cstoannot.core.likeness import build_comparison_key
from cstoannot.projects.permissions import Permission
from cstoannot.projects.scope import Scope

MOST_CODES = 2_000  # at once


class ExistingCode(Protocol):
    """A code of the codebook to which others are added."""

    pk: Any
    parent_id: Any
    slug: Any
    name: Any
    colour: Any
    shortcut: Any
    position: Any
    retired_at: Any


@dataclass(frozen=True)
class CodeDraft:
    """A code to be created, below `parent` or below the draft at the index `below`.

    `parent`: the slug of a code in the codebook or of another draft.
    """

    name: str
    slug: str = ""
    parent: str | None = None
    below: int | None = None
    colour: str = ""
    shortcut: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass
class PlannedCode:
    """A code as it will be stored; `above`: its parent as an index, a code or None."""

    name: str
    slug: str
    shortcut: str
    texts: Mapping[str, str]
    colour: str = ""
    above: int | ExistingCode | None = None
    level: int = 0
    """How many planned codes are above it."""
    position: int = 0


Faults = dict[int, list[DomainError]]


@dataclass(frozen=True)
class CodebookPlan:
    codes: Sequence[PlannedCode]
    faults: Faults

    def levels(self) -> list[list[int]]:
        """Return the indexes of codes by level, parents before children."""
        found: list[list[int]] = []
        for index, code in enumerate(self.codes):
            found += [[] for _ in range(code.level + 1 - len(found))]
            found[code.level].append(index)
        return found


def check_code_count(count: int) -> None:
    """Raise TooLarge for more than MOST_CODES."""
    if count > MOST_CODES:
        raise TooLarge(f"{count:,} codes are too many at once: add at most {MOST_CODES:,}.")


def plan_codes(
    book: Sequence[ExistingCode], drafts: Sequence[CodeDraft], *, doubles: bool = False
) -> CodebookPlan:
    """Check drafts against a codebook, given in its order, and against each other.

    With `doubles`, siblings may have similar names.
    """
    return _CodebookPlanner(book, drafts, doubles).run()


class _CodebookPlanner:
    def __init__(
        self, book: Sequence[ExistingCode], drafts: Sequence[CodeDraft], doubles: bool
    ) -> None:
        self.book, self.drafts, self.doubles = book, drafts, doubles
        self.faults: Faults = {}
        self.codes: list[PlannedCode] = []
        self.by_slug = {code.slug: code for code in book}
        self.by_id = {code.pk: code for code in book}
        self.slugs = set(self.by_slug)
        self.drafted: dict[str, int] = {}
        """The index of the draft with this slug, as given."""

    def run(self) -> CodebookPlan:
        for index in range(len(self.drafts)):
            self._take_slug(index)
        for index, draft in enumerate(self.drafts):
            self.codes.append(self._clean(index, draft))
        self._check_shortcuts()
        for index, draft in enumerate(self.drafts):
            self.codes[index].above = self._find_above(index, draft)
        self._find_levels()
        self._place()
        return CodebookPlan(
            self.codes, {index: self.faults[index] for index in sorted(self.faults)}
        )

    def _blame(self, index: int, error: DomainError) -> None:
        self.faults.setdefault(index, []).append(error)

    def _take_slug(self, index: int) -> None:
        slug = self.drafts[index].slug
        if not slug:
            return
        try:
            clean_code_slug(slug)
            if slug in self.by_slug:
                raise Conflict(f"The codebook already has a code “{slug}”.", field="slug")
            if slug in self.drafted:
                raise Conflict(f"Another code of the list has the slug “{slug}”.", field="slug")
        except DomainError as error:
            self._blame(index, error)
        self.drafted.setdefault(slug, index)
        self.slugs.add(slug)

    def _clean(self, index: int, draft: CodeDraft) -> PlannedCode:
        cleaned = {"name": draft.name, "shortcut": "", "colour": ""}
        checks = {
            "name": lambda: clean_line(draft.name, field="name", longest=100, required=True),
            "shortcut": lambda: clean_shortcut(draft.shortcut),
            "colour": lambda: check_colour(draft.colour) if draft.colour.strip() else "",
        }
        for name, check in checks.items():
            try:
                cleaned[name] = check()
            except DomainError as error:
                self._blame(index, error)
        slug = draft.slug
        if not slug:
            slug = choose_free_slug(build_slug_stem(cleaned["name"], "code"), self.slugs)
            self.slugs.add(slug)
        return PlannedCode(
            name=cleaned["name"],
            slug=slug,
            shortcut=cleaned["shortcut"],
            colour=cleaned["colour"],
            texts=self._clean_texts(index, draft),
        )

    def _clean_texts(self, index: int, draft: CodeDraft) -> dict[str, str]:
        texts = {}
        for name in TEXTS:
            try:
                texts[name] = clean_text(draft.texts.get(name, ""), field=name, longest=5_000)
            except DomainError as error:
                self._blame(index, error)
        return texts

    def _check_shortcuts(self) -> None:
        taken = {code.shortcut: code.name for code in self.book if code.retired_at is None}
        for index, code in enumerate(self.codes):
            if code.shortcut and code.shortcut in taken:
                has = f"“{taken[code.shortcut]}” already has the key {code.shortcut}."
                self._blame(index, Conflict(has, field="shortcut"))
            taken.setdefault(code.shortcut, code.name)

    def _find_above(self, index: int, draft: CodeDraft) -> int | ExistingCode | None:
        if draft.below is not None:
            return draft.below
        if not draft.parent:
            return None
        found = self.by_slug.get(draft.parent, self.drafted.get(draft.parent))
        if found is None:
            none = f"Neither the codebook nor the list has a code “{draft.parent[:80]}”."
            self._blame(index, Invalid(none, field="parent"))
        return found

    def _find_levels(self) -> None:
        """Set each code's level; add faults for codes too deep or below themselves."""
        below: dict[int, list[int]] = {}
        for index, code in enumerate(self.codes):
            if isinstance(code.above, int):
                below.setdefault(code.above, []).append(index)
        waiting = [
            (index, 0, 1 + self._depth(code.above))
            for index, code in enumerate(self.codes)
            if not isinstance(code.above, int)
        ]
        circling = set(range(len(self.codes)))
        while waiting:
            index, level, depth = waiting.pop()
            circling.discard(index)
            self.codes[index].level = level
            if depth > DEEPEST:
                self._blame(
                    index,
                    Invalid(f"Codes can be nested at most {DEEPEST} levels deep.", field="parent"),
                )
            waiting += [(child, level + 1, depth + 1) for child in below.get(index, ())]
        for index in circling:
            self._blame(
                index, Invalid("A code cannot be its own parent or descendant.", field="parent")
            )
            self.codes[index].above = None

    def _depth(self, code: Any) -> int:
        depth = 0
        while code is not None:
            depth, code = depth + 1, self.by_id.get(code.parent_id)
        return depth

    def _place(self) -> None:
        """Set each code's position and colour among its siblings, and check names."""
        siblings = _PlannedSiblings(self.book)
        plan = CodebookPlan(self.codes, {})
        for index in (index for level in plan.levels() for index in level):
            code = self.codes[index]
            above = self.codes[code.above] if isinstance(code.above, int) else code.above
            key = (
                ("new", code.above)
                if isinstance(code.above, int)
                else ("old", _find_primary_key(code.above))
            )
            if not self.doubles:
                try:
                    siblings.check_name(key, code.name)
                except DomainError as error:
                    self._blame(index, error)
            colours = siblings.colours.setdefault(key, [])
            code.colour = code.colour or choose_colour(colours, above.colour if above else None)
            code.position = siblings.positions.get(key, 0)
            siblings.add(key, code.name, code.colour, code.position)


def _find_primary_key(code: ExistingCode | None) -> Any:
    return code.pk if code else None


Key = tuple[str, Any]


class _PlannedSiblings:
    """Names, colours and positions of each code's children, by keys for old and new codes."""

    def __init__(self, book: Iterable[ExistingCode]) -> None:
        self.positions: dict[Key, int] = {}
        """The first free position."""
        self.colours: dict[Key, list[str]] = {}
        self.named: dict[tuple[Key, str], ExistingCode] = {}
        self.listed: dict[tuple[Key, str], str] = {}
        for code in book:
            key = ("old", code.parent_id)
            self.named.setdefault((key, build_comparison_key(code.name)), code)
            self.positions[key] = max(self.positions.get(key, 0), code.position + 1)
            if code.retired_at is None:
                self.colours.setdefault(key, []).append(code.colour)

    def check_name(self, key: Key, name: str) -> None:
        spot = key, build_comparison_key(name)
        if not spot[1]:
            return
        if spot in self.named:
            check_sibling_name(name, [self.named[spot]])
        if spot in self.listed:
            raise Conflict(
                f"“{self.listed[spot]}” is at the same level in the list: choose a name that is "
                f"easier to tell apart.",
                field="name",
            )

    def add(self, key: Key, name: str, colour: str, position: int) -> None:
        self.listed.setdefault((key, build_comparison_key(name)), name)
        self.colours[key].append(colour)
        self.positions[key] = position + 1


def preview_codes(scope: Scope, drafts: Sequence[CodeDraft]) -> CodebookPlan:
    """Return what `create_codes` would create from these drafts, and its errors."""
    scope.require(Permission.EDIT_CODEBOOK)
    check_code_count(len(drafts))
    return plan_codes(list(visible_codes(scope)), drafts)
