from django.db import migrations, models

import cstoannot.annotations.models
from cstoannot.core.likeness import likeness_of


def fill_likeness(apps, schema_editor):
    Speaker = apps.get_model("cstoannot", "Speaker")
    speakers = Speaker.objects.using(schema_editor.connection.alias)
    found = list(speakers.only("name"))
    for speaker in found:
        speaker.likeness = likeness_of(speaker.name)
    speakers.bulk_update(found, ["likeness"], batch_size=400)


class Migration(migrations.Migration):

    dependencies = [
        ('cstoannot', '0002_invitation'),
    ]

    operations = [
        migrations.AddField(
            model_name='speaker',
            name='likeness',
            field=cstoannot.annotations.models.LikenessField(blank=True, editable=False, max_length=400, null=True),
        ),
        migrations.RunPython(fill_likeness, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='speaker',
            index=models.Index(fields=['project', 'likeness'], name='speaker_by_likeness'),
        ),
    ]
