"""Decisions, threads, plans, rounds, and who reads the results."""

import cstoannot.history.models
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


def open_what_coders_saw(apps, schema_editor):
    """Coders have seen the consensus of every project that has one."""
    coded = apps.get_model("cstoannot", "Annotation").objects.filter(layer="consensus")
    projects = apps.get_model("cstoannot", "Project").objects
    projects.filter(pk__in=coded.values("project_id")).update(decisions_opened=True)


class Migration(migrations.Migration):

    dependencies = [
        ('cstoannot', '0014_finished_under'),
    ]

    operations = [
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(default=cstoannot.history.models.time_ordered_uuid, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('edited_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['created_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.UUIDField(default=cstoannot.history.models.time_ordered_uuid, editable=False, primary_key=True, serialize=False)),
                ('place', models.UUIDField()),
                ('start', models.PositiveIntegerField()),
                ('end', models.PositiveIntegerField()),
                ('outcome', models.CharField(choices=[('adopted', 'adopted: one reading'), ('majority', "adopted: the majority's"), ('edited', 'edited'), ('nothing', 'nothing here'), ('plural', 'plural: several readings stand')], max_length=8)),
                ('reason', models.TextField(blank=True)),
                ('rule', models.TextField(blank=True)),
                ('readings', models.JSONField(default=list)),
                ('chosen', models.JSONField(default=list)),
                ('passages', models.JSONField(default=list)),
                ('apart', models.BooleanField(default=False)),
                ('elsewhere', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'ordering': ['source_id', 'start', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('each', models.PositiveIntegerField(default=2)),
                ('shared', models.PositiveIntegerField(default=0)),
                ('seed', models.PositiveIntegerField(default=1)),
                ('annotators', models.JSONField(default=list)),
                ('deadline', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ResultsLink',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('note', models.CharField(blank=True, help_text='For whom; only owners read it.', max_length=100)),
                ('digest', models.CharField(max_length=128, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('visits', models.PositiveIntegerField(default=0)),
                ('last_visit_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('note', models.TextField(blank=True)),
                ('revision', models.PositiveIntegerField()),
                ('position', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['position', 'created_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='SourceConsensus',
            fields=[
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='consensus', serialize=False, to='cstoannot.source')),
                ('state', models.CharField(choices=[('not_begun', 'Not begun'), ('under_way', 'Under way'), ('decided', 'Decided'), ('again', 'To be looked at again')], default='not_begun', max_length=9)),
                ('doubtful', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Thread',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('place', 'a place'), ('source', 'a source'), ('code', 'a code'), ('decision', 'a decision')], max_length=8)),
                ('start', models.PositiveIntegerField(null=True)),
                ('end', models.PositiveIntegerField(null=True)),
                ('quote', models.TextField(blank=True)),
                ('asks_again', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='ThreadRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_at', models.DateTimeField()),
                ('number', models.PositiveIntegerField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='assignment',
            name='deadline',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='assignment',
            name='practice',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='assignment',
            name='rank',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='agreed_bounds',
            field=models.CharField(choices=[('sentence', 'Bounds begin in the same sentence and end in the same sentence'), ('majority', 'Bounds lie within the stretch that most coders marked')], default='sentence', max_length=8),
        ),
        migrations.AddField(
            model_name='project',
            name='decide_apart',
            field=models.BooleanField(default=False, help_text='Two adjudicators decide each place, blind to each other.'),
        ),
        migrations.AddField(
            model_name='project',
            name='decisions_opened',
            field=models.BooleanField(default=False, help_text='Coders see what was decided on all sources, and why.'),
        ),
        migrations.AddField(
            model_name='project',
            name='names_while_deciding',
            field=models.BooleanField(default=False, help_text="Adjudicators see the coders' names before a place is decided."),
        ),
        migrations.AddField(
            model_name='project',
            name='results',
            field=models.CharField(choices=[('closed', 'Closed: viewers see only what the team has decided'), ('viewers', 'Open to viewers'), ('link', 'Open to viewers, and to everybody who has a link')], default='closed', max_length=8),
        ),
        migrations.AddField(
            model_name='project',
            name='whole_articles',
            field=models.BooleanField(default=False, help_text='Readers with a link read whole articles, not only passages.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('results__in', ['closed', 'viewers', 'link'])), name='project_results_known'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('agreed_bounds__in', ['sentence', 'majority'])), name='project_agreed_bounds_known'),
        ),
        migrations.AddField(
            model_name='comment',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='comment',
            name='mentions',
            field=models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='decision',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='decision',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='cstoannot.project'),
        ),
        migrations.AddField(
            model_name='decision',
            name='source',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='cstoannot.source'),
        ),
        migrations.AddField(
            model_name='plan',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='plan',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='cstoannot.project'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='plan',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='assignments', to='cstoannot.plan'),
        ),
        migrations.AddField(
            model_name='resultslink',
            name='made_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='resultslink',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='results_links', to='cstoannot.project'),
        ),
        migrations.AddField(
            model_name='round',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='cstoannot.project'),
        ),
        migrations.AddField(
            model_name='source',
            name='round',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sources', to='cstoannot.round'),
        ),
        migrations.AddField(
            model_name='sourceconsensus',
            name='adjudicator',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sourceconsensus',
            name='project',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cstoannot.project'),
        ),
        migrations.AddField(
            model_name='thread',
            name='code',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='threads', to='cstoannot.code'),
        ),
        migrations.AddField(
            model_name='thread',
            name='decision',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='threads', to='cstoannot.decision'),
        ),
        migrations.AddField(
            model_name='thread',
            name='opened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='thread',
            name='project',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='threads', to='cstoannot.project'),
        ),
        migrations.AddField(
            model_name='thread',
            name='proposal',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='cstoannot.codeproposal'),
        ),
        migrations.AddField(
            model_name='thread',
            name='resolved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='thread',
            name='source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cstoannot.source'),
        ),
        migrations.AddField(
            model_name='comment',
            name='thread',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='cstoannot.thread'),
        ),
        migrations.AddField(
            model_name='threadread',
            name='thread',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cstoannot.thread'),
        ),
        migrations.AddField(
            model_name='threadread',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['project', 'source', 'start'], name='decision_by_position'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['source'], name='decision_by_source'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('apart', False)), fields=('source', 'place'), name='place_decided_once'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.UniqueConstraint(condition=models.Q(('apart', True)), fields=('source', 'place', 'by'), name='place_decided_apart_once'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('end__gt', models.F('start'))), name='decision_has_a_place'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['adopted', 'majority', 'edited', 'nothing', 'plural'])), name='decision_outcome_known'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('shared__lte', 100)), name='plan_share_shared'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('each__gte', 1)), name='plan_has_coders'),
        ),
        migrations.AddConstraint(
            model_name='resultslink',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='results_link_lives'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(fields=('project', 'name'), name='round_named_once'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='round_has_name'),
        ),
        migrations.AddConstraint(
            model_name='sourceconsensus',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['not_begun', 'under_way', 'decided', 'again'])), name='consensus_state_known'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('practice', True)), fields=['source', 'annotator'], name='practice_given'),
        ),
        migrations.AddIndex(
            model_name='thread',
            index=models.Index(fields=['project', '-created_at', '-id'], name='thread_latest'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['place', 'source', 'code', 'decision'])), name='thread_kind'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end', None), ('quote', ''), ('start', None)), ('end__gt', models.F('start')), _connector='OR'), name='thread_place_whole'),
        ),
        migrations.AddConstraint(
            model_name='thread',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('code__isnull', False), ('kind', 'code')), ('source__isnull', False), _connector='OR'), name='thread_about_something'),
        ),
        migrations.AddConstraint(
            model_name='comment',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='comment_has_text'),
        ),
        migrations.AddConstraint(
            model_name='threadread',
            constraint=models.UniqueConstraint(fields=('thread', 'user'), name='read_until_once'),
        ),
        migrations.AddConstraint(
            model_name='threadread',
            constraint=models.UniqueConstraint(fields=('thread', 'number'), name='coder_numbered_once'),
        ),
        migrations.RunPython(open_what_coders_saw, migrations.RunPython.noop),
    ]
