"""The demonstration: what is in the files is in the project, word for word, once."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from cstoannot.accounts.queries import find_user
from cstoannot.annotations.actions import delete_annotation
from cstoannot.annotations.models import Annotation
from cstoannot.annotations.queries import (
    complete_annotation_row,
    select_annotation_values,
    visible_annotations,
)
from cstoannot.assignments.models import Assignment
from cstoannot.codebook.actions import change_code
from cstoannot.codebook.models import Code
from cstoannot.exchange.seeds import SLUG, load_seeds
from cstoannot.history.models import Event
from cstoannot.projects.models import Membership
from cstoannot.projects.scope import Scope, open_project
from cstoannot.sources.models import Source
from tests.builders import reopened
from tests.snapshots import Snapshot

FOLDER = Path(settings.BASE_DIR)
CODERS = {"coder-a": 307, "coder-b": 255, "coder-c": 284}
MANIFEST = json.loads((FOLDER / "seeds" / "manifest.json").read_text(encoding="utf-8"))["sources"]
_LOADED = Snapshot(lambda: load_seeds(FOLDER))


@pytest.fixture
def loaded(db: None) -> None:
    _LOADED.restore()


@pytest.fixture
def lead(loaded: None) -> Scope:
    return open_project(find_user("lead"), SLUG)


def _fixture(coder: str) -> list[dict[str, object]]:
    path = FOLDER / "fixtures" / "codings" / f"{coder}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _state() -> dict[str, list[dict[str, object]]]:
    """Everything that is stored, row by row."""
    models = (Annotation, Assignment, Code, Event, Membership, Source)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_texts_are_those_of_the_files(lead):
    stored = {s.title: s for s in Source.objects.filter(project=lead.project)}
    for entry in MANIFEST:
        raw = (FOLDER / "seeds" / entry["file"]).read_bytes()
        source = stored[entry["title"]]
        assert source.text.encode("utf-8") == raw
        assert (
            source.sha256 == hashlib.sha256(raw).hexdigest() == entry.get("sha256", source.sha256)
        )
    assert len(stored) == len(MANIFEST) == 5


def test_sources_know_what_the_manifest_knows_and_whose_they_are(lead):
    known = ("title", "publisher", "author", "published", "url", "language")
    sources = Source.objects.filter(project=lead.project)
    assert [{field: getattr(s, field) for field in known} for s in sources] == [
        {field: entry[field] for field in known} for entry in MANIFEST
    ]
    for source in sources:
        assert source.note.startswith("© ") and source.publisher in source.note


def test_annotations_are_those_of_the_files(lead):
    files = {entry["title"]: entry["file"] for entry in MANIFEST}
    titles = dict(Source.objects.values_list("pk", "title"))
    stored = [
        complete_annotation_row(row) for row in select_annotation_values(visible_annotations(lead))
    ]
    for coder, number in CODERS.items():
        entries = _fixture(coder)
        fields = [name for name in entries[0] if name != "source"]
        given = Counter((e["source"], *(e[name] for name in fields)) for e in entries)
        found = Counter(
            (files[titles[row["source"]]], *(row[name] for name in fields))
            for row in stored
            if row["annotator"] == coder
        )
        assert found == given
        assert sum(found.values()) == number
    assert len(stored) == 846


def test_every_quote_is_what_stands_in_the_text(lead):
    texts = dict(Source.objects.values_list("pk", "text"))
    found = list(Annotation.objects.values_list("source_id", "start", "end", "quote"))
    assert len(found) == 846
    assert [row for row in found if texts[row[0]][row[1] : row[2]] != row[3]] == []


def test_codebook_is_that_of_the_file_in_one_revision(lead):
    def slugs(entries):
        for entry in entries:
            yield entry["slug"]
            yield from slugs(entry.get("children", []))

    codes = json.loads((FOLDER / "fixtures" / "codebook.json").read_text())["codes"]
    assert set(lead.project.codes.values_list("slug", flat=True)) == set(slugs(codes))
    assert [r.number for r in lead.project.revisions.all()] == [1]


def test_people_are_what_the_design_says(lead):
    roles = Membership.objects.filter(project=lead.project).values_list("user__username", "role")
    assert dict(roles) == {
        "lead": "owner",
        "reader": "viewer",
        **dict.fromkeys(CODERS, "annotator"),
    }
    assert lead.project.visibility == "own"
    done = Assignment.objects.filter(project=lead.project, state="done")
    assert Counter(done.values_list("annotator__username", flat=True)) == dict.fromkeys(CODERS, 5)
    assert Assignment.objects.count() == 15


def test_second_load_changes_nothing(loaded):
    before = _state()
    again = load_seeds(FOLDER)
    assert (again.new, again.sources, again.annotations) == (False, 5, 846)
    assert _state() == before


def test_second_load_brings_nothing_back(lead):
    coder = open_project(find_user("coder-a"), SLUG)
    gone = visible_annotations(coder).order_by("pk").first()
    with reopened(coder, gone.source):
        delete_annotation(coder, gone.pk)
    change_code(lead, lead.project.codes.first().slug, name="Otherwise")
    before = _state()
    load_seeds(FOLDER)
    assert _state() == before
    assert Annotation.objects.count() == 845


def test_command_says_what_it_did(loaded, capsys):
    call_command("load_seeds")
    assert "Already loaded, nothing changed: the project “csto”: 5 sources, 846" in (
        capsys.readouterr().out
    )
