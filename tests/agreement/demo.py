"""The demonstration project, and its codings read from their files by hand."""

import json
from collections import defaultdict
from itertools import combinations
from pathlib import Path

from django.conf import settings

from cstoannot.accounts.queries import find_user
from cstoannot.exchange.seeds import SLUG, load_seeds
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.models import Source
from cstoannot.text.spans import unpack_flat_bounds
from tests.snapshots import Snapshot

FOLDER = Path(settings.BASE_DIR)
CODERS = ("coder-a", "coder-b", "coder-c")
PAIRS = list(combinations(CODERS, 2))
LOADED = Snapshot(lambda: load_seeds(FOLDER))


def demo() -> Scope:
    """The demonstration project, as its owner sees it."""
    LOADED.restore()
    return open_project(find_user("lead"), SLUG)


class Codings:
    """What the three said, source by source in the manifest's order."""

    def __init__(self) -> None:
        manifest = json.loads((FOLDER / "seeds" / "manifest.json").read_text("utf-8"))["sources"]
        self.files = [entry["file"] for entry in manifest]
        self.texts = [(FOLDER / "seeds" / name).read_bytes().decode("utf-8") for name in self.files]
        by_title = {source.title: source for source in Source.objects.filter(project__slug=SLUG)}
        stored = [by_title[entry["title"]] for entry in manifest]
        self.pks = [source.pk for source in stored]
        self.sentences = [list(unpack_flat_bounds(bytes(source.sentences))) for source in stored]
        self.said = {coder: self._read(coder) for coder in CODERS}
        book = json.loads((FOLDER / "fixtures" / "codebook.json").read_text("utf-8"))["codes"]
        # Top to bottom; no passage is coded with a heading.
        self.codes = [leaf["slug"] for code in book for leaf in code["children"] or [code]]

    def _read(self, coder: str) -> list[list[dict[str, object]]]:
        found = defaultdict(list)
        lines = (FOLDER / "fixtures" / "codings" / f"{coder}.jsonl").read_text("utf-8").split("\n")
        for row in map(json.loads, filter(None, lines)):
            found[row["source"]].append(row)
        return [found[name] for name in self.files]

    def spans(self, coder: str, source: int, code: str | None = None) -> list[tuple]:
        rows = self.said[coder][source]
        return [
            (r["start"], r["end"], r["code"]) for r in rows if code is None or r["code"] == code
        ]

    def ratings(self, coders, code, sources=range(5)) -> list[list[int]]:
        """One row a sentence: whether each coder marked any of it with the code."""
        found = []
        for source in sources:
            spans = [self.spans(coder, source, code) for coder in coders]
            for low, high in self.sentences[source]:
                marked = [any(s < high and low < e for s, e, _ in own) for own in spans]
                found.append([int(one) for one in marked])
        return found

    def matches(self, one: str, other: str, label: str, code: str | None = None) -> list[list]:
        """What both said of passages that they coded alike, matched greedily one to one."""
        found = []
        for source in range(5):
            for slug in [code] if code else self.codes:
                found += self._matches(one, other, label, source, slug)
        return found

    def _matches(self, one, other, label, source, slug) -> list[list]:
        left = [r for r in self.said[one][source] if r["code"] == slug]
        right = [r for r in self.said[other][source] if r["code"] == slug]
        edges = []
        for i, a in enumerate(left):
            for j, b in enumerate(right):
                shared = min(a["end"], b["end"]) - max(a["start"], b["start"])
                if shared > 0:
                    bounds = (a["start"], b["start"], a["end"], b["end"])
                    differ = bounds[0] != bounds[1] or bounds[2] != bounds[3]
                    edges.append((differ, -shared, *bounds, i, j))
        found, lefts, rights = [], set(), set()
        for *_, i, j in sorted(edges):
            if i not in lefts and j not in rights:
                lefts.add(i)
                rights.add(j)
                found.append([left[i][label], right[j][label]])
        return found
