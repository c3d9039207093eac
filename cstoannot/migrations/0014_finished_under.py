"""Assignments remember the codebook revision under which they were finished."""

from django.db import migrations, models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce


def fill_from_time(apps, schema_editor):
    """Take the revision in force when the assignment was finished; 0 before the first."""
    revisions = apps.get_model("cstoannot", "CodebookRevision").objects.filter(
        project_id=OuterRef("project_id"), at__lte=OuterRef("done_at")
    )
    newest = Subquery(revisions.order_by("-number").values("number")[:1])
    done = apps.get_model("cstoannot", "Assignment").objects.filter(state="done")
    done.update(finished_under=Coalesce(newest, 0))


class Migration(migrations.Migration):
    dependencies = [("cstoannot", "0013_outsiders_moved_at")]

    operations = [
        migrations.AddField(
            "assignment", "finished_under", models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.RunPython(fill_from_time, migrations.RunPython.noop),
        migrations.AddConstraint(
            "assignment",
            models.CheckConstraint(
                condition=Q(finished_under__isnull=False, state="done")
                | (~Q(state="done") & Q(finished_under=None)),
                name="done_has_its_revision",
            ),
        ),
    ]
