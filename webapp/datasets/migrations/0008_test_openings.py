from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets', '0007_purging'),
    ]

    operations = [
        migrations.AddField(
            model_name='datasetversion',
            name='test_opened',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
