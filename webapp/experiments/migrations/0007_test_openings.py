import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets', '0008_test_openings'),
        ('experiments', '0006_purging'),
    ]

    operations = [
        migrations.CreateModel(
            name='OpenedTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('times', models.PositiveIntegerField(default=0)),
                ('experiment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='experiments.experiment')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='datasets.datasetversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('experiment', 'version'), name='one_count_of_openings')],
            },
        ),
    ]
