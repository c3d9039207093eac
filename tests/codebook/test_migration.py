"""From revisions that held the whole codebook to ones that hold what changed, and back."""

import json
import zipfile
from pathlib import Path

import pytest
from django.core.management.sql import emit_pre_migrate_signal
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from cstoannot.annotations.triggers import install_triggers
from cstoannot.codebook.deltas import CodebookState

BEFORE, DONE = "0004_code_proposals", "0006_return_space_of_snapshots"
ARCHIVE = Path(__file__).parents[1] / "exchange" / "archives" / "version-1.zip"


def _migrate(name):
    target = [("cstoannot", name)]
    executor = MigrationExecutor(connection)
    emit_pre_migrate_signal(0, False, "default", plan=executor.migration_plan(target))
    executor.migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


@pytest.fixture
def old(transactional_db):
    """The models as they were, in a database without rows; afterwards it is as it should be."""
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("cstoannot")[0][1]
    models = _migrate(BEFORE)
    yield models
    for name in ("CodebookRevision", "Code", "Project"):
        table = models.get_model("cstoannot", name)._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    _migrate(newest)
    install_triggers()


def _rows(kind):
    with zipfile.ZipFile(ARCHIVE) as archive:
        return [json.loads(one) for one in archive.read(f"data/{kind}.jsonl").splitlines()]


def _fill(models, slug):
    """The project of the archive, as its rows stood."""
    project = models.get_model("cstoannot", "Project").objects.create(slug=slug, name=slug)
    codes = models.get_model("cstoannot", "Code").objects
    rows = _rows("codes")
    made = {row["slug"]: codes.create(project=project, **{**row, "parent": None}) for row in rows}
    for row in rows:
        if row["parent"]:
            codes.filter(pk=made[row["slug"]].pk).update(parent=made[row["parent"]])
    for row in _rows("revisions"):
        kept = {**row, "by": None, "at": timezone.now()}
        models.get_model("cstoannot", "CodebookRevision").objects.create(project=project, **kept)


def test_revisions_shrink_and_read_as_before(old):
    for slug in ("one", "two"):
        _fill(old, slug)
    snapshots = [row["snapshot"] for row in _rows("revisions")]
    new = _migrate(DONE)
    codes = new.get_model("cstoannot", "Code").objects
    revisions = new.get_model("cstoannot", "CodebookRevision").objects
    for slug in ("one", "two"):
        state = CodebookState()
        stored = revisions.filter(project__slug=slug).order_by("number")
        for changes, snapshot in zip(
            stored.values_list("changes", flat=True), snapshots, strict=True
        ):
            state.apply(changes)
            assert state.snapshot() == snapshot
        added = dict(codes.filter(project__slug=slug).values_list("slug", "added_revision"))
        assert added == state.added_revisions
        assert (added["actors"], added["blame"], added["cause-2-a"]) == (1, 5, 12)
        room = sum(len(json.dumps(one.changes)) for one in stored)
        assert room < sum(map(len, map(json.dumps, snapshots))) / 6
    back = _migrate(BEFORE).get_model("cstoannot", "CodebookRevision").objects
    for slug in ("one", "two"):
        found = back.filter(project__slug=slug).order_by("number")
        assert list(found.values_list("snapshot", flat=True)) == snapshots
