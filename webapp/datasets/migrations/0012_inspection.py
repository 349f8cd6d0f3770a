from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('datasets', '0011_archive_file'),
    ]

    operations = [
        migrations.AddField(
            model_name='dataset',
            name='inspection',
            field=models.JSONField(null=True),
        ),
    ]
