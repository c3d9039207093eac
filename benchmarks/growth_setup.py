"""Creates projects with large codebooks for `growth`; runs in a separate process.

    python -m benchmarks.growth_setup < {"user": …, "project": …, "codes": 500,
                                         "paragraphs": [100, 500], "passages": 2000}

Reads one JSON object and prints one: by number of paragraphs, the ids of two sources and of their
assignments, both finished by the user, who owns the project. The first code has the key 1.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator
from random import Random
from typing import Any

import django

from benchmarks.large import WORD_WEIGHTS, WORDS

GROUP = 20  # codes in a group, including their parent
AT_ONCE = 500


def make_codebook(codes: int) -> list[dict[str, Any]]:
    """Return groups of codes, each with a claim and a definition."""
    entries = []
    for first in range(0, codes, GROUP):
        numbers = range(first + 1, min(first + GROUP, codes) + 1)
        head, *children = (
            {
                "slug": f"code-{number:03d}",
                "name": f"Code {number} of the codebook",
                "shortcut": "1" if number == 1 else "",
                "claim": f"What code {number} claims is so in the events discussed.",
                "definition": f"Passages that say, in whatever words, what code {number} claims.",
            }
            for number in numbers
        )
        entries.append({**head, "children": children})
    return entries


def write_article(random: Random, paragraphs: int) -> tuple[str, list[tuple[int, int]]]:
    """Return a text of short paragraphs, and the span of each."""
    text, spans = "", []
    for _ in range(paragraphs):
        words = random.choices(WORDS, cum_weights=WORD_WEIGHTS, k=random.randint(6, 14))
        line = " ".join(words)
        spans.append((len(text), len(text) + len(line)))
        text += f"{line}.\n\n"
    return text, spans


def spread_passages(
    random: Random, spans: list[tuple[int, int]], codes: int, count: int
) -> Iterator[tuple[str, int, int]]:
    """Yield passages over all codes and paragraphs; 1 in 10 extends into the next paragraph."""
    for number in range(count):
        place = random.randrange(len(spans))
        start, end = spans[place]
        start += random.randrange((end - start) // 2)
        if random.random() < 0.1 and place + 1 < len(spans):
            end = spans[place + 1][1]
        yield f"code-{number % codes + 1:03d}", start, end


def make_project(wish: dict[str, Any]) -> dict[int, dict[str, list[str]]]:
    """Create what `wish` describes, through the same actions as the pages."""
    # These imports need `django.setup()` first.
    from cstoannot.accounts.actions import ensure_user
    from cstoannot.annotations.actions import Draft
    from cstoannot.annotations.bulk_actions import save_annotations
    from cstoannot.assignments.actions import assign_source, set_assignment_state
    from cstoannot.codebook.bulk_actions import add_codebook
    from cstoannot.projects.actions import create_project
    from cstoannot.sources.actions import create_source

    user, _ = ensure_user(wish["user"])
    scope = create_project(user, name=wish["project"], slug=wish["project"])
    add_codebook(scope, make_codebook(wish["codes"]), note="benchmark")
    made: dict[int, dict[str, list[str]]] = {}
    for paragraphs in wish["paragraphs"]:
        for copy in (1, 2):
            random = Random(f"growth:{wish['codes']}:{paragraphs}:{copy}")
            text, spans = write_article(random, paragraphs)
            source = create_source(scope, title=f"{paragraphs} paragraphs, {copy}", text=text)
            assignment, _ = assign_source(scope, source_id=source.pk, annotator=wish["user"])
            drafts = [
                (uuid.UUID(int=random.getrandbits(128), version=4), Draft(source.pk, code, *span))
                for code, *span in spread_passages(random, spans, wish["codes"], wish["passages"])
            ]
            for first in range(0, len(drafts), AT_ONCE):
                save_annotations(scope, drafts[first : first + AT_ONCE])
            set_assignment_state(scope, assignment.pk, "done")
            keys = made.setdefault(paragraphs, {"sources": [], "assignments": []})
            keys["sources"].append(str(source.pk))
            keys["assignments"].append(str(assignment.pk))
    return made


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cstoannot.settings")
    django.setup()
    print(json.dumps(make_project(json.load(sys.stdin))))
