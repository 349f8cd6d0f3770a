from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0012_leaks_at_launch'),
    ]

    operations = [
        migrations.AddField(
            model_name='experiment',
            name='folds_key',
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddIndex(
            model_name='experiment',
            index=models.Index(condition=models.Q(('folds_key__isnull', False)), fields=['team', 'folds_key'], name='experiment_folds'),
        ),
    ]
