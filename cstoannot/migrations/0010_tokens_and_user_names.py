from django.conf import settings
from django.db import migrations, models

import cstoannot.accounts.models
import cstoannot.projects.models
from cstoannot.accounts.models import APART
from cstoannot.core.likeness import likeness_of


def fill_likeness(apps, schema_editor):
    """Of names that look alike the oldest has the key; the others are kept, and named."""
    User = apps.get_model("cstoannot", "User")
    users = User.objects.using(schema_editor.connection.alias)
    first = {}
    for user in users.only("username", "is_outsider").order_by("pk"):
        likeness = likeness_of(user.username)
        if not user.is_outsider and likeness in first:
            print(
                f"\n  The user name {user.username!r} looks like {first[likeness]!r}: both are kept. "
                "Rename one in the admin, so that people can tell them apart."
            )
            likeness = f"{likeness}{APART}{user.pk}"
        elif not user.is_outsider:
            first[likeness] = user.username
        users.filter(pk=user.pk).update(likeness=likeness)


class Migration(migrations.Migration):
    dependencies = [
        ("cstoannot", "0009_outsiders_and_unfinished_restores"),
    ]

    operations = [
        migrations.AddField(
            model_name="token",
            name="last_address",
            field=models.CharField(blank=True, default="", max_length=45),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="token",
            name="last_used_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="token",
            name="made_with",
            field=models.ForeignKey(
                null=True,
                on_delete=models.deletion.CASCADE,
                related_name="made",
                to="cstoannot.token",
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(
                on_delete=cstoannot.projects.models.end_unless_last_owner,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="likeness",
            field=models.CharField(max_length=420, null=True),
        ),
        migrations.RunPython(fill_likeness, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="user",
            name="likeness",
            field=cstoannot.accounts.models.UsernameLikenessField(
                editable=False, max_length=420
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_outsider", False)),
                fields=("likeness",),
                name="account_name_told_apart",
            ),
        ),
    ]
