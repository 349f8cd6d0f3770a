import django.db.models.deletion
import django.db.models.functions.datetime
import webapp.core.ids
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets', '0011_archive_file'),
        ('jobs', '0006_seal_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='datasetversion',
            name='changes',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='datasetversion',
            name='created_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='datasetversion',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='datasets.datasetversion'),
        ),
        migrations.AddField(
            model_name='datasetversion',
            name='ready',
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.CharField(default=webapp.core.ids.new_id, editable=False, max_length=20, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('closed_at', models.DateTimeField(null=True)),
                ('classes', models.JSONField(default=dict)),
                ('resplit', models.JSONField(null=True)),
                ('edits_made', models.PositiveIntegerField(default=0)),
                ('relabelled', models.PositiveIntegerField(default=0)),
                ('moved', models.PositiveIntegerField(default=0)),
                ('removed', models.PositiveIntegerField(default=0)),
                ('base', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='datasets.datasetversion')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='datasets.dataset')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='draft', to='jobs.job')),
                ('version', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='draft', to='datasets.datasetversion')),
            ],
        ),
        migrations.CreateModel(
            name='DraftSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('label', models.PositiveIntegerField(null=True)),
                ('split', models.PositiveSmallIntegerField(null=True)),
                ('removed', models.BooleanField(default=False)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='datasets.draft')),
            ],
        ),
        migrations.CreateModel(
            name='Edit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('undone_at', models.DateTimeField(null=True)),
                ('did', models.JSONField()),
                ('samples', models.PositiveIntegerField(default=0)),
                ('before', models.JSONField(default=dict)),
                ('why', models.CharField(blank=True, max_length=200)),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='edits', to='datasets.draft')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='EditSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('label', models.PositiveIntegerField(null=True)),
                ('split', models.PositiveSmallIntegerField(null=True)),
                ('removed', models.BooleanField(default=False)),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='datasets.dataset')),
                ('edit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='datasets.edit')),
            ],
            options={
                'indexes': [models.Index(fields=['dataset', 'position'], name='edit_of_sample')],
            },
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('dataset',), name='one_open_draft'),
        ),
        migrations.AddConstraint(
            model_name='draftsample',
            constraint=models.UniqueConstraint(fields=('draft', 'position'), name='one_draft_sample_a_position'),
        ),
        migrations.AddConstraint(
            model_name='edit',
            constraint=models.UniqueConstraint(fields=('draft', 'number'), name='one_edit_a_number'),
        ),
        migrations.AddConstraint(
            model_name='editsample',
            constraint=models.UniqueConstraint(fields=('edit', 'position'), name='one_edit_sample_a_position'),
        ),
    ]
