import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import webapp.core.ids


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_teams_and_sessions'),
        ('evaluations', '0008_views_and_raw_weights'),
        ('experiments', '0013_folds'),
        ('jobs', '0013_space_kind'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EmbeddingMap',
            fields=[
                ('id', models.CharField(default=webapp.core.ids.new_id, editable=False, max_length=20, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('images', models.JSONField(default=dict)),
                ('checkpoint', models.CharField(blank=True, max_length=64)),
                ('files', models.CharField(blank=True, max_length=100)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='maps', to='evaluations.evaluation')),
                ('experiment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='maps', to='experiments.experiment')),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='embedding_map', to='jobs.job')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='embedding_maps', to='accounts.team')),
            ],
            options={
                'verbose_name': 'map',
                'indexes': [models.Index(fields=['evaluation', '-id'], name='map_of_evaluation')],
            },
        ),
    ]
