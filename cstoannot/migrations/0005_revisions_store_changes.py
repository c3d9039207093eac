"""Each revision of a codebook stores what it changed, no longer the whole codebook."""

from django.db import migrations, models

from cstoannot.codebook.deltas import CodebookState

AT_ONCE = 500


def store_changes(apps, schema_editor):
    """One whole codebook is in memory at a time, beside the one before it."""
    revisions = apps.get_model("cstoannot", "CodebookRevision").objects
    codes = apps.get_model("cstoannot", "Code").objects
    for project in revisions.order_by().values_list("project_id", flat=True).distinct():
        mine = codes.filter(project_id=project)
        ranks = dict(mine.values_list("slug", "pk"))
        state = CodebookState()
        numbered = revisions.filter(project_id=project).order_by("number")
        for pk in list(numbered.values_list("pk", flat=True)):
            snapshot = revisions.values_list("snapshot", flat=True).get(pk=pk)
            # An emptied snapshot is not stored twice until its column is dropped.
            changes = state.advance_to(snapshot, ranks)
            revisions.filter(pk=pk).update(changes=changes, snapshot=[])
        found = list(mine.only("slug", "meaning_revision"))
        for code in found:
            code.added_revision = state.added_revisions.get(code.slug, code.meaning_revision)
        codes.bulk_update(found, ["added_revision"], batch_size=AT_ONCE)


def store_snapshots(apps, schema_editor):
    revisions = apps.get_model("cstoannot", "CodebookRevision").objects
    for project in revisions.order_by().values_list("project_id", flat=True).distinct():
        state = CodebookState()
        numbered = revisions.filter(project_id=project).order_by("number")
        for pk in list(numbered.values_list("pk", flat=True)):
            state.apply(revisions.values_list("changes", flat=True).get(pk=pk))
            revisions.filter(pk=pk).update(snapshot=state.snapshot())


class Migration(migrations.Migration):
    dependencies = [("cstoannot", "0004_code_proposals")]

    operations = [
        migrations.AddField(
            "code", "added_revision", models.PositiveIntegerField(default=0), preserve_default=False
        ),
        migrations.AddField(
            "codebookrevision", "changes", models.JSONField(default=dict), preserve_default=False
        ),
        # With a default, so that the way back can add the column to rows that are there.
        migrations.AlterField("codebookrevision", "snapshot", models.JSONField(default=list)),
        migrations.RunPython(store_changes, store_snapshots),
        migrations.RemoveField("codebookrevision", "snapshot"),
    ]
