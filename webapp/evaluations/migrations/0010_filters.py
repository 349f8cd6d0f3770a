from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('evaluations', '0009_maps'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='checkpoint',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='study',
            name='raw',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='study',
            name='files',
            field=models.CharField(blank=True, default='', max_length=100),
        ),
        migrations.AlterField(
            model_name='study',
            name='what',
            field=models.CharField(choices=[('probes', 'Probes'), ('growth', 'Growth'), ('filters', 'Filters')], max_length=10),
        ),
    ]
